"""What `doctor` says of a daemon that runs, that cannot work, and that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from components import free_port

from config.settings import Exporter
from monitor.checks import State
from monitor.exporter.program import Program
from monitor.exporter.server import Pages, served
from monitor.health_daemon import daemon, place

if TYPE_CHECKING:
    from monitor.checks import Check


def asked(unready: str | None) -> Check:
    settings = Exporter(port=free_port())
    with served(settings, Pages(lambda: b"", lambda: unready), Program()):
        return daemon(settings)


def test_a_daemon_that_works_is_good() -> None:
    check = asked(None)

    assert (check.state, check.found) == (State.GOOD, "rightsizer is ready")


def test_a_daemon_that_cannot_work_is_bad_and_says_why() -> None:
    check = asked("collect: no space left")

    assert (check.state, check.found) == (State.BAD, "rightsizer is not ready: collect: no space left")


def test_no_daemon_is_a_warning_with_how_to_start_it() -> None:
    check = daemon(Exporter(port=free_port()))

    assert check.state is State.WARN
    assert "systemctl start rightsizer" in check.advice


def test_a_page_that_is_off_is_not_asked_for() -> None:
    assert daemon(Exporter(enabled=False)).state is State.WARN


@pytest.mark.parametrize(
    ("listen", "ask"),
    [
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("::", "::1"),
        ("192.0.2.5", "192.0.2.5"),
        ("localhost", "localhost"),
    ],
    ids=["every IPv4", "every IPv6", "one address", "a name"],
)
def test_a_server_on_every_address_is_asked_on_loopback(listen: str, ask: str) -> None:
    assert place(listen) == ask
