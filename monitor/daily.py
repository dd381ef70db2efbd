"""Machines' folded days as series for a person's eye: a value a day, None where nothing was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from notifier.content import Chart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.installation import Installation

Series = tuple[float | None, ...]
Grid = NDArray[np.float64]  # a row a figure (cpu, memory, disk), a column a day; NaN: not measured
CHART_DAYS = 93  # as far back as the later witness of a periodic peak may lie
ROWS_AT_ONCE = 50_000  # days of machines read together: bounds the memory
BINS = 101
COLUMNS = ("machine", "day", "cpu_histogram", "memory_peak", "disk_max")
EPOCH = date(1970, 1, 1)
TITLES = {
    "cpu": "CPU, p95 of the day (%)",
    "memory": "Memory, highest half hour of the day (%)",
    "disk": "Disk, highest of the day (%)",
}


@dataclass(frozen=True, slots=True, eq=False)
class Charts(Mapping[str, Chart]):
    """Charts by machine, each made when it is asked for: of thousands of machines only numbers are kept."""

    since: date
    grids: Mapping[str, Grid]

    def __getitem__(self, machine: str) -> Chart:
        cpu, memory, disk = (plain(row) for row in self.grids[machine])
        return Chart(since=self.since, cpu=cpu, memory=memory, disk=disk)

    def __iter__(self) -> Iterator[str]:
        return iter(self.grids)

    def __len__(self) -> int:
        return len(self.grids)


def charts(house: Installation, machines: Sequence[str], as_of: date) -> Charts:
    """The last CHART_DAYS days before `as_of` of each machine that has any."""
    return drawn(house, machines, as_of - timedelta(days=CHART_DAYS), CHART_DAYS)


def chart_of(house: Installation, machine: str, since: date, length: int) -> Chart:
    """One machine's days; nothing but None where it has none."""
    return drawn(house, [machine], since, length).get(machine) or empty(since, length)


def nothing(as_of: date) -> Chart:
    """The chart of a machine that was not measured in the CHART_DAYS days before `as_of`."""
    return empty(as_of - timedelta(days=CHART_DAYS), CHART_DAYS)


def empty(since: date, length: int) -> Chart:
    unknown: Series = (None,) * length
    return Chart(since=since, cpu=unknown, memory=unknown, disk=unknown)


def newest(chart: Chart, days: int) -> Chart:
    """The last `days` days of a chart, all of it when it is shorter."""
    skipped = max(len(chart.cpu) - days, 0)
    cpu, memory, disk = (series[skipped:] for series in (chart.cpu, chart.memory, chart.disk))
    return Chart(since=chart.since + timedelta(days=skipped), cpu=cpu, memory=memory, disk=disk)


def drawn(house: Installation, machines: Sequence[str], since: date, length: int) -> Charts:
    """Read by ranges of days, which lie in files of their own: every file is read once. What reading took is
    given back at once: many letters are printed in this process next.
    """
    grid, seen = np.full((len(machines), 3, length), np.nan), np.zeros(len(machines), bool)
    names = pa.array(machines, pa.string())
    at_once = max(1, ROWS_AT_ONCE // max(len(machines), 1))
    for start in range(0, length, at_once):
        first, last = (since + timedelta(days=n) for n in (start, min(start + at_once, length) - 1))
        days = house.lake.of_machines(machines, first, last, COLUMNS)
        if days.num_rows:
            machine = pc.index_in(days["machine"], names).to_numpy()
            place = days["day"].cast(pa.int32()).to_numpy() - (since - EPOCH).days
            grid[machine, :, place] = figures(days)
            seen[machine] = True
        del days
        pa.default_memory_pool().release_unused()
    return Charts(since, {name: grid[row] for row, name in enumerate(machines) if seen[row]})


def figures(days: pa.Table) -> NDArray[np.float64]:
    """Of each row of `days`: cpu p95, memory's highest half hour, disk's highest."""
    found = np.stack([p95(days), floats(days["memory_peak"]), floats(days["disk_max"])], axis=1)
    return np.round(found, 2, out=found)


def floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    found: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found


def p95(days: pa.Table) -> NDArray[np.float64]:
    """The smallest whole percent with at least 95 % of the day's samples at or below; NaN without any."""
    column = days["cpu_histogram"].combine_chunks()
    found, known = np.full(len(column), np.nan), column.is_valid().to_numpy(zero_copy_only=False)
    below = column.flatten().to_numpy().reshape(-1, BINS).cumsum(axis=1, dtype=np.int32)
    counts = below[:, -1]
    enough = below >= -(-95 * counts // 100)[:, None]
    found[known] = np.where(counts > 0, enough.argmax(axis=1), np.nan)
    return found


def plain(row: NDArray[np.float64]) -> Series:
    return tuple(None if isnan(value) else value for value in row.tolist())
