"""Machines' folded days as series for a person's eye: a value a day, None where nothing was measured."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from notifier.content import Chart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from monitor.installation import Installation

Series = tuple[float | None, ...]
CHART_DAYS = 93  # as far back as the later witness of a periodic peak may lie
AT_ONCE = 1000  # machines read together: bounds the memory
BINS = 101
COLUMNS = ("machine", "day", "cpu_known", "cpu_histogram", "memory_peak", "disk_max")
EPOCH = date(1970, 1, 1)
TITLES = {
    "cpu": "CPU, p95 of the day (%)",
    "memory": "Memory, highest half hour of the day (%)",
    "disk": "Disk, highest of the day (%)",
}


def charts(house: Installation, machines: Sequence[str], as_of: date) -> Iterator[tuple[str, Chart]]:
    """The last CHART_DAYS days before `as_of` of each machine that has any."""
    since, until = as_of - timedelta(days=CHART_DAYS), as_of - timedelta(days=1)
    for start in range(0, len(machines), AT_ONCE):
        days = house.lake.of_machines(machines[start : start + AT_ONCE], since, until, COLUMNS)
        yield from series(days, since, CHART_DAYS)


def chart_of(house: Installation, machine: str, since: date, length: int) -> Chart:
    """One machine's days; nothing but None where it has none."""
    days = house.lake.machine(machine, since, since + timedelta(days=length - 1))
    unknown: Series = (None,) * length
    nothing = Chart(since=since, cpu=unknown, memory=unknown, disk=unknown)
    return next((found for _name, found in series(days, since, length)), nothing)


def series(days: pa.Table, since: date, length: int) -> Iterator[tuple[str, Chart]]:
    """A chart of each machine of `days` (schema DAYS), from `since` on: cpu p95, memory's highest half hour,
    disk's highest.
    """
    if days.num_rows == 0:
        return
    names = days["machine"].combine_chunks().dictionary_encode()
    machine = names.indices.to_numpy(zero_copy_only=False)
    place = days["day"].cast(pa.int32()).to_numpy() - (since - EPOCH).days
    shape = (len(names.dictionary), length)
    grids: list[NDArray[np.object_]] = []
    for values in (p95(days), floats(days, "memory_peak"), floats(days, "disk_max")):
        grid = np.full(shape, np.nan)
        grid[machine, place] = np.round(values, 2)
        grids.append(grid.astype(object))
        grids[-1][np.isnan(grid)] = None
    for name, cpu, memory, disk in zip(names.dictionary.to_pylist(), *grids, strict=True):
        yield name, Chart(since=since, cpu=tuple(cpu), memory=tuple(memory), disk=tuple(disk))


def floats(days: pa.Table, column: str) -> NDArray[np.float64]:
    found: NDArray[np.float64] = days[column].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found


def p95(days: pa.Table) -> NDArray[np.float64]:
    """The smallest whole percent with at least 95 % of the day's samples at or below; NaN without any."""
    known = floats(days, "cpu_known")
    counts = np.zeros((days.num_rows, BINS), np.int64)
    there = np.flatnonzero(np.nan_to_num(known) > 0)
    if there.size:
        flat = days["cpu_histogram"].take(pa.array(there)).combine_chunks().flatten().to_numpy()
        counts[there] = flat.reshape(there.size, BINS)
    below = 100 * counts.cumsum(axis=1)
    first = np.argmax(below >= 95 * counts.sum(axis=1)[:, None], axis=1).astype(np.float64)
    return np.where(counts.sum(axis=1) == 0, np.nan, first)
