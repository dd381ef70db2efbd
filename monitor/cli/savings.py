"""`rightsizer savings`: what notices promised to save, and what they did."""

from __future__ import annotations

from dataclasses import asdict

import click

from monitor.cli.output import Column, note, output_option, show, yuan
from monitor.cli.session import house, known_department
from monitor.cli.text import _

COLUMNS = (
    Column("year", _("Year"), right=True),
    Column("department", _("Department"), fold=True),
    Column("promised", _("Promised\nyuan/mo"), right=True, style=yuan),
    Column("withdrawn", _("Withdrawn\nyuan/mo"), right=True, style=yuan),
    Column("realised", _("Realised\nyuan/mo"), right=True, style=yuan),
    Column("so_far", _("Saved\nyuan"), right=True, style=yuan),
)
TOTAL = _("Together: promised {promised}, realised {realised} yuan a month; saved {so_far} yuan.")


@click.command("savings")
@click.option("--year", type=click.IntRange(2000, 9999), help=_("Only this year."))
@click.option("--department", help=_("Only this department (name or code)."))
@output_option
@click.pass_context
def command(ctx: click.Context, year: int | None, department: str | None, output: str | None) -> None:
    """Savings promised and realised, by department and year.

    The year is that of the notices; what was saved is counted in the year in which it was saved.
    """
    from notifier.savings import ledger, total

    installation = house(ctx)
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        lines = ledger(db, installation.now().today, year, department)
    rows: list[dict[str, object]] = [
        {name: round(value, 2) if isinstance(value, float) else value for name, value in asdict(line).items()}
        for line in lines
    ]
    show(rows, COLUMNS, output, _("No notice has promised a saving yet."))
    if len(lines) > 1:
        sums = asdict(total(lines))
        note(TOTAL.format(**{name: yuan(value) for name, value in sums.items()}))
