"""Fault 23: collections go by the monotonic clock, whatever the wall clock does."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from config.settings import Settings
from monitor.clock import Watch
from monitor.daemon.health import Health
from monitor.daemon.leading import Leading
from monitor.daemon.limits import COLLECT
from monitor.daemon.rounds import Rounds
from monitor.daemon.seat import Seat
from monitor.exporter.board import Board
from monitor.exporter.program import Program
from monitor.installation import Installation, Now

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.pipeline import Run
    from store.database import Register

pytest_plugins = ["registers"]

BEGAN = datetime(2026, 9, 18, 4, tzinfo=UTC)
SETTINGS = {"collection": {"interval": "5s"}, "sources": [{"kind": "host", "name": "host", "machine": "me"}]}


class SteppingBack(Installation):
    """An installation whose clock goes back by an hour at every look."""

    looks = 0

    def now(self, as_of: date | None = None) -> Now:
        self.looks += 1
        moment = BEGAN - timedelta(hours=self.looks)
        return Now(moment, moment.date(), as_of or moment.date())

    def over(self, register: Register) -> Installation:
        return self.beside(SteppingBack(self.settings, None, register))


def test_fault_23_a_clock_that_goes_back_does_not_hold_up_the_next_collection(
    sqlite: Register, tmp_path: Path
) -> None:
    house = SteppingBack(Settings.model_validate({"data_dir": tmp_path, **SETTINGS}), None, sqlite)
    health, program, stop, seen = Health(), Program(), Event(), list[datetime]()
    health.expect(COLLECT, 600.0)

    def told(run: Run) -> None:
        seen.append(run.now.moment)
        if len(seen) == 3:
            stop.set()

    watch = Watch(house, BEGAN, time.monotonic())
    Rounds(Seat(house, Leading(house), program), health, watch, Board(program), 0.8).run(stop, told)

    assert seen == sorted(seen)  # as the clock would say that did not go back
    assert all(BEGAN < moment < BEGAN + timedelta(minutes=5) for moment in seen)
    assert house.lake.samples(BEGAN.date()).num_rows == 3
