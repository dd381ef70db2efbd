"""What may happen to a request for sharing (art. 23), who may do it; the documents' table is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.sharing_tables import ShareState
from catalog.states import CENTRE, EDITORS, OPERATOR, OWNERS, SIGNERS
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.sharing_tables import ShareRequest

PROGRAM = frozenset({Role.PROGRAM})
ASKERS = frozenset({Role.FILER}) | EDITORS | SIGNERS
ASKER, ASKED_BY = "asker_id", "asked_by"


def of_asker(target: str, guard: Callable[[ShareRequest], str | None] | None = None) -> Step:
    return Step(target, ASKERS, guard, of=ASKER)


def answered(target: str, guard: Callable[[ShareRequest], str | None] | None = None) -> Step:
    """By the department that has the data; nobody answers his own request."""
    return Step(target, OWNERS, guard, apart=ASKED_BY)


def own(row: ShareRequest) -> str | None:
    """A department needs no request for its own data."""
    return "its own data needs no request" if row.asker_id == row.department_id else None


def coordinated(row: ShareRequest) -> str | None:
    if row.coordinated_on is None:
        return None
    return f"it was coordinated on {row.coordinated_on} already: the answer stands"


S = ShareState
SHARE = Workflow(
    "share",
    {
        (S.DRAFT, "submit"): of_asker(S.FORMAT_REVIEW, own),
        (S.DRAFT, "coordinate"): of_asker(S.COORDINATION, own),  # for what is 不予共享
        (S.DRAFT, "cancel"): of_asker(S.CANCELLED),
        (S.FORMAT_REVIEW, "forward"): Step(S.AWAITING_ANSWER, CENTRE, own),
        (S.FORMAT_REVIEW, "return"): Step(S.DRAFT, CENTRE),
        (S.FORMAT_REVIEW, "coordinate"): Step(S.COORDINATION, CENTRE),
        (S.FORMAT_REVIEW, "cancel"): of_asker(S.CANCELLED),
        (S.AWAITING_ANSWER, "grant"): answered(S.GRANTED),
        (S.AWAITING_ANSWER, "grant_partly"): answered(S.PARTLY_GRANTED),
        (S.AWAITING_ANSWER, "refuse"): answered(S.REFUSED),
        (S.AWAITING_ANSWER, "coordinate"): Step(S.COORDINATION, CENTRE),
        (S.AWAITING_ANSWER, "cancel"): of_asker(S.CANCELLED),
        (S.COORDINATION, "grant"): answered(S.GRANTED),
        (S.COORDINATION, "grant_partly"): answered(S.PARTLY_GRANTED),
        (S.COORDINATION, "refuse"): answered(S.REFUSED),
        (S.COORDINATION, "cancel"): of_asker(S.CANCELLED),
        (S.REFUSED, "dispute"): of_asker(S.COORDINATION, coordinated),
        (S.PARTLY_GRANTED, "dispute"): of_asker(S.COORDINATION, coordinated),
        (S.GRANTED, "begin"): of_asker(S.IN_USE),
        (S.PARTLY_GRANTED, "begin"): of_asker(S.IN_USE),
        **{(now, "expire"): Step(S.EXPIRED, PROGRAM | OPERATOR) for now in (S.GRANTED, S.PARTLY_GRANTED)},
        (S.IN_USE, "expire"): Step(S.EXPIRED, PROGRAM | OPERATOR),
        **{(now, "revoke"): Step(S.REVOKED, SIGNERS | CENTRE) for now in (S.GRANTED, S.PARTLY_GRANTED)},
        (S.IN_USE, "revoke"): Step(S.REVOKED, SIGNERS | CENTRE),
        **{(now, "cancel"): of_asker(S.CANCELLED) for now in (S.GRANTED, S.PARTLY_GRANTED)},
        (S.IN_USE, "cancel"): of_asker(S.CANCELLED),
    },
)
