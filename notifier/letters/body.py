"""A letter as the text of a mail: plain, and HTML that Outlook and web mail show (tables, inlined styles,
nothing that is fetched).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.letters.columns import wrapped
from notifier.letters.templating import pages, rendered
from notifier.letters.words import WORDS
from notifier.oneline import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from notifier.content import Content
    from notifier.letters.letter import Letter

MOST = 50  # machines or matters that a mail lists; the annex lists all
LANGUAGES = {"zh_CN": "zh-CN", "en": "en"}


def plain(letter: Letter) -> str:
    """Lines of at most 78 columns, ended by a line feed."""
    lines = [*top(letter), *text(letter), *listed(letter), *bottom(letter)]
    return "\n".join(lines) + "\n"


def words_of(content: Content) -> Mapping[str, str]:
    """The fixed words; matters are counted in other ones than machines."""
    words = WORDS[content.locale]
    counted = {name: words[f"{name}_matters"] for name in ("total", "more")} if content.matters else {}
    return {**words, **counted}


def top(letter: Letter) -> Iterator[str]:
    """Number and title, addressee, and the box: until when, and what to do."""
    words = WORDS[letter.content.locale]
    yield letter.number
    yield from wrapped(title(letter))
    yield "=" * 72
    yield ""
    yield from wrapped(addressed(letter))
    yield ""
    for label, said in (("label_deadline", letter.deadline), ("label_action", letter.action)):
        if said:
            yield from wrapped(f"{words[label]}{words['after']}{said}", "| ", "| ")
    yield ""


def title(letter: Letter) -> str:
    return letter.title.replace("\n", " " if letter.content.locale == "en" else "")


def addressed(letter: Letter) -> str:
    """The addressee, with whom it is for."""
    words, contact = WORDS[letter.content.locale], one_line(letter.content.contact or "")
    if not contact:
        return letter.addressee
    colon = words["colon"]
    return letter.addressee.removesuffix(colon) + words["attention"].format(contact) + colon


def text(letter: Letter) -> Iterator[str]:
    indent = WORDS[letter.content.locale]["indent"]
    for paragraph in letter.paragraphs:
        yield from wrapped(paragraph.text, "" if paragraph.level else indent)
        yield ""


def listed(letter: Letter) -> Iterator[str]:
    """A list: a line with name and system, or matter and article, then a line a figure."""
    words, table = words_of(letter.content), letter.table
    yield from wrapped(f"{letter.annex_title}{words['total'].format(len(table.rows))}")
    yield "-" * 72
    for number, row in enumerate(table.rows[:MOST], 1):
        yield from wrapped("  ".join(row[:2]), f"{number}. ", "   ")
        for heading, cell in zip(table.headings[2:], row[2:], strict=True):
            yield from wrapped(f"{heading}{words['after']}{cell}", "   ", "     ")
        yield ""
    if len(table.rows) > MOST:
        yield from wrapped(words["more"].format(shown=MOST, rest=len(table.rows) - MOST))
        yield ""
    if letter.legend:
        yield words["label_legend"] + words["colon"]
        for line in letter.legend:
            yield from wrapped(line, "- ", "  ")
        yield ""


def bottom(letter: Letter) -> Iterator[str]:
    words = WORDS[letter.content.locale]
    yield from wrapped(letter.signature)
    yield letter.date
    if letter.contact:
        yield from wrapped(letter.contact)
    if letter.copies:
        yield from wrapped(f"{words['label_copies']}{words['after']}{letter.copies}")
    yield ""
    yield "-- "  # RFC 3676 4.3
    yield from wrapped(words["foot"])


def html(letter: Letter, templates_dir: Path | None = None) -> str:
    """One document that needs nothing from elsewhere. Raises WordingError for an operator's template."""
    table = letter.table
    known = {
        "letter": letter,
        "words": words_of(letter.content),
        "language": LANGUAGES[letter.content.locale],
        "title": title(letter),
        "addressee": addressed(letter),
        "rows": table.rows[:MOST],
        "rest": max(len(table.rows) - MOST, 0),
    }
    return rendered(pages(templates_dir), "mail.html.j2", known)
