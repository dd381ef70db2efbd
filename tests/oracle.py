"""A second opinion on the judgement: the definitions followed literally, a machine, day, half hour at a time.

It shares no code and no shape with the product and imports none of it, so that agreement means something.
Source: art. 13, third paragraph, read as the blueprint reads it (sections 4 and 5). Every comparison is made
on whole numbers (hundredths of a percent) or fractions, never on floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

Numbers = NDArray[np.integer[Any] | np.floating[Any]]
# time (epoch s); cpu, memory, disk (percent); network (bytes/s); vcpus, memory_bytes, disk_bytes.
# None or absent: never known.
Samples = Mapping[str, Numbers | None]

ONE_DAY = timedelta(days=1)
GIB = 2**30
NAMED_BY_SHRINK = ("cpu", "memory", "disk")
NAMED_BY_EXPAND = ("cpu", "memory", "disk")
NAMED_BY_IDLE = ("cpu", "network")


@dataclass(frozen=True, slots=True)
class Day:
    """A machine's local day: samples in hundredths of a percent, peaks in percent, median capacities."""

    expected: int
    known: dict[str, int]
    cpu: list[int]
    cpu_peak: Fraction | None
    memory_peak: Fraction | None
    disk_max: int | None
    disk_last: int | None
    network_sum: Fraction
    vcpus: Fraction | None
    memory_bytes: Fraction | None
    disk_bytes: Fraction | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict and what it rests on: the shrink rule's figures, over its window of 35 days.

    Percents 0..100 and NaN when nothing is known, except `coverage` and the share, which are 0..1.
    `memory_witnesses` are (earlier, later) or, in a short history, the day of the peak alone.
    """

    verdict: str
    reason: str | None
    note: str | None
    cpu_share_at_or_below_25: float
    cpu_p95: int | None
    memory_peak: float
    memory_witnesses: tuple[date, ...]
    disk_max: float
    coverage: float
    valid_days: int
    size: dict[str, float | None] | None


# --- from samples to days -------------------------------------------------------------------------


def fold(machine_samples: Samples, timezone: str = "Asia/Shanghai", step: int = 300) -> dict[date, Day]:
    """One Day for every local day with a row; `step` (s) is the machine's sampling step."""
    zone = ZoneInfo(timezone)
    kept = last_of_each_time(machine_samples)
    times = kept["time"]
    days: dict[date, Day] = {}
    if times is None or not len(times):
        return days
    today = datetime.fromtimestamp(int(times[0]), zone).date()
    while today <= datetime.fromtimestamp(int(times[-1]), zone).date():
        midnight, next_midnight = local_midnight(today, zone), local_midnight(today + ONE_DAY, zone)
        first, end = np.searchsorted(times, [midnight, next_midnight])
        if end > first:
            rows = {name: None if column is None else column[first:end] for name, column in kept.items()}
            days[today] = fold_day(rows, midnight, expected=round(Fraction(next_midnight - midnight, step)))
        today += ONE_DAY
    return days


def last_of_each_time(samples: Samples) -> dict[str, Numbers | None]:
    """The rows in order of time; of rows with one time the one that stands later, whole."""
    times = samples["time"]
    if times is None:
        raise ValueError("samples without a time")
    row_of = {moment: row for row, moment in enumerate(times.tolist())}
    order = [row_of[moment] for moment in sorted(row_of)]
    return {name: None if column is None else column[order] for name, column in samples.items()}


