"""The folded days of many machines side by side: one row per machine, one column per day up to the day before
D.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules.fold import BINS, Array, Ints, values
from store.lake import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HISTORY_DAYS = 400
RESIZE = 0.05  # a capacity that differs by more than this share is another size
RESOURCES = ("cpu", "memory", "disk", "network")
COUNTS = tuple(f"{name}_known" for name in RESOURCES)
GRIDS = tuple(name for name in DAYS.names if name not in {"machine", "day", "cpu_histogram", *COUNTS})
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class History:
    """Days D-width .. D-1 of the machines; every grid has the shape (machines, width), NaN where there is no
    value.

    `known`: resource -> samples of the day. `begin`: the column where the epoch starts, 0 when the size never
    changed. `first`, `newest`: columns with data; width and -1 when there are none. `capacity`: the newest
    known one. `cumulated`: window in days -> cpu counts of the machine's epoch in it, [m, b] = samples at or
    below b percent.
    """

    names: tuple[str, ...]
    as_of: date
    width: int
    grids: dict[str, Array]
    known: dict[str, Ints]
    expected: Ints
    begin: Ints
    first: Ints
    newest: Ints
    capacity: dict[str, Array]
    cumulated: dict[int, Ints]

    def day(self, column: int) -> date:
        return self.as_of - timedelta(days=self.width - column)

    def last(self, days: int) -> slice:
        """The columns of the last `days` days."""
        return slice(max(0, self.width - days), self.width)

    def window(self, days: int) -> Bools:
        """Which cells of the last `days` days lie in the machine's epoch."""
        return np.arange(self.width)[self.last(days)] >= self.begin[:, None]

    def since(self, days: int) -> Ints:
        return np.maximum(self.begin, self.width - days)

    def epoch(self) -> Bools:
        return np.arange(self.width) >= self.begin[:, None]


@dataclass(frozen=True, slots=True)
class Cells:
    """Where each row of the days lies: machine and column, machine -1 for a row that is not asked for.

    `asked`: the rows that are asked for, `flat`: their places in a grid of one row a machine.
    """

    machine: Ints
    column: Ints
    shape: tuple[int, int]
    asked: Ints | slice
    flat: Ints

    def spread(self, floats: Array) -> Array:
        grid = np.full(self.shape, np.nan)
        grid.ravel()[self.flat] = floats[self.asked]
        return grid

    def counts(self, column: pa.ChunkedArray) -> Ints:
        grid = np.zeros(self.shape, np.int64)
        grid.ravel()[self.flat] = pc.fill_null(column, 0).to_numpy()[self.asked]
        return grid


def history(days: pa.Table, names: Sequence[str], as_of: date, windows: Iterable[int]) -> History:
    """The grids of `days` (schema DAYS, each machine and day once) for the machines `names` as of the day D.

    Days from D on and before D-400, and machines not in `names`, are left out. `windows`: days back for which
    the cpu counts are wanted; a row older than all of them needs no cpu_histogram.
    """
    cells = place(days, names, as_of)
    grids = {name: cells.spread(values(days, name)) for name in GRIDS}
    measured = grids["known"] > 0
    past = History(
        names=tuple(names),
        as_of=as_of,
        width=cells.shape[1],
        grids=grids,
        known={name: cells.counts(days[f"{name}_known"]) for name in RESOURCES},
        expected=filled(grids["expected"]),
        begin=epoch(grids["vcpus"], grids["memory_bytes"]),
        first=first_true(measured),
        newest=last_true(measured),
        capacity={name: newest_value(grids[name]) for name in ("vcpus", "memory_bytes", "disk_bytes")},
        cumulated={},
    )
    until, counted = np.full(len(names), past.width), np.zeros((len(names), BINS), np.int64)
    for window in sorted(set(windows)):
        since = past.since(window)
        counted = counted + cumulate(days["cpu_histogram"], cells, since, until)
        past.cumulated[window], until = counted, since
    return past


