"""What the wall clock's ticks bring: the day folded and judged, letters in office hours, the outbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from monitor.office import office_day
from monitor.pipeline import Run, deliver, fold, follow_up, issue, judge, retain, run_steps

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from datetime import date

    from monitor.clock import Watch
    from monitor.daemon.health import Health
    from monitor.daemon.seat import Seat
    from monitor.installation import Installation, Now
    from monitor.meter import Meter

SETTLE, POST = "settle", "post"  # the loops' names
DAY = (fold, judge, retain)


class Settling:
    """Folds and judges once a day, after a reload, and again when a day has samples that were not folded yet;
    writes notices in office hours; tries the mails that are due. Nothing of it while the clock is not
    believed, and all but the mails only on the node that leads.
    """

    def __init__(self, seat: Seat, stop: threading.Event, watch: Watch, health: Health, meter: Meter) -> None:
        self.seat = seat
        self.stop = stop
        self.watch = watch
        self.health = health
        self.meter = meter
        self.judged: tuple[Installation, date] | None = None

    def tick(self) -> None:
        """Level-triggered: asks the store what is to be done. What fails is tried again at the next tick."""
        self.health.beat(SETTLE)
        if not self.seat.leading.holds():
            self.judged = None
            self.health.over(SETTLE)
            return
        house, settled = self.seat.leader, False
        with self.health.overcoming(SETTLE):
            settled = self.settle(house)
        for step in (issue, follow_up) if settled else ():
            if not self.stop.is_set():
                self.alone(step, house)

    def settle(self, house: Installation) -> bool:
        """Folds and judges what is due. May letters be written now?"""
        now = house.now()
        if not self.watch.believes(now, time.monotonic()):
            return False
        house.lake.gather(now.today)
        if self.judged != (house, now.as_of) or house.lake.pending(before=now.as_of):
            self.run(SETTLE, house, now, DAY)
            self.judged = (house, now.as_of)
        return office_time(house, now)

    def alone(self, step: Callable[[Run], dict[str, int]], house: Installation) -> None:
        """A step that fails does not keep the next from its work."""
        loop = POST if step is deliver else SETTLE
        with self.health.overcoming(step.__name__):
            self.run(loop, house, house.now(), (step,))

    def run(
        self,
        loop: str,
        house: Installation,
        now: Now,
        steps: Sequence[Callable[[Run], dict[str, int]]],
    ) -> None:
        def progress(_step: str, _done: int, _total: int) -> None:
            self.health.beat(loop)

        run_steps(Run(house, now, progress=progress, stop=self.stop, meter=self.meter), steps)

    def post(self) -> None:
        """Tries the mails that are due; the mail in hand is finished when the daemon stops."""
        self.health.beat(POST)
        house, believed = self.seat.house, False
        with self.health.overcoming("clock"):
            believed = self.watch.believes(house.now(), time.monotonic())
        if believed and not self.stop.is_set():
            self.alone(deliver, house)


def office_time(house: Installation, now: Now) -> bool:
    """Is it a working day's hour in which letters are written?"""
    local = now.moment.astimezone(house.settings.zone())
    return office_day(house, now) and house.settings.notices.in_hours(local)
