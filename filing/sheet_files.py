"""Sheets of filings out: the register as the form, and the bad rows of an import (art. 10)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.card import FIELDS, Kind
from filing.card_values import cell
from filing.filing_states import STANDING
from filing.tables import Filing, FilingState
from store.sheet_out import PROBLEM, write_book, write_csv, write_rows, write_xlsx
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from filing.sheet_rows import Reading
    from store.cells import Cell
    from store.sheets import Row, Sheet

STATES = {
    FilingState.UNFILED: "未备案",
    FilingState.SUBMITTED: "待审",
    FilingState.RETURNED: "待补正",
    FilingState.FILED: "已备案",
    FilingState.AMENDING: "变更待审",
    FilingState.DEREGISTERED: "已注销",
}
HEADINGS = ("备案编号", "部门", *(field.title for field in FIELDS), "状态")
TITLE = "政务信息系统备案"
ROW = "原行号"


class FileNameError(ValueError):
    """A file to be written whose ending names no kind of sheet."""


def export(db: Session, path: Path, department_id: int | None = None) -> int:
    """Writes the standing filings, as the importer reads them back. Returns how many."""
    wanted = select(Filing.id, Department.name, Filing.card, Filing.state).join(Filing.department)
    wanted = wanted.where(Filing.state.in_(STANDING)).order_by(Department.name, Filing.name)
    if department_id is not None:
        wanted = wanted.where(Filing.department_id == department_id)
    rows = [
        [number, department, *(cell(field, card.get(field.key)) for field in FIELDS), STATES[state]]
        for number, department, card, state in db.execute(wanted)
    ]
    if kind(path) == "csv":
        write_csv(path, HEADINGS, rows)
    else:
        write_xlsx(path, TITLE, HEADINGS, rows)
    return len(rows)


def kind(path: Path) -> str:
    """`csv` or `xlsx`, by the ending. Raises FileNameError."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in {"csv", "xlsx"}:
        raise FileNameError(f"{path.name}: a file that ends with .xlsx or .csv")
    return ending


def annotate_bad(found: Reading, path: Path) -> None:
    """Writes the rows that could not be taken, each with its problems and the number that it had.

    Nothing of a 涉密 row is copied, and no amount that several rows share. Raises FileNameError.
    """
    sheets = [(sheet, marked(found, sheet)) for sheet in found.sheets]
    if kind(path) == "csv":
        write_rows(path, chain.from_iterable(rows for _sheet, rows in sheets))
    else:
        write_book(path, [(sheet.name or "Sheet1", 0, rows) for sheet, rows in sheets])


def marked(found: Reading, sheet: Sheet) -> Iterator[list[Cell]]:
    width = len(sheet.headings)
    notes: dict[int, list[str]] = {}
    for p in found.problems:
        if p.sheet == sheet.name:
            notes.setdefault(p.row, []).append(f"{p.column}: {p.expected}")
    yield [*sheet.headings, ROW, PROBLEM]
    for (name, number), row in sorted(found.bad.items(), key=lambda item: item[0][1]):
        if name != sheet.name:
            continue
        copied = own_cells(sheet, row)[:width]
        yield [*copied, *[None] * (width - len(copied)), number, "; ".join(notes.get(number, []))]


def own_cells(sheet: Sheet, row: Row) -> list[Cell]:
    """The cells, without amounts that are merged over several rows: unmerged they would count twice."""
    money = {sheet.columns.get(field.key) for field in FIELDS if field.kind is Kind.MONEY}
    return [None if i in money and i in row.tall else value for i, value in enumerate(row.cells)]
