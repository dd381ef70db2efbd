"""Collection after collection on the monotonic clock, by the node that leads."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.daemon.health import STORE
from monitor.daemon.limits import COLLECT
from monitor.pipeline import Run, collect, run_steps
from monitor.sources import followed, refresh

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from monitor.clock import Watch
    from monitor.daemon.health import Health
    from monitor.daemon.seat import Seat
    from monitor.exporter.board import Board
    from monitor.sources import Followed

IDLE = 1.0  # seconds between two looks at whether this node leads


class Rounds:
    """`spread`: over which part of an interval a round's targets are spread.

    A store that fails is a trouble, and tried again at the next round. A source whose settings did not change
    keeps its collector, and so its counters.
    """

    def __init__(self, seat: Seat, health: Health, watch: Watch, board: Board, spread: float) -> None:
        self.seat = seat
        self.health = health
        self.watch = watch
        self.board = board
        self.spread = spread
        self.following: list[Followed] = []
        self.due = time.monotonic()

    def run(self, stop: threading.Event, told: Callable[[Run], object]) -> None:
        """Until `stop` is set; `told` hears of every round."""
        try:
            while not stop.is_set():
                self.health.beat(COLLECT)
                if not self.seat.leading.holds():
                    self.health.over(COLLECT)
                    self.rest()
                    stop.wait(IDLE)
                    continue
                with self.health.overcoming(COLLECT):
                    told(self.once(stop))
                self.due = max(self.due + self.interval(), time.monotonic())
                self.wait(stop)
        finally:
            self.rest()

    def once(self, stop: threading.Event) -> Run:
        """One round. When it cannot be stored the sources are asked anew from what is.

        Where the wall clock jumped, samples have the time that it would be by the monotonic one.
        """
        house = self.seat.leader
        self.following = followed(house, self.following, timedelta(seconds=self.spread * self.interval()))
        collectors = [one.collector for one in self.following]
        self.seat.program.sources([collector.name for collector in collectors])
        try:
            refresh(house, collectors)
            now = house.at(self.watch.steady(house.now().moment, time.monotonic()))
            return run_steps(Run(house, now, collectors, self.progress, stop, self.board), (collect,))
        except STORE:
            self.rest()
            raise

    def interval(self) -> float:
        return self.seat.house.settings.collection.interval.total_seconds()

    def progress(self, _step: str, _done: int, _total: int) -> None:
        self.health.beat(COLLECT)

    def wait(self, stop: threading.Event) -> None:
        """Until the next round is due; signs of life meanwhile."""
        while (left := self.due - time.monotonic()) > 0 and not stop.wait(min(left, IDLE)):
            self.health.beat(COLLECT)

    def rest(self) -> None:
        """Gives the collectors back; the next round asks from what is stored."""
        for one in self.following:
            one.collector.close()
        self.following = []
        self.due = time.monotonic()
