"""`rightsizer calendar`: working days, with make-up weekends and holidays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.errors import EXIT_TEMPORARY
from monitor.cli.output import note
from monitor.cli.session import Day, house, operating, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from config.workdays import Calendar, Year

MOST = 400  # working days that can be counted


class Number(click.ParamType[int]):
    """How many working days."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        text = str(value)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
        if not 1 <= number <= MOST:
            self.fail(_("{value!r}: a whole number, 1 to {most}").format(value=value, most=MOST), param, ctx)
        return number


@click.group("calendar", help=_("Working days: check, import a year, count."))
def command() -> None: ...


@command.command("add")
@click.argument("day", type=Day())
@click.argument("number", type=Number())
@click.pass_context
def add(ctx: click.Context, day: date, number: int) -> None:
    """Print the NUMBER-th working day after DAY, which itself is not counted.

    A count that leaves the known years has no date: it prints `provisional` and ends with 75.
    """
    due = known(ctx).add(day, number)
    click.echo(str(due))
    if due.on is None:
        ctx.exit(EXIT_TEMPORARY)
    if due.may_change:
        note(_("the notice of {year} may still rearrange this December").format(year=due.on.year + 1))


@command.command("check")
@click.argument("day", type=Day(), required=False)
@click.pass_context
def check(ctx: click.Context, day: date | None) -> None:
    """Say which years are known, or whether DAY is a working day."""
    from config.workdays import UnknownYearError

    calendar = known(ctx)
    if day is None:
        years = f"{min(calendar.years)} .. {calendar.known_until}"
        click.echo(_("known: {years}, version {version}").format(years=years, version=calendar.version))
        return
    try:
        click.echo(_("working day") if calendar.is_workday(day) else _("day off"))
    except UnknownYearError as error:
        click.echo(f"provisional: {error}", err=True)
        ctx.exit(EXIT_TEMPORARY)


def known(ctx: click.Context) -> Calendar:
    """The calendar with the years imported here; where nothing is installed yet, the one that is shipped."""
    from config.settings import load, settings_file
    from config.workdays import seed
    from store.database import connect, sqlite_path

    path = sqlite_path(connect(load(settings_file(ctx.obj["config"])).database_url()))
    if path is not None and not path.exists():
        return seed()
    from store.calendar import calendar

    with house(ctx).register.read() as db:
        return calendar(db)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--incomplete", is_flag=True, help=_("Take a year that lacks usual holidays."))
@reason_option
@click.pass_context
def import_year(ctx: click.Context, file: Path, incomplete: bool, reason: str | None) -> None:
    """Import or correct a year from FILE (holiday-cn form: year, papers, days[{name, date, isOffDay}]).

    A file without one of the usual holidays is refused, unless --incomplete; the journal says so then.
    """
    from config.workdays import read_year
    from store.calendar import import_year as keep_year
    from store.journal import Entry, append

    document = read_year(file)
    missing = lacking(document, file, incomplete=incomplete)
    installation = house(ctx)
    act = operating(installation, reason)
    with installation.register.write() as db:
        done = keep_year(db, document, act.actor, act.now, reason)
        if done.changed and missing:
            entry = Entry(
                act.actor, "calendar.incomplete", str(done.year), None, {"missing": missing}, reason
            )
            append(db, act.now, entry)
    if done.changed:
        days = ", ".join(str(day) for day in done.days) or _("none")
        note(_("{year}: imported; days that changed: {days}").format(year=done.year, days=days))
    else:
        note(_("{year}: known already, nothing changed").format(year=done.year))


def lacking(document: Year, file: Path, *, incomplete: bool) -> list[str]:
    """The usual holidays that the year does not name; refused unless that is what the notice says."""
    missing = list(document.missing())
    if missing and not incomplete:
        said = _("{file}: {year} lacks {names}; say --incomplete if the notice is like that")
        names = ", ".join(missing)
        raise click.ClickException(said.format(file=file, year=document.year, names=names))
    return missing
