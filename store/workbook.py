"""Workbooks (.xlsx), sheet by sheet and row by row, with merged cells filled."""

from __future__ import annotations

import errno
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from store.sheet_error import SheetError, file_error
from store.workbook_scan import Scan, scan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from python_calamine import CalamineSheet

    from store.cells import Cell

DAMAGE = (zipfile.BadZipFile, zlib.error, ExpatError, CalamineError, EOFError, LookupError, ValueError)
LOCKED = (RuntimeError, NotImplementedError, OverflowError)


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet of a workbook. `serial`: the number of the day 1970-01-01 in it."""

    name: str
    visible: bool
    serial: int
    scan: Scan
    sheet: CalamineSheet

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Every row from the first on with its number (from 1); cells from column A on, None when empty."""
        return ((number, cells) for number, cells, _tall in self.spanned())

    def spanned(self) -> Iterator[tuple[int, list[Cell], frozenset[int]]]:
        """The same, and the columns whose cell is merged over several rows: they share its value."""
        if self.sheet.start is None:
            return
        left = self.sheet.start[1]
        merged = Merged(self.sheet, self.scan)
        for number, values in enumerate(self.sheet.iter_rows(), 1):
            row: list[Cell] = [None] * left
            row += [None if value == "" else value for value in values]
            for column, said in self.scan.broken.get(number, {}).items():
                row += [None] * (column + 1 - len(row))
                row[column] = said
            if merged.starts:
                row = merged.fill(number, row)
            yield number, row, merged.tall


class Merged:
    """Merged ranges of a sheet: their value stands in the first cell and is meant for all of them."""

    def __init__(self, sheet: CalamineSheet, scan: Scan) -> None:
        self.starts: dict[int, list[tuple[int, int, int]]] = {}
        self.open: list[tuple[int, int, int, Cell]] = []
        self.high: list[tuple[int, int, int]] = []
        self.tall: frozenset[int] = frozenset()
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
            end = min(bottom + 1, scan.rows)
            self.starts.setdefault(top + 1, []).append((end, left, min(right + 1, scan.columns)))

    def fill(self, number: int, row: list[Cell]) -> list[Cell]:
        for end, left, right in self.starts.get(number, ()):
            if left < len(row):
                self.open.append((end, left, right, row[left]))
            if end > number:
                self.high.append((end, left, right))
        self.open = [item for item in self.open if item[0] >= number]
        for _, left, right, value in self.open:
            for i in range(left, min(right, len(row))):
                row[i] = value
        self.high = [item for item in self.high if item[0] >= number]
        self.tall = frozenset(i for _, left, right in self.high for i in range(left, min(right, len(row))))
        return row


def open_workbook(path: Path) -> list[Grid]:
    """The sheets of a workbook, in its order. Raises SheetError when it is damaged or too large."""
    try:
        scans = scan(path)
        book = CalamineWorkbook.from_path(path)
        shown = {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in book.sheets_metadata}
        names = [name for name in book.sheet_names if name in scans.sheets]
        return [
            Grid(name, shown[name], scans.serial, scans.sheets[name], book.get_sheet_by_name(name))
            for name in names
        ]
    except SheetError:
        raise
    except OSError as error:
        if error.errno != errno.EINVAL:  # a zip that points before its own start
            raise
        raise file_error(path, "a damaged workbook", "an .xlsx file that a spreadsheet opens") from error
    except (*DAMAGE, *LOCKED) as error:
        said = f"a damaged or locked workbook ({error})"
        raise file_error(path, said, "an .xlsx file without a password that a spreadsheet opens") from error


def letters(column: int) -> str:
    """The name of a column counted from 0: A, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
