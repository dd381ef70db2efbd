"""What must be known of a workbook (.xlsx) before a reader gets it, and what the reader does not tell.

A zip file says how large it becomes, and may lie: every part is decompressed once under limits, and the used
area of each sheet is measured. Cells with a percent format, error values and empty formulas are noted.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from store.cells import SERIAL_1970, SERIAL_1970_MAC
from store.sheet_error import file_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UNPACKED = 600 << 20  # bytes of all parts together; a full sheet of nine columns has 350 MB
RATIO = 200  # times; real sheets shrink 5 to 40 times
SMALL = 10 << 20  # bytes below which the ratio does not matter
PARTS = 10_000
AREA = 12_000_000  # cells between A1 and the last used one: the reader keeps them all, also the empty ones
NO_VALUE = "(formula without a stored value)"
ERROR_VALUE = "(error value)"


@dataclass(slots=True)
class Scan:
    """One sheet. Rows from 1, columns from 0."""

    rows: int = 0
    columns: int = 0
    percent: dict[int, array[int]] = field(default_factory=dict)  # column -> rows shown with a % format
    broken: dict[int, dict[int, str]] = field(default_factory=dict)  # row -> column -> what is wrong


@dataclass(frozen=True, slots=True)
class Scans:
    """All sheets by name. `serial`: the number of the day 1970-01-01 in this workbook."""

    sheets: dict[str, Scan]
    serial: int


def scan(path: Path) -> Scans:
    """Raises SheetError when the workbook is too large; zip and XML errors when it is damaged."""
    with zipfile.ZipFile(path) as parts:
        check_sizes(path, parts.infolist())
        if "xl/workbook.xml" not in parts.namelist():
            raise file_error(path, "a zip file without a workbook", "an .xlsx workbook, saved as such")
        for info in parts.infolist():
            if not info.filename.startswith("xl/worksheets/"):
                drain(parts, info)
        sheets, serial = sheet_parts(parts)
        styles = percent_styles(parts) if "xl/styles.xml" in parts.namelist() else frozenset()
        present = {name: part for name, part in sheets.items() if part in parts.namelist()}
        return Scans({name: scan_sheet(path, parts, part, styles) for name, part in present.items()}, serial)


def check_sizes(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    if len(infos) > PARTS or total > UNPACKED:
        said = f"{len(infos)} parts of {total} bytes unpacked"
        raise file_error(path, said, f"at most {UNPACKED >> 20} MiB in {PARTS} parts: split it or use csv")
    for info in infos:
        if info.file_size > SMALL and info.file_size > RATIO * max(info.compress_size, 1):
            said = f"a part that unpacks from {info.compress_size} to {info.file_size} bytes"
            raise file_error(path, said, f"less than {RATIO} times its size")


def drain(parts: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Decompresses a part to its end, where its size and checksum are compared with what the zip says."""
    with parts.open(info) as part:
        while part.read(1 << 20):
            pass


def parse(part: IO[bytes], start: Callable[[str, dict[str, str]], None]) -> None:
    """Calls `start(local name, attributes)` for every element. A document type (entities) is refused."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise expat.ExpatError("a document type is not allowed in a workbook")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, found: start(
        name.rpartition(":")[2] if ":" in name else name, found
    )
    parser.ParseFile(part)


def sheet_parts(parts: zipfile.ZipFile) -> tuple[dict[str, str], int]:
    """Which part holds which sheet, and the serial number of 1970-01-01."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}
    serial = SERIAL_1970

    def workbook(name: str, attributes: dict[str, str]) -> None:
        nonlocal serial
        if name == "sheet":
            ids[attributes.get("name", "")] = next(
                (v for k, v in attributes.items() if k.endswith(":id")), ""
            )
        if name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            serial = SERIAL_1970_MAC

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = whole

    with parts.open("xl/workbook.xml") as part:
        parse(part, workbook)
    with parts.open("xl/_rels/workbook.xml.rels") as part:
        parse(part, relation)
    return {name: targets[rid] for name, rid in ids.items() if rid in targets}, serial


def percent_styles(parts: zipfile.ZipFile) -> frozenset[str]:
    """The indexes of the cell formats that show a number as a percent: 0.125 as 12.5 %."""
    formats = {"9", "10"}
    found: set[str] = set()
    inside, count = "", 0

    def style(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside, count
        if name == "numFmt" and "%" in re.sub(r'"[^"]*"|[\\_*].', "", attributes.get("formatCode", "")):
            formats.add(attributes.get("numFmtId", ""))
        elif name == "xf" and inside == "cellXfs":
            if attributes.get("numFmtId") in formats:
                found.add(str(count))
            count += 1
        elif name in {"cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
            inside = name

    with parts.open("xl/styles.xml") as part:
        parse(part, style)
    return frozenset(found)


class SheetScanner:
    """Follows the elements of one sheet's XML: row, c (cell), f (formula), v or is (value)."""

    def __init__(self, styles: frozenset[str]) -> None:
        self.scan = Scan()
        self.styles = styles
        self.columns: dict[str, int] = {}
        self.row = 0
        self.column = -1
        self.cell: dict[str, str] = {}
        self.formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self.close()
            self.cell = attributes
            self.column = self.place(attributes.get("r", ""))
        elif name in {"v", "is"}:
            self.value()
        elif name == "f":
            self.formula = True
        elif name == "row":
            self.close()
            self.row, self.column = int(attributes.get("r", self.row + 1)), -1

    def place(self, reference: str) -> int:
        """The column of C7 is 2; without a reference the cell follows the one before."""
        letters = reference.rstrip("0123456789")
        if not letters:
            return self.column + 1
        if letters not in self.columns:
            self.columns[letters] = column_of(letters)
        return self.columns[letters]

    def value(self) -> None:
        self.formula = False
        self.scan.rows = max(self.scan.rows, self.row)
        self.scan.columns = max(self.scan.columns, self.column + 1)
        if self.cell.get("t") == "e":
            self.scan.broken.setdefault(self.row, {})[self.column] = ERROR_VALUE
        elif self.cell.get("s") in self.styles:
            self.scan.percent.setdefault(self.column, array("Q")).append(self.row)

    def close(self) -> None:
        if self.formula:
            self.scan.broken.setdefault(self.row, {})[self.column] = NO_VALUE
            self.formula = False


def scan_sheet(path: Path, parts: zipfile.ZipFile, part: str, styles: frozenset[str]) -> Scan:
    scanner = SheetScanner(styles)
    with parts.open(part) as stream:
        parse(stream, scanner.start)
    scanner.close()
    found = scanner.scan
    if found.rows * found.columns > AREA:
        said = f"a sheet of {found.rows} rows x {found.columns} columns"
        raise file_error(path, said, f"at most {AREA} cells: delete the empty rows and columns, or use csv")
    return found


def column_of(letters: str) -> int:
    """The number of a column, from 0, by its letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
