"""Logs: one line an event, JSON under systemd, readable on a terminal; always on stderr, never a secret."""

from __future__ import annotations

import logging
import sys

import structlog

LOUD = ("apscheduler", "aiohttp.server")  # a tick that still works, a request that is none: no news


def quiet(*, verbose: bool) -> None:
    """For commands: warnings only, unless every step is asked for."""
    configure(logging.INFO if verbose else logging.ERROR)


def configure(level: int = logging.INFO) -> None:
    machine = not sys.stderr.isatty()
    render = (
        structlog.processors.JSONRenderer(ensure_ascii=True) if machine else structlog.dev.ConsoleRenderer()
    )
    for library in LOUD:
        logging.getLogger(library).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
