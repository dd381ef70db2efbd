"""The rows of a 部门已建政务信息系统调查表 as departments send it: whose, which card, what is bad (art. 10).

Nothing is taken that is not sure: a merged amount belongs to no single row, an amount needs its unit, a
department must be known. A row of a 涉密 system is reported by its cell alone, its content read no further.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filing.card import BY_KEY, FIELDS, Card, Field, Kind
from filing.card_check import contradictions
from filing.card_values import SecretError, is_empty, read
from store import cells
from store.headings import Column
from store.inventory_file import MONEY
from store.sheet_error import CellProblem
from store.sheets import Row, Sheet, read_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

OWNER = (
    "部门",
    "部门名称",
    "单位",
    "单位名称",
    "填报单位",
    "填报部门",
    "所属部门",
    "所属单位",
    "使用单位",
    "主管部门",
)
WANTED = (
    Column("department", OWNER),
    *(
        Column(
            one.key,
            (one.heading, *one.aliases),
            one.key == "name",
            MONEY if one.kind is Kind.MONEY else frozenset(),
        )
        for one in FIELDS
    ),
)
SECRECY_FIRST = sorted(FIELDS, key=lambda one: one.kind is not Kind.SECRECY)
IGNORED = frozenset({"", "序号", "编号", "no", "备案编号", "状态", "问题", "原行号", "部门代码"})
UNIT = re.compile(r"(?:金额)?单位[:(]\s*(?:人民币)?\s*(万元|元|亿元)")
FILLED_IN_BY = re.compile(r"(?:填报|报送|填表)(?:单位|部门)(?:\(盖章\))?:\s*(\S+)")
SHARED = "an amount of its own: this one is merged over several rows; say how much each system cost"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One system of a file. `department`: its number in the register."""

    sheet: Sheet
    department: int
    card: Card
    raw: Row

    @property
    def number(self) -> int:
        return self.raw.number

    @property
    def key(self) -> tuple[str, int]:
        return self.sheet.name, self.number


