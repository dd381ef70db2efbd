"""One block of a usage file, checked: which rows are samples, which are sums, and which cells are bad."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from collectors import usage_cells
from collectors.usage_columns import CAPACITIES, GIB, PERCENTS, factor_of, value_of
from collectors.usage_source import FIRST, Block
from store import cells
from store.sheet_error import KEPT

if TYPE_CHECKING:
    from datetime import datetime

    from collectors.usage_cells import Column, Floats, Mask, Times
    from store.cells import Cell
    from store.sheet_error import Problems

CLOCKS = {"utc": "UTC", "gmt": "UTC"}  # every other unit of KINDS["clock"] is the time of Beijing
NOTHING = "a value; the cell is empty"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: the zone of bare times, the present, and whether bare percents are shares."""

    zone: ZoneInfo
    now: datetime
    ratio: bool | None

    def zone_of(self, unit: str) -> ZoneInfo:
        """The zone of bare times below a heading with this unit: 时间(UTC)."""
        return ZoneInfo(CLOCKS.get(unit.casefold(), "Asia/Shanghai")) if unit else self.zone


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers of a column: `raw` as they stand, `values` in our unit, `final` where a cell named its own."""

    raw: Floats
    values: Floats
    final: Mask


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked block. `names` by `codes`; `good`: rows that are samples; `bad`: by column, its bad cells."""

    block: Block
    reading: Reading
    names: list[str | None]
    codes: np.ndarray[Any, Any]
    times: Times
    numbers: dict[str, Found]
    good: Mask
    bad: dict[str, Mask]
    skipped: int

    def report(self, problems: Problems) -> None:
        """Adds the bad cells, row by row, the first thousand of the file with what was expected."""
        total = sum(int(mask.sum()) for mask in self.bad.values())
        before = problems.count
        for fault in self.block.faults:
            problems.add(fault)
        if total and not problems.full:
            wrong = np.logical_or.reduce(list(self.bad.values()))
            for row in np.flatnonzero(wrong)[:KEPT]:
                for column in [name for name, mask in self.bad.items() if mask[row]]:
                    cell = self.block.columns[column].cell(int(row))
                    expected = self.expected(column, cell)
                    problems.add(self.block.table.problem(int(self.block.rows[row]), column, cell, expected))
        problems.count = before + total + len(self.block.faults)

    def expected(self, column: str, cell: Cell) -> str:
        """What the reader of single cells says of a bad one."""
        if cells.is_missing(cell):
            return NOTHING
        unit = self.block.table.layout.units.get("time", "")
        try:
            if column == "machine":
                cells.name(cell)
            elif column == "time":
                cells.moment(cell, self.reading.zone_of(unit), self.reading.now, self.block.serial)
            else:
                value_of(column, cell)
        except ValueError as error:
            return str(error)
        return cells.A_TIME if column == "time" else cells.A_NUMBER


def check(block: Block, reading: Reading) -> Checked:
    """Every cell of a block, read. Out of range is not bad here: store.samples decides about values."""
    count = len(block.rows)
    units = block.table.layout.units
    names, codes = machines(block.columns["machine"])
    sums = is_sum(block, names, codes)
    empty = np.logical_and.reduce([c.empty(count) for n, c in block.columns.items() if n != FIRST])
    live = ~sums & ~empty
    zone = reading.zone_of(units.get("time", ""))
    times = usage_cells.times(block.columns["time"], zone, reading.now, block.serial, count)
    bad = {"machine": live & unnamed(names)[codes], "time": live & times.bad}
    numbers: dict[str, Found] = {}
    for name, column in block.columns.items():
        if name not in {FIRST, "machine", "time"}:
            read = usage_cells.numbers(column, partial(value_of, name), count)
            numbers[name] = scaled(name, read, factor(name, units.get(name, ""), reading.ratio))
            wrong = read.bad | (read.values < 0 if name in CAPACITIES else False)
            bad[name] = live & wrong
    good = live & ~np.logical_or.reduce(list(bad.values()))
    return Checked(block, reading, names, codes, times, numbers, good, bad, int(sums.sum()))


def factor(name: str, unit: str, ratio: bool | None) -> float:
    return (100.0 if ratio else 1.0) if name in PERCENTS else factor_of(name, unit)


def scaled(name: str, read: usage_cells.Numbers, factor: float) -> Found:
    values = np.where(read.final, read.values, read.values * factor)
    return Found(read.values, values * GIB if name.endswith("_gib") else values, read.final)


def machines(column: Column) -> tuple[list[str | None], np.ndarray[Any, Any]]:
    """The machines' names, and which each row has; the last name is None and stands for an empty cell."""
    found, codes = usage_cells.distinct(column.texts, cells.name)
    return [*found, None], np.where(codes < 0, len(found), codes)


def unnamed(names: list[str | None]) -> Mask:
    return np.array([name is None for name in names], dtype=np.bool_)


def is_sum(block: Block, names: list[str | None], codes: np.ndarray[Any, Any]) -> Mask:
    """Rows that sum others up: 合计 in place of the machine, or in the first column of a row without one."""
    sums = np.array([name is not None and cells.is_sum(name) for name in names], dtype=np.bool_)
    named: Mask = np.asarray(sums[codes], dtype=np.bool_)
    first = block.columns.get(FIRST)
    if first is None or first.texts is None:
        return named
    found, heads = usage_cells.distinct(first.texts, cells.is_sum)
    headed = np.array([*found, False], dtype=np.bool_)[heads]
    return np.asarray(named | (headed & block.columns["machine"].empty(len(codes))), dtype=np.bool_)
