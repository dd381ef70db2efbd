"""`rightsizer supervision`: trainings, inspections, what they found, awards (arts. 5 and 31)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words, required_reason
from monitor.cli.output import Column, cell, note, output_option, show
from monitor.cli.session import Day, acting, house, known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

KINDS = ("training", "inspection", "finding", "award")
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("held_on", _("Day")),
    Column("kind", _("Kind")),
    Column("department", _("Department"), fold=True),
    Column("title", _("Title"), fold=True),
    Column("enrolled", _("Enrolled"), right=True),
    Column("attended", _("Attended"), right=True),
    Column("detail", _("Detail"), fold=True),
    Column("made_by", _("By"), shown=False),
)


@click.group("supervision", help=_("Trainings, inspections, findings, awards: add, list, revoke."))
def command() -> None: ...


def department_id(db: Session, wanted: str) -> int:
    """By name or code; refuses an unknown one with those that nearly fit."""
    from sqlalchemy import select

    from store.tables import Department

    known_department(db, wanted)
    named = (Department.code == wanted) | (Department.name == wanted)
    found = db.scalars(select(Department.id).where(named).order_by(Department.code != wanted)).first()
    return int(found or 0)


@command.command("add")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("title", type=Words())
@click.option("--department", help=_("Of which department (name or code); a training may be everybody's."))
@click.option("--on", type=Day(), help=_("The day; default: today."))
@click.option("--detail", type=Words(), help=_("What was found, asked or honoured."))
@click.option("--enrolled", type=click.IntRange(0, 2**31 - 1), help=_("People enrolled in a training."))
@click.option("--attended", type=click.IntRange(0, 2**31 - 1), help=_("People who came."))
@reason_option
@click.pass_context
def add(
    ctx: click.Context,
    /,
    kind: str,
    title: str,
    department: str | None,
    on: date | None,
    reason: str | None,
    **given: str | int | None,
) -> None:
    """Record a training, an inspection, a finding or an award."""
    from filing.plan_tables import Supervision
    from filing.supervision import record

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        owner = None if department is None else department_id(db, department)
        row = Supervision(kind=kind, title=title, department_id=owner, held_on=on or now.today, **given)
        record(db, row, act, now.today)
        number = row.id
    note(_("{number}: recorded").format(number=number))


@command.command("list")
@click.option("--year", type=click.IntRange(2000, 2100), help=_("Only of this year."))
@click.option("--department", help=_("Of this department (name or code), and what is everybody's."))
@click.option("--kind", type=click.Choice(KINDS), help=_("Only of this kind."))
@output_option
@click.pass_context
def list_records(
    ctx: click.Context, year: int | None, department: str | None, kind: str | None, output: str | None
) -> None:
    """List the records that stand, the newest first."""
    from filing.supervision import standing_records
    from monitor.scorecards import record

    installation = house(ctx)
    with installation.register.read() as db:
        owner = None if department is None else department_id(db, department)
        found = standing_records(db, year, owner)
        rows = [record(row) for row in found if kind in {None, row.kind}]
    show(rows, COLUMNS, output, _("No record. `rightsizer supervision add` makes one."))


@command.command("revoke")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@required_reason
@click.pass_context
def revoke_record(ctx: click.Context, number: int, reason: str) -> None:
    """Revoke a mistaken record: it counts no more and stays in the journal."""
    from filing.supervision import revoke

    installation = house(ctx)
    now, act = installation.now(), acting(installation, reason)
    with installation.register.write() as db:
        revoke(db, number, act, now.today)
    note(_("{number}: revoked").format(number=number))
