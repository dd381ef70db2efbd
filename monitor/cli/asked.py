"""What the commands on requests share: one in a write transaction, options, pages."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import Column, note, person, show
from monitor.cli.session import Day, acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.wanted import Desk
    from store.tables import Deadline
    from store.workflow import Act

number_argument = click.argument("number", metavar="N", type=click.IntRange(1, 2**31 - 1))
on_option = click.option("--on", type=Day(), help=_("The day of it; default: today."))
item_option = click.option(
    "--item", "items", type=Words(), multiple=True, help=_("A data item; several times. Default: all.")
)


@dataclass(frozen=True, slots=True)
class At:
    """A write transaction, who acts in it, and what a step needs to know."""

    db: Session
    act: Act
    desk: Desk

    def day(self, on: date | None) -> date:
        return on or self.desk.today


@contextmanager
def at(ctx: click.Context, reason: str | None = None) -> Iterator[At]:
    """All that is done inside is kept, or nothing."""
    from catalog.wanted import Desk
    from store.calendar import calendar

    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    with installation.register.write() as db:
        yield At(db, act, Desk(calendar(db), installation.policy.catalog, today))


@dataclass(frozen=True, slots=True)
class Plain:
    """A step that takes nothing but the request: its command, its help, what is said after it."""

    name: str
    words: str
    past: str
    why: bool = False


def plain(step: Plain, work: Callable[[At, int], str | None]) -> click.Command:
    """The command of a plain step. `work` does it and may add a word."""
    from monitor.cli.answer import required_reason

    @click.command(step.name, help=step.words)
    @number_argument
    @(required_reason if step.why else reason_option)
    @click.pass_context
    def called(ctx: click.Context, number: int, reason: str | None) -> None:
        with at(ctx, reason) as here:
            more = work(here, number)
        note(f"{number}: {step.past}{f'; {more}' if more else ''}")

    return called


def due(rows: Iterable[Deadline]) -> str:
    """When the last day of the running clock is, for a person."""
    for row in rows:
        if row.paused_on is not None:
            return _("stands since {day}").format(day=row.paused_on)
        if row.met_on is None:
            return _("due {day}").format(day=row.due_on or _("provisional: the calendar ends before it"))
    return _("no clock runs")


def dues(db: Session, kind: str, articles: Iterable[str]) -> dict[int, Deadline]:
    """The running clock of every request by its number; `kind` such as catalog_share."""
    from sqlalchemy import select

    from store.tables import Deadline

    ours = Deadline.subject.startswith(f"{kind}:", autoescape=True), Deadline.article.in_(list(articles))
    rows = db.scalars(select(Deadline).where(*ours, Deadline.met_on.is_(None)))
    return {int(row.subject.rpartition(":")[2]): row for row in rows}


def when(row: Deadline | None, today: date) -> dict[str, object]:
    """Columns of a list: the last day, and whether it is over."""
    if row is None:
        return {"due_on": None, "overdue": False}
    stands = row.paused_on is not None
    over = not stands and row.due_on is not None and row.due_on < today
    shown = _("stands") if stands else str(row.due_on) if row.due_on else _("provisional")
    return {"due_on": shown, "overdue": over}


def iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def late(value: object) -> str:
    return _("overdue") if value else "-"


def page(facts: Mapping[str, object], output: str | None) -> None:
    """One request as a page of two columns, or as JSON."""
    if output in {"json", "jsonl", "csv"}:
        show([dict(facts)], [Column(name, name) for name in facts], output)
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        text = ", ".join(map(str, value)) or "-" if isinstance(value, list | tuple) else person(value)
        click.echo(f"{name:<{width}}  {text}")
