"""Fault 24: zones whose clocks change. Every day has its work once, and the ticks go on.

In 2026 Helsinki has a day of 23 hours on 03-29 and one of 25 on 10-25, New York on 03-08 and 11-01.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from monitor.daemon.health import Health
from monitor.daemon.leading import Leading
from monitor.daemon.limits import SETTLE
from monitor.daemon.seat import Seat
from monitor.daemon.settling import Settling
from monitor.daemon.ticks import tenth_minutes
from monitor.exporter.program import Program
from monitor.installation import Installation, Now
from monitor.meter import Silent
from store.delta import midnight
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from monitor.verdicts import Answer
    from store.database import Register

pytest_plugins = ["registers"]

TEN = timedelta(minutes=10)
ZONES = ["Europe/Helsinki", "America/New_York"]
CHANGES = [
    ("Europe/Helsinki", date(2026, 3, 29), 23),
    ("Europe/Helsinki", date(2026, 10, 25), 25),
    ("America/New_York", date(2026, 3, 8), 23),
    ("America/New_York", date(2026, 11, 1), 25),
]


@given(
    zone=st.sampled_from(ZONES),
    change=st.sampled_from([change for _, change, _ in CHANGES]),
    minutes=st.integers(-1440, 2 * 1440),
    late=st.lists(st.integers(0, 3 * 3600), min_size=1, max_size=40),
)
def test_fault_24_ticks_strictly_increase_however_late_the_program_wakes(
    zone: str, change: date, minutes: int, late: list[int]
) -> None:
    trigger = tenth_minutes(ZoneInfo(zone))
    moment = datetime(change.year, change.month, change.day, tzinfo=UTC) + timedelta(minutes=minutes)
    last = trigger.get_next_fire_time(None, moment.astimezone(ZoneInfo(zone)))
    for seconds in late:
        now = last.astimezone(UTC) + timedelta(seconds=seconds)
        while last.astimezone(UTC) <= now:  # as the scheduler counts what it missed
            following = trigger.get_next_fire_time(last, now.astimezone(ZoneInfo(zone)))

            assert following.astimezone(UTC) == last.astimezone(UTC) + TEN
            last = following


class Then(Installation):
    """An installation whose clock says `moments[-1]`."""

    moments: ClassVar[list[datetime]] = []

    def now(self, as_of: date | None = None) -> Now:
        today = self.moments[-1].astimezone(self.settings.zone()).date()
        return Now(self.moments[-1], today, as_of or today)

    def over(self, register: Register) -> Then:
        return Then(self.settings, self.file, register)


class Believing:
    def believes(self, now: Now, monotonic: float) -> bool:
        return now.moment.timestamp() > monotonic > 0


class Judging(Silent):
    """Hears as of which days the city was judged."""

    def __init__(self) -> None:
        self.days: list[date] = []

    def judged(self, house: Installation, answers: Sequence[Answer], as_of: date) -> None:  # noqa: ARG002
        self.days.append(as_of)


@pytest.mark.parametrize(("zone", "change", "hours"), CHANGES, ids=[f"{z} {d}" for z, d, _ in CHANGES])
def test_fault_24_every_day_is_folded_and_judged_once(
    zone: str, change: date, hours: int, sqlite: Register, tmp_path: Path
) -> None:
    house = Then(Settings(data_dir=tmp_path, timezone=zone), None, sqlite)
    health = Health()
    health.expect(SETTLE, 60.0)
    seat = Seat(house, Leading(house), Program())
    judging = Judging()
    settling = Settling(seat, Event(), Believing(), health, judging)  # type: ignore[arg-type]
    before, after = change - timedelta(days=1), change + timedelta(days=1)
    begin = midnight(change, house.settings.zone()) - timedelta(hours=2)
    fire = tenth_minutes(house.settings.zone())
    tick = fire.get_next_fire_time(None, begin)
    while tick.date() < after or tick.hour < 2:
        house.moments.append(moment := tick.astimezone(UTC))
        settling.tick()
        if tick.minute == 30:
            half = [moment, moment - timedelta(minutes=15)]
            columns = {"machine": ["a", "a"], "time": half, "step": [1800] * 2, "cpu": [1.0, 1.0]}
            house.lake.append([samples(columns)[0]], moment)
        tick = fire.get_next_fire_time(tick, tick)

    assert judging.days == [before, change, after]
    rows = house.lake.machine("a", before, after).select(["day", "known"]).to_pylist()
    assert rows == [{"day": before, "known": 4}, {"day": change, "known": 2 * hours}]
