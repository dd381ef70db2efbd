"""`rightsizer filing reconcile`: what runs against what is filed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, count, note, output_option, show
from monitor.cli.session import Day, acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from datetime import date

    from filing.reconcile import Found

KINDS = {
    "runs_unfiled": _("runs, not filed"),
    "runs_deregistered": _("runs, deregistered"),
    "filed_no_machine": _("filed, no machine"),
    "filed_twice": _("filed twice"),
    "machines_no_system": _("no system"),
    "other_department": _("other department"),
}


def numbers(found: object) -> str:
    return ", ".join(map(str, found)) if isinstance(found, list) and found else "-"


COLUMNS = (
    Column("kind", _("What"), style=lambda kind: KINDS[str(kind)]),
    Column("department", _("Department"), fold=True),
    Column("name", _("System or machines"), fold=True),
    Column("filings", _("Filings"), style=numbers, fold=True),
    Column("machines", _("Machines"), right=True),
    Column("measured", _("Measured"), shown=False),
    Column("note", _("Note"), fold=True),
)


@click.command("reconcile")
@click.option("--kind", type=click.Choice(list(KINDS)), help=_("Only discrepancies of this kind."))
@click.option("--record", is_flag=True, help=_("Note a filing for each system that runs without one."))
@click.option(
    "--until", type=Day(), help=_("With --record: the last day to file; default: that of the open campaign.")
)
@reason_option
@output_option
@click.pass_context
def reconcile(
    ctx: click.Context,
    kind: str | None,
    record: bool,
    until: date | None,
    reason: str | None,
    output: str | None,
) -> None:
    """Set the inventory against the filings: what runs unfiled, is filed without a machine, or twice.

    --record notes a filing, unfiled, of what runs without one, with a deadline to file; again: nothing new.
    """
    from filing.ground import ground
    from filing.reconcile import reconcile as compare

    if record:
        recorded(ctx, until, reason)
    elif until is not None or reason is not None:
        raise click.UsageError(_("--until and --reason go with --record"), ctx)
    with house(ctx).register.read() as db:
        known = ground(db)
    found = compare(known)
    rows = [as_row(one) for one in found if kind in {None, one.kind}]
    show(rows, COLUMNS, output, _("Nothing differs between the inventory and the filings."))
    if not known.machines:
        note(_("The inventory has no machine: what is filed cannot be looked for; `inventory import FILE`."))
    summary = Counter(str(one.kind) for one in found)
    if rows:
        note("; ".join(f"{KINDS[one]}: {summary[one]:,}" for one in KINDS if summary[one]))


def as_row(found: Found) -> dict[str, object]:
    return {
        "kind": str(found.kind),
        "department": found.department,
        "name": found.name,
        "filings": list(found.filings),
        "machines": found.machines,
        "measured": found.measured,
        "note": found.note,
    }


def recorded(ctx: click.Context, until: date | None, reason: str | None) -> None:
    from filing.clocks import newest_campaign
    from filing.recording import record
    from store.calendar import calendar

    installation = house(ctx)
    act, today = acting(installation, reason), installation.now().today
    with installation.register.write() as db:
        open_one = newest_campaign(db)
        last = until or (open_one.until if open_one is not None and open_one.until >= today else None)
        if last is None:
            raise click.UsageError(_("--record --until DATE: no campaign is open that says it"), ctx)
        rows, left = record(db, calendar(db), last, act, today)
        made = len(rows)
    said = _("{filings} noted, to be filed until {until}")
    note(said.format(filings=count(made, _("filing")), until=last))
    if left:
        text = _("{systems} left out: another system's filing has the name; `filing edit N --system NAME`")
        note(text.format(systems=count(left, _("system"))))