@dataclass(slots=True)
class Reading:
    """What a file says: good rows, problems of the others. `secret`: places of 涉密 rows and nothing else of
    them; `unread`: headings that no field has.
    """

    rows: list[SheetRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    bad: dict[tuple[str, int], Row] = field(default_factory=dict)
    secret: dict[tuple[str, int], str] = field(default_factory=dict)
    sheets: list[Sheet] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def refuse(self, row: SheetRow, key: str, value: object, expected: str) -> None:
        """A good row turns out to be none."""
        self.problems.append(problem(row.sheet, row.number, key, value, expected))
        self.bad.setdefault(row.key, row.raw)


@dataclass(frozen=True, slots=True)
class Owners:
    """Departments by name and by code; `given`: of the rows that name none."""

    known: Mapping[str, int]
    given: int | None = None

    def number(self, said: str) -> int:
        """Raises ValueError with names that come near."""
        if said in self.known:
            return self.known[said]
        near = difflib.get_close_matches(said, self.known, 3, 0.5)
        hint = f"; near: {', '.join(near)}" if near else "; `rightsizer department list` shows them"
        raise ValueError(f"the name or code of a department of the register{hint}")


def problem(sheet: Sheet, number: int, key: str, value: object, expected: str) -> CellProblem:
    """One that names the column as the form does."""
    made = sheet.problem(number, key, value, expected)
    title = BY_KEY[key].heading if key in BY_KEY else "部门"
    return CellProblem(made.place, title, made.value, expected, made.sheet, number)


def read_rows(path: Path, owners: Owners, today: date) -> Reading:
    """Raises SheetError when the file is no such table; what is wrong with its rows stands in the reading."""
    found = Reading(sheets=read_sheets(path, WANTED))
    for sheet in found.sheets:
        used = set(sheet.columns.values())
        texts = enumerate(sheet.headings)
        found.unread += [text for i, text in texts if i not in used and text.lower() not in IGNORED]
        reader = RowReader(sheet, owners, today)
        for row in sheet.rows():
            if any(cells.is_sum(cell) for cell in row.cells[:2]) or not own_words(sheet, row):
                continue
            take(found, reader, row)
    one_row_each(found)
    return found


def own_words(sheet: Sheet, row: Row) -> bool:
    """Whether the row says anything but what it shares with others, its number and its department."""
    columns = {name: i for name, i in sheet.columns.items() if name not in {"department", "builder"}}
    said = (row.cells[i] for i in columns.values() if i < len(row.cells) and i not in row.tall)
    return any(not is_empty(value) for value in said)


def take(found: Reading, reader: RowReader, row: Row) -> None:
    key = (reader.sheet.name, row.number)
    try:
        made = reader.made(row)
    except SecretError as error:
        place = reader.sheet.place(row.number, "secrecy")
        found.secret[key] = place
        found.problems.append(CellProblem(place, "涉密分类", "", str(error), *key))
        found.bad[key] = Row(row.number, [])
        return
    if reader.problems:
        found.problems += reader.problems
        found.bad[key] = row
    else:
        found.rows.append(made)


def one_row_each(found: Reading) -> None:
    """A system stands once in a file; of two rows none is known to be the right one."""
    same: dict[tuple[int, object], list[SheetRow]] = defaultdict(list)
    for row in found.rows:
        same[row.department, row.card["name"]].append(row)
    twice = {row.key for rows in same.values() if len(rows) > 1 for row in rows}
    for rows in same.values():
        for row in rows if len(rows) > 1 else ():
            others = ", ".join(o.sheet.place(o.number, "name") for o in rows if o.key != row.key)
            found.refuse(row, "name", row.card["name"], f"every system once; it is also at {others}")
    found.rows = [row for row in found.rows if row.key not in twice]


class RowReader:
    """Reads the rows of one sheet; `problems` are those of the row that was read last."""

    def __init__(self, sheet: Sheet, owners: Owners, today: date) -> None:
        self.sheet = sheet
        self.owners = owners
        self.today = today
        self.serial: int | None = getattr(sheet.source, "serial", None)
        above = " ".join(sheet.above())
        unit, by = UNIT.search(above), FILLED_IN_BY.search(above)
        self.unit = unit[1] if unit else ""
        self.by = by[1] if by else None
        self.problems: list[CellProblem] = []

    def made(self, row: Row) -> SheetRow:
        """Raises SecretError, before anything else of the row is read."""
        self.problems = []
        card: Card = {}
        for one in SECRECY_FIRST:
            value = self.sheet.cell(row, one.key)
            if not is_empty(value):
                self.put(card, one, row)
        if "name" not in card and is_empty(self.sheet.cell(row, "name")):
            self.refuse(row, "name", None, "must not be empty")
        for key, expected in contradictions(card, self.today):
            self.refuse(row, key, self.sheet.cell(row, key), expected)
        ordered = {one.key: card[one.key] for one in FIELDS if one.key in card}
        return SheetRow(self.sheet, self.owner(row), ordered, row)

    def put(self, card: Card, one: Field, row: Row) -> None:
        value = self.sheet.cell(row, one.key)
        if one.kind is Kind.MONEY and self.sheet.shared(row, one.key):
            self.refuse(row, one.key, value, SHARED)
            return
        try:
            card[one.key] = read(one, value, self.serial, self.sheet.layout.units.get(one.key) or self.unit)
        except SecretError:
            raise
        except ValueError as error:
            hidden = one.kind is Kind.SECRECY
            self.refuse(row, one.key, None if hidden else value, str(error))

    def owner(self, row: Row) -> int:
        """The department of the row: its cell, who filled the sheet in, the one given, the 建设单位."""
        for key in ("department", "builder"):
            value = self.sheet.cell(row, key)
            if is_empty(value):
                value = None
            if key == "department" and value is None:
                if self.by is not None:
                    value = self.by
                elif self.owners.given is not None:
                    return self.owners.given
            if value is not None:
                return self.looked_up(row, key, value)
        self.refuse(row, "department", None, "a department: a column 部门, or --department for all rows")
        return 0

    def looked_up(self, row: Row, key: str, value: cells.Cell) -> int:
        return self.tried(row, key, value, lambda: self.owners.number(cells.name(value))) or 0

    def tried(self, row: Row, key: str, value: object, parse: Callable[[], int]) -> int | None:
        try:
            return parse()
        except ValueError as error:
            self.refuse(row, key, value, str(error))
            return None

    def refuse(self, row: Row, key: str, value: object, expected: str) -> None:
        self.problems.append(problem(self.sheet, row.number, key, value, expected))
