"""The table of a letter's machines, a kind of notice each: what stands in which column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifier.content import NoticeKind
from notifier.letters import figures
from notifier.letters.letter import Table
from notifier.letters.words import STATES, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from notifier.content import Content, Figure, Row

Key = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    cell: Callable[[Row], str]
    numeric: bool = False


def table(content: Content) -> Table:
    columns = COLUMNS[content.kind](content)
    return Table(
        headings=tuple(column.heading for column in columns),
        rows=tuple(tuple(column.cell(row) for column in columns) for row in content.rows),
        numeric=tuple(column.numeric for column in columns),
    )


def sized(content: Content) -> list[Column]:
    """核减, 扩容: sizes, figures, coverage, money."""
    words = WORDS[content.locale]
    advised = Column(words[f"advised_{content.kind}"], lambda row: advice(row, content))
    return [*named(content), now(content), advised, *measured(content), coverage(content), saving(content)]


def idle(content: Content) -> list[Column]:
    return [*named(content), now(content), *measured(content), coverage(content), saving(content)]


def deploy(content: Content) -> list[Column]:
    words = WORDS[content.locale]
    return [
        *named(content),
        now(content),
        Column(words["delivered"], lambda row: delivered(row, content)),
        Column(words["deploy_due"], lambda row: due(row, content)),
    ]


def followed(content: Content) -> list[Column]:
    """到期提醒, 逾期催办: what was asked, by when, how it stands."""
    words, states = WORDS[content.locale], STATES[content.locale]
    return [
        *named(content),
        Column(words["asked"], lambda row: asked(row, content)),
        Column(words["due"], lambda row: due(row, content)),
        Column(words["state"], lambda row: states.get(row.state or "", row.state or words["none"])),
    ]


def withdrawn(content: Content) -> list[Column]:
    words = WORDS[content.locale]
    return [
        *named(content),
        Column(words["asked_before"], lambda row: asked(row, content)),
        Column(words["reason"], lambda row: row.note or words["none"]),
    ]


COLUMNS: dict[NoticeKind, Callable[[Content], list[Column]]] = {
    NoticeKind.SHRINK: sized,
    NoticeKind.EXPAND: sized,
    NoticeKind.IDLE: idle,
    NoticeKind.DEPLOY: deploy,
    NoticeKind.REMINDER: followed,
    NoticeKind.OVERDUE: followed,
    NoticeKind.WITHDRAWAL: withdrawn,
}


def named(content: Content) -> list[Column]:
    words = WORDS[content.locale]
    return [
        Column(
            words["machine"],
            lambda row: row.machine + (words["in"].format(row.address) if row.address else ""),
        ),
        Column(words["system"], lambda row: row.system or words["none"]),
    ]


def now(content: Content) -> Column:
    return Column(WORDS[content.locale]["now"], lambda row: figures.size(row.current, content.locale))


def advice(row: Row, content: Content) -> str:
    if row.advised is None:
        return WORDS[content.locale]["no_advice"]
    return figures.size(row.advised, content.locale, row.current)


def measured(content: Content) -> list[Column]:
    """A column a condition: the same resource, statistic and threshold stand under one heading."""
    first: dict[Key, Figure] = {}
    for row in content.rows:
        for figure in row.figures:
            first.setdefault(key(figure), figure)
    return [figure_column(figure, content) for figure in first.values()]


def figure_column(figure: Figure, content: Content) -> Column:
    wanted, none = key(figure), WORDS[content.locale]["none"]

    def cell(row: Row) -> str:
        found = next((other for other in row.figures if key(other) == wanted), None)
        return figures.cell(found, content.as_of, content.locale) if found else none

    return Column(figures.heading(figure, content.locale), cell)


def key(figure: Figure) -> Key:
    return figure.resource, figure.statistic, figure.operator, figure.threshold


def coverage(content: Content) -> Column:
    """96.3%（采样9708/10080次；有效34/35日）: of the resource with the fewest samples."""
    words = WORDS[content.locale]

    def cell(row: Row) -> str:
        said = []
        if row.figures:
            least = min(row.figures, key=lambda figure: figure.known / max(figure.expected, 1))
            said.append(words["counts"].format(known=least.known, expected=least.expected))
        if row.valid_days is not None and row.window_days is not None:
            said.append(words["valid"].format(valid=row.valid_days, days=row.window_days))
        shown = words["unknown"] if row.coverage is None else figures.share(row.coverage)
        return shown + (words["in"].format(words["semicolon"].join(said)) if said else "")

    return Column(words["coverage_heading"], cell)


def saving(content: Content) -> Column:
    """Yuan a month; for an expansion what it costs."""
    words = WORDS[content.locale]
    costs = content.kind is NoticeKind.EXPAND
    heading = words["cost" if costs else "releasing" if content.kind is NoticeKind.IDLE else "saving"]

    def cell(row: Row) -> str:
        yuan = row.saving_yuan_month
        return words["none"] if yuan is None else figures.number(-yuan if costs else yuan, content.locale)

    return Column(heading, cell, numeric=True)


def delivered(row: Row, content: Content) -> str:
    words = WORDS[content.locale]
    return words["unknown"] if row.delivered_on is None else figures.day(row.delivered_on, content.locale)


def matter(content: Content) -> NoticeKind:
    """The kind of the notice that opened the matter."""
    return content.parent.kind if content.parent is not None else content.kind


def due(row: Row, content: Content) -> str:
    """The day; a term while it is provisional."""
    if row.due is not None:
        return figures.day(row.due, content.locale)
    words = WORDS[content.locale]
    begins = "after_delivery" if matter(content) is NoticeKind.DEPLOY else "after_receipt"
    return words[begins].format(term=figures.term(content.working_days, content.locale))


def asked(row: Row, content: Content) -> str:
    words, locale, kind = WORDS[content.locale], content.locale, matter(content)
    if kind is NoticeKind.DEPLOY:
        if row.delivered_on is None:
            return words["ask_deploy"]
        return words["ask_deploy_since"].format(day=figures.day(row.delivered_on, locale))
    if kind is NoticeKind.IDLE:
        return words["ask_idle"]
    if row.advised is None:
        return words[f"ask_{kind}_open"]
    return words[f"ask_{kind}"].format(
        now=figures.size(row.current, locale), advised=figures.size(row.advised, locale, row.current)
    )
