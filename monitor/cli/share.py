"""`rightsizer share`: requests of departments for each other's data (arts. 21 to 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.asked import dues, iso, late, number_argument, page, when
from monitor.cli.output import Column, output_option, show
from monitor.cli.session import house, known_department
from monitor.cli.share_answers import grant, grant_partly, refuse
from monitor.cli.share_steps import STEPS
from monitor.cli.share_use import list_uses, record_use
from monitor.cli.share_writing import draft, edit, forward
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.sharing_tables import ShareRequest

STATES = (
    *("draft", "format_review", "awaiting_answer", "coordination", "granted", "partly_granted", "refused"),
    *("in_use", "expired", "revoked", "cancelled"),
)
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("asker", _("Asks"), fold=True),
    Column("department", _("Has it"), fold=True),
    Column("code", _("Entry")),
    Column("state", _("State")),
    Column("received_on", _("Received"), shown=False),
    Column("due_on", _("Due")),
    Column("overdue", _("Late"), style=late),
    Column("granted_to", _("Until")),
    Column("purpose", _("Purpose"), fold=True),
)
UNLINKED = (
    Column("code", _("Entry")),
    Column("title", _("Title"), fold=True),
    Column("department", _("Department"), fold=True),
    Column("share_type", _("Sharing")),
    Column("published_on", _("Public since")),
)


@click.group("share", help=_("Sharing: ask for data, answer, use it; entries without a link."))
def command() -> None: ...


for step in (draft, edit, forward, grant, grant_partly, refuse, record_use, list_uses, *STEPS):
    command.add_command(step)


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@click.option("--department", help=_("Only those that this department asks or answers (name or code)."))
@click.option("--overdue", is_flag=True, help=_("Only those whose answer is overdue."))
@output_option
@click.pass_context
def list_requests(
    ctx: click.Context, state: str | None, department: str | None, overdue: bool, output: str | None
) -> None:
    """List the requests, the newest first."""
    installation = house(ctx)
    with installation.register.read() as db:
        number = known_department(db, department).id if department is not None else None
        rows = list(lines(db, installation.now().today, state, number))
    rows = [row for row in rows if row["overdue"] or not overdue]
    show(rows, COLUMNS, output, _("No request. `rightsizer share draft CODE` adds one."))


def lines(db: Session, today: date, state: str | None, department: int | None) -> Iterable[dict[str, object]]:
    from sqlalchemy import or_, select
    from sqlalchemy.orm import joinedload

    from catalog.sharing import ARTICLE
    from catalog.sharing_tables import ShareRequest

    loads = (ShareRequest.asker, ShareRequest.department, ShareRequest.entry)
    wanted = select(ShareRequest).options(*(joinedload(each) for each in loads))
    if state is not None:
        wanted = wanted.where(ShareRequest.state == state)
    if department is not None:
        ours = ShareRequest.asker_id == department, ShareRequest.department_id == department
        wanted = wanted.where(or_(*ours))
    clocks = dues(db, "catalog_share", [ARTICLE])
    for row in db.scalars(wanted.order_by(ShareRequest.id.desc())):
        yield {**as_row(row), **when(clocks.get(row.id), today)}


def as_row(row: ShareRequest) -> dict[str, object]:
    return {
        "id": row.id,
        "asker": row.asker.name,
        "department": row.department.name,
        "code": row.entry.resource_code,
        "state": row.state,
        "received_on": iso(row.received_on),
        "granted_to": iso(row.granted_to),
        "purpose": row.purpose,
    }


@command.command("show")
@number_argument
@output_option
@click.pass_context
def show_request(ctx: click.Context, number: int, output: str | None) -> None:
    """Show everything about request N: what was asked, what was answered, how it was used."""
    from catalog.sharing import clock_of, found
    from catalog.sharing_answers import REFUSALS
    from catalog.sharing_use import uses

    installation = house(ctx)
    with installation.register.read() as db:
        row = found(db, number)
        log = uses(db, number=number)
        clock = next(iter(clock_of(db, row)), None)
        facts = {
            **as_row(row),
            "legal_duty": row.duty,
            "items": row.scope,
            "term": [iso(row.term_from), iso(row.term_to)],
            "calls": {"peak": row.peak, "mean": row.mean, "hours": row.hours} if row.peak else None,
            "asked_by": row.asked_by,
            "submitted_on": iso(row.submitted_on),
            "due_on": iso(clock.due_on) if clock else None,
            "coordinated_on": iso(row.coordinated_on),
            "coordinated_for": row.coordinated_for,
            "answered_on": iso(row.answered_on),
            "answered_by": row.answered_by,
            "refusal": REFUSALS.word(row.refusal),
            "answer": row.answer,
            "conditions": row.conditions,
            "granted_items": row.granted_scope,
            "granted": [iso(row.granted_from), iso(row.granted_to)] if row.granted_from else None,
            "ended_on": iso(row.ended_on),
            "uses": len(log),
            "records_used": sum(line.records for line in log),
            "violations": [f"{line.used_on}: {line.violation}" for line in log if line.violation],
        }
    page(facts, output)


@command.command("unlinked")
@output_option
@click.pass_context
def list_unlinked(ctx: click.Context, output: str | None) -> None:
    """List published entries that are to be shared and have no link to the exchange platform (art. 21)."""
    from catalog.unlinked import unlinked
    from monitor.cli.catalog_matter import word

    with house(ctx).register.read() as db:
        rows: list[dict[str, object]] = [
            {
                "code": row.entry.resource_code,
                "title": row.title,
                "department": row.entry.department.name,
                "share_type": word("share_type", row.share_type),
                "published_on": iso(row.went_public_on),
            }
            for row in unlinked(db)
        ]
    show(rows, UNLINKED, output, _("Every published entry that is shared has a link."))
