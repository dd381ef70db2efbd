"""The form of the national guide into entries: rows are gathered by their resource, each cell is read or
refused by its place (art. 16).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from catalog.codes import NO
from catalog.metadata import ItemFacts
from catalog.names import key as same_name
from catalog.purposes import marked
from catalog.sheet_cells import (
    ITEM_READERS,
    READERS,
    bases_inside,
    department_code,
    is_secret,
    opening,
    resource_code,
    text,
)
from catalog.sheet_entry import Reading, SheetEntry
from catalog.template import IGNORED, ITEMS, LEVELS, RESOURCE, WANTED
from store import cells
from store.headings import in_gib
from store.sheet_error import file_error
from store.sheets import filled, read_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from catalog.sheet_classes import Tree
    from store.cells import Cell
    from store.sheets import Row, Sheet

EXAMPLE = re.compile(r"[(【\[]?(填写|填报)?(示例|样例|范例)([)】\]:]|\s|$|行|\d).*|例:.*", re.DOTALL)
FOOT = re.compile(
    r"(填表|填报|制表|审核|备注|注|说明)[^:]{0,8}:.*|(填表|填报|制表|审核)(人|单位|日期).*", re.DOTALL
)
DEMANDS = {"必填", "选填", "条件必填", "必选", "可选", "条件必选", "m", "o", "c", "必填项", "选填项"}
MARKED = re.compile(r"(绝密|机密|秘密)\s*[★☆*].*")
STORAGE = ("storage_total", "storage_shared", "storage_open")
RECORDS = ("records_total", "records_shared", "records_open")
SUM, EXAMPLE_ROW, FORM_ROW, FOOT_ROW = "a sum", "an example", "a row of the form", "a note"
LEFT_OUT = "goes on with what is left out"
OWN = ("title", "resource_code", "provider_name", "provider_code")  # what tells two entries apart


@dataclass(frozen=True, slots=True)
class Owners:
    """Departments by their names and codes; `given`: whose the rows are that name none."""

    known: Mapping[str, int]
    given: int | None = None

    def find(self, word: str) -> int | None:
        return self.known.get(word) or self.known.get(word.upper())


def read_entries(path: Path, owners: Owners, tree: Tree) -> Reading:
    """Raises SheetError when the file is no such form, or is marked as secret as a whole."""
    found = Reading(path)
    for sheet in read_sheets(path, WANTED):
        check_headings(found, sheet)
        for entry, rows in gathered(found, sheet):
            if any(is_secret(sheet.cell(row, "secret_flag")) or bears_mark(row) for row in rows):
                found.refuse_secret(entry)
                continue
            found.entries.append(entry)
            Filler(found, entry, sheet).read(rows, owners, tree)
    once(found)
    return found


def bears_mark(row: Row) -> bool:
    """Whether a cell of the row bears a mark of secrecy, whatever its 涉密属性 says."""
    return any(isinstance(cell, str) and marked(cell) for cell in row.cells)


def check_headings(found: Reading, sheet: Sheet) -> None:
    """Raises SheetError for a sheet that is marked as secret, or counts in units that are not ours."""
    if any(MARKED.match(said) for said in sheet.above()):
        raise file_error(
            found.path, "a mark of secrecy above the headings", "a file that is not secret (涉密)"
        )
    for column in RECORDS:
        unit = sheet.layout.units.get(column, "")
        if unit not in {"", "万"}:
            raise file_error(
                found.path, f"records counted in {unit}", "the heading with (万), as in the form"
            )
    known = set(sheet.columns.values())
    for index, said in enumerate(sheet.headings):
        if said and index not in known and said.casefold() not in IGNORED:
            found.unread.append(said)


def gathered(found: Reading, sheet: Sheet) -> list[tuple[SheetEntry, list[Row]]]:
    """The rows of each entry: a title begins one, the same or none goes on with it."""
    groups: list[tuple[SheetEntry, list[Row]]] = []
    last: tuple[str, ...] = ()
    skipping = False
    for row in sheet.rows():
        own = tuple(cells.folded(sheet.cell(row, name)) for name in OWN)
        why = no_entry(sheet, row)
        more = bool(last) and all(said in {"", before} for said, before in zip(own, last, strict=True))
        if why is None and skipping and (more or not any(own)):
            why = LEFT_OUT
        if why is not None:
            found.left_out.append(f"{sheet.place(row.number, 'title')}: {why}")
            skipping = why != SUM
            last = last if why in {SUM, LEFT_OUT} else own
            continue
        if not more or not groups:
            groups.append((SheetEntry(sheet, row), []))
            last = own
        skipping = False
        groups[-1][0].numbers.append(row.number)
        groups[-1][1].append(row)
    return groups


def no_entry(sheet: Sheet, row: Row) -> str | None:
    """Why a row is no entry: a sum, an example, what is required, numbers of columns, a note below."""
    heads = [cells.folded(cell) for cell in row.cells[: sheet.columns.get("item_name", 5)] if filled(cell)]
    if not heads:
        return None
    if cells.is_sum(heads[0]):
        return SUM
    if any(EXAMPLE.fullmatch(head) for head in heads):
        return EXAMPLE_ROW
    if FOOT.fullmatch(heads[0]):
        return FOOT_ROW
    whole = [cells.folded(cell).casefold() for cell in row.cells if filled(cell)]
    counted = len(whole) > 2 and all(text.isdecimal() for text in whole[:3])
    if set(whole) <= DEMANDS or (
        counted and all(a.isdecimal() and b.isdecimal() and int(b) == int(a) + 1 for a, b in pairwise(whole))
    ):
        return FORM_ROW
    return None


class Filler:
    """Reads the cells of one entry; what cannot be read is noted."""

    def __init__(self, found: Reading, entry: SheetEntry, sheet: Sheet) -> None:
        self.found = found
        self.entry = entry
        self.sheet = sheet

    def read(self, rows: list[Row], owners: Owners, tree: Tree) -> None:
        self.owner(owners)
        self.entry.code = self.take("resource_code", resource_code)
        self.classify(tree)
        self.fields()
        for row in rows:
            self.agree(row)
            self.item(row)

    def cell(self, column: str, row: Row | None = None) -> Cell:
        return self.sheet.cell(row or self.entry.first, column)

    def take(self, column: str, parse: Callable[[Cell], Any], row: Row | None = None) -> Any:  # noqa: ANN401
        """The parsed cell; None when it is empty, or cannot be read."""
        value = self.cell(column, row)
        if cells.is_missing(value):
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.found.refuse(self.entry, column, str(error), row)
            return None

    def owner(self, owners: Owners) -> None:
        """The department by its code and its name, which must agree."""
        code = self.take("provider_code", department_code)
        name = self.take("provider_name", text)
        by_code, by_name = owners.find(code or ""), owners.find(name or "")
        if code and by_code is None:
            said = "a department of the register; `rightsizer department list` shows them"
            self.found.refuse(self.entry, "provider_code", said)
        elif name and by_name is None and by_code is None:
            said = "a department of the register by its whole name or with its code"
            self.found.refuse(self.entry, "provider_name", said)
        elif by_code and name and by_code != by_name:
            self.found.refuse(self.entry, "provider_name", f"the name that the register has for {code}")
        self.entry.department = by_code or by_name or owners.given
        if not (code or name or owners.given or self.entry.bad):
            self.found.refuse(self.entry, "provider_name", "a department (提供方), or --department for all")

    def classify(self, tree: Tree) -> None:
        levels = [self.cell(level) for level in LEVELS]
        whole = self.take("class_code", text)
        if whole is not None and whole not in tree.names:
            self.found.refuse(self.entry, "class_code", "a class: `rightsizer catalog classes list`")
        if all(cells.is_missing(level) for level in levels):
            self.entry.class_code = whole if whole in tree.names else None
            return
        named = tree.find(levels)
        if isinstance(named, int):
            said = "a class below the one on its left, by name or digits: `rightsizer catalog classes list`"
            self.found.refuse(self.entry, LEVELS[named], said)
        else:
            self.entry.class_code = named

    def fields(self) -> None:
        """Everything that one row says of the resource."""
        said: dict[str, Any] = {}
        survey: dict[str, float | None] = {}
        for column in READERS:
            value = self.cell(column)
            if value is None or column not in self.sheet.columns or not cells.folded(value):
                continue
            into = survey if column in (*STORAGE, *RECORDS) else said
            into[column] = self.parsed(column)
        if survey:
            said["survey"] = survey
        for column in ("related_codes", "basis"):
            if column in said and said[column] is None:
                said[column] = ()
        if "basis" not in self.sheet.columns and (inside := bases_inside(said.get("share_condition"))):
            said["basis"] = inside
        if cells.is_missing(self.cell("title")):
            self.found.refuse(self.entry, "title", "a title (信息资源名称)")
        self.entry.said = said

    def parsed(self, column: str) -> Any:  # noqa: ANN401
        if column == "open_type":
            condition = self.cell("open_condition")
            given = "" if cells.is_missing(condition) else cells.folded(condition)
            return self.take(column, lambda value: opening(value, given))
        if column == "secret_flag" and cells.folded(self.cell(column)) == "无":
            return NO  # here it is a no, not nothing
        found = self.take(column, READERS[column])
        if column in STORAGE and found is not None:
            return found * (in_gib(self.sheet.layout.units.get(column, "")) or 1.0)
        return found

    def agree(self, row: Row) -> None:
        """The resource's cells stand in its first row, and are the same or empty in the others."""
        if row is self.entry.first:
            return
        for column in RESOURCE:
            value, first = self.cell(column, row), self.cell(column)
            if value != first and filled(value) and cells.folded(value) != cells.folded(first):
                said = f"what row {self.entry.first.number} has for this resource, or an empty cell"
                self.found.refuse(self.entry, column, said, row)

    def item(self, row: Row) -> None:
        values = [self.take(f"item_{name}", parse, row) for name, parse in ITEM_READERS.items()]
        name, data_type, length, source, personal = values
        if name:
            empty = frozenset(name for name in ITEM_READERS if not filled(self.cell(f"item_{name}", row)))
            self.entry.items.append((ItemFacts(name, data_type, length, bool(source), personal), empty))
        elif not all(cells.is_missing(self.cell(column, row)) for column in ITEMS) and not self.entry.bad:
            self.found.refuse(self.entry, "item_name", "the name of this data item", row)


def once(found: Reading) -> None:
    """Every resource once in a file, however its title is written."""
    seen: dict[tuple[object, ...], str] = {}
    for entry in found.entries:
        if entry.bad:
            continue
        for own in ((entry.department, same_name(entry.said.get("title") or "")), (entry.code,)):
            if own != (None,) and seen.setdefault(own, entry.place) != entry.place:
                column = "title" if len(own) > 1 else "resource_code"
                said = f"every resource once, its rows together; this one is also at {seen[own]}"
                found.refuse(entry, column, said)
                break
