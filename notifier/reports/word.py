"""The monthly report as a Word document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.letters import figures
from notifier.letters.widths import UPRIGHT_ONLY
from notifier.letters.word_base import UPRIGHT, new_document, saved, sign
from notifier.letters.word_styles import LINE
from notifier.letters.word_xml import (
    FANGSONG,
    HEITI,
    SHORT,
    XIAOBIAOSONG,
    grid,
    paragraph,
    run,
    table,
)
from notifier.reports.sections import lead, period, scope, sections, shown, title
from notifier.reports.words import WORDS

if TYPE_CHECKING:
    from notifier.reports.sections import Section
    from notifier.reports.values import Report

NUMERALS = "一二三四五六七"


def report_docx(report: Report) -> bytes:
    """The file; the same report is always the same bytes."""
    found = sections(report)
    parts = [*heading(report), *(paragraph("BodyText", run(said, FANGSONG)) for said in lead(report))]
    for number, section in enumerate(found):
        parts += chapter(section, number, chinese=report.locale == "zh_CN")
    parts += [
        paragraph("Signature", run(report.office, FANGSONG, limit=SHORT), f'<w:spacing w:before="{LINE}"/>'),
        paragraph("Date", run(figures.day(report.made_on, report.locale), FANGSONG)),
    ]
    document = new_document([(parts, UPRIGHT)])
    sign(document, f"{title(report)} {period(report)}", report.office, report.made_on, report.locale)
    return saved(document)


def heading(report: Report) -> list[str]:
    words = WORDS[report.locale]
    said = words["facts"].format(period(report), scope(report))
    return [
        paragraph("Title", run(title(report), XIAOBIAOSONG), '<w:spacing w:before="0"/>'),
        paragraph("Number", run(said, FANGSONG, limit=SHORT), f'<w:spacing w:after="{LINE}"/>'),
    ]


def chapter(section: Section, number: int, *, chinese: bool) -> list[str]:
    count = f"{NUMERALS[number]}、" if chinese else f"{number + 1}. "
    parts = [
        paragraph("Heading1", run(count + section.title, HEITI), f'<w:spacing w:before="{LINE // 2}"/>'),
        paragraph("BodyText", run(section.note, FANGSONG), "<w:keepNext/>" if section.rows else ""),
    ]
    if not section.rows:
        return [*parts, paragraph("BodyText", run(section.empty, FANGSONG))]
    headings = [column.heading for column in section.columns]
    kinds = [column.kind for column in section.columns]
    rows = [[shown(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in section.rows]
    return [*parts, table(headings, rows, section.numeric, grid(headings, rows, UPRIGHT_ONLY))]
