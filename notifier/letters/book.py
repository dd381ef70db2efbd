"""Workbooks in memory: typed cells, text that stays text, and the same bytes for the same content."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import xlsxwriter  # type: ignore[import-untyped]

from notifier.letters.widths import halves
from notifier.oneline import one_line
from store.sheet_out import OPTIONS, Pen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from store.cells import Cell

MEMORY = {**OPTIONS, "constant_memory": False, "in_memory": True}
WHOLE = 16_000  # characters of a text that a cell holds, however many units each takes
LEGIBLE = 14  # columns that can be read on a page
NARROW, WIDE, TALL = 8, 40, 30  # widths of columns, in digits; rows that are looked at for them


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the properties of a workbook say, instead of who ran the program and when."""

    title: str
    subject: str
    author: str
    day: date
    comment: str = ""


class Book:
    """A workbook being written; `data` is the file once it is done."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.data = b""

    def sheet(self, title: str, rows: Sequence[Sequence[Cell]], *, wrap: int | None = None) -> Pen:
        """A sheet whose first row is its headings; column `wrap` is wide and breaks into lines."""
        pen = self.pen(title, len(rows[0]) if rows else 0)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                pen.put(number, column, one_line(cell, WHOLE) if isinstance(cell, str) else cell)
        lines = self.book.add_format({"text_wrap": True, "valign": "top"})
        for column, width in enumerate(widths(rows)):
            pen.sheet.set_column(
                column, column, 100 if column == wrap else width, lines if column == wrap else None
            )
        if rows and len(rows) > 1:
            pen.sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)
        return pen

    def pen(self, title: str, columns: int) -> Pen:
        """An empty sheet, printed across with its headings on every page; as wide as the page, unless that
        makes it too small to read: then its first column is on every page too.
        """
        pen = Pen(self.book, title, 0)
        pen.bold.set_text_wrap()
        pen.bold.set_align("vcenter")
        pen.bold.set_bg_color("#EDEDED")
        pen.sheet.set_paper(9)  # A4
        pen.sheet.set_landscape()
        pen.sheet.repeat_rows(0)
        if columns <= LEGIBLE:
            pen.sheet.fit_to_pages(1, 0)
        else:
            pen.sheet.repeat_columns(0)
            pen.sheet.freeze_panes(1, 1)
        pen.sheet.set_footer("&C&P / &N")
        pen.sheet.set_row(0, 45)
        return pen


def widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """By what stands in the first rows; a heading may take two lines."""
    heads = [halves(str(cell)) // 2 + 1 for cell in rows[0]] if rows else []
    found = [max(NARROW, head) for head in heads]
    for row in rows[1:TALL]:
        for column, cell in enumerate(row):
            text = f"{cell:.10g}" if isinstance(cell, float) else "" if cell is None else str(cell)[:WIDE]
            found[column] = max(found[column], halves(text) + 2)
    return [min(width, WIDE) for width in found]


@contextmanager
def writing(imprint: Imprint) -> Iterator[Book]:
    """A workbook to be filled inside; afterwards its `data` is there."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, MEMORY) as book:
        book.set_properties(
            {
                "title": one_line(imprint.title),
                "subject": one_line(imprint.subject),
                "author": one_line(imprint.author),
                "comments": imprint.comment,
                "created": datetime.combine(imprint.day, time(), UTC).replace(tzinfo=None),
            }
        )
        filled = Book(book)
        yield filled
    filled.data = written.getvalue()
