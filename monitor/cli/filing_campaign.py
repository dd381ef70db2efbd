"""`rightsizer filing campaign`: the yearly call to complete and confirm the filings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.output import Column, count, note, output_option, show
from monitor.cli.session import Day, acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from filing.campaigns import Progress

NAMED = 3  # open matters that a row spells out


def lines(todo: object) -> str:
    """Such as 公文系统 (12, returned), ... 2 more."""
    if not isinstance(todo, list) or not todo:
        return "-"
    said = [f"{one['name']} ({one['filing'] or '-'}, {one['lack']})" for one in todo[:NAMED]]
    more = [_("... {more} more").format(more=len(todo) - NAMED)] if len(todo) > NAMED else []
    return ", ".join([*said, *more])


COLUMNS = (
    Column("department", _("Department"), fold=True),
    Column("filings", _("Filings"), right=True),
    Column("confirmed", _("Confirmed"), right=True),
    Column("open", _("Open"), right=True),
    Column("due_on", _("Until")),
    Column("met_on", _("Done")),
    Column("late", _("Late"), style=lambda late: _("late") if late else "-"),
    Column("todo", _("Still to do"), fold=True, style=lines),
)


@click.group("campaign", help=_("The yearly campaign of filings: open, show."))
def campaign() -> None: ...


@campaign.command("open")
@click.argument("year", type=click.IntRange(2020, 2100))
@click.option("--until", type=Day(), required=True, help=_("The last day for the departments."))
@required_reason
@click.pass_context
def open_one(ctx: click.Context, year: int, until: date, reason: str) -> None:
    """Open the campaign of YEAR, or move its last day: every department with systems gets a deadline.

    The regulation names no term (规定时限): the day is the city's decision, REASON says whose.
    """
    from filing.campaigns import open_campaign
    from store.calendar import calendar

    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    with installation.register.write() as db:
        row, called = open_campaign(db, calendar(db), year, until, act, today)
        last = row.until
    said = _("campaign {year}: {departments} called, until {until}")
    note(said.format(year=year, departments=count(called, _("department")), until=last))


@campaign.command("show")
@click.argument("year", type=click.IntRange(2020, 2100), required=False)
@click.option("--late", is_flag=True, help=_("Only departments that are late."))
@output_option
@click.pass_context
def show_one(ctx: click.Context, year: int | None, late: bool, output: str | None) -> None:
    """Show where every department stands in the campaign of YEAR (default: the newest), the late first."""
    from filing.campaigns import campaign_of, progress

    installation = house(ctx)
    with installation.register.read() as db:
        found = campaign_of(db, year)
        standing = progress(db, found, installation.now().today)
        number, until = found.year, found.until
    rows = [as_row(one) for one in standing if one.late or not late]
    show(rows, COLUMNS, output, _("No department is late.") if late else _("No department has a system."))
    done = sum(not one.open for one in standing)
    behind = sum(one.late for one in standing)
    said = _("campaign {year} until {until}: {done} of {departments} done, {behind} late")
    all_of_them = count(len(standing), _("department"))
    note(said.format(year=number, until=until, done=done, departments=all_of_them, behind=behind))


def as_row(one: Progress) -> dict[str, object]:
    return {
        "department": one.department,
        "filings": one.filings,
        "confirmed": one.confirmed,
        "open": len(one.open),
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "met_on": one.met_on.isoformat() if one.met_on else None,
        "late": one.late,
        "todo": [{"filing": todo.filing, "name": todo.name, "lack": todo.lack} for todo in one.open],
    }
