"""Sheets out: .xlsx and .csv that open without running anything, and the copy of a sheet with its problems.

A text that starts like a formula stays text: no formulas in .xlsx, a leading apostrophe in .csv.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

import xlsxwriter  # type: ignore[import-untyped]

from store.cells import PLAIN, Cell
from store.headings import DEPTH, locate
from store.sheet_error import file_error
from store.textfile import open_text, records
from store.workbook import Grid, open_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from store.sheet_error import CellProblem

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
ROWS = 1_048_576  # of a sheet in .xlsx
LONGEST_TEXT = 32_767  # characters of a cell in .xlsx
PROBLEM = "问题"
RISKY = ("=", "+", "-", "@", "\t", "\r")


class Percent(float):
    """A share (0.125) that is shown as a percent (12.50 %)."""

    __slots__ = ()


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Comma-separated, UTF-8 with a mark so that a spreadsheet shows Chinese; None is empty."""
    write_rows(path, chain([columns], rows))


def write_rows(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([guarded(cell) for cell in row] for row in rows)


def guarded(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep="T" if cell.tzinfo else " ")
    if isinstance(cell, Percent):
        return f"{cell * 100:.10g}%"
    text = str(cell)
    risky = isinstance(cell, str) and text.startswith(RISKY) and not PLAIN.fullmatch(text)
    return f"'{text}" if risky else text


def write_xlsx(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A workbook with one sheet named `title`, the headings bold and fixed at the top."""
    write_book(path, [(title, 0, chain([columns], rows))])


def write_book(path: Path, sheets: Iterable[tuple[str, int, Iterable[Sequence[Cell]]]]) -> None:
    """`sheets`: title, index of the heading row, rows."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        for title, heading, rows in sheets:
            pen = Pen(book, title, heading)
            for number, row in enumerate(rows):
                if number >= ROWS:
                    raise file_error(path, f"more than {ROWS} rows", "fewer rows, or .csv")
                for column, cell in enumerate(row):
                    pen.put(number, column, cell)


class Pen:
    """Writes the cells of one sheet of a workbook, each in its own type."""

    def __init__(self, book: xlsxwriter.Workbook, title: str, heading: int) -> None:
        self.sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "Sheet1")
        self.sheet.freeze_panes(heading + 1, 0)
        self.heading = heading
        self.bold = book.add_format({"bold": True})
        self.quoted = book.add_format({"quote_prefix": True})
        self.percent = book.add_format({"num_format": "0.00%"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def put(self, row: int, column: int, cell: Cell) -> None:
        """A time with a zone becomes text: a workbook has no zones. NaN and infinities stay empty."""
        if isinstance(cell, bool):
            self.sheet.write_boolean(row, column, cell)
        elif isinstance(cell, int | float):
            if math.isfinite(cell):
                self.sheet.write_number(
                    row, column, cell, self.percent if isinstance(cell, Percent) else None
                )
        elif isinstance(cell, datetime) and cell.tzinfo is None:
            self.sheet.write_datetime(row, column, cell, self.time)
        elif isinstance(cell, date) and not isinstance(cell, datetime):
            self.sheet.write_datetime(row, column, cell, self.date)
        elif cell is not None:
            text = cell.isoformat() if isinstance(cell, datetime | time) else str(cell)
            look = self.bold if row == self.heading else self.quoted if text[:1] in RISKY else None
            self.sheet.write_string(row, column, text[:LONGEST_TEXT], look)


def annotate(
    path: Path,
    problems: Iterable[CellProblem],
    out: Path,
    emptied: Collection[tuple[str, int]] = (),
) -> None:
    """A copy of the sheet at `out` (.xlsx or .csv) with a column 问题 that names each row's problems.

    Values are copied and percents stay percents; other formats go. Problems of the whole file stand beside
    the headings. A .csv gets the rows of all sheets one after the other. Nothing is copied of the rows
    `emptied` (sheet, number) but what is said of them.
    """
    said: dict[tuple[str, int], list[str]] = {}
    for problem in problems:
        text = f"{problem.column}: {problem.expected}" if problem.column else problem.expected
        said.setdefault((problem.sheet, problem.row), []).append(text)
    copies = [Copy(name, rows, frozenset(emptied)) for name, rows in grids(path)]
    if out.suffix.lower() == ".csv":
        rows = chain.from_iterable(copy.marked(said) for copy in copies)
        write_rows(out, rows)
    else:
        write_book(out, [(copy.name or "Sheet1", copy.heading, copy.marked(said)) for copy in copies])


Rows = Iterable[tuple[int, list[Cell]]]


def grids(path: Path) -> Iterator[tuple[str, Callable[[], Rows]]]:
    """Every sheet of a file by its name, and how to get its rows with their numbers."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"PK"
    if zipped:
        yield from ((grid.name, partial(percents, grid)) for grid in open_workbook(path))
    else:
        text = replace(open_text(path, ()), first_line=1)
        yield "", lambda: ((number, list[Cell](cells)) for number, cells in records(text))


def percents(grid: Grid) -> Rows:
    """The rows of a sheet, cells with a percent format as Percent."""
    marked = {column: set(rows) for column, rows in grid.scan.percent.items()}
    for number, row in grid.rows():
        for column, rows in marked.items():
            if number in rows and column < len(row) and isinstance(cell := row[column], float):
                row[column] = Percent(cell)
        yield number, row


class Copy:
    """One sheet as it is, with room for a column behind the others."""

    def __init__(self, name: str, rows: Callable[[], Rows], emptied: frozenset[tuple[str, int]]) -> None:
        self.name = name
        self.rows = rows
        self.emptied = emptied
        top = [cells for _, cells in islice(rows(), DEPTH)]
        self.heading = locate(top, ()).heading
        self.width = max(map(len, top), default=0)

    def marked(self, said: dict[tuple[str, int], list[str]]) -> Iterator[list[Cell]]:
        for index, (number, cells) in enumerate(self.rows()):
            notes = said.get((self.name, number), [])
            if index == self.heading:
                notes = [PROBLEM, *said.get(("", 0), []), *notes]
            if (self.name, number) in self.emptied:
                cells = [None] * len(cells)
            yield [*cells, *[None] * (self.width - len(cells)), "; ".join(notes) or None]
