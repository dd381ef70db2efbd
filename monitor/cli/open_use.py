"""`rightsizer open use-report|reports`: what was made of open data, as applied for or not (art. 27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.asked import at, iso, number_argument, on_option
from monitor.cli.errors import EXIT_FINDINGS
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("application", _("Application"), right=True),
    Column("code", _("Entry")),
    Column("used_on", _("Used")),
    Column("purpose", _("Use"), fold=True),
    Column("product", _("Product"), fold=True),
    Column("violation", _("Violation"), fold=True),
)


@click.command("use-report")
@number_argument
@click.option("--purpose", type=Words(), required=True, help=_("What the data was used for."))
@click.option("--product", type=Words(), help=_("The product or service that came of it."))
@on_option
@reason_option
@click.pass_context
def use_report(
    ctx: click.Context,
    number: int,
    purpose: str,
    product: str | None,
    on: date | None,
    reason: str | None,
) -> None:
    """Record a report of use of what application N got. A use that does not match the application is recorded
    as a violation and becomes a task; then the exit code is 3.
    """
    from catalog.opening import found
    from catalog.opening_use import Report, report
    from monitor.asked import tell_violation

    with at(ctx, reason) as here:
        made = Report(here.day(on), purpose, product)
        line = report(here.db, found(here.db, number), made, here.desk, here.act)
        said = line.violation
        if said is not None:
            tell_violation(here.db, f"open {number}", line.id, said, here.act)
    if said is None:
        note(_("{number}: report recorded").format(number=number))
        return
    words = _("{number}: report recorded as a VIOLATION: {said}; a task was opened")
    note(words.format(number=number, said=said))
    ctx.exit(EXIT_FINDINGS)


@click.command("reports")
@click.argument("number", metavar="[N]", type=click.IntRange(1, 2**31 - 1), required=False)
@output_option
@click.pass_context
def list_reports(ctx: click.Context, number: int | None, output: str | None) -> None:
    """List the reports of use, the newest first; of application N alone."""
    from catalog.opening_use import reports

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "id": line.id,
                "application": line.request_id,
                "code": line.request.entry.resource_code,
                "used_on": iso(line.used_on),
                "purpose": line.purpose,
                "product": line.product,
                "violation": line.violation,
            }
            for line in reports(db, number)
        ]
    show(rows, COLUMNS, output, _("No report. `rightsizer open use-report N` records one."))
