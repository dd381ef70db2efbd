"""The monthly report as a workbook: a sheet a table, and one that says what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.letters.book import Imprint, writing
from notifier.reports.sections import lead, period, scope, sections, title
from notifier.reports.words import WORDS
from store.sheet_out import Percent

if TYPE_CHECKING:
    from notifier.reports.sections import Kind, Section
    from notifier.reports.values import Report
    from store.cells import Cell


def report_xlsx(report: Report) -> bytes:
    """The file; the same report is always the same bytes."""
    imprint = Imprint(f"{title(report)} {period(report)}", scope(report), report.office, report.made_on)
    words, found = WORDS[report.locale], sections(report)
    with writing(imprint) as book:
        for section in found:
            book.sheet(section.title, rows(section))
        book.sheet(words["notes"], notes(report, found), wrap=1)
    return book.data


def rows(section: Section) -> list[list[Cell]]:
    """Percents of 0..100 are told so by their heading; a sum is left to the reader's own formula."""
    kinds = [column.kind for column in section.columns]
    headings: list[Cell] = [
        f"{column.heading} (%)" if column.kind == "percent" else column.heading for column in section.columns
    ]
    body = section.rows[:-1] if section.total else section.rows
    return [headings, *[[typed(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in body]]


def typed(cell: Cell, kind: Kind) -> Cell:
    return Percent(cell) if kind == "share" and isinstance(cell, float) else cell


def notes(report: Report, found: tuple[Section, ...]) -> list[list[Cell]]:
    words = WORDS[report.locale]
    said: list[list[Cell]] = [[words["period"], sentence] for sentence in lead(report)]
    said += [[section.title, section.note if section.rows else section.empty] for section in found]
    return [
        [words["item"], words["said"]],
        [title(report), period(report)],
        [words["scope"], scope(report)],
        [words["office"], report.office],
        [words["made_on"], report.made_on],
        *said,
    ]
