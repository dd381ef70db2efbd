"""WordprocessingML as text: paragraphs, runs, tables. Every run names its east-asian font: without it Word
falls back to a Japanese one, and sets “quotes” and — dashes — in the Latin one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml

from notifier.letters.widths import CHOICES, halves, plan
from notifier.oneline import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docx.oxml.xmlchemy import BaseOxmlElement

LATIN = "Times New Roman"
FANGSONG, KAITI, HEITI, XIAOBIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"
SONG = "宋体"
LONG, SHORT = 4000, 120  # characters that are shown of a text; the workbook has all


def fonts(chinese: str) -> str:
    return (
        f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{chinese}" '
        'w:hint="eastAsia"/>'
    )


def run(text: str, chinese: str, more: str = "", limit: int = LONG) -> str:
    """A piece of text, on one line whatever it holds; `more` are further properties."""
    return on_lines([text], chinese, more, limit)


def on_lines(lines: Iterable[str], chinese: str, more: str = "", limit: int = LONG) -> str:
    """A piece of text that is broken between its lines."""
    said = (f'<w:t xml:space="preserve">{escape(one_line(line, limit))}</w:t>' for line in lines)
    return f"<w:r><w:rPr>{fonts(chinese)}{more}</w:rPr>{'<w:br/>'.join(said)}</w:r>"


def ems(text: str) -> float:
    """The width in characters of Chinese."""
    return halves(text) / 2


def page_field(chinese: str) -> str:
    """— 1 —, the number a field that Word and WPS work out themselves."""
    parts = (
        '<w:t xml:space="preserve">— </w:t>',
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        '<w:t xml:space="preserve"> —</w:t>',
    )
    return "".join(f"<w:r><w:rPr>{fonts(chinese)}</w:rPr>{part}</w:r>" for part in parts)


def paragraph(style: str, runs: str, more: str = "") -> str:
    """`style` is the id; `more` are properties of this paragraph alone, in the order of the standard."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{runs}</w:p>'


def elements(*parts: str) -> list[BaseOxmlElement]:
    """The elements that the parts describe."""
    root = parse_xml(f"<w:body {nsdecls('w')}>{''.join(parts)}</w:body>")
    return list(root)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, its columns in twips. Its text is `points` large."""

    widths: tuple[int, ...]
    points: float
    across: bool


def grid(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    choices: Sequence[tuple[float, float]] = CHOICES,
) -> Grid:
    """Upright where the table fits, else across the page, at last smaller: as in print."""
    found = plan(headings, rows, choices)
    return Grid(tuple(round(width * 20) for width in found.widths), found.size, found.flipped)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], laid: Grid) -> str:
    """A table with borders, whose heading row stands on every page."""
    size = f'<w:sz w:val="{laid.points * 2:.0f}"/>'
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in laid.widths)
    styles = ["TableNumber" if number else "TableText" for number in numeric]
    head = [
        cell(paragraph("TableHead", run(text, HEITI, size, SHORT)), width)
        for text, width in zip(headings, laid.widths, strict=True)
    ]
    body = [
        row(
            cell(paragraph(style, on_lines(value_and_proof(text), FANGSONG, size)), width)
            for text, style, width in zip(texts, styles, laid.widths, strict=True)
        )
        for texts in rows
    ]
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(laid.widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{row(head, '<w:tblHeader/>')}{''.join(body)}</w:tbl>"
    )


def value_and_proof(text: str) -> list[str]:
    """What is in （） begins a line of its own: a value, and below it what proves it."""
    return re.split(r"(?<=\S)(?=（)", one_line(text, SHORT))


def row(cells: Iterable[str], more: str = "") -> str:
    """No row is broken over two pages."""
    return f"<w:tr><w:trPr><w:cantSplit/>{more}</w:trPr>{''.join(cells)}</w:tr>"


def cell(text: str, width: int) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{text}</w:tc>'
    )
