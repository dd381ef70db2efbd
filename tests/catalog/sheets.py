"""Forms of the national guide as departments send them, for the tests of the importer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]
from entries import CLERK, TODAY
from sqlalchemy import select

from catalog.importing import Planned, carry_out, counts, plan
from catalog.sheet_classes import Tree
from catalog.sheet_rows import Owners, read_entries
from catalog.template import KEYS, PLACES
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from catalog.sheet_entry import Reading
    from store.database import Register
    from store.workflow import Act

Cells = dict[str, Any]
ROW: Cells = {
    "class_1": "3",
    "class_2": "07",
    "class_3": "类307003",
    "title": "低保对象信息",
    "provider_name": "市民政局",
    "abstract": "全市城乡低保对象的基本情况",
    "format_class": "数据库",
    "format_type": "MySQL",
    "item_name": "姓名",
    "item_data_type": "字符串型C",
    "item_length": 50,
    "share_type": "有条件",
    "share_condition": "用于社会救助资格核对",
    "basis": "《中华人民共和国个人信息保护法》第十三条；《社会救助暂行办法》第五十八条",
    "share_mode_class": "共享平台",
    "share_mode_type": "接口",
    "open_type": "否",
    "update_period": "每季",
    "use_requirement": "只用于申请时说明的用途",
    "secret_flag": "否",
}


def form(path: Path, rows: Sequence[Cells], above: Sequence[str] = ()) -> Path:
    """A workbook: lines of text, two rows of merged headings, rows by the keys of the form. A cell that is a
    tuple (value, n) is merged over n rows.
    """
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("目录")
        for number, text in enumerate(above):
            sheet.merge_range(number, 0, number, 8, text)
        top = len(above)
        groups: dict[str, list[int]] = {}
        for column, place in enumerate(PLACES):
            if place.group is None:
                sheet.merge_range(top, column, top + 1, column, place.word)
            else:
                groups.setdefault(place.group, []).append(column)
                sheet.write(top + 1, column, place.word)
        for group, at in groups.items():
            sheet.merge_range(top, at[0], top, at[-1], group)
        for number, row in enumerate(rows, top + 2):
            for key, value in row.items():
                put(sheet, number, KEYS.index(key), value)
    return path


def put(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, tuple):
        sheet.merge_range(row, column, row + value[1] - 1, column, value[0])
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, value)


def merged(row: Cells, *items: Cells) -> list[Cells]:
    """One resource over the rows of its items, its cells merged."""
    own = {key: (value, len(items)) for key, value in row.items() if not key.startswith("item_")}
    return [{**own, **items[0]}, *items[1:]]


@dataclass(frozen=True)
class Done:
    found: Reading
    steps: list[Planned]

    @property
    def counts(self) -> tuple[int, ...]:
        """Added, changed, new versions, unchanged."""
        return tuple(counts(self.steps).values())

    @property
    def said(self) -> list[str]:
        return [str(problem) for problem in self.found.problems]


def looked(db: Session, path: Path, act: Act = CLERK, given: int | None = None) -> Done:
    rows = db.execute(select(Department.id, Department.name, Department.code))
    known = {word: number for number, *words in rows for word in words}
    found = read_entries(path, Owners(known, given), Tree(db))
    return Done(found, plan(db, found, act))


def imported(register: Register, path: Path, act: Act = CLERK) -> Done:
    """What the command does, without its words."""
    with register.write() as db:
        done = looked(db, path, act)
        carry_out(db, done.steps, TODAY, replace(act, reason="import"))
    return done
