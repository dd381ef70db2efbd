"""Letters of matters: what their templates may say, their table, and the rows of their annex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifier.content import NoticeKind
from notifier.letters import figures
from notifier.letters.annex_words import WORDS as HEADINGS
from notifier.letters.letter import Table
from notifier.letters.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from notifier.content import Content, Matter
    from store.cells import Cell

KEYS = ("matter", "article", "started", "term", "due_on", "extended", "late", "urged")
FACTS = ("matters", "undated", "longest")  # what only their templates may name


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    cell: Callable[[Matter], str]


def facts(content: Content) -> dict[str, object]:
    """How many; a single one by its title; how many have no date yet; the longest time past an end; the level
    that all of them share.
    """
    words, listed = WORDS[content.locale], content.matters
    levels = {matter.level for matter in listed}
    many = words["matters"].format(len(listed))
    return {
        "count": len(listed),
        "matters": many if len(listed) > 1 else listed[0].title,
        "undated": sum(matter.due is None for matter in listed),
        "longest": days(max(matter.overdue for matter in listed), content),
        "level": levels.pop() if len(levels) == 1 else None,
    }


def table(content: Content) -> Table:
    columns = columns_of(content)
    return Table(
        headings=tuple(column.heading for column in columns),
        rows=tuple(tuple(column.cell(matter) for column in columns) for matter in content.matters),
        numeric=(False,) * len(columns),
    )


def columns_of(content: Content) -> list[Column]:
    words, locale = WORDS[content.locale], content.locale
    found = [
        Column(words["matter"], lambda matter: matter.title),
        Column(words["basis"], lambda matter: matter.article),
        Column(words["started"], lambda matter: figures.day(matter.started_on, locale)),
        Column(words["due"], lambda matter: due(matter, content)),
    ]
    if content.kind is NoticeKind.LATE:
        found += [
            Column(words["late"], lambda matter: days(matter.overdue, content)),
            Column(words["urged"], lambda matter: words["nth"].format(matter.level)),
        ]
    return found


def due(matter: Matter, content: Content) -> str:
    """The day; a term while it is provisional."""
    words = WORDS[content.locale]
    if matter.due is None:
        return words["after_start"].format(term=figures.term(matter.working_days, content.locale))
    day = figures.day(matter.due, content.locale)
    return day + words["in"].format(words["extended"]) if matter.extended else day


def days(number: int, content: Content) -> str:
    words = WORDS[content.locale]
    return words["one_late_day" if number == 1 else "late_days"].format(number)


def sheet(content: Content) -> list[list[Cell]]:
    """The annex: headings, then a row a matter, numbers and days as such."""
    words = HEADINGS[content.locale]
    keys = KEYS if content.kind is NoticeKind.LATE else KEYS[:-2]
    rows = [cells(matter, content)[: len(keys)] for matter in content.matters]
    return [[words[key] for key in keys], *rows]


def cells(matter: Matter, content: Content) -> list[Cell]:
    words = HEADINGS[content.locale]
    return [
        matter.title,
        matter.article,
        matter.started_on,
        matter.working_days,
        matter.due,
        words["yes" if matter.extended else "no"],
        matter.overdue,
        matter.level,
    ]
