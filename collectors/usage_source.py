"""The blocks of a usage file: text, workbook or Parquet, in bounded memory and in the order of the file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from collectors.usage_cells import Column, Floats
from store import cells, textfile
from store.headings import Layout, absent, locate
from store.sheet_error import CellProblem, SheetError, file_error, shown
from store.sheets import Row, Sheet, file_kind, read_sheets
from store.workbook import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from store.cells import Cell
    from store.headings import Column as Wanted
    from store.textfile import TextFile

SHEET_ROWS = 20_000  # rows of a workbook in a block
PARQUET_ROWS = 1 << 17
NUMERIC = (float, int)  # and not bool
DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)  # what Parquet readers raise
FIRST = "first"  # the leftmost column under this name: 合计 may stand there and not below the machines


class Table(Protocol):
    """One table of a file: where its columns are, and how to name a cell of it."""

    @property
    def layout(self) -> Layout: ...

    def problem(self, number: int, column: str, value: object, expected: str) -> CellProblem: ...


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a table. `rows`: their numbers in it; `faults`: rows whose cells cannot be told apart."""

    table: Table
    columns: dict[str, Column]
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    serial: int | None = None
    faults: tuple[CellProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class ParquetTable:
    path: Path
    layout: Layout

    def problem(self, number: int, column: str, value: object, expected: str) -> CellProblem:
        index = self.layout.columns.get(column)
        place = f"row {number}, column {self.layout.headings[index] if index is not None else column}"
        return CellProblem(place, column, "" if value is None else shown(value), expected, "", number)


@dataclass(frozen=True, slots=True)
class Source:
    """An opened usage file. `kind`: text, xlsx or parquet; `total`: how many rows it has, or a few more."""

    path: Path
    kind: str
    tables: tuple[Sheet | ParquetTable, ...]
    total: int

    def blocks(self) -> Iterator[Block]:
        for table in self.tables:
            if isinstance(table, ParquetTable):
                yield from parquet_blocks(table)
            elif isinstance(table.source, Grid):
                yield from grid_blocks(table, table.source)
            else:
                yield from text_blocks(table, table.source)


def open_source(path: Path, wanted: Sequence[Wanted]) -> Source:
    """Raises SheetError when the file is no table or lacks a column, OSError when it cannot be read."""
    kind = file_kind(path)
    if kind == "parquet":
        return parquet_source(path, wanted)
    sheets = read_sheets(path, wanted)
    sizes = (
        s.source.lines if isinstance(s.source, textfile.TextFile) else s.source.scan.rows for s in sheets
    )
    return Source(path, kind, tuple(sheets), sum(sizes))


def parquet_source(path: Path, wanted: Sequence[Wanted]) -> Source:
    try:
        with pa_parquet.ParquetFile(path) as file:
            names, count = file.schema_arrow.names, file.metadata.num_rows
    except DAMAGE as error:
        raise file_error(path, f"a damaged Parquet file ({error})", "one that opens") from error
    layout = locate([names], wanted)
    problems = [CellProblem("", "", "", said) for said in absent(layout, wanted)]
    for name, one, two in layout.doubles:
        problems.append(CellProblem("", "", f"{names[one]} and {names[two]}", f"one column for {name}"))
    if problems:
        raise SheetError(path, problems)
    return Source(path, "parquet", (ParquetTable(path, layout),), count)


def parquet_blocks(table: ParquetTable) -> Iterator[Block]:
    names = {table.layout.headings[i]: name for name, i in table.layout.columns.items()}
    row = 1
    try:
        with pa_parquet.ParquetFile(table.path) as file:
            for batch in file.iter_batches(PARQUET_ROWS, columns=list(names)):
                columns = {
                    names[name]: arrow_column(table, names[name], batch[name]) for name in batch.schema.names
                }
                yield Block(table, columns, np.arange(row, row + len(batch)))
                row += len(batch)
    except DAMAGE as error:
        raise file_error(table.path, f"a damaged Parquet file ({error})", "one that opens") from error


def arrow_column(table: ParquetTable, name: str, array: pa.Array) -> Column:
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Column(stamps=array.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False))
    if name == "machine" or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return Column(texts=array.cast(pa.string()))
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    ):
        numbers = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return Column(numbers=np.asarray(numbers, dtype=np.float64))
    heading = table.layout.headings[table.layout.columns[name]]
    raise file_error(table.path, f"column {heading} of type {kind}", "numbers, texts or timestamps")


