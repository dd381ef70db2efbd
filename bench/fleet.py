"""The simulated city as the benches' fleet: its samples day by day, and lakes of folded days made once."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from config.policy import load_policy
from config.settings import PolicyChoice
from monitor.demo.city import TODAY, city
from monitor.demo.past import history
from rules.fold import fold
from rules.judgement import INVENTORY
from store.delta import Lake, midnight
from store.lake import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from config.policy import Policy
    from monitor.demo.city import City

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = TODAY
STORED = datetime(2026, 9, 18, tzinfo=UTC)


def policy() -> Policy:
    return load_policy(PolicyChoice())


def fleet(machines: int) -> City:
    return city(machines=machines, today=AS_OF)


def inventory(fleet: City) -> pa.Table:
    """The machines as the register names them (schema INVENTORY, sorted); the sizes come from the days."""
    names = [machine.name for machine in fleet.machines]
    sizes = {name: [None] * len(names) for name in INVENTORY.names[1:]}
    return pa.table({"machine": names, **sizes}).cast(INVENTORY)


def past(days: int) -> list[date]:
    """The days D-days .. D-1."""
    return [AS_OF - timedelta(days=ago) for ago in range(days, 0, -1)]


def samples_of(fleet: City, day: date, step: int) -> Iterator[pa.Table]:
    """A local day's samples, in tables of up to 10,000 machines."""
    return history(fleet, midnight(day, ZONE), midnight(day + timedelta(days=1), ZONE), step, ZONE)


def folded(fleet: City, day: date, step: int) -> pa.Table:
    """A day's folded rows, made from range after range of machines."""
    ranges = [fold(samples, day, ZONE) for samples in samples_of(fleet, day, step)]
    return pa.concat_tables([DAYS.empty_table(), *ranges])


def days_lake(folder: Path, fleet: City, days: int, step: int) -> Lake:
    """A lake with the fleet's folded days, one file a day as the daemon leaves it; made once."""
    lake = Lake(folder / f"days-{len(fleet.machines)}-{days}-{step}", ZONE)
    lake.prepare()
    done = lake.folded()
    for number, day in enumerate(past(days)):
        if day not in done:
            progress(f"simulating and folding {len(fleet.machines)} machines", number, days)
            lake.replace_day(day, folded(fleet, day, step), "0" * 16)
    return lake


def progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"{what}: {done}/{total}", end="\r", file=sys.stderr, flush=True)