def local_midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def fold_day(rows: Samples, midnight: int, expected: int) -> Day:
    times = rows["time"]
    if times is None:
        raise ValueError("rows without a time")
    halves = [(moment - midnight) // 1800 for moment in times.tolist()]
    cpu, memory, disk = (hundredths(name, rows.get(name), len(halves)) for name in ("cpu", "memory", "disk"))
    network = known_rates(rows.get("network"))
    disk_known = [value for value in disk if value is not None]
    readings = {"cpu": cpu, "memory": memory, "disk": disk}
    known = {name: sum(value is not None for value in values) for name, values in readings.items()}
    return Day(
        expected=expected,
        known=known | {"network": len(network)},
        cpu=[value for value in cpu if value is not None],
        cpu_peak=highest_half_hour(halves, cpu),
        memory_peak=highest_half_hour(halves, memory),
        disk_max=max(disk_known, default=None),
        disk_last=disk_known[-1] if disk_known else None,
        network_sum=Fraction(math.fsum(network)),
        vcpus=median_capacity(rows.get("vcpus")),
        memory_bytes=median_capacity(rows.get("memory_bytes")),
        disk_bytes=median_capacity(rows.get("disk_bytes")),
    )


def hundredths(name: str, column: Numbers | None, rows: int) -> list[int | None]:
    """Whole hundredths of a percent; None for what is missing or invalid. Only cpu may exceed 100 (turbo)."""
    if column is None:
        return [None] * rows
    values: list[int | None] = []
    for value in column.tolist():
        percent = min(value, 100) if name == "cpu" and value != math.inf else value
        values.append(round(percent * 100) if 0 <= percent <= 100 else None)  # NaN and Inf are in no range
    return values


def known_rates(column: Numbers | None) -> list[float]:
    """Bytes per second of the samples that know them."""
    if column is None:
        return []
    return [value for value in column.tolist() if 0 <= value < math.inf]


def highest_half_hour(halves: Sequence[int], values: Sequence[int | None]) -> Fraction | None:
    """The highest mean (percent) of a half hour's known samples."""
    by_half: dict[int, list[int]] = {}
    for half, value in zip(halves, values, strict=True):
        if value is not None:
            by_half.setdefault(half, []).append(value)
    return max((Fraction(sum(found), 100 * len(found)) for found in by_half.values()), default=None)


def median_capacity(column: Numbers | None) -> Fraction | None:
    """Zero is what a machine that is off reports: unknown, not none."""
    known = [] if column is None else sorted(value for value in column.tolist() if 0 < value < math.inf)
    if not known:
        return None
    below, above = known[(len(known) - 1) // 2], known[len(known) // 2]
    return (Fraction(below) + Fraction(above)) / 2


# --- what a judgement may look at -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """The 400 days before `as_of`, and the first day since which the machine has its present size."""

    as_of: date
    days: dict[date, Day]
    epoch: date

    def last(self, length: int) -> list[date]:
        """The last `length` calendar days before the judgement, oldest first, whatever is known of them."""
        return [self.as_of - n * ONE_DAY for n in range(length, 0, -1)]

    def measured(self, length: int) -> list[Day]:
        """What a statistic over `length` days sees: the days with a row since the last resize."""
        return [self.days[day] for day in self.last(length) if day in self.days and day >= self.epoch]


def look_back(days: Mapping[date, Day], as_of: date) -> Past:
    earliest = as_of - 400 * ONE_DAY
    history = {day: days[day] for day in sorted(days) if earliest <= day < as_of}
    changes = [
        last_day_of_another_size({day: found.vcpus for day, found in history.items()}),
        last_day_of_another_size({day: found.memory_bytes for day, found in history.items()}),
    ]
    return Past(as_of, history, max((day + ONE_DAY for day in changes if day), default=earliest))


def last_day_of_another_size(capacities: Mapping[date, Fraction | None]) -> date | None:
    """The last day whose known capacity lies more than 5 % (of the newest) away from the newest known one."""
    newest = newest_known(capacities)
    if newest is None:
        return None
    another = [
        day for day, found in capacities.items() if found is not None and 20 * abs(found - newest) > newest
    ]
    return max(another, default=None)


def newest_known(capacities: Mapping[date, Fraction | None]) -> Fraction | None:
    known = {day: found for day, found in capacities.items() if found is not None}
    return known[max(known)] if known else None


def has_data(day: Day) -> bool:
    return any(day.known.values())


# --- enough data ----------------------------------------------------------------------------------


def valid_days(past: Past, resources: Sequence[str], length: int) -> int:
    """Days with at least 80 % of their expected samples of every resource."""
    return sum(
        all(5 * day.known[resource] >= 4 * day.expected for resource in resources)
        for day in past.measured(length)
    )


def coverage(past: Past, resources: Sequence[str], length: int) -> Fraction:
    """Known of expected samples, 0..1, of the resource with fewest, since the machine or its size began."""
    with_data = [day for day, found in past.days.items() if has_data(found)]
    if not with_data:
        return Fraction(0)
    newest_row = past.days[max(past.days)]
    counted = [day for day in past.last(length) if day >= past.epoch and day >= min(with_data)]
    expected = sum(past.days.get(day, newest_row).expected for day in counted)

    def known(resource: str) -> int:
        found = [past.days[day] for day in counted if day in past.days]
        return sum(min(day.known[resource], day.expected) for day in found)

    return min(Fraction(known(resource), expected) for resource in resources)


def enough_for_taking(past: Past, resources: Sequence[str]) -> bool:
    """28 valid days of 35 and nine tenths of the samples: slow to take away."""
    return valid_days(past, resources, 35) >= 28 and coverage(past, resources, 35) >= Fraction(9, 10)


def enough_for_giving(past: Past) -> bool:
    """6 valid days of 7 and four fifths of the samples: quick to give."""
    return valid_days(past, NAMED_BY_EXPAND, 7) >= 6 and coverage(past, NAMED_BY_EXPAND, 7) >= Fraction(4, 5)


def why_not_enough(past: Past) -> str | None:
    """The first reason for which the shrink rule lacks data; None when it has enough."""
    if enough_for_taking(past, NAMED_BY_SHRINK):
        return None
    window = {day: past.days[day] for day in past.last(35) if day in past.days}
    with_data = [day for day, found in window.items() if has_data(found)]
    if not with_data:
        return "no_data"
    if max(with_data) < past.as_of - 2 * ONE_DAY:
        return "stale"
    if any(all(not day.known[resource] for day in window.values()) for resource in NAMED_BY_SHRINK):
        return "metric_missing"
    if valid_days(past, NAMED_BY_SHRINK, 35) < 28:
        return "resized" if past.epoch > past.as_of - 35 * ONE_DAY else "short_history"
    return "low_coverage"


# --- statistics -----------------------------------------------------------------------------------


def cpu_counts(past: Past, length: int, threshold: int) -> tuple[int, int]:
    """How many samples are known, and how many of them are at or below `threshold` (whole percent)."""
    values = [value for day in past.measured(length) for value in day.cpu]
    return len(values), sum(value <= 100 * threshold for value in values)


def cpu_p95_at_most(past: Past, length: int, threshold: int) -> bool:
    """Nearest rank: p95 <= threshold is exactly "at least 95 % of the samples are <= threshold"."""
    known, at_or_below = cpu_counts(past, length, threshold)
    return known > 0 and 100 * at_or_below >= 95 * known


def cpu_p95_above(past: Past, length: int, threshold: int) -> bool:
    known, at_or_below = cpu_counts(past, length, threshold)
    return known > 0 and 100 * at_or_below < 95 * known


def cpu_p95(past: Past, length: int) -> int | None:
    """The smallest whole percent with at least 95 % of the samples at or below it."""
    values = np.array([value for day in past.measured(length) for value in day.cpu], dtype=np.int64)
    if not len(values):
        return None
    enough = (b for b in range(101) if 100 * int(np.count_nonzero(values <= 100 * b)) >= 95 * len(values))
    return next(enough)


def periodic_peak(past: Past, resource: str, recent_days: int) -> tuple[Fraction | None, tuple[date, ...]]:
    """内存周期性峰值: the highest percent reached on two days at least 6 days apart, and those two days.

    The later one lies in the last `recent_days`. With less than 63 days of history: the highest recent day.
    """
    peaks = daily_peaks(past, resource)
    recent = [day for day in past.last(recent_days) if day in peaks]
    if not recent:
        return None, ()
    if (max(peaks) - min(peaks)).days + 1 < 63:
        return max((peaks[day], (day,)) for day in recent)
    pairs = [(i, j) for j in recent for i in peaks if (j - i).days >= 6]
    if not pairs:
        return None, ()
    value = max(min(peaks[i], peaks[j]) for i, j in pairs)
    reached = [(j, i) for i, j in pairs if peaks[i] >= value and peaks[j] >= value]
    later, earlier = max(reached)  # the latest later day, and of its partners the latest
    return value, (earlier, later)


def daily_peaks(past: Past, resource: str) -> dict[date, Fraction]:
    found = {day: row.cpu_peak if resource == "cpu" else row.memory_peak for day, row in past.days.items()}
    return {day: peak for day, peak in found.items() if peak is not None and day >= past.epoch}


def disk_max(past: Past) -> Fraction | None:
    found = [day.disk_max for day in past.measured(35) if day.disk_max is not None]
    return Fraction(max(found), 100) if found else None


def disk_last(past: Past) -> Fraction | None:
    found = [day.disk_last for day in past.measured(7) if day.disk_last is not None]
    return Fraction(found[-1], 100) if found else None


# --- the rules of article 13 ----------------------------------------------------------------------


def expand_holds(past: Past) -> bool:
    """Any of three."""
    memory, _ = periodic_peak(past, "memory", 35)
    disk = disk_last(past)
    return (
        cpu_p95_above(past, 7, 75)  # 资源使用率超过75%
        or (memory is not None and memory > 75)  # 资源使用率超过75%
        or (disk is not None and disk > 75)  # 资源使用率超过75%
    )


def shrink_holds(past: Past) -> bool:
    """All of three."""
    memory, _ = periodic_peak(past, "memory", 93)
    disk = disk_max(past)
    return (
        cpu_p95_at_most(past, 35, 25)  # CPU使用率未超过25%
        and (memory is not None and memory <= 30)  # 内存周期性峰值未超过30%
        and (disk is not None and disk < 50)  # 硬盘使用率不到50%
    )


def idle_holds(past: Past) -> bool:
    """Both: 系统不再使用. Without a network figure it is never said."""
    known = sum(day.known["network"] for day in past.measured(35))
    total = sum((day.network_sum for day in past.measured(35)), Fraction(0))
    return cpu_p95_at_most(past, 35, 3) and known > 0 and total <= 1000 * known


def verdict_of(past: Past) -> tuple[str, str | None]:
    """The verdict before a size is sought, and the reason when data are insufficient."""
    if enough_for_giving(past) and expand_holds(past):
        return "expand", None
    reason = why_not_enough(past)
    if reason:
        return "insufficient", reason
    if enough_for_taking(past, NAMED_BY_IDLE) and idle_holds(past):
        return "idle", None
    return ("shrink" if shrink_holds(past) and not expand_holds(past) else "keep"), None


def judge(days: Mapping[date, Day], as_of: date, catalogue: Mapping[str, Sequence[float]]) -> Answer:
    """Judge one machine's folded days as of `as_of`; days from then on are not looked at."""
    past = look_back(days, as_of)
    verdict, reason = verdict_of(past)
    size, note = smaller_size(past, catalogue) if verdict == "shrink" else (None, None)
    known, at_or_below = cpu_counts(past, 35, 25)
    memory, witnesses = periodic_peak(past, "memory", 93)
    disk = disk_max(past)
    return Answer(
        verdict="keep" if note == "no_safe_size" else verdict,
        reason=reason,
        note=note,
        cpu_share_at_or_below_25=at_or_below / known if known else math.nan,
        cpu_p95=cpu_p95(past, 35),
        memory_peak=math.nan if memory is None else float(memory),
        memory_witnesses=witnesses,
        disk_max=math.nan if disk is None else float(disk),
        coverage=float(coverage(past, NAMED_BY_SHRINK, 35)),
        valid_days=valid_days(past, NAMED_BY_SHRINK, 35),
        size=size,
    )


# --- the size -------------------------------------------------------------------------------------


def smaller_size(
    past: Past, catalogue: Mapping[str, Sequence[float]]
) -> tuple[dict[str, float | None] | None, str | None]:
    """The size to shrink to and None, or None and the note that says why there is none."""
    history = past.days.items()
    memory_bytes = newest_known({day: row.memory_bytes for day, row in history})
    disk_bytes = newest_known({day: row.disk_bytes for day, row in history})
    current = {
        "vcpus": newest_known({day: row.vcpus for day, row in history}),
        "memory_gib": memory_bytes and memory_bytes / GIB,
        "disk_gib": disk_bytes and disk_bytes / GIB,
    }
    fits = {"vcpus": cpu_fits, "memory_gib": memory_fits, "disk_gib": disk_fits}
    known = {name: capacity for name, capacity in current.items() if capacity is not None}
    if not known:
        return None, "capacity_unknown"
    advised = {
        name: smallest_that_fits(past, now, catalogue.get(name, ()), fits[name])
        for name, now in known.items()
    }
    if advised == known:
        return None, "no_safe_size"
    return {name: float(advised[name]) if name in advised else None for name in current}, None


def smallest_that_fits(
    past: Past, current: Fraction, entries: Sequence[float], fits: Callable[[Past, Fraction], bool]
) -> Fraction:
    """The smallest entry between half of `current` and `current` that fits; `current` when none does."""
    for entry in sorted(Fraction(entry) for entry in entries):
        if current / 2 <= entry <= current and fits(past, current / entry):
            return entry
    return current


def cpu_fits(past: Past, growth: Fraction) -> bool:
    """After every percent has grown by `growth`: peaks at 70 or less, and the expand rule is not met."""
    peak, _ = periodic_peak(past, "cpu", 93)
    return peak is not None and peak * growth <= 70 and cpu_p95_at_most(past, 7, math.floor(75 / growth))


def memory_fits(past: Past, growth: Fraction) -> bool:
    peak, _ = periodic_peak(past, "memory", 93)
    newer_peak, _ = periodic_peak(past, "memory", 35)
    return peak is not None and newer_peak is not None and peak * growth <= 70 and newer_peak * growth <= 75


def disk_fits(past: Past, growth: Fraction) -> bool:
    highest, last = disk_max(past), disk_last(past)
    return highest is not None and last is not None and highest * growth <= 65 and last * growth <= 75


# --- real measurements ----------------------------------------------------------------------------


def bitbrains(path: Path | str) -> Iterator[tuple[str, Samples]]:
    """Each machine of the Bitbrains file with its samples as the lake would hold them.

    The file knows no disk and no network: the disk stands at 20 percent, the network is never known.
    """
    for machine, rows in pd.read_parquet(path).groupby("vm", sort=True):
        yield (
            str(machine),
            {
                "time": rows["ts"].to_numpy(np.int64),
                "cpu": as_stored(rows["cpu_pct"].to_numpy(np.float64)),
                "memory": as_stored(rows["mem_pct"].to_numpy(np.float64)),
                "disk": np.full(len(rows), 20, dtype=np.float32),
                "network": None,
                "vcpus": rows["cores"].to_numpy(np.int64),
                "memory_bytes": rows["mem_cap_mb"].to_numpy(np.int64) * 2**20,
            },
        )


def as_stored(percents: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.round(percents, 2).astype(np.float32)
