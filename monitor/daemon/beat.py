"""The service's own heart: every second, and at every signal, it looks after clock, reload, watchdog."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from monitor.clock import SLACK
from monitor.daemon.limits import expect
from monitor.exporter import families

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.clock import Watch
    from monitor.daemon.asked import Asked
    from monitor.daemon.health import Health
    from monitor.daemon.seat import Seat
    from monitor.daemon.systemd import Manager
    from monitor.exporter.program import Program

log = structlog.get_logger()
EVERY = 1.0  # seconds between two beats
LATE = 5.0  # seconds of lag after which the watchdog hears nothing
TOLD = 10.0  # seconds between two words to the service manager about how it goes


class Beat:
    """`rearm` makes the wall clock's ticks due now: after a jump back they would wait for the old hour."""

    def __init__(
        self,
        seat: Seat,
        health: Health,
        watch: Watch,
        manager: Manager,
        rearm: Callable[[], None],
    ) -> None:
        self.seat = seat
        self.health = health
        self.watch = watch
        self.manager = manager
        self.rearm = rearm
        self.program: Program = seat.program
        self.due = time.monotonic()
        self.drift = 0.0
        self.fed = self.told = 0.0

    def run(self, asked: Asked) -> None:
        """Until the daemon is asked to stop."""
        while not asked.stop.is_set():
            self.once(asked, time.monotonic())
            self.due = time.monotonic() + EVERY
            asked.heed(EVERY)

    def once(self, asked: Asked, now: float) -> None:
        lag = max(now - self.due, 0.0)
        self.program.lag(lag, now)
        self.program.troubles(dict(self.health.troubles))
        self.look_at_clock(now)
        self.program.set(families.LEADER, float(self.seat.leading.holds()))
        self.program.set(families.EPOCH, self.seat.leading.epoch)
        if asked.reload:
            asked.reload = False
            self.reload()
        self.report(lag, now)

    def look_at_clock(self, now: float) -> None:
        """A jump since the last beat wakes the ticks, which then find that they may not believe it."""
        drift = self.watch.drift(self.seat.house.now().moment, now)
        if abs(drift - self.drift) > SLACK.total_seconds():
            log.warning("clock_jumped", seconds=round(drift - self.drift, 1))
            self.rearm()
        self.drift = drift
        suspect = self.watch.suspect or abs(drift) > SLACK.total_seconds()
        self.program.set(families.CLOCK_DRIFT, drift)
        self.program.set(families.CLOCK_SUSPECT, float(suspect))

    def reload(self) -> None:
        self.manager.reloading()
        self.seat.reload()
        expect(self.health, self.seat.house.settings)
        self.rearm()
        self.manager.tell("READY=1", f"STATUS={self.words([])}")

    def report(self, lag: float, now: float) -> None:
        """Feeds the watchdog while every loop is alive, and says in words how it goes."""
        hung = self.health.hung(now)
        limit = self.manager.watchdog
        if limit is not None and now - self.fed >= limit / 3:
            if hung or lag > LATE:
                log.error("watchdog_not_fed", hung=hung, lag=round(lag, 1))
            else:
                self.manager.tell("WATCHDOG=1")
                self.fed = now
        if now - self.told >= TOLD:
            self.manager.tell(f"STATUS={self.words(hung)}")
            self.told = now

    def words(self, hung: list[str]) -> str:
        if hung:
            return f"hung: {', '.join(hung)}"
        state = "leads" if self.seat.leading.holds() else "follows another node"
        if (why := self.health.unready()) is not None:
            state = f"not ready: {why}"
        if self.seat.refused is not None:
            state += f"; new settings refused, the old stay: {self.seat.refused}"
        return state.replace("\n", " ")
