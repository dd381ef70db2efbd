"""The workbook of the form: two rows of headings with merged cells, entries merged over the rows of their
items; and the empty form with its lists of codes and what to fill in how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import xlsxwriter  # type: ignore[import-untyped]

from catalog.codes import FORMAT_TYPES, TABLES
from catalog.guidance import DEMANDS, EXAMPLE, EXAMPLE_ITEMS, GUIDANCE, HINTS
from catalog.template import ITEMS, PLACES, TITLE, declared
from store.sheet_error import file_error
from store.sheet_out import OPTIONS, ROWS, Pen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from store.cells import Cell

HEADINGS = 2  # rows
MERGED = (
    5_000  # entries up to which the resource's cells are merged; a spreadsheet chokes on a million ranges
)
LISTED = 2_000  # rows of the empty form that have lists
CODES, GUIDE = "代码表", "填表说明"


def write_form(path: Path, groups: Iterable[Sequence[Sequence[Cell]]], count: int) -> None:
    """A workbook of entries, each as its rows. Up to 5,000 entries the resource's cells are merged over them;
    above, they stand in each row.
    """
    merging = count <= MERGED
    options = {**OPTIONS, "constant_memory": not merging}
    with xlsxwriter.Workbook(str(path), options) as book:
        pen = Pen(book, TITLE, HEADINGS - 1)
        head(book, pen)
        number = HEADINGS
        for rows in groups:
            if number + len(rows) > ROWS:
                raise file_error(path, f"more than {ROWS} rows", "fewer entries (--department), or .csv")
            put = merged if merging and len(rows) > 1 else repeated
            put(pen, number, rows)
            number += len(rows)


def head(book: xlsxwriter.Workbook, pen: Pen) -> None:
    """The headings: groups over their columns, the others over both rows."""
    look = book.add_format(
        {
            "bold": True,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "bg_color": "#DDEBF7",
        }
    )
    sheet = pen.sheet
    for column, place in enumerate(PLACES):
        sheet.set_column(column, column, place.width)
    sheet.set_row(0, 24)
    sheet.set_row(1, 32)
    wide: dict[str, list[int]] = {}
    for column, place in enumerate(PLACES):
        if place.group is not None:
            wide.setdefault(place.group, []).append(column)
    ranges = [(0, at[0], 0, at[-1], group) for group, at in wide.items()]
    ranges += [(0, n, 1, n, place.word) for n, place in enumerate(PLACES) if place.group is None]
    for top, left, bottom, right, text in sorted(ranges):
        sheet.write_string(top, left, text, look)
        for column in range(left + 1, right + 1):
            sheet.write_blank(top, column, None, look)
        span(pen, top, left, bottom, right)
    for column, place in enumerate(PLACES):
        if place.group is None:
            sheet.write_blank(1, column, None, look)
        else:
            sheet.write_string(1, column, place.word, look)
    sheet.freeze_panes(HEADINGS, 5)
    on_paper(sheet)


def on_paper(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    """A3 across, three pages wide, the headings and the title on each."""
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(3, 0)
    sheet.repeat_rows(0, HEADINGS - 1)
    sheet.repeat_columns(4)


def span(pen: Pen, top: int, left: int, bottom: int, right: int) -> None:
    """Merges cells that are written beside this: the library's own way would write rows to come too early."""
    pen.sheet.merge.append([top, left, bottom, right])


ITEM_COLUMNS = frozenset(n for n, place in enumerate(PLACES) if place.key in ITEMS)


def merged(pen: Pen, top: int, rows: Sequence[Sequence[Cell]]) -> None:
    for offset, row in enumerate(rows):
        for column, cell in enumerate(row):
            pen.put(top + offset, column, cell)
    for column, cell in enumerate(rows[0]):
        if column not in ITEM_COLUMNS and cell is not None:
            span(pen, top, column, top + len(rows) - 1, column)


def repeated(pen: Pen, top: int, rows: Sequence[Sequence[Cell]]) -> None:
    first = rows[0]
    for offset, row in enumerate(rows):
        for column, cell in enumerate(row):
            pen.put(top + offset, column, cell if column in ITEM_COLUMNS else first[column])


