"""`rightsizer purchase`: data that departments buy (art. 20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.asked import dues, iso, late, number_argument, page, when
from monitor.cli.output import Column, output_option, show
from monitor.cli.purchase_steps import STEPS
from monitor.cli.purchase_writing import draft, edit
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.buying_tables import Purchase

STATES = (
    *("draft", "submitted", "approved", "rejected", "bought", "catalogued", "shared", "closed"),
    "withdrawn",
)
COLUMNS = (
    Column("id", _("No."), right=True),
    Column("department", _("Department"), fold=True),
    Column("title", _("Data"), fold=True),
    Column("supplier", _("Supplier"), fold=True),
    Column("price_yuan", _("Yuan"), right=True),
    Column("state", _("State")),
    Column("due_on", _("Entry due")),
    Column("overdue", _("Late"), style=late),
    Column("code", _("Entry")),
    Column("likes", _("Likes"), shown=False),
)


@click.group("purchase", help=_("Bought data: ask, approve, buy, put into the catalog, share, close."))
def command() -> None: ...


for step in (draft, edit, *STEPS):
    command.add_command(step)


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@click.option("--overdue", is_flag=True, help=_("Only those whose entry in the catalog is overdue."))
@output_option
@click.pass_context
def list_purchases(ctx: click.Context, state: str | None, overdue: bool, output: str | None) -> None:
    """List the purchases, the newest first."""
    installation = house(ctx)
    with installation.register.read() as db:
        rows = [row for row in lines(db, installation.now().today, state) if row["overdue"] or not overdue]
    show(rows, COLUMNS, output, _("No purchase. `rightsizer purchase draft` adds one."))


def lines(db: Session, today: date, state: str | None) -> Iterable[dict[str, object]]:
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    from catalog.buying import ARTICLE
    from catalog.buying_tables import Purchase

    wanted = select(Purchase).options(joinedload(Purchase.department), joinedload(Purchase.entry))
    if state is not None:
        wanted = wanted.where(Purchase.state == state)
    clocks = dues(db, "catalog_purchase", [ARTICLE])
    for row in db.scalars(wanted.order_by(Purchase.id.desc())):
        yield {**as_row(row), **when(clocks.get(row.id), today)}


def as_row(row: Purchase) -> dict[str, object]:
    return {
        "id": row.id,
        "department": row.department.name,
        "title": row.title,
        "supplier": row.supplier,
        "price_yuan": row.price_fen / 100 if row.price_fen is not None else None,
        "state": row.state,
        "code": row.entry.resource_code if row.entry is not None else None,
        "likes": row.likes,
    }


@command.command("show")
@number_argument
@output_option
@click.pass_context
def show_purchase(ctx: click.Context, number: int, output: str | None) -> None:
    """Show everything about purchase N, and what speaks against it."""
    from catalog.buying import doubts, found

    with house(ctx).register.read() as db:
        row = found(db, number)
        facts = {
            **as_row(row),
            "need": row.need,
            "items": row.items,
            "licence": row.licence,
            "licence_sharing": row.licence_sharing,
            "doubts": doubts(row),
            "submitted_by": row.submitted_by,
            "submitted_on": iso(row.submitted_on),
            "decided_by": row.decided_by,
            "decided_on": iso(row.decided_on),
            "decision": row.decision,
            "bought_on": iso(row.bought_on),
            "contract": row.contract,
            "catalogued_on": iso(row.catalogued_on),
            "shared_on": iso(row.shared_on),
            "ended_on": iso(row.ended_on),
        }
    page(facts, output)