def text_blocks(sheet: Sheet, file: TextFile) -> Iterator[Block]:
    for block in textfile.blocks(file.path, file.encoding, file.first_line):
        yield clean_block(sheet, file, block) or ragged_block(sheet, file, block)


def chosen(sheet: Sheet) -> dict[str, int]:
    return {FIRST: 0, **sheet.layout.columns}


def clean_block(sheet: Sheet, file: TextFile, block: textfile.Block) -> Block | None:
    """A block whose every line is one row with all cells; None for any other."""
    names = [str(i) for i in range(len(sheet.headings))]
    columns = chosen(sheet)
    wanted = sorted({str(i) for i in columns.values()})
    quoted = '"' in block.text
    data = block.text.encode()
    try:
        table = pa_csv.read_csv(
            BytesIO(data),
            pa_csv.ReadOptions(column_names=names, block_size=1 << 21),
            pa_csv.ParseOptions(delimiter=file.separator, newlines_in_values=quoted),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()),
                include_columns=wanted,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != data.count(b"\n"):
        return None
    found = {name: Column(texts=whole(table[str(i)])) for name, i in columns.items()}
    return Block(sheet, found, np.arange(block.line, block.line + table.num_rows))


def whole(chunks: pa.ChunkedArray) -> pa.Array:
    array = chunks.combine_chunks()
    return array if isinstance(array, pa.Array) else pa.concat_arrays(array.chunks)


def ragged_block(sheet: Sheet, file: TextFile, block: textfile.Block) -> Block:
    """A block with empty lines, line ends in cells, or rows of another length (faults, but for sums)."""
    width = len(sheet.headings)
    rows: list[tuple[int, list[str]]] = []
    faults: list[CellProblem] = []
    for number, row in textfile.split_block(file, block):
        filled = max((i + 1 for i, cell in enumerate(row) if cell.strip()), default=0)
        total = any(cells.is_sum(cell) for cell in row[:2])
        if filled and (filled > width or len(row) < width) and not total:
            said = f"{len(row)} cells"
            faults.append(CellProblem(f"line {number}", "", said, f"{width} as in the headings", "", number))
        elif filled:
            rows.append((number, row))
    columns = {
        name: Column(
            texts=pa.array([(row[i] or None) if i < len(row) else None for _, row in rows], pa.string())
        )
        for name, i in chosen(sheet).items()
    }
    return Block(sheet, columns, np.array([n for n, _ in rows], dtype=np.int64), None, tuple(faults))


def grid_blocks(sheet: Sheet, grid: Grid) -> Iterator[Block]:
    rows = sheet.rows()
    while part := list(islice(rows, SHEET_ROWS)):
        numbers = np.array([row.number for row in part], dtype=np.int64)
        columns = {name: grid_column(grid, part, numbers, i) for name, i in chosen(sheet).items()}
        for name in (FIRST, "machine"):
            columns[name] = named_column(part, sheet.columns["machine"] if name == "machine" else 0)
        yield Block(sheet, columns, numbers, grid.serial)


def grid_column(
    grid: Grid, rows: Sequence[Row], numbers: np.ndarray[tuple[int], np.dtype[np.int64]], i: int
) -> Column:
    found: list[Cell] = [row.cells[i] if i < len(row.cells) else None for row in rows]
    values: Floats = np.array([number_of(cell) for cell in found], dtype=np.float64)
    texts = pa.array([text_of(cell) for cell in found], pa.string())
    marked = grid.scan.percent.get(i)
    percent = None if marked is None else np.isin(numbers, np.asarray(marked)) & ~np.isnan(values)
    return Column(texts, values, None, percent)


def named_column(rows: Sequence[Row], i: int) -> Column:
    """A column whose numbers are names too: a machine may be called 1001."""
    found = [cells.folded(row.cells[i]) if i < len(row.cells) else "" for row in rows]
    return Column(texts=pa.array([text or None for text in found], pa.string()))


def number_of(cell: Cell) -> float:
    return float(cell) if type(cell) in NUMERIC else math.nan  # type: ignore[arg-type]


def text_of(cell: Cell) -> str | None:
    if cell is None or type(cell) in NUMERIC:
        return None
    moment = cells.whole_second(cell) if isinstance(cell, datetime | date) else None
    return str(cell) if moment is None else moment.isoformat()
