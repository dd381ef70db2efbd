"""`rightsizer report`: the month on paper, for the centre, finance or one department."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.output import note
from monitor.cli.session import house, known_department
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.installation import Installation
    from notifier.reports.values import Report

FORMATS = ("docx", "xlsx", "html")


class Month(click.ParamType[date]):
    """A month, YYYY-MM: its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        text = str(value)
        if not re.fullmatch(r"(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])", text, re.ASCII):
            self.fail(_("{value!r} is not a month such as 2026-10").format(value=value), param, ctx)
        return date.fromisoformat(f"{text}-01")


@click.group("report", help=_("Reports: a month of use, notices, terms and savings."))
def command() -> None: ...


@command.command("month")
@click.argument("month", type=Month())
@click.option("--department", help=_("For one department (name or code), with its machines only."))
@click.option("--finance", is_flag=True, help=_("For finance: notices, terms and savings, no machine's use."))
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help=_("Default: of the file's name, else docx.")
)
@click.option(
    "--output-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Default: named here, by the month."),
)
@click.option("--force", is_flag=True, help=_("Write over a file that lies there."))
@click.pass_context
def month_report(
    ctx: click.Context,
    month: date,
    department: str | None,
    finance: bool,
    form: str | None,
    output_file: Path | None,
    force: bool,
) -> None:
    """Write the report of MONTH (YYYY-MM) and print where it lies; a month that goes on, up to yesterday."""
    if department is not None and finance:
        raise click.UsageError(_("--department or --finance, not both"), ctx)
    form = form or chosen(output_file, ctx)
    installation = house(ctx)
    report = gathered(installation, month, "finance" if finance else department)
    path = output_file or Path(file_name(report, form))
    if path.exists() and not force:
        raise click.ClickException(_("{path} lies here already: --force, or --output-file").format(path=path))
    path.write_bytes(rendered(report, form))
    if report.empty:
        note(_("nothing was measured, sent, late or saved in {month:%Y-%m}").format(month=month))
    elif not report.whole:
        note(_("{month:%Y-%m} goes on: up to {until}").format(month=month, until=report.until))
    click.echo(path)


def chosen(path: Path | None, ctx: click.Context) -> str:
    """The format that the file's name asks for."""
    suffix = path.suffix.lower().removeprefix(".") if path is not None else FORMATS[0]
    if suffix not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise click.UsageError(_("{path}: a name that ends with {known}").format(path=path, known=known), ctx)
    return suffix


def gathered(installation: Installation, month: date, scope: str | None) -> Report:
    from monitor.reporting import month_report as gather

    if scope not in {None, "finance"}:
        scope = named(installation, str(scope))
    return gather(installation, month, scope or "centre", installation.now())


def named(installation: Installation, wanted: str) -> str:
    """The department's name, by name or code."""
    from sqlalchemy import or_, select

    from store.tables import Department

    with installation.register.read() as db:
        known_department(db, wanted)
        found = select(Department.name).where(or_(Department.name == wanted, Department.code == wanted))
        return str(db.scalars(found.order_by(Department.name != wanted)).first())


def file_name(report: Report, form: str) -> str:
    """rightsizer-2026-10.docx, rightsizer-2026-10-市民政局.docx"""
    whose = report.department or ("finance" if report.scope == "finance" else "")
    plain = re.sub(r"[^\w.-]+", "_", whose)[:60].strip("._")
    return f"rightsizer-{report.month:%Y-%m}{'-' if plain else ''}{plain}.{form}"


def rendered(report: Report, form: str) -> bytes:
    if form == "xlsx":
        from notifier.reports.book import report_xlsx

        return report_xlsx(report)
    if form == "html":
        from notifier.reports.page import report_html

        return report_html(report).encode()
    from notifier.reports.word import report_docx

    return report_docx(report)
