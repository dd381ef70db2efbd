"""`rightsizer department card`: a department's year (art. 31)."""

from __future__ import annotations

import json
from typing import Any

import click

from monitor.cli.output import Column, cell, output_of, show
from monitor.cli.session import house
from monitor.cli.text import _


def percent(value: object) -> str:
    return f"{value * 100:.0f} %" if isinstance(value, float) else "-"


TERMS = (
    Column("article", _("Term"), fold=True),
    Column("in_time", _("In time"), right=True),
    Column("late", _("Late"), right=True),
    Column("open", _("Open"), right=True),
    Column("share", _("Share"), right=True, style=percent),
)
EVALUATIONS = (
    Column("id", _("No."), right=True),
    Column("system", _("Evaluation of"), fold=True),
    Column("state", _("State")),
    Column("total", _("Points"), right=True),
)
RECORDS = (
    Column("id", _("No."), right=True),
    Column("held_on", _("Day")),
    Column("kind", _("Record")),
    Column("title", _("Title"), fold=True),
    Column("enrolled", _("Enrolled"), right=True),
    Column("attended", _("Attended"), right=True),
)


@click.command("card")
@click.argument("code")
@click.option("--year", type=click.IntRange(2000, 2100), help=_("Default: this year."))
@output_of(("table", "json"), _("How to print."))
@click.pass_context
def card_of(ctx: click.Context, code: str, year: int | None, output: str | None) -> None:
    """Show the year of a department (CODE or name): its terms, evaluations, trainings, findings, awards.

    Terms that run on or have no date yet are open: they accuse nobody.
    """
    from monitor.scorecards import card

    installation = house(ctx)
    today = installation.now().today
    with installation.register.read() as db:
        whole: dict[str, Any] = card(db, code, year or today.year, today)
    if output == "json":
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    click.echo(cell(_("{department} ({code}), {year} as of {as_of}").format(**whole)))
    for rows, columns, empty in (
        (whole["terms"], TERMS, _("No term began.")),
        (whole["evaluations"], EVALUATIONS, _("No evaluation.")),
        (whole["records"], RECORDS, _("No record.")),
    ):
        click.echo()
        if rows:
            show(rows, columns, "table")
        else:
            click.echo(empty)