def place(days: pa.Table, names: Sequence[str], as_of: date) -> Cells:
    machine = pc.fill_null(pc.index_in(days["machine"], value_set=pa.array(names, pa.string())), -1)
    ordinal = days["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    end = (as_of - date(1970, 1, 1)).days
    inside = (ordinal < end) & (ordinal >= end - HISTORY_DAYS)
    width = int(end - ordinal[inside].min()) if inside.any() else 1
    code = np.where(inside, machine.to_numpy().astype(np.int64), -1)
    column = ordinal - (end - width)
    asked = slice(None) if (code >= 0).all() else np.flatnonzero(code >= 0)
    return Cells(code, column, (len(names), width), asked, code[asked] * width + column[asked])


def cumulate(histograms: pa.ChunkedArray, cells: Cells, since: Ints, until: Ints) -> Ints:
    """Cpu counts of the days from column `since` to before `until` (per machine), summed and cumulated;
    (machines, 101).
    """
    total = np.zeros((cells.shape[0], BINS), np.int32)
    begin = 0
    for chunk in histograms.chunks:
        rows = slice(begin, begin + len(chunk))
        begin += len(chunk)
        machine, column = cells.machine[rows], cells.column[rows]
        wanted = machine >= 0
        at, day = machine[wanted], column[wanted]
        wanted[wanted] = (day >= since[at]) & (day < until[at])
        if wanted.any():
            add(total, chunk, (machine, column, wanted))
    return np.cumsum(total, axis=1, dtype=np.int64)


def add(total: Counts, chunk: pa.ListArray, rows: tuple[Ints, Ints, Bools]) -> None:
    """Adds the wanted rows of a chunk day by day: within a day every machine stands once."""
    machine, column, wanted = rows
    counts = pc.list_flatten(chunk).to_numpy(zero_copy_only=False).reshape(-1, BINS)
    position = np.cumsum(chunk.is_valid().to_numpy(zero_copy_only=False)) - 1
    for day in np.unique(column[wanted]):
        of_day = np.flatnonzero(wanted & (column == day))
        whole = len(of_day) == len(counts) == len(chunk)
        total[machine[of_day]] += counts if whole else counts[position[of_day]]


def filled(expected: Array) -> Ints:
    """Expected samples for every day: a day without a row expects what the machine's newest day did."""
    usual = np.nan_to_num(newest_value(expected))
    return np.where(np.isnan(expected), usual[:, None], expected).astype(np.int64)


def epoch(vcpus: Array, memory_bytes: Array) -> Ints:
    """The column where each machine's present size begins: the day after the last day of another size, else
    0.
    """
    changed = np.zeros(vcpus.shape, np.bool_)
    for capacity in (vcpus, memory_bytes):
        now = newest_value(capacity)[:, None]
        with np.errstate(invalid="ignore"):
            changed |= np.abs(capacity - now) > RESIZE * now
    return last_true(changed) + 1


def newest_value(grid: Array) -> Array:
    column = last_true(~np.isnan(grid))
    return np.where(column >= 0, grid[np.arange(len(grid)), np.maximum(column, 0)], np.nan)


def any_of(flags: Iterable[Bools]) -> Bools:
    found: Bools = np.logical_or.reduce(list(flags))
    return found


def all_of(flags: Iterable[Bools]) -> Bools:
    found: Bools = np.logical_and.reduce(list(flags))
    return found


def last_true(flags: Bools) -> Ints:
    """The last column that is true in each row, -1 when none is."""
    width = flags.shape[1]
    last: Ints = np.where(flags.any(axis=1), width - 1 - np.argmax(flags[:, ::-1], axis=1), -1)
    return last


def first_true(flags: Bools) -> Ints:
    """The first column that is true in each row, the width when none is."""
    first: Ints = np.where(flags.any(axis=1), np.argmax(flags, axis=1), flags.shape[1])
    return first
