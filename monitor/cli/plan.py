"""`rightsizer plan`: the development plan and the yearly work plan, and their tasks (art. 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import Column, as_json, cell, note, output_of, output_option, show
from monitor.cli.plan_task import task
from monitor.cli.session import Day, acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from filing.plan_tables import Plan, PlanTask

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("kind", _("Kind")),
    Column("year", _("Year"), right=True),
    Column("title", _("Title"), fold=True),
    Column("state", _("State")),
    Column("approval_number", _("Approval"), fold=True),
    Column("published_on", _("Published")),
    Column("tasks", _("Tasks"), right=True),
    Column("done", _("Done"), right=True),
)
TASKS = (
    Column("id", _("Task"), right=True),
    Column("title", _("Title"), fold=True),
    Column("department", _("Owner"), fold=True),
    Column("due_on", _("Due")),
    Column("progress", _("%"), right=True),
    Column("done_on", _("Done")),
)
number_argument = click.argument("number", type=click.IntRange(1, 2**31 - 1))


@click.group("plan", help=_("Plans: add, list, show, approve, publish; their tasks."))
def command() -> None: ...


@command.command("add")
@click.argument("kind", type=click.Choice(["development", "yearly"]))
@click.argument("year", type=click.IntRange(2000, 2100))
@click.argument("title", type=Words())
@reason_option
@click.pass_context
def add_plan(ctx: click.Context, kind: str, year: int, title: str, reason: str | None) -> None:
    """Draft a plan: the yearly one of YEAR, or a development plan that begins with it."""
    from filing.plan_tables import PlanKind
    from filing.plans import Draft, add

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        number = add(db, Draft(PlanKind(kind), year, title), act, now.today).id
    note(_("{number}: drafted; `rightsizer plan task add {number}` adds its tasks").format(number=number))
    click.echo(number)


@command.command("list")
@click.option("--year", type=click.IntRange(2000, 2100), help=_("Only of this year."))
@output_option
@click.pass_context
def list_plans(ctx: click.Context, year: int | None, output: str | None) -> None:
    """List the plans, the newest year first, with how many of their tasks are done."""
    from sqlalchemy import select

    from filing.plan_tables import Plan
    from filing.plans import tasks_of

    wanted = select(Plan) if year is None else select(Plan).where(Plan.year == year)
    installation = house(ctx)
    with installation.register.read() as db:
        found = db.scalars(wanted.order_by(Plan.year.desc(), Plan.id)).all()
        rows = [as_row(row, tasks_of(db, row)) for row in found]
    show(rows, COLUMNS, output, _("No plan. `rightsizer plan add` drafts one."))


def as_row(row: Plan, tasks: list[PlanTask]) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "year": row.year,
        "title": row.title,
        "state": row.state,
        "approval_number": row.approval_number,
        "approved_on": row.approved_on.isoformat() if row.approved_on else None,
        "published_on": row.published_on.isoformat() if row.published_on else None,
        "drafted_by": row.drafted_by,
        "tasks": len(tasks),
        "done": sum(task.done_on is not None for task in tasks),
    }


@command.command("show")
@number_argument
@output_of(("table", "json"), _("How to print."))
@click.pass_context
def show_plan(ctx: click.Context, number: int, output: str | None) -> None:
    """Show a plan and its tasks."""
    from filing.plans import found_plan, tasks_of

    installation = house(ctx)
    with installation.register.read() as db:
        row = found_plan(db, number)
        found = tasks_of(db, row)
        whole, tasks = as_row(row, found), [as_task(each) for each in found]
    if output == "json":
        as_json([{**whole, "tasks": tasks}])
        return
    click.echo(cell(_("{id}: {title} ({kind}, {year}), {state}").format(**whole)))
    if whole["approval_number"]:
        click.echo(cell(_("approved {approved_on}: {approval_number}").format(**whole)))
    show(
        tasks,
        TASKS,
        "table",
        _("No task. `rightsizer plan task add {number}` adds one.").format(number=number),
    )


def as_task(row: PlanTask) -> dict[str, object]:
    return {
        "id": row.id,
        "title": row.title,
        "department": row.department.name,
        "due_on": row.due_on.isoformat(),
        "progress": row.progress,
        "done_on": row.done_on.isoformat() if row.done_on else None,
    }


@command.command("approve")
@number_argument
@click.option("--number", "approval", type=Words(), required=True, help=_("Number of the city's approval."))
@click.option("--on", type=Day(), help=_("The day of the approval; default: today."))
@reason_option
@click.pass_context
def approve_plan(ctx: click.Context, number: int, approval: str, on: date | None, reason: str | None) -> None:
    """Enter the approval of the city government; not by who drafted the plan."""
    from filing.plans import approve, found_plan

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        approve(db, found_plan(db, number), approval, on or now.today, act, now.today)
    note(_("{number}: approved").format(number=number))


@command.command("publish")
@number_argument
@click.option("--on", type=Day(), help=_("The day of the publication; default: today."))
@reason_option
@click.pass_context
def publish_plan(ctx: click.Context, number: int, on: date | None, reason: str | None) -> None:
    """Publish an approved plan: the clocks of its tasks run from that day."""
    from filing.plans import found_plan, publish
    from store.calendar import calendar

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        plan = found_plan(db, number)
        tasks = publish(db, plan, calendar(db), on or now.today, act, now.today)
    note(_("{number}: published; clocks of its tasks: {tasks}").format(number=number, tasks=tasks))


command.add_command(task)
