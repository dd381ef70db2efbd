"""Sheets in: a table that a person or a cloud wrote, as .xlsx or as text, with the place of every cell.

What a file is, its content says and not its name. `store.sheet_out` is the way out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from store.cells import Cell, folded
from store.headings import DEPTH, Column, Layout, absent, locate
from store.sheet_error import CellProblem, Problems, SheetError, file_error, shown
from store.sheet_out import Percent, annotate, write_csv, write_xlsx
from store.textfile import TextFile, open_text, records
from store.workbook import Grid, letters, open_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = [
    "CellProblem",
    "Column",
    "Percent",
    "Problems",
    "Row",
    "Sheet",
    "SheetError",
    "annotate",
    "file_kind",
    "read_sheet",
    "read_sheets",
    "write_csv",
    "write_xlsx",
]

OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """A row after the headings: its number in a workbook or its line in a text file; cells from the left.

    `tall`: columns whose cell is merged over several rows, which share its value.
    """

    number: int
    cells: list[Cell]
    tall: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `name`: of the sheet, empty for a text file. `unread`: sheets of the file left out."""

    path: Path
    name: str
    layout: Layout
    source: Grid | TextFile
    unread: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        return self.layout.headings

    @property
    def columns(self) -> dict[str, int]:
        return self.layout.columns

    def rows(self) -> Iterator[Row]:
        """The rows below the headings that are not empty. May be asked for again."""
        if isinstance(self.source, TextFile):
            found = (Row(number, list(cells)) for number, cells in records(self.source))
        else:
            found = (Row(*row) for row in islice(self.source.spanned(), self.layout.first, None))
        yield from (row for row in found if any(map(filled, row.cells)))

    def above(self) -> list[str]:
        """The texts above the headings: titles, who filled it in, the unit of the amounts."""
        if isinstance(self.source, TextFile):
            whole = records(replace(self.source, first_line=1))
            rows = (list[Cell](cells) for _, cells in islice(whole, self.layout.heading))
        else:
            rows = (cells for _, cells in islice(self.source.rows(), self.layout.heading))
        return list(dict.fromkeys(folded(cell) for cells in rows for cell in cells if filled(cell)))

    def shared(self, row: Row, column: str) -> bool:
        """Whether the row's cell is merged with the cell of another row."""
        return self.columns.get(column, -1) in row.tall

    def cell(self, row: Row, column: str) -> Cell:
        """The cell of a row in a column by its name; None when the sheet or the row does not have it."""
        index = self.columns.get(column, len(row.cells))
        return row.cells[index] if index < len(row.cells) else None

    def place(self, number: int, column: str) -> str:
        """`Sheet!C7`, or `line 7, column cpu` with the heading that the file has."""
        index = self.columns.get(column)
        if isinstance(self.source, Grid):
            return f"{self.name}!{letters(index) if index is not None else ''}{number}"
        return f"line {number}, column {self.headings[index] if index is not None else column}"

    def problem(self, number: int, column: str, value: object, expected: str) -> CellProblem:
        read = "" if value is None else shown(value)
        return CellProblem(self.place(number, column), column, read, expected, self.name, number)


def filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def file_kind(path: Path) -> str:
    """`xlsx`, `parquet` or `text`, by content. Raises SheetError for what can be no table."""
    if path.is_dir():
        raise file_error(path, "a directory", "a file: .csv, .xlsx or .parquet")
    if path.exists() and not path.is_file():  # a pipe is read once, and this is read several times
        raise file_error(path, "a pipe or a device", "a file: .csv, .xlsx or .parquet")
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise file_error(path, "an empty file (0 bytes)", "a table with a row of headings")
    if head == OLE:
        raise file_error(
            path, "an old or password-protected workbook", "one saved as .xlsx without a password"
        )
    return {b"PK\x03\x04": "xlsx", b"PAR1": "parquet"}.get(head, "text")


def read_sheet(path: Path, wanted: Sequence[Column] = ()) -> Sheet:
    """The one table of a file. Raises SheetError when several sheets have the wanted columns."""
    sheets = read_sheets(path, wanted)
    if len(sheets) > 1:
        names = ", ".join(sheet.name for sheet in sheets)
        raise file_error(
            path, f"{len(sheets)} sheets with these columns ({names})", "one: delete or hide the others"
        )
    return sheets[0]


def read_sheets(path: Path, wanted: Sequence[Column] = ()) -> list[Sheet]:
    """The tables of a file that have the wanted columns; hidden sheets are not read.

    Raises SheetError when none has the required columns, a column stands twice or the file is no table;
    OSError when it cannot be read.
    """
    kind = file_kind(path)
    if kind == "parquet":
        raise file_error(path, "a Parquet file", "a sheet: .xlsx or .csv")
    if kind == "text":
        text = open_text(path, wanted)
        return [complete(path, [Sheet(path, "", text.layout, text)], wanted)]
    grids = open_workbook(path)
    sheets = [Sheet(path, grid.name, grid_layout(grid, wanted), grid) for grid in grids if grid.visible]
    fits = [sheet for sheet in sheets if not absent(sheet.layout, wanted)] if wanted else sheets[:1]
    if not fits:
        return [complete(path, sheets, wanted)]
    unread = tuple(grid.name for grid in grids if grid.name not in {sheet.name for sheet in fits})
    return [complete(path, [replace(sheet, unread=unread)], wanted) for sheet in fits]


def grid_layout(grid: Grid, wanted: Sequence[Column]) -> Layout:
    return locate([cells for _, cells in islice(grid.rows(), DEPTH)], wanted)


def complete(path: Path, sheets: Sequence[Sheet], wanted: Sequence[Column]) -> Sheet:
    """The sheet that comes nearest. Raises SheetError for a missing column or one that stands twice."""
    if not any(sheet.headings for sheet in sheets):
        raise file_error(path, "no headings", "a table with a row of headings")
    sheet = max(sheets, key=lambda sheet: sheet.layout.score(wanted))
    line = heading_line(sheet)
    where = f"{sheet.name}!{line}" if sheet.name else f"line {line}"
    found = [CellProblem(where, "", "", said, sheet.name, line) for said in absent(sheet.layout, wanted)]
    for name, one, two in sheet.layout.doubles:
        both = " and ".join(f'"{sheet.headings[i]}" (column {letters(i)})' for i in (one, two))
        found.append(CellProblem(where, "", both, f"one column for {name}", sheet.name, line))
    if found:
        raise SheetError(path, found)
    return sheet


def heading_line(sheet: Sheet) -> int:
    return sheet.source.heading_line if isinstance(sheet.source, TextFile) else sheet.layout.heading + 1
