"""`rightsizer platform`: the departments' own clouds and how they are merged (art. 11)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import Column, cell, note, output_of, output_option, show
from monitor.cli.session import Day, acting, house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.application_tables import Platform
    from monitor.installation import Now
    from store.workflow import Act

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("department", _("Department"), fold=True),
    Column("name", _("Name"), fold=True),
    Column("address", _("Address"), shown=False),
    Column("systems", _("Systems"), fold=True),
    Column("started_on", _("Started")),
    Column("state", _("State")),
    Column("due_on", _("Merge by")),
    Column("percent", _("%"), right=True),
    Column("remarks", _("Remarks"), fold=True),
)
NOTES = (
    Column("day", _("Day")),
    Column("percent", _("%"), right=True),
    Column("text", _("Note"), fold=True),
    Column("written_by", _("Who"), fold=True),
)
number_argument = click.argument("number", metavar="N", type=click.IntRange(1, 2**31 - 1))
reason_option = click.option("-m", "--reason", type=Words(), help=_("Why; kept in the journal."))


@click.group("platform", help=_("Departments' own clouds and their merge: add, list, plan, progress, close."))
def command() -> None: ...


@contextmanager
def matter(
    ctx: click.Context, number: int, reason: str | None
) -> Iterator[tuple[Session, Platform, Now, Act]]:
    """The platform in one transaction: all that is done inside is kept, or nothing."""
    from filing.platforms import found

    installation = house(ctx)
    now, act = installation.now(), acting(installation, reason)
    with installation.register.write() as db:
        yield db, found(db, number), now, act


@command.command("add")
@click.option("--department", type=Words(), required=True, help=_("Whose it is: name or code."))
@click.option("--name", type=Words(), required=True, help=_("What it is called."))
@click.option("--started", type=Day(), required=True, help=_("Since when it is there."))
@click.option("--address", type=Words(), help=_("Where it stands."))
@click.option("--system", "systems", type=Words(), multiple=True, help=_("A system on it; several times."))
@reason_option
@click.pass_context
def add(
    ctx: click.Context,
    department: str,
    name: str,
    started: date,
    address: str | None,
    systems: tuple[str, ...],
    reason: str | None,
) -> None:
    """Record a department's own cloud; one begun under the regulation is pointed out as 擅自新建."""
    from filing.platforms import Own, remarks
    from filing.platforms import add as record

    installation = house(ctx)
    today, act = installation.now().today, acting(installation, reason)
    own, in_force = Own(name, started, address, systems), installation.policy.valid_from
    with installation.register.write() as db:
        row = record(db, known_department(db, department), own, in_force, today, act)
        told = "；".join(remarks(row, today))
        note(_("platform {number}: recorded; {told}").format(number=row.id, told=told))


@command.command("list")
@click.option("--closed", is_flag=True, help=_("Those that are merged, instead of those that stand."))
@output_option
@click.pass_context
def list_platforms(ctx: click.Context, closed: bool, output: str | None) -> None:
    """List the departments' own clouds with what is to be pointed out."""
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload, selectinload

    from filing.application_tables import Platform, PlatformState

    installation = house(ctx)
    today = installation.now().today
    is_closed = Platform.state == PlatformState.CLOSED
    wanted = select(Platform).where(is_closed if closed else ~is_closed).order_by(Platform.id)
    with installation.register.read() as db:
        parts = (joinedload(Platform.department), selectinload(Platform.notes))
        rows = [as_row(row, today) for row in db.scalars(wanted.options(*parts))]
    show(rows, COLUMNS, output, _("No platform. `rightsizer platform add` records one."))


def as_row(row: Platform, today: date) -> dict[str, object]:
    from filing.platforms import remarks

    return {
        "id": row.id,
        "department": row.department.name,
        "name": row.name,
        "address": row.address,
        "systems": "、".join(row.systems) or None,
        "started_on": row.started_on.isoformat(),
        "state": str(row.state),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "percent": row.notes[-1].percent if row.notes else None,
        "remarks": "；".join(remarks(row, today)) or None,
    }


@command.command("show")
@number_argument
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def show_platform(ctx: click.Context, number: int, output: str | None) -> None:
    """Show platform N: its systems, its merge plan and how far it has come."""
    from filing.platforms import found
    from monitor.cli.notice_json import as_json

    installation = house(ctx)
    with installation.register.read() as db:
        row = found(db, number)
        told = as_row(row, installation.now().today)
        notes: list[dict[str, object]] = [
            {"day": n.day.isoformat(), "percent": n.percent, "text": n.text, "written_by": n.written_by}
            for n in row.notes
        ]
        told |= {"plan": row.plan, "closed_on": row.closed_on.isoformat() if row.closed_on else None}
    if output == "json":
        as_json({**told, "notes": notes})
        return
    for key, value in told.items():
        if value is not None:
            click.echo(f"{key.replace('_', ' ')}: {cell(value)}")
    if notes:
        show(notes, NOTES, "table")


@command.command("plan")
@number_argument
@click.option("--text", type=Words(), required=True, help=_("How it is merged."))
@click.option("--due", type=Day(), required=True, help=_("The day by which it is merged."))
@reason_option
@click.pass_context
def plan(ctx: click.Context, number: int, text: str, due: date, reason: str | None) -> None:
    """Record or change the merge plan of platform N: its last day becomes a deadline of the department."""
    from filing.platforms import plan as record
    from store.calendar import calendar

    with matter(ctx, number, reason) as (db, row, now, act):
        record(db, calendar(db), row, text, due, now.today, act)
        note(_("platform {number}: to be merged by {due}").format(number=row.id, due=due))


@command.command("progress")
@number_argument
@click.option("--text", type=Words(), required=True, help=_("What was done."))
@click.option("--percent", type=click.IntRange(0, 100), help=_("How far it has come."))
@click.option("--on", type=Day(), help=_("As of which day; default: today."))
@reason_option
@click.pass_context
def progress(
    ctx: click.Context, number: int, text: str, percent: int | None, on: date | None, reason: str | None
) -> None:
    """Note how far the merge of platform N has come."""
    from filing.platforms import progress as record

    with matter(ctx, number, reason) as (db, row, now, act):
        if on is not None and on > now.today:
            raise click.UsageError(_("--on {on}: that day is not here yet").format(on=on))
        record(db, row, text, percent, on or now.today, act)
        note(_("platform {number}: noted").format(number=row.id))


@command.command("close")
@number_argument
@click.option("--on", type=Day(), help=_("The day; default: today."))
@reason_option
@click.pass_context
def close(ctx: click.Context, number: int, on: date | None, reason: str | None) -> None:
    """Platform N is merged or taken down: its deadline ends."""
    from filing.platforms import close as end

    with matter(ctx, number, reason) as (db, row, now, act):
        end(db, row, on or now.today, now.today, act)
        note(_("platform {number}: closed").format(number=row.id))
