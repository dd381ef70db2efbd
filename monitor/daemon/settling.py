"""What the wall clock's ticks bring: the day folded and judged, letters in office hours, the outbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from monitor.daemon.limits import POST, SETTLE
from monitor.office import office_day
from monitor.pipeline import Run, deliver, fold, follow_up, issue, join, judge, retain, run_steps

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from datetime import date

    from monitor.clock import Watch
    from monitor.daemon.health import Health
    from monitor.daemon.seat import Seat
    from monitor.installation import Installation, Now
    from monitor.meter import Meter

    Step = Callable[[Run], dict[str, int]]


class Settling:
    """Folds and judges once a day, after a reload, when this node begins to lead, and again when a day has
    samples that were not folded yet; writes notices in office hours; tries the mails that are due. Nothing
    of it while the clock is not believed, and all but the mails only on the node that leads.
    """

    def __init__(self, seat: Seat, stop: threading.Event, watch: Watch, health: Health, meter: Meter) -> None:
        self.seat = seat
        self.stop = stop
        self.watch = watch
        self.health = health
        self.meter = meter
        self.judged: tuple[Installation, date, int] | None = None
        self.retained: date | None = None

    def tick(self) -> None:
        """Level-triggered: asks the store what is to be done. What fails is tried again at the next tick."""
        self.health.beat(SETTLE)
        if not self.seat.leading.holds():
            self.health.over(SETTLE)
            return
        house = self.seat.leader
        with self.health.overcoming(SETTLE):
            self.settle(house)
        for step in (issue, follow_up):
            self.alone(SETTLE, step, house, self.may_write)
        self.alone(SETTLE, join, house, self.believes)
        self.alone(SETTLE, retain, house, self.may_forget)

    def settle(self, house: Installation) -> None:
        """Folds and judges what is due."""
        now = house.now()
        if not self.believes(house, now):
            return
        due = (house, now.as_of, self.seat.leading.epoch)
        if self.judged != due or house.lake.pending(before=now.as_of):
            self.judged = None
            self.run(SETTLE, house, now, fold, judge)
            self.judged = due

    def post(self) -> None:
        """Tries the mails that are due; the mail in hand is finished when the daemon stops."""
        self.health.beat(POST)
        self.alone(POST, deliver, self.seat.house, self.believes)

    def alone(
        self, loop: str, step: Step, house: Installation, may: Callable[[Installation, Now], bool]
    ) -> None:
        """A step of its own, if it may be run at this very moment: what fails does not keep the next from
        its work.
        """
        if self.stop.is_set():
            return
        with self.health.overcoming(step.__name__):
            now = house.now()
            if may(house, now):
                self.run(loop, house, now, step)

    def run(self, loop: str, house: Installation, now: Now, *steps: Step) -> None:
        def progress(_step: str, _done: int, _total: int) -> None:
            self.health.beat(loop)

        run_steps(Run(house, now, progress=progress, stop=self.stop, meter=self.meter), steps)

    def believes(self, _house: Installation, now: Now) -> bool:
        return self.watch.believes(now, time.monotonic())

    def may_write(self, house: Installation, now: Now) -> bool:
        """Today is judged, and it is a working day's hour in which letters are written."""
        return self.judged is not None and self.believes(house, now) and office_time(house, now)

    def may_forget(self, house: Installation, now: Now) -> bool:
        """Once a day, after it is judged."""
        if self.judged is None or self.retained == now.today or not self.believes(house, now):
            return False
        self.retained = now.today
        return True


def office_time(house: Installation, now: Now) -> bool:
    """Is it a working day's hour in which letters are written?"""
    local = now.moment.astimezone(house.settings.zone())
    return office_day(house, now) and house.settings.notices.in_hours(local)
