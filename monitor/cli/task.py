"""`rightsizer task`: what only the operator can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.notice_words import iso, refusals
from monitor.cli.output import Column, cell, note, output_option, show
from monitor.cli.session import house, operating
from monitor.cli.text import _

if TYPE_CHECKING:
    from notifier.tables import Task

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("opened_at", _("Since"), shown=False),
    Column("opened_on", _("Since"), data=False),
    Column("kind", _("Kind"), fold=True),
    Column("subject", _("About"), fold=True, shown=False),
    Column("text", _("To do"), fold=True),
    Column("closed_at", _("Closed"), shown=False),
    Column("closed_by", _("By"), fold=True, shown=False),
    Column("answer", _("Answer"), fold=True, shown=False),
)


@click.group("task", help=_("What only the operator can do: list, close."))
def command() -> None: ...


@command.command("list")
@click.option("--all", "everything", is_flag=True, help=_("The closed ones too."))
@output_option
@click.pass_context
def list_tasks(ctx: click.Context, everything: bool, output: str | None) -> None:
    """List the open tasks, the oldest first."""
    from dataclasses import replace

    from sqlalchemy import select

    from notifier.tables import Task

    installation = house(ctx)
    wanted = select(Task).order_by(Task.id)
    with installation.register.read() as db:
        found = db.scalars(wanted if everything else wanted.where(Task.closed_at.is_(None))).all()
    zone = installation.settings.zone()
    rows = [{**as_row(row), "opened_on": f"{row.opened_at.astimezone(zone):%Y-%m-%d}"} for row in found]
    late = {"closed_by": everything, "answer": everything}
    columns = [replace(column, shown=late.get(column.key, column.shown)) for column in COLUMNS]
    show(rows, columns, output, _("Nothing is left to do."))


def as_row(row: Task) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject": row.subject,
        "text": row.text,
        "opened_at": iso(row.opened_at),
        "closed_at": iso(row.closed_at),
        "closed_by": row.closed_by,
        "answer": row.answer,
    }


@command.command("close")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@required_reason
@click.pass_context
def close_task(ctx: click.Context, number: int, reason: str) -> None:
    """Close a task: what it asked for is done, or is not to be done. It opens again if its cause stays."""
    from notifier.tables import Task
    from notifier.tasks import closed

    installation = house(ctx)
    act = operating(installation, reason)
    with refusals(), installation.register.write() as db:
        row = db.get(Task, number)
        if row is None or row.closed_at is not None:
            was = "" if row is None else _(" (closed by {name})").format(name=cell(row.closed_by))
            raise LookupError(f"no open task {number}{was}; `rightsizer task list` shows them")
        closed(db, [row], act)
        note(
            _("task {number} closed: {about}").format(number=number, about=f"{row.kind} {cell(row.subject)}")
        )
