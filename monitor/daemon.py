"""The daemon: collects on the monotonic clock; judges, issues and follows up on the wall clock's ticks."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from deltalake.exceptions import DeltaError
from sqlalchemy.exc import SQLAlchemyError

from monitor.clock import Watch
from monitor.office import office_day
from monitor.pipeline import (
    Run,
    collect,
    deliver,
    fold,
    follow_up,
    issue,
    judge,
    retain,
    run_steps,
)
from monitor.sources import opened, refresh
from store.database import StoreError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from datetime import date, timedelta

    from monitor.installation import Installation, Now

log = structlog.get_logger()
POST = 60  # seconds between two looks into the outbox
STORE = (StoreError, SQLAlchemyError, DeltaError, OSError)  # what a full disk or a held lock comes as


def serve(
    house: Installation,
    spread: timedelta,
    stop: threading.Event,
    told: Callable[[Run], object] = id,
) -> None:
    """Collects every interval until `stop` is set; what is due is folded, judged, issued and followed up at
    every tenth minute, mails that are due are tried every minute.

    `told` hears of every collection. A store that fails is logged and tried again at the next interval.
    """
    scheduler = BackgroundScheduler(timezone=house.settings.zone())
    options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    began = house.now().moment
    settling = Settling(house, stop, Watch(house, began, time.monotonic()))
    scheduler.add_job(settling.tick, "cron", minute="*/10", next_run_time=began, **options)
    scheduler.add_job(settling.post, "interval", seconds=POST, **options)
    scheduler.start()
    interval = house.settings.collection.interval.total_seconds()
    try:
        while not stop.is_set():
            try:
                rounds(house, spread, stop, told)
            except STORE:
                log.exception("collect_not_stored")
                stop.wait(interval)
    finally:
        scheduler.shutdown(wait=True)


def rounds(
    house: Installation, spread: timedelta, stop: threading.Event, told: Callable[[Run], object]
) -> None:
    """Collection after collection; a store that fails ends it, and the sources are asked anew from what is
    stored.
    """
    interval = house.settings.collection.interval.total_seconds()
    due = time.monotonic()
    with opened(house, spread=spread) as collectors:
        while not stop.is_set():
            refresh(house, collectors)
            told(run_steps(Run(house, house.now(), collectors, stop=stop), (collect,)))
            due = max(due + interval, time.monotonic())
            stop.wait(due - time.monotonic())


class Settling:
    """Folds and judges once a day, and again when a day has samples that were not folded yet; writes notices
    in office hours, and tries the mails that are due. Nothing of it while the clock is not believed.
    """

    def __init__(self, house: Installation, stop: threading.Event, watch: Watch) -> None:
        self.house = house
        self.stop = stop
        self.watch = watch
        self.judged: date | None = None

    def tick(self) -> None:
        """Level-triggered: asks the store what is to be done. A store that fails is tried again at the
        next tick.
        """
        try:
            now = self.house.now()
            if not self.watch.believes(now, time.monotonic()):
                return
            if self.judged != now.as_of or self.house.lake.pending(before=now.as_of):
                run_steps(Run(self.house, now, stop=self.stop), (fold, judge, retain))
                self.judged = now.as_of
            writes = self.judged is not None and office_time(self.house, now)
        except STORE:
            log.exception("settle_failed")
            return
        for step in (issue, follow_up) if writes else ():
            if not self.stop.is_set():
                self.alone(step)

    def alone(self, step: Callable[[Run], dict[str, int]]) -> None:
        """A step that fails does not keep the next from its work."""
        try:
            run_steps(Run(self.house, self.house.now(), stop=self.stop), (step,))
        except STORE:
            log.exception("step_failed", step=step.__name__)

    def post(self) -> None:
        """Tries the mails that are due; the mail in hand is finished when the daemon stops."""
        try:
            believed = self.watch.believes(self.house.now(), time.monotonic())
        except STORE:
            log.exception("deliver_failed")
            return
        if believed:
            self.alone(deliver)


def office_time(house: Installation, now: Now) -> bool:
    """Is it a working day's hour in which letters are written?"""
    local = now.moment.astimezone(house.settings.zone())
    return office_day(house, now) and house.settings.notices.in_hours(local)


def stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and Ctrl-C end the daemon after what it is doing."""

    def ask(number: int, _frame: object) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
