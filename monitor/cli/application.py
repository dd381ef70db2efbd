"""`rightsizer application`: cloud machines from the request to their release (arts. 11 to 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.application_matter import number_argument
from monitor.cli.application_steps import (
    approve,
    deliver,
    deployed,
    give_back,
    refuse,
    released,
    submit,
    withdraw,
)
from monitor.cli.application_writing import add, change, edit, release
from monitor.cli.output import Column, note, output_of, output_option, show
from monitor.cli.session import house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from filing.application_tables import Application

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("kind", _("Kind")),
    Column("department", _("Department"), fold=True),
    Column("system", _("System"), fold=True),
    Column("state", _("State")),
    Column("machines", _("Machines"), right=True),
    Column("submitted_on", _("Submitted")),
    Column("due_on", _("Due")),
    Column("delivered_on", _("Delivered"), shown=False),
    Column("running_on", _("Running"), shown=False),
    Column("take_back_on", _("Take back"), shown=False),
)
WAITING = ("awaiting_admin", "awaiting_technical", "to_configure", "delivered", "overdue")


@click.group("application", help=_("Cloud applications: write, approve, deliver, deploy, change, release."))
def command() -> None: ...


for step in (add, edit, submit, approve, give_back, refuse, withdraw):
    command.add_command(step)
for step in (deliver, deployed, change, release, released):
    command.add_command(step)


@command.command("list")
@click.option("--state", help=_("Only those in this state."))
@click.option("--department", help=_("Only those of this department (name or code)."))
@click.option("--waiting", is_flag=True, help=_("Only those on which somebody has to act."))
@output_option
@click.pass_context
def list_applications(
    ctx: click.Context, state: str | None, department: str | None, waiting: bool, output: str | None
) -> None:
    """List the applications, the newest first, with the last day of the step that each waits for."""
    from filing.application_tables import ApplicationState

    states = set(WAITING) if waiting else None
    if state is not None:
        if state not in set(ApplicationState):
            known = ", ".join(ApplicationState)
            raise click.UsageError(_("--state {state}: one of {known}").format(state=state, known=known))
        states = {state}
    with house(ctx).register.read() as db:
        owner = known_department(db, department).id if department is not None else None
        rows = list(as_rows(db, chosen(db, states, owner)))
    show(rows, COLUMNS, output, _("No application. `rightsizer application add` writes one."))


def chosen(db: Session, states: set[str] | None, department: int | None) -> Iterable[Application]:
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload, selectinload

    from filing.application_tables import Application

    parts = (joinedload(Application.department), selectinload(Application.lines))
    wanted = select(Application).options(*parts, selectinload(Application.machines))
    if states is not None:
        wanted = wanted.where(Application.state.in_(states))
    if department is not None:
        wanted = wanted.where(Application.department_id == department)
    return db.scalars(wanted.order_by(Application.id.desc()))


def as_rows(db: Session, found: Iterable[Application]) -> Iterator[dict[str, object]]:
    from sqlalchemy import select

    from store.deadlines import running
    from store.tables import Deadline

    clocks = select(Deadline.subject, Deadline.due_on).where(*running())
    days = dict(db.execute(clocks.where(Deadline.due_on.is_not(None))).all())
    for row in found:
        subjects = [f"application:{row.id}", *(f"machine:{part.machine_id}" for part in row.machines)]
        due = min((day for name in subjects if (day := days.get(name)) is not None), default=None)
        yield {
            "id": row.id,
            "kind": row.kind,
            "department": row.department.name,
            "system": row.system,
            "state": str(row.state),
            "machines": len(row.machines) or sum(line.count for line in row.lines),
            "submitted_on": iso(row.submitted_on),
            "due_on": iso(due),
            "delivered_on": iso(row.delivered_on),
            "running_on": iso(row.running_on),
            "take_back_on": iso(row.take_back_on),
        }


def iso(day: object) -> str | None:
    return str(day) if day is not None else None


@command.command("show")
@number_argument
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def show_application(ctx: click.Context, number: int, output: str | None) -> None:
    """Show everything about application N: asked and advised sizes, opinions, machines and their clocks."""
    from filing.applications import found
    from monitor.application_case import whole
    from monitor.cli.application_page import page
    from monitor.cli.notice_json import as_json
    from monitor.sizing import advice_for

    installation = house(ctx)
    with installation.register.read() as db:
        row = found(db, number)
        told = whole(db, row)
        if row.submitted_on is None:
            told["advice"] = advice_for(installation, db, row, installation.now().today)
    if output == "json":
        as_json(told)
    else:
        page(told)


@command.command("advise")
@number_argument
@output_of(("table", "json"), _("Sentences for a person, or JSON; default: sentences."))
@click.pass_context
def advise(ctx: click.Context, number: int, output: str | None) -> None:
    """What measured use advises for application N as of today; nothing is changed."""
    from filing.applications import found
    from monitor.cli.application_page import advice_lines
    from monitor.cli.notice_json import as_json
    from monitor.sizing import advice_for

    installation = house(ctx)
    with installation.register.read() as db:
        advice = advice_for(installation, db, found(db, number), installation.now().today)
    if output == "json":
        as_json(advice or {})
    elif advice is None:
        note(_("application {number} asks for no new machine").format(number=number))
    else:
        for text in advice_lines(advice):
            click.echo(text.lstrip("\n"))
