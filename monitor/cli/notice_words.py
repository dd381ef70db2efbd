"""Notices in words: where their clocks stand, what became of an answer, moments of the local day."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from monitor.cli.output import cell, count
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from notifier.tables import Item
    from store.tables import Deadline

KINDS = {
    "shrink": "核减通知",
    "expand": "扩容建议函",
    "idle": "停用核实",
    "deploy": "部署催办",
    "reminder": "到期提醒",
    "overdue": "逾期催办",
    "withdrawal": "撤销",
    "due": "事项到期提醒",
    "late": "事项逾期催办",
}
UNSAID = ("sha256", "subjects", "article")  # of the journal: said elsewhere on the page
LONGEST = 160  # characters of a value of the journal on the page
ITEM_STATES = (
    *("issued", "received", "objected", "overdue", "escalated"),
    *("done", "withdrawn", "adopted", "declined"),
)


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal of the rooms below that has no class of its own is said like one that has."""
    try:
        yield
    except (ValueError, LookupError) as error:
        if type(error) in {ValueError, LookupError}:
            raise click.ClickException(str(error)) from error
        raise


def summary(states: Mapping[str, int], order: Sequence[str] = ("open", *ITEM_STATES)) -> str:
    """Such as 3 received, 1 done."""
    return ", ".join(f"{states[state]} {state}" for state in order if states.get(state))


def due(row: Deadline | None) -> str:
    """How a machine's clock stands, in a word or two."""
    if row is None:
        return _("not received")
    if row.met_on is not None:
        return _("ended {day}").format(day=row.met_on)
    if row.paused_on is not None:
        return _("stands since {day}").format(day=row.paused_on)
    return str(row.due_on or _("provisional"))


def ends(known: Calendar, rows: Iterable[Deadline]) -> list[str]:
    """Where clocks stand, in full: due 2026-10-09; those that agree are said once, with their number."""
    said: dict[str, int] = {}
    for row in rows:
        text = end(known, row)
        said[text] = said.get(text, 0) + 1
    if len(said) == 1:
        return list(said)
    return [f"{text} ({count(number, _('machine'))})" for text, number in said.items()]


def end(known: Calendar, row: Deadline) -> str:
    from store.counting import base

    if row.met_on is not None:
        return _("clock ended on {day}").format(day=row.met_on)
    if row.paused_on is not None:
        left = "?" if row.days_left is None else row.days_left
        said = _("the clock stands since {day}, working days left: {left}")
        return said.format(day=row.paused_on, left=left)
    if row.due_on is not None:
        return _("due {day}").format(day=row.due_on)
    return str(known.add(*base(row)))


def after(db: Session, known: Calendar, items: Sequence[Item]) -> str:
    """What became of these machines: their states and their clocks."""
    from notifier.dossier import deadlines

    states: dict[str, int] = {}
    for item in items:
        states[str(item.state)] = states.get(str(item.state), 0) + 1
    clocks = ends(known, deadlines(db, items).values())
    return "; ".join([summary(states), *(clocks or [_("no clock runs: not received yet")])])


def names(items: Sequence[Item]) -> str:
    """The machines by name, where they are few."""
    if len(items) > 3:
        return count(len(items), _("machine"))
    return ", ".join(cell(item.machine) for item in items)


def local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """A moment to the minute, where the office is."""
    return None if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def change(before: object, after: object) -> str:
    """What an entry of the journal changed, on one line."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [key for key in after if key not in UNSAID and before.get(key) != after[key]]
        return ", ".join(f"{key} {change(before.get(key), after[key])}" for key in keys)
    if before is None:
        return compact(after)
    return f"{compact(before)} → {compact(after)}"


def compact(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        told = [f"{key} {compact(part)}" for key, part in value.items() if part and key not in UNSAID]
        return ", ".join(told)
    text = " ".join(compact(part) for part in value) if isinstance(value, list) else cell(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
