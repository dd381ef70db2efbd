"""`rightsizer catalog event`: changes of the law or of functions, and what they make update (art. 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.catalog_matter import desk, due, tick
from monitor.cli.output import Column, count, note, output_option, show
from monitor.cli.session import Day, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("on", _("Happened")),
    Column("kind", _("Kind")),
    Column("what", _("What"), fold=True),
    Column("code", _("Entry")),
    Column("department", _("Department"), fold=True),
    Column("due", _("Due")),
    Column("overdue", _("Overdue"), style=tick),
    Column("met_on", _("Met")),
    Column("met_because", _("By"), shown=False),
)


@click.group("event", help=_("Changes of the law or of functions: add, list, done."))
def event() -> None: ...


@event.command("add")
@click.option("--law", type=Words(), help=_("The law that was changed."))
@click.option("--function", type=Words(), help=_("The function that was changed, instead of --law."))
@click.option("--on", type=Day(), required=True, help=_("The day of the change; not to come."))
@click.option("--entries", "codes", multiple=True, required=True, help=_("An affected entry; several times."))
@reason_option
@click.pass_context
def add(
    ctx: click.Context,
    law: str | None,
    function: str | None,
    on: date,
    codes: tuple[str, ...],
    reason: str | None,
) -> None:
    """Record a change: its entries are to be updated within 15 working days (art. 17)."""
    from catalog.entries import found
    from catalog.events import Change, record
    from catalog.matters import ChangeKind

    what = law or function
    if what is None or (law and function):
        raise click.UsageError(_("--law or else --function"), ctx)
    change = Change(ChangeKind.LAW if law else ChangeKind.FUNCTION, what, on, reason)
    named = [code for text in codes for code in text.replace(",", " ").split()]
    with desk(ctx, reason) as at:
        made = record(at.db, change, [found(at.db, code) for code in named], at.dates("update"), at.act)
        at.db.refresh(made)
        days = {due(row.deadline) for row in made.affected}
        number, entries = made.id, count(len(made.affected), _("entry"))
    said = _("{number}: {entries} to be updated, due {days}")
    note(said.format(number=number, entries=entries, days=", ".join(sorted(map(str, days)))))


@event.command("list")
@click.option("--overdue", is_flag=True, help=_("Only what should have been updated already."))
@click.option("--all", "every", is_flag=True, help=_("With what is met."))
@output_option
@click.pass_context
def list_events(ctx: click.Context, overdue: bool, every: bool, output: str | None) -> None:
    """List what is to be updated because of changes, the earliest due first."""
    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        rows = [row for row in affected(db, today, every=every) if row["overdue"] or not overdue]
    show(
        rows, COLUMNS, output, _("Nothing is to be updated. `rightsizer catalog event add` records a change.")
    )


def affected(db: Session, today: date, *, every: bool) -> list[dict[str, object]]:
    from sqlalchemy import select

    from catalog.matters import Affected, ChangeEvent
    from catalog.tables import Entry
    from store.tables import Deadline, Department

    asked = (
        select(Affected, ChangeEvent, Deadline, Entry.resource_code, Department.name)
        .join(ChangeEvent, ChangeEvent.id == Affected.event_id)
        .join(Deadline, Deadline.id == Affected.deadline_id)
        .join(Entry, Entry.id == Affected.entry_id)
        .join(Department, Department.id == Entry.department_id)
        .order_by(Deadline.due_on, ChangeEvent.id, Entry.resource_code)
    )
    if not every:
        asked = asked.where(Affected.met_on.is_(None))
    return [
        {
            "id": happened.id,
            "on": str(happened.happened_on),
            "kind": happened.kind,
            "what": happened.what,
            "code": code,
            "department": department,
            "due": due(clock) if row.met_on is None else str(clock.due_on or _("provisional")),
            "overdue": row.met_on is None and clock.due_on is not None and clock.due_on < today,
            "met_on": None if row.met_on is None else str(row.met_on),
            "met_because": row.met_because,
        }
        for row, happened, clock, code, department in db.execute(asked).all()
    ]


@event.command("done")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--entry", "code", required=True, help=_("The entry that needs no update for it."))
@required_reason
@click.pass_context
def done(ctx: click.Context, number: int, code: str, reason: str) -> None:
    """The centre's word that an entry needs no update for a change. A new version needs no such word."""
    from catalog.entries import found
    from catalog.events import dismiss

    with desk(ctx, reason) as at:
        dismiss(at.db, number, found(at.db, code), at.today, at.act)
    note(_("{number}: {code} needs no update").format(number=number, code=code))
