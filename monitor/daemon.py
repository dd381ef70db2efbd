"""The daemon: collects on the monotonic clock, folds and judges on the wall clock's ticks."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.pipeline import Run, collect, fold, judge, retain, run_steps
from monitor.sources import refresh

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from collectors.collector import Collector
    from monitor.installation import Installation

log = structlog.get_logger()


def serve(
    house: Installation,
    collectors: Sequence[Collector],
    stop: threading.Event,
    told: Callable[[Run], object] = id,
) -> None:
    """Collects every interval until `stop` is set; every ten minutes what is due is folded and judged.

    `told` hears of every collection. The tick is level-triggered: it asks the store what is still to be
    folded.
    """
    scheduler = BackgroundScheduler(timezone=house.settings.zone())
    options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    scheduler.add_job(lambda: settle(house), "cron", minute="*/10", **options)
    scheduler.start()
    interval = house.settings.collection.interval.total_seconds()
    due = time.monotonic()
    try:
        while not stop.is_set():
            refresh(house, collectors)
            told(run_steps(Run(house, house.now(), collectors), (collect,)))
            due = max(due + interval, time.monotonic())
            stop.wait(due - time.monotonic())
    finally:
        scheduler.shutdown(wait=True)


def settle(house: Installation) -> None:
    """Folds, judges and drops what is too old, when a day has samples that were not folded yet."""
    now = house.now()
    if house.lake.pending(before=now.as_of):
        run_steps(Run(house, now), (fold, judge, retain))


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and Ctrl-C end the daemon after what it is doing."""

    def ask(number: int, _frame: object) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
