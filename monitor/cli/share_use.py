"""`rightsizer share use|log`: the log of use, and what in it is not as granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import Words
from monitor.cli.asked import at, iso, item_option, number_argument, on_option
from monitor.cli.errors import EXIT_FINDINGS
from monitor.cli.output import Column, note, output_option, show
from monitor.cli.session import house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

COLUMNS = (
    Column("id", _("No."), right=True),
    Column("request", _("Request"), right=True),
    Column("code", _("Entry")),
    Column("used_on", _("Used")),
    Column("records", _("Records"), right=True),
    Column("purpose", _("Purpose"), fold=True),
    Column("violation", _("Violation"), fold=True),
    Column("recorded_by", _("By"), shown=False),
)


@click.command("use")
@number_argument
@click.option(
    "--records", type=click.IntRange(0, 2**31 - 1), required=True, help=_("How many records were used.")
)
@click.option("--purpose", type=Words(), help=_("What for; default: the declared purpose."))
@item_option
@on_option
@reason_option
@click.pass_context
def record_use(
    ctx: click.Context,
    number: int,
    records: int,
    purpose: str | None,
    items: tuple[str, ...],
    on: date | None,
    reason: str | None,
) -> None:
    """Record a use of the data of request N. Another purpose than the declared one, another item or another
    time is recorded as a violation and becomes a task; then the exit code is 3.
    """
    from catalog.sharing import found
    from catalog.sharing_use import Use, record
    from monitor.asked import tell_violation

    with at(ctx, reason) as here:
        use = Use(here.day(on), records, purpose, items)
        line = record(here.db, found(here.db, number), use, here.desk, here.act)
        said = line.violation
        if said is not None:
            tell_violation(here.db, f"share {number}", line.id, said, here.act)
    if said is None:
        note(_("{number}: use recorded").format(number=number))
        return
    note(
        _("{number}: use recorded as a VIOLATION: {said}; a task was opened").format(number=number, said=said)
    )
    ctx.exit(EXIT_FINDINGS)


@click.command("log")
@click.argument("number", metavar="[N]", type=click.IntRange(1, 2**31 - 1), required=False)
@click.option("--violations", is_flag=True, help=_("Only uses that are not as granted."))
@output_option
@click.pass_context
def list_uses(ctx: click.Context, number: int | None, violations: bool, output: str | None) -> None:
    """List the uses of shared data, the newest first; of request N alone."""
    from catalog.sharing_use import uses

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "id": line.id,
                "request": line.request_id,
                "code": line.request.entry.resource_code,
                "used_on": iso(line.used_on),
                "records": line.records,
                "purpose": line.purpose,
                "violation": line.violation,
                "recorded_by": line.recorded_by,
            }
            for line in uses(db, True if violations else None, number)
        ]
    show(rows, COLUMNS, output, _("No use. `rightsizer share use N --records N` records one."))
