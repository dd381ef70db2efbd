"""`rightsizer notice`: what was written to departments, what they answered, what is to be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from monitor.cli.finding import department_option
from monitor.cli.notice_answers import (
    adopt,
    decide,
    decline,
    done,
    extend,
    object_to,
    receipt,
    withdraw,
)
from monitor.cli.notice_page import show_notice
from monitor.cli.notice_preview import preview
from monitor.cli.notice_sending import release, resend
from monitor.cli.notice_words import ITEM_STATES, KINDS, iso, summary
from monitor.cli.output import Column, count, output_option, show
from monitor.cli.session import house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from notifier.dossier import Line

WIDE = 110  # columns of a terminal that has room for everything
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("number", _("Number")),
    Column("department", _("Department"), fold=True),
    Column("kind", _("Kind"), shown=False),
    Column("open", _("Open"), right=True, data=False),
    Column("living", _("Open"), shown=False),
    Column("machines", _("All"), shown=False),
    Column("told", _("State"), fold=True, data=False),
    Column("state", _("State"), shown=False),
    Column("issued_on", _("Issued"), shown=False),
    Column("received_on", _("Received"), shown=False),
    Column("due", _("Due")),
    Column("urged", _("催办"), right=True),
    Column("sent", _("Sent"), shown=False),
    Column("dead", _("Dead"), shown=False),
    Column("waiting", _("Waiting"), shown=False),
    Column("follows", _("Follows"), shown=False),
)


@click.group("notice", help=_("Notices: list, show, preview; receipts and answers; send anew."))
def command() -> None: ...


for verb in (
    show_notice,
    preview,
    receipt,
    object_to,
    decide,
    adopt,
    decline,
    done,
    extend,
    withdraw,
    resend,
    release,
):
    command.add_command(verb)


@command.command("list")
@click.option("--state", type=click.Choice(ITEM_STATES), help=_("Only those with a machine in this state."))
@click.option(
    "--kind", type=click.Choice(list(KINDS)), help=_("Only this kind; what follows a notice: with --all.")
)
@department_option
@click.option("--overdue", is_flag=True, help=_("Only those with a machine whose last day is over."))
@click.option(
    "--all", "following", is_flag=True, help=_("Reminders, 催办, withdrawals and letters of matters too.")
)
@output_option
@click.pass_context
def list_notices(
    ctx: click.Context,
    state: str | None,
    kind: str | None,
    department: str | None,
    overdue: bool,
    following: bool,
    output: str | None,
) -> None:
    """List the notices: how many machines each has, their states, when they are due, their mails.

    Due is the first last day of those that are not at their end; `provisional` while the calendar of its year
    is not known, `stands` while an objection stops the clock. Letters about the deadlines of the registers
    (due, late) are listed with --kind or --all.
    """
    from notifier.dossier import Wanted, lines

    installation = house(ctx)
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        found = lines(db, Wanted(state, kind, department, overdue, following), installation.now().today)
    show([as_row(line) | for_person(line, output) for line in found], shown(), output, _("No notice."))


def shown() -> list[Column]:
    """What a person sees: more on a wide terminal."""
    from monitor.cli.machine import terminal_width

    wide = terminal_width() >= WIDE
    extra = {"issued_on": wide, "received_on": wide}
    return [replace(column, shown=extra.get(column.key, column.shown)) for column in COLUMNS]


def as_row(line: Line) -> dict[str, object]:
    first = line.follows is None
    return {
        "id": line.id,
        "number": line.number,
        "department": line.department,
        "kind": line.kind,
        "living": line.living if first else None,
        "machines": line.machines if first else None,
        "state": summary(line.states) or None,
        "issued_on": iso(line.issued_on),
        "received_on": iso(line.received_on),
        "due": due(line),
        "clock": line.clock,
        "urged": line.urged,
        "sent": line.sent,
        "dead": line.dead,
        "waiting": line.waiting,
        "states": dict(line.states),
        "level": line.level,
        "follows": line.follows,
    }


def for_person(line: Line, output: str | None) -> dict[str, object]:
    """What only the table has."""
    if output not in {None, "table"}:
        return {}
    first = line.follows is None
    return {"open": f"{line.living}/{line.machines}" if first else None, "told": "; ".join(told(line))}


def told(line: Line) -> list[str]:
    """States of the machines, or what it follows; then the mails, where not all of them are sent."""
    said = [summary(line.states) if line.follows is None else _("follows {n}").format(n=line.follows)]
    for number, word in ((line.dead, _("dead")), (line.waiting, _("waiting"))):
        if number:
            said.append(f"{count(number, _('mail'))} {word}")
    if not line.sent + line.dead + line.waiting:
        said.append(_("no mail"))
    return said


def due(line: Line) -> str | None:
    """The first last day; a word where there is none."""
    if line.due is not None:
        return line.due.isoformat()
    words = {"provisional": _("provisional"), "standing": _("stands")}
    return words.get(line.clock or "")
