"""`rightsizer filing show|history`: one filing with its card, and what its accepted versions changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, as_json, cell, output_of, output_option, show
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from filing.tables import Filing

COLUMNS = (
    Column("version", _("Version"), right=True),
    Column("valid_from", _("From")),
    Column("field", _("Field"), fold=True),
    Column("before", _("Before"), fold=True),
    Column("after", _("After"), fold=True),
    Column("submitted_by", _("Submitted by"), fold=True),
    Column("accepted_by", _("Accepted by"), fold=True),
    Column("reason", _("Reason"), shown=False),
)


@click.command("show")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@output_of(("text", "json"), _("How to print; default: text."))
@click.pass_context
def show_one(ctx: click.Context, number: int, output: str | None) -> None:
    """Show a filing: its card, what it lacks, a proposed amendment, its deadline."""
    from filing.filings import found_filing

    with house(ctx).register.read() as db:
        filing = found_filing(db, number)
        if output == "json":
            as_json([facts(db, filing)])
            return
        for text in page(db, filing):
            click.echo(text)


def facts(db: Session, filing: Filing) -> dict[str, object]:
    from filing.card_check import lacks
    from filing.clocks import of_filing

    days = {name: getattr(filing, name) for name in ("found_on", "submitted_on", "filed_on", "ended_on")}
    clocks = [{"due_on": text(row.due_on), "met_on": text(row.met_on)} for row in of_filing(db, filing)]
    return {
        "id": filing.id,
        "department": filing.department.name,
        "name": filing.name,
        "state": filing.state,
        "system": filing.system.name if filing.system else None,
        "project": filing.project_id,
        **{name: text(day) for name, day in days.items()},
        "submitted_by": filing.submitted_by,
        "lacks": lacks(filing.card),
        "card": filing.card,
        "proposed": filing.proposed,
        "deadlines": clocks,
    }


def text(value: object) -> str | None:
    return None if value is None else str(value)


def page(db: Session, filing: Filing) -> Iterator[str]:
    from filing.card import FIELDS
    from filing.card_check import differences, lacks
    from filing.card_values import words
    from filing.filing_states import FILING, REVIEWERS
    from filing.writers import WRITERS

    known = facts(db, filing)
    yield _("Filing {id}: {name} ({department}), {state}").format(**{k: cell(v) for k, v in known.items()})
    for name in ("found_on", "submitted_on", "filed_on", "ended_on", "system", "project"):
        if known[name] is not None:
            yield f"  {name.replace('_', ' ')}: {cell(known[name])}"
    for clock in known["deadlines"] if isinstance(known["deadlines"], list) else []:
        yield _("  to be filed until {due_on}; met: {met_on}").format(
            **{k: v or "-" for k, v in clock.items()}
        )
    yield ""
    for field in FIELDS:
        value = filing.card.get(field.key)
        if value is not None:
            yield f"  {field.heading}: {cell(words(field, value))}"
    if missing := lacks(filing.card):
        yield _("Lacks, to be submitted: {fields}").format(fields="、".join(missing))
    if filing.proposed is not None:
        yield ""
        yield _("Proposed by {who}:").format(who=cell(filing.submitted_by))
        for field, old, new in differences(filing.card, filing.proposed):
            yield f"  {field.heading}: {cell(words(field, old))} -> {cell(words(field, new))}"
    roles = sorted(WRITERS | REVIEWERS)
    events = dict.fromkeys(event for role in roles for event in FILING.events(filing.state, role))
    yield ""
    yield _("Possible now: {events}").format(events=", ".join(events) or _("nothing"))


@click.command("history")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@output_option
@click.pass_context
def history(ctx: click.Context, number: int, output: str | None) -> None:
    """Show what each accepted version of a card changed, when it held from, and by whom."""
    from filing.filings import found_filing

    with house(ctx).register.read() as db:
        rows = list(changes(db, found_filing(db, number)))
    show(rows, COLUMNS, output, _("Nothing was accepted yet: `rightsizer filing accept N`."))


def changes(db: Session, filing: Filing) -> Iterator[dict[str, object]]:
    from filing.card_check import differences
    from filing.card_values import words
    from filing.filings import versions

    before: dict[str, object] = {}
    for version in versions(db, filing):
        for field, old, new in differences(before, version.card):
            yield {
                "version": version.number,
                "valid_from": version.valid_from.isoformat(),
                "field": field.heading,
                "before": None if old is None else words(field, old),
                "after": None if new is None else words(field, new),
                "submitted_by": version.submitted_by,
                "accepted_by": version.accepted_by,
                "reason": version.reason,
            }
        before = version.card
