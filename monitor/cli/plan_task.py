"""`rightsizer plan task`: what a plan asks of whom until when (art. 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.output import cell, note
from monitor.cli.session import Day, acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

number_argument = click.argument("number", type=click.IntRange(1, 2**31 - 1))


@click.group("task", help=_("Tasks of plans: add, done."))
def task() -> None: ...


@task.command("add")
@click.argument("plan", type=click.IntRange(1, 2**31 - 1))
@click.argument("title", type=Words())
@click.option("--department", required=True, help=_("Who does it (name or code)."))
@click.option("--due", type=Day(), required=True, help=_("The last day."))
@reason_option
@click.pass_context
def add(ctx: click.Context, plan: int, title: str, department: str, due: date, reason: str | None) -> None:
    """Add a task to PLAN; of a published plan its clock runs from today."""
    from filing.plan_tables import PlanTask
    from filing.plans import add_task, found_plan
    from monitor.cli.supervision import department_id
    from store.calendar import calendar

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        of = found_plan(db, plan)
        owner = department_id(db, department)
        row = PlanTask(plan=of, plan_id=of.id, department_id=owner, title=title, due_on=due, progress=0)
        add_task(db, row, calendar(db), act, now.today)
        number = row.id
    note(_("task {number}: due {due}").format(number=number, due=due))
    click.echo(number)


@task.command("done")
@number_argument
@click.option("--progress", type=click.IntRange(1, 100), default=100, help=_("Percent; default: 100, done."))
@click.option("--on", type=Day(), help=_("The day it was done; default: today."))
@reason_option
@click.pass_context
def done(ctx: click.Context, number: int, progress: int, on: date | None, reason: str | None) -> None:
    """Tell how far a task is; at 100 percent its clock ends. By its owner."""
    from filing.plans import found_task
    from filing.plans import progress as tell

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    if on is not None and on > now.today:
        raise click.UsageError(_("--on {on}: that day has not come").format(on=on))
    with installation.register.write() as db:
        tell(db, found_task(db, number), progress, act, on or now.today)
    note(_("task {number}: {progress} %").format(number=number, progress=progress))
