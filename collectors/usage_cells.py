"""Columns of cells as arrays: fast where they are clean, by distinct text where they are not.

Each function gives values and a mask of bad cells. Why a cell is bad, the reader of single cells
(store.cells) says when it is asked for that one again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from store import cells

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from store.cells import Cell

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Micros = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

SECOND = 1_000_000
QUARTER = 900 * SECOND  # clocks are set forward or back at a quarter of an hour, in every zone since 1972
LAST = 7_258_118_400 * SECOND  # 2200-01-01
OFFSET = r"(Z|[+-]\d\d:?\d\d)$"


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one column of a block: texts, numbers or times; a row has at most one of them.

    `texts`: pa.string, null when empty; `numbers`: NaN when none; `stamps`: pa.timestamp; `percent`: which
    numbers are shown with a % format.
    """

    texts: pa.Array | None = None
    numbers: Floats | None = None
    stamps: pa.Array | None = None
    percent: Mask | None = None

    def cell(self, row: int) -> Cell:
        """One cell as the reader of single cells takes it."""
        if self.texts is not None and self.texts[row].is_valid:
            return str(self.texts[row].as_py())
        if self.numbers is not None and not np.isnan(self.numbers[row]):
            return float(self.numbers[row])
        if self.stamps is not None and self.stamps[row].is_valid:
            return str(pc.cast(self.stamps[row], pa.string()).as_py())
        return None

    def empty(self, count: int) -> Mask:
        mask = np.ones(count, dtype=np.bool_)
        for array in (self.texts, self.stamps):
            if array is not None:
                mask &= nulls(array)
        return mask if self.numbers is None else mask & np.isnan(self.numbers)


@dataclass(frozen=True, slots=True)
class Numbers:
    """`values`: NaN where missing or bad. `final`: the cell itself named its unit, no other applies."""

    values: Floats
    final: Mask
    bad: Mask


@dataclass(frozen=True, slots=True)
class Times:
    """`micros`: microseconds since 1970 UTC, 0 where bad. `bare`, `aware`: any time without, with offset."""

    micros: Micros
    bad: Mask
    bare: bool
    aware: bool


def nulls(array: pa.Array) -> Mask:
    return np.asarray(pc.is_null(array).to_numpy(zero_copy_only=False), dtype=np.bool_)


def as_floats(array: pa.Array) -> Floats:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.float64)


def try_cast(array: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return pc.cast(array, kind)
    except pa.ArrowInvalid:
        return None


def distinct(array: pa.Array, parse: Callable[[str], Any]) -> tuple[list[Any], np.ndarray[Any, Any]]:
    """`parse` of each distinct text (None when it raises ValueError), and which each row has (-1: null)."""
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    found = []
    for text in coded.dictionary.to_pylist():
        try:
            found.append(parse(text))
        except ValueError:
            found.append(None)
    return found, coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)


def numbers(column: Column, parse: Callable[[Cell], tuple[float, bool]], count: int) -> Numbers:
    """The numbers of a column. Missing marks ("-", "N/A") are missing."""
    none = np.zeros(count, dtype=np.bool_)
    values = np.full(count, np.nan) if column.numbers is None else column.numbers.copy()
    final = none.copy() if column.percent is None else column.percent.copy()
    if column.percent is not None:
        values = np.where(final, values * 100.0, values)
    if column.stamps is not None:
        return Numbers(values, final, ~nulls(column.stamps))
    if column.texts is None:
        return Numbers(values, final, none)
    cast = try_cast(column.texts, pa.float64())
    if cast is not None:
        parsed = as_floats(cast)
        return Numbers(np.where(nulls(column.texts), values, parsed), final, none)
    table, codes = distinct(
        column.texts, lambda text: (np.nan, True) if cells.is_missing(text) else parse(text)
    )
    table.append((np.nan, False))
    has = codes >= 0
    parsed = np.array([np.nan if item is None else item[0] for item in table])[codes]
    named = np.array([item is not None and item[1] for item in table])[codes]
    bad = np.array([item is None for item in table])[codes]
    return Numbers(np.where(has, parsed, values), np.where(has, named, final), bad)


