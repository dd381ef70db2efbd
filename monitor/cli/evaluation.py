"""`rightsizer evaluation`: the yearly evaluation of filed systems (art. 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli import evaluation_outcome
from monitor.cli.evaluation_score import score
from monitor.cli.output import Column, cell, count, note, output_of, output_option, show
from monitor.cli.session import acting, house, known_department, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from filing.evaluation_tables import Evaluation

STATES = (
    *("due", "scored", "passed", "rectifying", "rectifying_appealed", "rectified", "rescored"),
    *("failed", "failed_appealed", "merging", "cancelled", "closed"),
)
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("year", _("Year"), right=True),
    Column("department", _("Department"), fold=True),
    Column("system", _("System"), fold=True),
    Column("state", _("State")),
    Column("total", _("Points"), right=True),
    Column("confirmed_on", _("Confirmed")),
    Column("attested_by", _("Attested by")),
    Column("filing", _("Filing"), right=True),
)
SHEET = (
    Column("key", _("Item")),
    Column("title", _("Title"), fold=True),
    Column("points", _("Of"), right=True),
    Column("score", _("Points"), right=True),
    Column("measured", _("Measured"), right=True),
    Column("by", _("By"), fold=True),
    Column("reason", _("Reason"), fold=True),
)


@click.group("evaluation", help=_("Yearly evaluation of filed systems: open, list, score, confirm, appeal."))
def command() -> None: ...


@command.command("open")
@click.argument("year", type=click.IntRange(2000, 2100))
@reason_option
@click.pass_context
def open_evaluations(ctx: click.Context, year: int, reason: str | None) -> None:
    """Open the evaluation of YEAR: a sheet for every system that was filed by its end and has none."""
    from filing.evaluations import open_year

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        opened = open_year(db, year, installation.policy, act, now.today)
    note(_("{evaluations} opened for {year}").format(evaluations=count(opened, _("evaluation")), year=year))


@command.command("list")
@click.option("--year", type=click.IntRange(2000, 2100), help=_("Only of this year."))
@click.option("--state", type=click.Choice(STATES), help=_("Only in this state."))
@click.option("--department", help=_("Only of this department (name or code)."))
@output_option
@click.pass_context
def list_evaluations(
    ctx: click.Context, year: int | None, state: str | None, department: str | None, output: str | None
) -> None:
    """List the evaluations, the newest year first."""
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    from filing.evaluation_tables import Evaluation
    from store.tables import Department

    wanted = select(Evaluation).join(Evaluation.department)
    wanted = wanted.options(joinedload(Evaluation.filing), joinedload(Evaluation.department))
    wanted = wanted if year is None else wanted.where(Evaluation.year == year)
    wanted = wanted if state is None else wanted.where(Evaluation.state == state)
    if department is not None:
        wanted = wanted.where((Department.name == department) | (Department.code == department))
    installation = house(ctx)
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        order = (Evaluation.year.desc(), Department.name, Evaluation.id)
        rows = [as_row(row) for row in db.scalars(wanted.order_by(*order))]
    show(rows, COLUMNS, output, _("No evaluation. `rightsizer evaluation open YEAR` opens a year."))


def as_row(row: Evaluation) -> dict[str, object]:
    return {
        "id": row.id,
        "year": row.year,
        "department": row.department.name,
        "system": row.filing.name,
        "state": row.state,
        "total": row.total,
        "confirmed_on": row.confirmed_on.isoformat() if row.confirmed_on else None,
        "attested_by": row.attested_by,
        "filing": row.filing_id,
    }


@command.command("show")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@output_of(("table", "json"), _("How to print; json has the evidence of what was measured."))
@click.pass_context
def show_evaluation(ctx: click.Context, number: int, output: str | None) -> None:
    """Show a sheet with its points, what was measured, its outcomes and its clock."""
    import json

    from filing.evaluations import found_evaluation
    from filing.outcomes import clocks

    installation = house(ctx)
    with installation.register.read() as db:
        row = found_evaluation(db, number)
        whole = {**as_row(row), **details(row)}
        due = [clock.due_on for clock in clocks(db, row) if clock.met_on is None]
    whole["rectify_by"] = due[0].isoformat() if due and due[0] else "provisional" if due else None
    if output == "json":
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    for text in page(whole):
        click.echo(cell(text))
    lines: list[dict[str, object]] = row.sheet
    show([line | {"score": spared(line)} for line in lines], SHEET, "table")


def details(row: Evaluation) -> dict[str, object]:
    days = ("opened_on", "scored_on", "attested_on", "appeal_until", "appealed_on", "decided_on", "closed_on")
    told = {name: day.isoformat() if (day := getattr(row, name)) else None for name in days}
    words = ("scored_by", "confirmed_by", "report", "appeal", "appeal_answer", "rules", "sheet", "outcomes")
    return {**told, **{name: getattr(row, name) for name in words}}


def page(whole: Mapping[str, object]) -> list[str]:
    """The lines above the sheet."""
    total = _("not scored") if whole["total"] is None else _("{total:g} of 100 points").format(**whole)
    lines = [
        _("{id}: {system} of {department}, {year}, filing {filing}").format(**whole),
        _("{state}; {total}").format(state=whole["state"], total=total),
    ]
    for key, text in (
        ("scored_by", _("scored {scored_on} by {scored_by}")),
        ("confirmed_by", _("confirmed {confirmed_on} by {confirmed_by}")),
        ("attested_by", _("attested {attested_on} by {attested_by}")),
        ("rectify_by", _("to be rectified by {rectify_by}")),
        ("report", _("rectified: {report}")),
        ("appeal_until", _("may be appealed until {appeal_until}")),
        ("appeal", _("appealed {appealed_on}: {appeal}")),
        ("appeal_answer", _("answer to the appeal: {appeal_answer}")),
    ):
        if whole[key]:
            lines.append(text.format(**whole))
    return lines


def spared(line: Mapping[str, object]) -> object:
    """A line that was left out has a mark, not an empty cell."""
    return _("left out") if line["score"] is None and line["by"] is not None else line["score"]


command.add_command(score)
for each in evaluation_outcome.COMMANDS:
    command.add_command(each)
