"""The service's heart: the watchdog hears of it only while every loop is alive; a jumping clock is told."""

from __future__ import annotations

import signal
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.settings import Settings
from monitor.clock import Watch
from monitor.daemon.asked import Asked
from monitor.daemon.beat import LATE, Beat
from monitor.daemon.health import Health
from monitor.daemon.leading import Leading
from monitor.daemon.seat import Seat
from monitor.daemon.systemd import Manager
from monitor.exporter.program import Program
from monitor.installation import Installation, Now, assemble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path


class Shifted(Installation):
    """An installation whose wall clock is off by `by`."""

    by = timedelta()

    def now(self, as_of: date | None = None) -> Now:
        true = super().now(as_of)
        return Now(true.moment + self.by, true.today, true.as_of)


@dataclass
class Stage:
    beat: Beat
    house: Shifted
    health: Health
    program: Program
    ears: socket.socket
    rearmed: int = 0

    def once(self, now: float | None = None, asked: Asked | None = None) -> list[str]:
        """One beat; what the service manager heard."""
        self.beat.once(asked or Asked(), time.monotonic() if now is None else now)
        heard: list[str] = []
        while True:
            try:
                heard += self.ears.recv(4096).decode().split("\n")
            except BlockingIOError:
                return heard

    def value(self, name: str) -> float | None:
        return self.program.registry.get_sample_value(f"rightsizer_{name}")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = assemble(Settings(data_dir=tmp_path / "data"), None)
    house = Shifted(made.settings, None, made.register)
    program, health, leading = Program(), Health(), Leading(house)
    watch = Watch(house, house.now().moment, time.monotonic())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(str(tmp_path / "notify"))
        ears.setblocking(False)
        seat = Seat(house, leading, program)
        found = Stage(None, house, health, program, ears)  # type: ignore[arg-type]

        def rearm() -> None:
            found.rearmed += 1

        found.beat = Beat(seat, health, watch, Manager(str(tmp_path / "notify"), 3.0), rearm)
        yield found
    house.register.close()


def test_the_watchdog_is_fed_while_all_is_well(stage: Stage) -> None:
    stage.health.expect("collect", 10.0)

    assert "WATCHDOG=1" in stage.once()


def test_fault_41_a_loop_that_hangs_leaves_the_watchdog_hungry(stage: Stage) -> None:
    stage.health.expect("collect", 10.0)
    later = time.monotonic() + 11
    stage.beat.due = later

    heard = stage.once(later)

    assert "WATCHDOG=1" not in heard
    assert "STATUS=hung: collect" in heard
    stage.health.loops["collect"].beat = later
    assert "WATCHDOG=1" in stage.once(later)


def test_fault_41_a_heart_that_comes_late_leaves_the_watchdog_hungry(stage: Stage) -> None:
    now = time.monotonic()
    stage.beat.due = now - LATE - 1

    assert "WATCHDOG=1" not in stage.once(now)
    assert stage.value("loop_lag_seconds") == pytest.approx(LATE + 1)


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(days=365), timedelta(hours=-1)], ids=["+1 h", "+1 y", "-1 h"]
)
def test_fault_22_a_clock_that_jumps_is_said_at_the_next_beat(stage: Stage, jump: timedelta) -> None:
    stage.once()
    assert stage.value("clock_suspect") == 0

    stage.house.by = jump
    stage.once()
    stage.once()

    assert stage.value("clock_suspect") == 1
    assert stage.value("clock_drift_seconds") == pytest.approx(jump.total_seconds(), abs=5)
    assert stage.rearmed == 1  # the ticks look at the clock now, not at the hour they were planned for


def test_a_trouble_is_said_in_words(stage: Stage) -> None:
    with stage.health.overcoming("collect"):
        raise OSError(28, "No space left on device")

    assert "STATUS=not ready: collect: OSError: [Errno 28] No space left on device" in stage.once()
    with stage.health.overcoming("collect"):
        pass
    stage.beat.told = 0.0
    assert "STATUS=leads" in stage.once()


def test_a_reload_is_begun_and_ended_for_the_manager(stage: Stage) -> None:
    asked = Asked()
    asked.note(signal.SIGHUP)
    asked.heed(0)

    heard = stage.once(asked=asked)

    assert heard.index("RELOADING=1") < heard.index("READY=1")
    assert not asked.reload