def times(column: Column, zone: ZoneInfo, now: datetime, serial: int | None, count: int) -> Times:
    """The moments of a column, bad where a cell names none, one before 1970 or one after `now`."""
    micros = np.zeros(count, dtype=np.int64)
    bad = column.empty(count)
    bare = aware = False
    if column.numbers is not None:
        has = ~np.isnan(column.numbers)
        micros[has], bad[has] = counted(column.numbers[has], zone, serial)
    for array in (column.texts, column.stamps):
        if array is not None:
            has = ~nulls(array)
            some = array.filter(pa.array(has))
            micros[has], bad[has], plain, with_offset = parsed(some, zone, now)
            bare, aware = bare or plain, aware or with_offset
    bad |= (micros < 0) | (micros > int(now.timestamp() * SECOND))
    return Times(np.where(bad, 0, micros), bad, bare, aware)


def parsed(array: pa.Array, zone: ZoneInfo, now: datetime) -> tuple[Micros, Mask, bool, bool]:
    """Moments of texts or stamps without nulls: micros, bad, any without offset, any with one.

    The form of the first one is tried for all: a cast that fails for every text is slow.
    """
    first = str(array[0].as_py()) if len(array) else ""
    if getattr(array.type, "tz", None) or (
        not pa.types.is_timestamp(array.type) and re.search(OFFSET, first)
    ):
        known = try_cast(array, pa.timestamp("us", "UTC"))
        if known is not None:
            micros = known.cast(pa.int64()).to_numpy(zero_copy_only=False)
            return micros, np.zeros(len(array), dtype=np.bool_), False, True
    elif cells.PLAIN.fullmatch(first) and not cells.COMPACT.fullmatch(first):
        epoch = try_cast(array, pa.float64())
        if epoch is not None:
            return *counted(as_floats(epoch), zone, None), False, False
    else:
        dashed = pc.replace_substring(array, "/", "-") if "/" in first else array
        local = try_cast(dashed, pa.timestamp("us"))
        if local is not None:
            return *localised(local.cast(pa.int64()).to_numpy(zero_copy_only=False), zone), first != "", False
    return mixed(array, zone, now)


def mixed(array: pa.Array, zone: ZoneInfo, now: datetime) -> tuple[Micros, Mask, bool, bool]:
    table, codes = distinct(array, lambda text: cells.moment(text, zone, now))
    micros = np.array([0 if item is None else whole_micros(item) for item in table], dtype=np.int64)
    bad = np.array([item is None for item in table], dtype=np.bool_)
    texts = array.cast(pa.string())
    dated = pc.match_substring_regex(texts, r"\d\D+\d")
    offset = pc.match_substring_regex(pc.utf8_trim_whitespace(texts), OFFSET)
    bare = pc.any(pc.and_(dated, pc.invert(offset))).as_py()
    return micros[codes], bad[codes], bool(bare), bool(pc.any(offset).as_py())


def whole_micros(moment: datetime) -> int:
    past = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86400 + past.seconds) * SECOND + past.microseconds


def localised(local: Micros, zone: ZoneInfo) -> tuple[Micros, Mask]:
    """Wall clock times of `zone` as moments; bad where the clocks showed a time twice or never."""
    bad = (local < 0) | (local > LAST)
    quarters, codes = np.unique(np.where(bad, 0, local) // QUARTER, return_inverse=True)
    offsets = np.zeros((len(quarters), 2), dtype=np.int64)
    for i, quarter in enumerate(quarters):
        wall = datetime.fromtimestamp(int(quarter) * 900, UTC)
        for fold in (0, 1):
            offset = wall.replace(tzinfo=zone, fold=fold).utcoffset()
            offsets[i, fold] = 0 if offset is None else round(offset.total_seconds()) * SECOND
    early, late = offsets[codes, 0], offsets[codes, 1]
    return local - early, bad | (early != late)


def counted(values: Floats, zone: ZoneInfo, serial: int | None) -> tuple[Micros, Mask]:
    """Epoch numbers by their magnitude and, in a workbook, serial dates; as store.cells.counted, for many."""
    with np.errstate(invalid="ignore"):
        good = (values >= 0) & (values < 3e19)
        safe = np.where(good, values, 0.0)
        scale = np.select([safe < 3e10, safe < 3e13, safe < 3e16], [1e6, 1e3, 1.0], 1e-3)
        micros = np.rint(safe * scale).astype(np.int64)
    if serial is None:
        looks_serial = (safe >= 36526) & (safe < 73051) & (safe % 1 != 0)
        return micros, ~good | looks_serial
    dates = good & (safe >= serial) & (safe < serial + 50_000)
    local = np.rint((safe[dates] - serial) * 86400).astype(np.int64) * SECOND
    bad = ~good
    micros[dates], bad[dates] = localised(local, zone)
    return micros, bad
