"""The past of the simulated city as samples: what its collection saw, with the holes that it had."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.demo.behaviours import BEHAVIOURS, Answer
from monitor.demo.load import BLOCK, Day, Noise, day_of, each, rows, step_of, use
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from monitor.demo.city import City

GIB = 2**30
BLACKOUT_DAYS_AGO = 24
BLACKOUT_FROM = timedelta(hours=20)  # after local midnight of that day
BLACKOUT = timedelta(hours=31)
LOST = (
    0.14  # share of the samples that a lossy machine loses: each day stays above 80 %, the window below 90 %
)
REPORTED = np.array([behaviour.memory_reported for behaviour in BEHAVIOURS])
ANSWER = np.array([behaviour.answer for behaviour in BEHAVIOURS])

Mask = NDArray[np.bool_]


def history(city: City, start: datetime, end: datetime, step: int, zone: ZoneInfo) -> Iterator[pa.Table]:
    """Samples with start <= time < end (aware) every `step` seconds from each local midnight, schema SAMPLES.

    One table a local day, sorted by machine and time; a city of more than BLOCK machines comes in several
    tables a day, each a range of machines. A day without any sample is left out.
    """
    local, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    names = pa.array([machine.name for machine in city.machines])
    while local <= last:
        day = day_of(city, local, step, zone)
        times = day.start + day.elapsed.astype(np.int64)
        wanted = (times >= start.timestamp()) & (times < end.timestamp())
        for block in range(-(-len(names) // BLOCK)):
            seen = answered(city, day, block, zone) & wanted
            if seen.any():
                yield table_of(city, day, block, seen, names.slice(block * BLOCK, BLOCK))
        local += timedelta(days=1)


def table_of(city: City, day: Day, block: int, seen: Mask, names: pa.Array) -> pa.Table:
    """The samples of one block of machines that were seen on one day."""
    traits, now = rows(city, block), use(city, day, block)
    now.memory[~REPORTED[traits["kind"]]] = np.nan
    machine, moment = np.nonzero(seen)
    times = (day.start + day.elapsed[moment].astype(np.int64)) * 1_000_000
    size = now.size[seen].astype(np.float64)
    columns = {
        "machine": pa.DictionaryArray.from_arrays(machine.astype(np.int32), names).cast(pa.string()),
        "time": pa.array(times).cast(pa.timestamp("us", tz="UTC")),
        "step": np.full(machine.size, round(step_of(day)), np.int32),
        **{name: getattr(now, name)[seen] for name in ("cpu", "memory", "disk", "network")},
        "vcpus": traits["vcpus"][machine] * size,
        "memory_bytes": traits["memory_gib"][machine] * size * GIB,
        "disk_bytes": traits["disk_gib"][machine].astype(np.float64) * GIB,
    }
    return samples(columns)[0]


def answered(city: City, day: Day, block: int, zone: ZoneInfo) -> Mask:
    """Which samples exist: none of the unborn and the silent, none in the blackout, not all of the others."""
    traits, times = rows(city, block), day.elapsed.size
    answers = ANSWER[traits["kind"]]
    there = ~((each(traits, "born") < day.ago) | (each(traits, "silent") > day.ago))
    dark_from, dark_until = (moment.timestamp() - day.start for moment in blackout(city, zone))
    seen: Mask = there & ((day.elapsed < dark_from) | (day.elapsed >= dark_until))
    lossy = np.flatnonzero(answers == Answer.MOSTLY)
    draw = Noise(city.seed, day.date.toordinal(), block).generator(5)
    seen[lossy] &= draw.random((lossy.size, times)) >= LOST
    half = np.flatnonzero(answers == Answer.HALF)
    seen[half] &= (np.arange(times) + half[:, None]) % 2 == 0
    return seen


def blackout(city: City, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when (UTC) the whole collection stood still."""
    day = datetime.combine(city.today - timedelta(days=BLACKOUT_DAYS_AGO), time(), zone).astimezone(UTC)
    return day + BLACKOUT_FROM, day + BLACKOUT_FROM + BLACKOUT