def write_template(path: Path) -> None:
    """The empty form: an example row, lists to choose from, the code tables, what to fill in how."""
    with xlsxwriter.Workbook(str(path), {**OPTIONS, "constant_memory": False}) as book:
        pen = Pen(book, TITLE, HEADINGS - 1)
        head(book, pen)
        example(book, pen)
        names = code_sheet(book)
        for column, place in enumerate(PLACES):
            lists(book, pen, column, place.key, names)
        guide_sheet(book)
        pen.sheet.activate()


def example(book: xlsxwriter.Workbook, pen: Pen) -> None:
    """Three rows of one resource; the importer leaves out what says 示例."""
    grey = book.add_format({"italic": True, "font_color": "#7F7F7F", "text_wrap": True, "valign": "top"})
    for offset, item in enumerate(EXAMPLE_ITEMS):
        values = {**EXAMPLE, **item} if offset == 0 else {"title": EXAMPLE["title"], **item}
        for column, place in enumerate(PLACES):
            if place.key in values:
                pen.sheet.write_string(HEADINGS + offset, column, values[place.key], grey)


def code_sheet(book: xlsxwriter.Workbook) -> dict[str, str]:
    """The code tables side by side; returns where each list stands, for the lists of the form."""
    sheet = book.add_worksheet(CODES)
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
    columns = {name: [code.word for code in table.codes] for name, table in TABLES.items()}
    columns["format_type"] = [
        f"{TABLES['format_class'].word(name)}: {'、'.join(types)}" for name, types in FORMAT_TYPES.items()
    ]
    places = {}
    for column, (name, words) in enumerate(columns.items()):
        known = declared(name) or declared(f"item_{name}")
        sheet.write_string(0, column, known.heading if known else name, bold)
        for row, text in enumerate(words, 1):
            sheet.write_string(row, column, text)
        sheet.set_column(column, column, 60 if name == "format_type" else 18)
        letter = chr(ord("A") + column)
        places[name] = f"={CODES}!${letter}$2:${letter}${len(words) + 1}"
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    places.pop("format_type")
    return places


def lists(book: xlsxwriter.Workbook, pen: Pen, column: int, key: str, names: dict[str, str]) -> None:
    """What a cell of the column may hold: a list, a number, a day; columns of codes are text."""
    first, last = HEADINGS, HEADINGS + LISTED
    source = names.get(key.removeprefix("item_"))
    known = declared(key)
    rule: dict[str, object] | None = None
    if source is not None:
        rule = {"validate": "list", "source": source, "error_message": "请从下拉列表中选择。"}
    elif key in {"item_source", "item_personal"}:
        rule = {"validate": "list", "source": ["是", "否"], "error_message": "请选择 是 或 否。"}
    elif known is not None and known.kind == "number":
        rule = {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_message": "请填写不小于 0 的数字。",
        }
    if rule is not None:
        pen.sheet.data_validation(first, column, last, column, {"error_title": "填写有误", **rule})
    look = book.add_format({"num_format": "yyyy-mm-dd" if key == "published_on" else "@", "text_wrap": True})
    if known is None or known.kind != "number":
        pen.sheet.set_column(column, column, PLACES[column].width, look)


def guide_sheet(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet(GUIDE)
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 90)
    sheet.fit_to_pages(1, 0)
    row = 0
    for row, text in enumerate(GUIDANCE):
        sheet.merge_range(row, 0, row, 2, "")
        sheet.write_string(row, 0, f"{row + 1}. {text}", wrap)
        sheet.set_row(row, 30 if len(text) > 55 else 18)
    for column, text in enumerate(("栏目", "要求", "可填内容")):
        sheet.write_string(row + 2, column, text, bold)
    demands = {"M": "必填", "C": "有条件必填", "O": "选填"}
    for offset, place in enumerate(PLACES, row + 3):
        known = declared(place.key)
        demand = DEMANDS.get(place.key) or demands[known.cardinality if known else "M"]
        sheet.write_string(offset, 0, f"{place.group}/{place.word}" if place.group else place.word, wrap)
        sheet.write_string(offset, 1, demand, wrap)
        sheet.write_string(offset, 2, content(place.key), wrap)


def content(key: str) -> str:
    known = declared(key)
    if key in HINTS:
        return HINTS[key]
    if known is not None and known.table is not None:
        return "、".join(code.word for code in known.table.codes)
    if key == "item_data_type":
        return "、".join(code.word for code in TABLES["data_type"].codes)
    if known is not None and known.kind == "number":
        return "不小于 0 的数字，不清楚填 0"
    return f"不超过 {known.length} 字" if known is not None and known.length else ""
