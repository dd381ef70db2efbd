"""What may happen to a purchase of data (art. 20), and who may do it; the documents' table is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.buying_tables import PurchaseState
from catalog.states import CENTRE, OPERATOR, OWNERS, REVIEWER
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from catalog.buying_tables import Purchase

BUYERS = OWNERS | frozenset({Role.FILER}) | OPERATOR


def complete(row: Purchase) -> str | None:
    """What the centre must know before it approves."""
    wanted = {
        "a supplier (--supplier)": row.supplier,
        "a price (--price)": row.price_fen,
        "the licence (--licence)": row.licence,
        "what the licence says of sharing (--sharing)": row.licence_sharing,
        "what the data holds (--item)": row.items,
    }
    missing = [what for what, value in wanted.items() if value is None or value == []]
    return f"wanted are: {'; '.join(missing)}" if missing else None


def in_catalog(row: Purchase) -> str | None:
    return None if row.entry_id is not None else "bought data needs an entry of the catalog first (art. 20)"


S = PurchaseState
PURCHASE = Workflow(
    "purchase",
    {
        (S.DRAFT, "submit"): Step(S.SUBMITTED, BUYERS, complete),
        (S.DRAFT, "withdraw"): Step(S.WITHDRAWN, BUYERS),
        (S.SUBMITTED, "approve"): Step(S.APPROVED, REVIEWER, complete, apart="submitted_by"),
        (S.SUBMITTED, "reject"): Step(S.REJECTED, REVIEWER, apart="submitted_by"),
        (S.SUBMITTED, "return"): Step(S.DRAFT, CENTRE),
        (S.SUBMITTED, "withdraw"): Step(S.WITHDRAWN, BUYERS),
        (S.APPROVED, "buy"): Step(S.BOUGHT, BUYERS),
        (S.APPROVED, "withdraw"): Step(S.WITHDRAWN, BUYERS),
        (S.BOUGHT, "catalogue"): Step(S.CATALOGUED, BUYERS),
        (S.CATALOGUED, "share"): Step(S.SHARED, BUYERS, in_catalog),
        (S.SHARED, "close"): Step(S.CLOSED, CENTRE, in_catalog),
    },
)
