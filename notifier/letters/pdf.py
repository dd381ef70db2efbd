"""The formal letter as PDF, in the layout of GB/T 9704-2012 (typst/letter.typ).

Every text reaches typst as data, never as markup; a character that no font has is printed as [U+....].
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from notifier.content import NoticeKind
from notifier.letters import chart, widths
from notifier.letters.fonts import PrintError, case

if TYPE_CHECKING:
    from notifier.content import Chart, Content, Row
    from notifier.letters.letter import Letter, Table

TEMPLATE = Path(__file__).parent / "typst" / "letter.typ"
BLANK = TEMPLATE.with_name("blank.typ")
BLANKS = 10  # empty pages set after each letter: so many runs the compiler looks back
DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # control, format, surrogate, private, unassigned
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
BRACKETED = re.compile(r"^[（(](.*)[）)]$")
WORD = 30  # characters of a word that stay on one line of 3号
NAME, HEADING, LINE, LIST, PARAGRAPH = 60, 80, 120, 600, 4000  # characters that are printed of each
SUGGESTIONS = (NoticeKind.EXPAND, NoticeKind.IDLE)  # are a 函, which has a layout of its own
WORDS = {
    "zh_CN": {
        "annex": "附件",
        "colon": "：",
        "copies": "抄送",
        "printed": "{date}印发",
        "curves": "使用率曲线",
        "key": "横轴为日期，纵轴为使用率（%）。红色虚线为规定的标准，"
        "曲线中断处未测得，▼为周期性峰值所在的日期。",
        "cpu": "CPU（当日第95百分位）",
        "memory": "内存（当日最高半小时）",
        "disk": "硬盘（当日最高）",
    },
    "en": {
        "annex": "Annex ",
        "colon": ": ",
        "copies": "Copy to",
        "printed": "Issued {date}",
        "curves": "Daily use",
        "key": "Days across, use in percent upwards. Dashed red: the threshold; a gap: not measured; "
        "▼: a day that decides the periodic peak.",
        "cpu": "CPU (95th percentile of the day)",
        "memory": "Memory (highest half hour)",
        "disk": "Disk (highest of the day)",
    },
}


class Press:
    """Built once for a run, so that fonts are loaded once. Raises FontError when no Chinese font is found."""

    def __init__(self, fonts_dir: Path | None, *, system: bool = True) -> None:
        self.case = case(fonts_dir, system=system)
        self.compiler, self.blank = (
            typst.Compiler(path, font_paths=self.case.fonts, ignore_system_fonts=True)
            for path in (TEMPLATE, BLANK)
        )

    def pdf(self, letter: Letter) -> bytes:
        """The same letter gives the same bytes. Raises PrintError when it cannot be set."""
        issued = datetime.combine(letter.content.issued_on, time(), UTC)
        try:
            printed = self.compiler.compile(
                format="pdf",
                sys_inputs={"letter": json.dumps(self.data(letter), ensure_ascii=False)},
                timestamp=int(issued.timestamp()),
                pdf_tags=False,  # tags of the labels of 50 charts would be half of the file
            )
        except typst.TypstError as error:
            raise PrintError(f"the letter {letter.number!r} was not set as PDF: {error.message}") from error
        if not isinstance(printed, bytes):  # one file, never a list of pages
            raise PrintError(f"the letter {letter.number!r} was not set as PDF: no bytes")
        self.forget()
        return printed

    def forget(self) -> None:
        """The compiler keeps what it worked out through ten more runs, 30 MB for a letter of 50 machines:
        empty pages, which take a millisecond, let it go.
        """
        for _ in range(BLANKS):
            self.blank.compile(format="svg")

    def data(self, letter: Letter) -> dict[str, object]:
        """What typst/letter.typ prints: plain strings, numbers and the curves as SVG."""
        content, words = letter.content, WORDS[letter.content.locale]
        charts = [self.curves(row, row.chart) for row in content.rows if row.chart is not None]
        copies = letter.copies and letter.copies.removeprefix(words["copies"]).lstrip("：: ")
        return {
            "faces": asdict(self.case.faces),
            "words": words,
            "chinese": content.locale == "zh_CN",
            "han": content.kind in SUGGESTIONS,
            "mark": self.mark(content),
            "number": self.text(letter.number, NAME),
            "title": [self.text(line, LINE) for line in letter.title.split("\n")[:6]],
            "subject": self.line(letter.subject, LINE),
            "addressee": self.text(letter.addressee, LINE),
            "paragraphs": [
                {"text": self.text(each.text, PARAGRAPH), "level": each.level} for each in letter.paragraphs
            ],
            "annexes": [self.text(name, LINE) for name in letter.annexes],
            "annex_title": self.text(letter.annex_title, LINE),
            "table": self.table(letter.table),
            "legend": [self.text(line, PARAGRAPH) for line in letter.legend],
            "charts": charts,
            "signature": self.text(letter.signature, NAME),
            "date": self.text(letter.date, NAME),
            "contact": BRACKETED.sub(r"\1", self.text(letter.contact, LINE)),
            "copies": self.text(copies, LIST) if copies else None,
            "office": self.text(content.office.name, NAME),
        }

    def mark(self, content: Content) -> str:
        """发文机关标志: that of a 函 has no 文件 behind the name."""
        mark = self.line(content.office.mark, NAME)
        return mark.removesuffix("文件") if content.kind in SUGGESTIONS else mark

    def table(self, table: Table) -> dict[str, object]:
        headings = [self.line(heading, HEADING) for heading in table.headings]
        rows = [[self.line(cell, LINE) for cell in row] for row in table.rows]
        plan = widths.plan(headings, rows)
        return {
            "headings": list(map(widths.broken, headings)),
            "cells": [widths.broken(cell) for row in rows for cell in row],
            "numeric": table.numeric,
            "widths": plan.widths,
            "size": plan.size,
            "flipped": plan.flipped,
        }

    def curves(self, row: Row, drawn: Chart) -> dict[str, object]:
        names = (row.machine, row.system, row.address)
        last = drawn.since + timedelta(max(len(drawn.cpu), len(drawn.memory), len(drawn.disk)) - 1)
        ruled = chart.marks(row.figures)
        return {
            "names": [self.line(name, NAME) for name in names if name],
            "svg": chart.svg(drawn, row.figures),
            "thresholds": [ruled[panel].thresholds for panel in chart.PANELS],
            "dates": [drawn.since.isoformat(), last.isoformat()],
        }

    def text(self, text: str, limit: int) -> str:
        """What `line` gives, with places to break in a word that is longer than a printed line."""
        return widths.broken(self.line(text, limit), WORD)

    def line(self, text: str, limit: int) -> str:
        """One line of what can be printed: no control or format characters, cut to `limit`."""
        joined = SELECTORS.sub("", " ".join(unicodedata.normalize("NFC", text[: 4 * limit]).split()))
        kept = "".join(letter for letter in joined if unicodedata.category(letter) not in DROPPED)
        printed = "".join(map(self.printed, kept[:limit]))
        return printed if len(printed) <= limit and len(kept) <= limit else printed[: limit - 1] + "…"

    def printed(self, letter: str) -> str:
        return letter if ord(letter) in self.case.printable else f"[U+{ord(letter):04X}]"
