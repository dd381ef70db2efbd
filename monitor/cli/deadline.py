"""`rightsizer deadline`: the clocks of the regulation, whatever register they stand in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.finding import department_option
from monitor.cli.notice_words import KINDS, due, iso, refusals
from monitor.cli.output import Column, cell, note, output_of, output_option, show
from monitor.cli.session import Day, house, known_department, operating
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from notifier.listed import Written
    from store.tables import Deadline, JournalEntry

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("subject", _("Subject"), shown=False),
    Column("title", _("Matter"), fold=True, shown=False),
    Column("what", _("Matter"), fold=True, data=False),
    Column("department", _("Department"), fold=True),
    Column("article", _("Article"), fold=True),
    Column("started_on", _("Began")),
    Column("due_on", _("Due"), shown=False),
    Column("stands", _("Due"), fold=True, data=False),
    Column("phase", _("State")),
    Column("days_overdue", _("Late"), right=True),
    Column("urged", _("催办"), right=True),
    Column("met_on", _("Met"), shown=False),
)
LETTERS = (
    Column("id", _("No."), right=True),
    Column("number", _("Number"), fold=True),
    Column("kind", _("Kind")),
    Column("level", _("Level"), right=True),
    Column("issued_on", _("Issued")),
    Column("due_then", _("Due then")),
)
number_argument = click.argument("number", type=click.IntRange(1, 2**31 - 1))


@click.group("deadline", help=_("Deadlines of every register: list, show, extend."))
def command() -> None: ...


@command.command("list")
@click.option("--overdue", is_flag=True, help=_("Only those whose last day is over."))
@click.option("--soon", type=click.IntRange(0, 400), help=_("Only those due within so many working days."))
@department_option
@click.option("--article", help=_("Only those of an article, such as 第八条."))
@click.option("--met", is_flag=True, help=_("Those that were met, too."))
@output_option
@click.pass_context
def list_deadlines(
    ctx: click.Context,
    overdue: bool,
    soon: int | None,
    department: str | None,
    article: str | None,
    met: bool,
    output: str | None,
) -> None:
    """List the deadlines that are not met, the first last day first.

    Due is `provisional` while the calendar of its year is not known; a clock that stands says since when.
    """
    from notifier.listed import labels, levels
    from store.calendar import calendar
    from store.clocks import Wanted, lines

    if overdue and soon is not None:
        raise click.UsageError(_("--overdue or --soon, not both"), ctx)
    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        found = lines(db, calendar(db), Wanted(department, article, overdue, soon, met), today)
        urged, names = levels(db), labels(db)
    rows = [as_row(row, name, today) | {"urged": urged.get(row.id, 0)} for row, name in found]
    if output in {None, "table"}:
        rows = [row | for_person(one, names) for row, (one, _name) in zip(rows, found, strict=True)]
    show(rows, COLUMNS, output, empty(overdue=overdue, soon=soon))


def empty(*, overdue: bool, soon: int | None) -> str:
    if overdue:
        return _("No deadline is overdue.")
    if soon is not None:
        return _("No deadline is due within {n} working days.").format(n=soon)
    return _("No deadline runs. Notices, deployments and the registers start them.")


def as_row(row: Deadline, department: str | None, today: date) -> dict[str, object]:
    from store.clocks import phase

    state = phase(row, today)
    late = (today - row.due_on).days if state == "overdue" and row.due_on is not None else None
    return {
        "id": row.id,
        "subject": row.subject,
        "title": row.title,
        "department": department,
        "article": row.article,
        "started_on": iso(row.started_on),
        "working_days": row.working_days,
        "due_on": iso(row.due_on),
        "extended": row.extended,
        "paused_on": iso(row.paused_on),
        "days_left": row.days_left,
        "phase": state,
        "days_overdue": late,
        "met_on": iso(row.met_on),
    }


def for_person(one: Deadline, names: Mapping[str, str]) -> dict[str, object]:
    """What only the table has."""
    extended = _(" (extended)") if one.extended and one.met_on is None and one.paused_on is None else ""
    return {"what": one.title or names.get(one.subject, one.subject), "stands": due(one) + extended}


@command.command("show")
@number_argument
@output_of(("table", "json"), _("The page for a person, or JSON; default: the page."))
@click.pass_context
def show_deadline(ctx: click.Context, number: int, output: str | None) -> None:
    """Show a deadline: how it stands, what was written about it, and its history in the journal."""
    from notifier.listed import labels, letters_about
    from store.clocks import found_clock, history
    from store.tables import Department

    installation = house(ctx)
    today = installation.now().today
    with refusals(), installation.register.read() as db:
        row = found_clock(db, number)
        owner = db.get(Department, row.department_id) if row.department_id is not None else None
        written, events = letters_about(db, row), history(db, row)
        name = row.title or labels(db).get(row.subject, row.subject)
    facts = as_row(row, owner.name if owner is not None else None, today)
    letters = [letter_row(one) for one in written]
    if output == "json":
        told = {**facts, "letters": letters, "journal": [entry_json(entry) for entry in events]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for line in head(row, name, facts):
        click.echo(line)
    page(letters, events, installation.settings.zone())


def page(letters: list[dict[str, object]], events: list[JournalEntry], zone: ZoneInfo) -> None:
    from monitor.cli.notice_page import EVENTS, grouped, section
    from notifier.dossier import Event

    section(_("Letters"), letters, LETTERS)
    told = [Event(e.at, e.actor, e.action, e.subject, e.before, e.after, e.reason) for e in events]
    section(_("Journal"), grouped(told, zone), EVENTS)


def head(row: Deadline, name: str, facts: dict[str, object]) -> list[str]:
    said = _("Began: {day}, {n} working days; due: {due}; {phase}")
    late = _(", {n} days late").format(n=facts["days_overdue"]) if facts["days_overdue"] else ""
    return [
        f"{row.id}  {cell(name)}",
        f"{cell(row.article)}  {cell(facts['department']) or _('the centre itself')}  ({cell(row.subject)})",
        said.format(
            day=row.started_on, n=row.working_days, due=row.due_on or _("provisional"), phase=facts["phase"]
        )
        + late
        + (_(", extended") if row.extended else ""),
        *([_("Stands since {day}").format(day=row.paused_on)] if row.paused_on else []),
        *([_("Met: {day}").format(day=row.met_on)] if row.met_on else []),
    ]


def letter_row(one: Written) -> dict[str, object]:
    notice = one.notice
    return {
        "id": notice.id,
        "number": notice.number,
        "kind": f"{notice.kind} ({KINDS[notice.kind]})",
        "level": one.level,
        "issued_on": iso(notice.issued_on),
        "due_then": iso(one.due_then),
    }


def entry_json(entry: JournalEntry) -> dict[str, object]:
    names = ("actor", "action", "subject", "before", "after", "reason")
    return {"at": iso(entry.at)} | {name: getattr(entry, name) for name in names}


@command.command("extend")
@number_argument
@click.option("--until", type=Day(), required=True, help=_("The new last day."))
@required_reason
@click.pass_context
def extend_deadline(ctx: click.Context, number: int, until: date, reason: str) -> None:
    """Give a deadline of a register more time; its machine's or notice's is extended by `notice extend`."""
    from store.clocks import found_clock, lengthen

    installation = house(ctx)
    act, today = operating(installation, reason), installation.now().today
    with refusals(), installation.register.write() as db:
        row = found_clock(db, number)
        was = row.due_on or _("provisional")
        lengthen(db, row, until, today, act)
    said = _("deadline {n} ({what}): due {until}, was {was}")
    note(said.format(n=number, what=cell(row.title), until=until, was=was))
