"""`rightsizer budget`: which project and which filed system may be funded, by articles 9 and 10."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, cell, count, note, output_of, output_option, show, spare
from monitor.cli.session import Day, acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from filing.budget_tables import BudgetList


def numbers(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) and value else "-"


def lifted(value: object) -> str:
    return f"{value['list']} {value['row']}" if isinstance(value, dict) else "-"


VERDICTS = ("fundable", "refused", "stopped")
COLUMNS = (
    Column("row", _("No."), right=True, shown=False),
    Column("subject", _("Of")),
    Column("department", _("Department"), fold=True),
    Column("name", _("Name"), fold=True),
    Column("budget_fen", _("Budget (fen)"), right=True, shown=False),
    Column("verdict", _("Verdict")),
    Column("since", _("Since")),
    Column("article", _("Article")),
    Column("fact", _("Fact"), fold=True),
    Column("entries", _("Entries"), style=numbers, fold=True),
    Column("restores", _("Restores"), style=lifted, fold=True),
)
LISTS = (
    Column("id", _("No."), right=True),
    Column("number", _("Number")),
    Column("year", _("Year"), right=True),
    Column("as_of", _("As of")),
    Column("issued_on", _("Issued")),
    Column("issued_by", _("By"), fold=True),
    Column("state", _("State")),
    Column("rows", _("Rows"), right=True),
    Column("stopped", _("Stopped"), right=True),
    Column("restored", _("Restored"), right=True),
    Column("sha256", _("SHA-256"), shown=False),
)


def shown(rows: Sequence[Mapping[str, object]]) -> list[Column]:
    """What a person sees: restored rows only where there are any."""
    lifts = any(row["restores"] for row in rows)
    return [replace(each, shown=each.shown and (lifts or each.key != "restores")) for each in COLUMNS]


@click.group("budget", help=_("The budget list: list, issue, show, letter, attest."))
def command() -> None: ...


@command.command("list")
@click.option(
    "--year", type=click.IntRange(2000, 2100), help=_("The budget's year; default: that of the day.")
)
@click.option("--as-of", type=Day(), help=_("The day whose facts count; default: today."))
@click.option("--verdict", type=click.Choice(VERDICTS), help=_("Only these rows."))
@output_option
@click.pass_context
def list_rows(
    ctx: click.Context, year: int | None, as_of: date | None, verdict: str | None, output: str | None
) -> None:
    """List every project and filing: whether it may be funded on a day, and why; nothing is kept.

    Compared with the last issued list of the year (else of any year): what may be funded again restores a
    row of that list.
    """
    from filing.budget_lists import plain, rows_of

    installation = house(ctx)
    now = installation.now(as_of)
    with installation.register.read() as db:
        found = rows_of(db, year or now.as_of.year, now.as_of)
    rows = [plain(row) for row in found if verdict in {None, row.verdict}]
    show(
        rows,
        shown(rows),
        output,
        _("No project, no filing. `rightsizer project add` and `filing add` add them."),
    )


@command.command("lists")
@output_option
@click.pass_context
def list_lists(ctx: click.Context, output: str | None) -> None:
    """List the issued budget lists, the newest first."""
    from sqlalchemy import select

    from filing.budget_tables import BudgetList

    installation = house(ctx)
    with installation.register.read() as db:
        wanted = select(BudgetList).order_by(BudgetList.issued_on.desc(), BudgetList.id.desc())
        rows = [summary(row) for row in db.scalars(wanted)]
    show(rows, LISTS, output, _("No list was issued. `rightsizer budget issue YEAR` issues one."))


def summary(row: BudgetList) -> dict[str, object]:
    lines: Sequence[dict[str, object]] = row.content["rows"]
    return {
        "id": row.id,
        "number": row.number,
        "year": row.year,
        "as_of": row.as_of.isoformat(),
        "issued_on": row.issued_on.isoformat(),
        "issued_by": row.issued_by,
        "state": row.state,
        "rows": len(lines),
        "stopped": sum(line["verdict"] == "stopped" for line in lines),
        "restored": sum(line["restores"] is not None for line in lines),
        "sha256": row.sha256,
    }


@command.command("issue")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.option("--as-of", type=Day(), help=_("The day whose facts count; default: today."))
@reason_option
@click.pass_context
def issue_list(ctx: click.Context, year: int, as_of: date | None, reason: str | None) -> None:
    """Freeze the budget list of YEAR: numbered, sealed, never changed afterwards."""
    from filing.budget_lists import issue
    from monitor.budgeting import issue_of

    installation = house(ctx)
    now, act = installation.now(as_of), acting(installation, cell(reason) or None)
    what = issue_of(installation, year, now.as_of, now.today)
    with installation.register.write() as db:
        told = summary(issue(db, what, act, now.today))
    said = _("{rows}: {stopped} stopped, {restored} restored; SHA-256 {sha256}")
    rows = count(int(str(told["rows"])), _("row"))
    note(said.format(rows=rows, stopped=told["stopped"], restored=told["restored"], sha256=told["sha256"]))
    click.echo(told["number"])


@command.command("show")
@click.argument("number")
@click.option("--verdict", type=click.Choice(VERDICTS), help=_("Only these rows."))
@output_of(("table", "json", "jsonl", "csv"), _("How to print; json is the frozen content with its seal."))
@click.pass_context
def show_list(ctx: click.Context, number: str, verdict: str | None, output: str | None) -> None:
    """Show an issued list, by its number or its No.; 1 when it was changed."""
    import json

    from filing.budget_lists import found_list

    installation = house(ctx)
    with installation.register.read() as db:
        row = found_list(db, number)
        told, content = summary(row), row.content
        attested = f"{row.attested_by}, {row.attested_on}" if row.attested_by else None
    if output == "json" and verdict is None:
        whole = {"content": content, "sha256": told["sha256"], "attested": attested}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    note(_("{number} as of {as_of}, issued {issued_on} by {issued_by}").format(**told))
    note(_("attested by {who}").format(who=attested) if attested else _("not attested yet"))
    note(_("sealed {sha256}").format(**told))
    rows = [line for line in content["rows"] if verdict in {None, line["verdict"]}]
    show(rows, shown(rows), output, _("No such row."))


@command.command("letter")
@click.argument("number")
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help=_("Write the letter as PDF."))
@click.option(
    "--docx", type=click.Path(path_type=Path, dir_okay=False), help=_("Write it as a Word document.")
)
@click.option(
    "--xlsx", type=click.Path(path_type=Path, dir_okay=False), help=_("Write all rows as a workbook.")
)
@click.option("--force", is_flag=True, help=_("Write over files that lie there."))
@click.pass_context
def letter(ctx: click.Context, /, number: str, force: bool, **papers: Path | None) -> None:
    """Write the letter to the finance bureau with an issued list; several papers at once."""
    from filing.budget_lists import found_list
    from monitor.budgeting import paper, printed
    from monitor.cli.notice_preview import written

    wanted = {form: path for form, path in papers.items() if path is not None}
    if not wanted:
        raise click.UsageError(_("one of --pdf, --docx and --xlsx"), ctx)
    for path in wanted.values():
        spare(path, force=force)
    installation = house(ctx)
    with installation.register.read() as db:
        told = paper(installation, found_list(db, number))
    for form, path in wanted.items():
        click.echo(written(path, printed(installation, told, form), over=True))


@command.command("attest")
@click.argument("number")
@reason_option
@click.pass_context
def attest_list(ctx: click.Context, number: str, reason: str | None) -> None:
    """Attest for the finance bureau that it has the list and follows it."""
    from filing.budget_lists import attest, found_list

    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.write() as db:
        row = found_list(db, number)
        attest(db, row, act, now.today)
        named = row.number
    note(_("{number} attested by {who}").format(number=named, who=act.actor))
