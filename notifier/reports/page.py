"""The monthly report as one HTML page that needs nothing else: no script, font or picture from outside."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from notifier.letters.word_xml import SHORT
from notifier.oneline import one_line
from notifier.reports.sections import lead, period, scope, sections, shown, title
from notifier.reports.words import WORDS

if TYPE_CHECKING:
    from notifier.reports.sections import Column, Section
    from notifier.reports.values import Report
    from store.cells import Cell

STYLE = """
body{font:15px/1.7 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;color:#1c1c1c;
background:#fff;max-width:68em;margin:2em auto;padding:0 1em}
h1{font-size:1.6em;margin:0;color:#b0101f}h2{font-size:1.15em;margin:2em 0 .3em}
p{margin:.3em 0}.facts{color:#555;border-bottom:2px solid #b0101f;padding-bottom:.6em;margin-bottom:1em}
.note{color:#555;font-size:.9em}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.6em 0;font-size:.92em}
th,td{border:1px solid #c9c9c9;padding:.25em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f3f3f3;font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.total td{font-weight:600;background:#fafafa}thead{display:table-header-group}tr{break-inside:avoid}
@media print{body{margin:0;max-width:none}}
"""


def report_html(report: Report) -> str:
    words = WORDS[report.locale]
    facts = (
        (words["period"], period(report)),
        (words["scope"], scope(report)),
        (words["office"], report.office),
        (words["made_on"], report.made_on.isoformat()),
    )
    head = " · ".join(f"{text(name)} {text(value)}" for name, value in facts)
    body = "".join(f"<p>{text(said, 400)}</p>\n" for said in lead(report))
    body += "".join(map(chapter, sections(report)))
    language = "zh-CN" if report.locale == "zh_CN" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{text(title(report))} {text(period(report))}</title>\n<style>{STYLE}</style>\n"
        "</head>\n<body>\n"
        f'<h1>{text(title(report))}</h1>\n<p class="facts">{head}</p>\n{body}</body>\n</html>\n'
    )


def text(said: str, limit: int = SHORT) -> str:
    return escape(one_line(said, limit))


def chapter(section: Section) -> str:
    head = f'<h2>{text(section.title)}</h2>\n<p class="note">{text(section.note, 400)}</p>\n'
    if not section.rows:
        return f"{head}<p>{text(section.empty, 400)}</p>\n"
    headings = "".join(
        f'<th scope="col"{of_class(number)}>{text(column.heading)}</th>'
        for column, number in zip(section.columns, section.numeric, strict=True)
    )
    last = len(section.rows) - 1 if section.total else -1
    rows = "".join(line(row, section, total=number == last) for number, row in enumerate(section.rows))
    table = f"<table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
    return f'{head}<div class="wide">{table}</div>\n'


def line(row: tuple[Cell, ...], section: Section, *, total: bool) -> str:
    cells = "".join(
        f"<td{of_class(number)}{bar(cell, column)}>{text(shown(cell, column.kind))}</td>"
        for cell, column, number in zip(row, section.columns, section.numeric, strict=True)
    )
    return f'<tr class="total">{cells}</tr>\n' if total else f"<tr>{cells}</tr>\n"


def of_class(number: object) -> str:
    return ' class="n"' if number else ""


def bar(cell: Cell, column: Column) -> str:
    """A percent is drawn behind its number."""
    if column.kind != "percent" or not isinstance(cell, float):
        return ""
    full = f"{min(max(cell, 0.0), 100.0):.0f}%"
    return f' style="background:linear-gradient(90deg,#f6d9b8 {full},transparent {full})"'
