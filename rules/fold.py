"""The fold: a day's samples become one row per machine. A day is folded once and read for ever.

Percents are counted as whole hundredths, so that a sum is exact and a mean that equals a threshold equals it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from store.lake import DAYS, latest

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HALF_HOUR = 1_800_000_000  # microseconds
BINS = 101


@dataclass(frozen=True, slots=True)
class Rows:
    """A day's samples in the order of machine, time. `code` numbers the machines 0..count-1 in that order."""

    code: Ints
    slot: Ints  # half hour since local midnight
    count: int
    slots: int
    starts: Ints  # index of each machine's first row


def fold(samples: pa.Table, day: date, zone: ZoneInfo) -> pa.Table:
    """One row (schema DAYS) per machine that has a sample on the local `day`, in the order of the names.

    `samples` has the schema SAMPLES, in any order, with repetitions; of two with the same machine and time
    the one stored later counts. Samples of other days are left out. The same samples give the same bytes.
    """
    start, length = bounds(day, zone)
    samples = latest(on_day(samples, start, length))
    if samples.num_rows == 0:
        return DAYS.empty_table()
    rows = layout(samples, start, length)
    cpu, memory, disk = (values(samples, name) for name in ("cpu", "memory", "disk"))
    network = values(samples, "network")
    cpu_total, cpu_known, cpu_peak = half_hours(hundredths(cpu), rows)
    memory_total, memory_known, memory_peak = half_hours(hundredths(memory), rows)
    network_known = counts(network, rows)
    names = samples["machine"].take(pa.array(rows.starts))
    columns = {
        "machine": names,
        "day": pa.array(np.full(rows.count, day), pa.date32()),
        "expected": expected(samples, length, rows),
        "known": counts_any((cpu, memory, disk, network), rows),
        "cpu_known": cpu_known,
        "memory_known": memory_known,
        "disk_known": counts(disk, rows),
        "network_known": network_known,
        "cpu_mean": divide(cpu_total, 100 * cpu_known),
        "cpu_peak": cpu_peak,
        "cpu_histogram": histogram(hundredths(cpu), rows),
        "memory_mean": divide(memory_total, 100 * memory_known),
        "memory_peak": memory_peak,
        "disk_max": highest(disk, rows),
        "disk_last": last(disk, rows),
        "network_mean": divide(totals(network, rows), network_known),
        "vcpus": medians(values(samples, "vcpus"), rows),
        "memory_bytes": medians(values(samples, "memory_bytes"), rows),
        "disk_bytes": medians(values(samples, "disk_bytes"), rows),
    }
    return pa.table({field.name: column(columns[field.name], field.type) for field in DAYS}, DAYS)


def bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Start (microseconds since 1970, UTC) and length (microseconds; 23 to 25 hours) of a local day."""
    first = datetime.combine(day, time(), zone).timestamp()
    following = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
    return int(first) * 1_000_000, int(following - first) * 1_000_000


def on_day(samples: pa.Table, start: int, length: int) -> pa.Table:
    moment = samples["time"].cast(pa.int64())
    inside = pc.and_(pc.greater_equal(moment, start), pc.less(moment, start + length))
    return samples if pc.all(inside).as_py() else samples.filter(inside)


def layout(samples: pa.Table, start: int, length: int) -> Rows:
    machine = samples["machine"].combine_chunks().dictionary_encode()
    index = machine.indices.to_numpy(zero_copy_only=False)
    first = np.concatenate(([True], index[1:] != index[:-1]))
    slot = (samples["time"].cast(pa.int64()).to_numpy() - start) // HALF_HOUR
    slots = -(-length // HALF_HOUR)
    starts = np.flatnonzero(first)
    return Rows(np.cumsum(first) - 1, slot, len(starts), slots, starts)


def values(samples: pa.Table, name: str) -> Array:
    """A column as float64 with NaN for null."""
    floats: Array = samples[name].cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return floats


def hundredths(percents: Array) -> Array:
    return np.rint(percents * 100.0)


def half_hours(whole: Array, rows: Rows) -> tuple[Array, Ints, Array]:
    """Per machine: total (hundredths), number of known samples, and the highest half-hour mean (percent)."""
    known = ~np.isnan(whole)
    cell = (rows.code * rows.slots + rows.slot)[known]
    size = rows.count * rows.slots
    total = np.bincount(cell, whole[known], size).reshape(rows.count, rows.slots)
    count = np.bincount(cell, minlength=size).reshape(rows.count, rows.slots)
    mean = divide(total, 100 * count)
    peak = np.where(count > 0, mean, -np.inf).max(axis=1)
    return total.sum(axis=1), count.sum(axis=1), np.where(np.isfinite(peak), peak, np.nan)


def histogram(whole: Array, rows: Rows) -> pa.Array:
    """Counts in right-closed whole-percent bins, shape (machines, 101)."""
    known = ~np.isnan(whole)
    cell = rows.code[known] * BINS + np.ceil(whole[known] / 100.0).astype(np.int64)
    flat = np.bincount(cell, minlength=rows.count * BINS).astype(np.int32)
    offsets = np.arange(0, flat.size + 1, BINS, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat))


def counts(floats: Array, rows: Rows) -> Ints:
    return np.bincount(rows.code[~np.isnan(floats)], minlength=rows.count)


def counts_any(columns: tuple[Array, ...], rows: Rows) -> Ints:
    known = np.logical_or.reduce([~np.isnan(floats) for floats in columns])
    return np.bincount(rows.code[known], minlength=rows.count)


def totals(floats: Array, rows: Rows) -> Array:
    return np.bincount(rows.code, np.where(np.isnan(floats), 0.0, floats), rows.count).astype(np.float64)


def expected(samples: pa.Table, length: int, rows: Rows) -> Ints:
    """Samples of a whole day: its length over the machine's (median) step, at least one."""
    step = medians(values(samples, "step"), rows)
    return np.maximum(1, np.rint(length / (step * 1_000_000))).astype(np.int64)


def highest(floats: Array, rows: Rows) -> Array:
    top = np.maximum.reduceat(np.where(np.isnan(floats), -np.inf, floats), rows.starts)
    return np.where(np.isfinite(top), np.round(top, 2), np.nan)


def last(floats: Array, rows: Rows) -> Array:
    """The newest known value of each machine."""
    position = np.where(np.isnan(floats), -1, np.arange(len(floats)))
    newest = np.maximum.reduceat(position, rows.starts)
    return np.where(newest >= 0, np.round(floats[np.maximum(newest, 0)], 2), np.nan)


def medians(floats: Array, rows: Rows) -> Array:
    """The median of each machine's known values; NaN without any. Constant columns, the rule, cost one
    pass.
    """
    known = ~np.isnan(floats)
    low = np.minimum.reduceat(np.where(known, floats, np.inf), rows.starts)
    high = np.maximum.reduceat(np.where(known, floats, -np.inf), rows.starts)
    middle = np.where(low == high, low, np.nan)
    ends = np.append(rows.starts[1:], len(floats))
    for machine in np.flatnonzero(low < high):
        middle[machine] = np.nanmedian(floats[rows.starts[machine] : ends[machine]])
    return middle


def divide(total: Array | Ints, count: Ints) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient: Array = np.true_divide(total, count)
    return quotient


def column(data: object, kind: pa.DataType) -> pa.Array:
    if isinstance(data, pa.ChunkedArray | pa.Array):
        return data
    return pa.array(data, kind, from_pandas=True)
