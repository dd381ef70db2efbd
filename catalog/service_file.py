"""The sheet of service items (政务服务事项) and their papers: a row a paper, the item's cells merged or empty
below the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.names import clean, key
from store import cells
from store.headings import Column
from store.inventory_file import DEPARTMENT, Reader
from store.sheet_error import Problems
from store.sheets import read_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from store.cells import Cell

COLUMNS = (
    Column("service", ("事项", "事项名称", "政务服务事项", "服务事项", "办理事项"), required=True),
    Column("department", (*DEPARTMENT, "实施主体", "办理单位"), required=True),
    Column("paper", ("材料", "材料名称", "申请材料", "申报材料", "所需材料"), required=True),
    Column("on_paper", ("是否纸质", "要求纸质", "是否需要纸质", "是否要求纸质", "纸质材料", "纸质")),
    Column("basis", ("依据", "法律依据", "纸质依据", "设定依据")),
    Column("entry", ("资源代码", "信息资源代码", "目录代码", "共享资源代码")),
)
YES, NO = (
    ("是", "yes", "y", "true", "1", "纸质", "需要", "要求"),
    ("否", "no", "n", "false", "0", "电子", "不需要"),
)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper of a service item, and where it stands. `on_paper`: yes where the sheet does not say."""

    service: str
    department: str
    paper: str
    on_paper: bool
    basis: str | None
    entry: str | None
    place: str


def read_papers(path: Path) -> list[PaperRow]:
    """Raises SheetError with every wrong cell."""
    problems, rows = Problems(path), []
    seen: dict[tuple[str, str, str], str] = {}
    for sheet in read_sheets(path, COLUMNS):
        reader, before = Reader(sheet, problems), ("", "")
        for reader.row in sheet.rows():
            own = [reader.take(column, cells.name) for column in ("service", "department")]
            service = own[0] or before[0]
            before = (service, own[1] or (before[1] if service == before[0] else ""))
            row = paper_row(reader, *before)
            same = (key(row.service), key(row.department), key(row.paper))
            if row.paper and seen.setdefault(same, row.place) != row.place:
                reader.refuse("paper", f"every paper of an item once; this one is also at {seen[same]}")
            rows.append(row)
    problems.refuse()
    return rows


def paper_row(reader: Reader, service: str, department: str) -> PaperRow:
    for column, value in (("service", service), ("department", department)):
        if not value and cells.is_missing(reader.sheet.cell(reader.row, column)):  # else it was told already
            reader.problems.add(reader.sheet.problem(reader.row.number, column, None, "must not be empty"))
    asked = reader.take("on_paper", yes)
    return PaperRow(
        service,
        department,
        reader.need("paper", lambda value: clean(cells.name(value))),
        asked is not False,
        reader.take("basis", cells.name),
        reader.take("entry", cells.name),
        reader.sheet.place(reader.row.number, "paper"),
    )


def yes(value: Cell) -> bool:
    if isinstance(value, bool):
        return value
    word = key(cells.name(value))
    if word in {key(one) for one in YES}:
        return True
    if word in {key(one) for one in NO}:
        return False
    raise ValueError("是 or 否")
