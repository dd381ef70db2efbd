"""What may happen to a version of an entry, to a ticket, to an objection, and who may do it (arts. 16 to 18).

The documents' state tables are made of these tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.matters import ObjectionState, TicketState
from catalog.tables import VersionState
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from catalog.matters import Ticket
    from catalog.tables import Version

OPERATOR, REVIEWER = frozenset({Role.OPERATOR}), frozenset({Role.REVIEWER})
EDITORS = frozenset({Role.EDITOR}) | OPERATOR
SIGNERS = frozenset({Role.SIGNER}) | OPERATOR
CENTRE = REVIEWER | OPERATOR
OWNERS = EDITORS | SIGNERS
NAMED = 5  # problems that a refusal spells out


def invalid(version: Version) -> str | None:
    """Why a version may not go on: what the rules found in it. They must have been asked just before."""
    found = version.problems
    if found is None:
        return "it was not checked"
    if not found:
        return None
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{'; '.join(str(problem) for problem in found[:NAMED])}{more}: `rightsizer catalog check`"


def unanswered(ticket: Ticket) -> str | None:
    return None if ticket.answer else "it has no answer"


S = VersionState
ENTRY = Workflow(
    "entry",
    {
        (S.DRAFT, "submit"): Step(S.DEPARTMENT_REVIEW, EDITORS, invalid),
        (S.DRAFT, "discard"): Step(S.DISCARDED, EDITORS),
        (S.DEPARTMENT_REVIEW, "confirm"): Step(S.CENTRE_REVIEW, SIGNERS, invalid, apart="submitted_by"),
        (S.DEPARTMENT_REVIEW, "return"): Step(S.DRAFT, SIGNERS),
        (S.DEPARTMENT_REVIEW, "withdraw"): Step(S.DRAFT, EDITORS),
        (S.CENTRE_REVIEW, "file"): Step(S.FILED, REVIEWER, invalid, apart="behind"),
        (S.CENTRE_REVIEW, "return"): Step(S.DRAFT, REVIEWER),
        (S.CENTRE_REVIEW, "withdraw"): Step(S.DRAFT, OWNERS),
        (S.FILED, "publish"): Step(S.PUBLISHED, CENTRE, invalid),
        (S.FILED, "return"): Step(S.DRAFT, CENTRE),
        (S.PUBLISHED, "supersede"): Step(S.SUPERSEDED, CENTRE),  # a newer version is published
        (S.PUBLISHED, "offline"): Step(S.OFFLINE, CENTRE | SIGNERS),
        (S.OFFLINE, "supersede"): Step(S.SUPERSEDED, CENTRE),
    },
)
T = TicketState
TICKET = Workflow(
    "ticket",
    {
        (T.OPEN, "answer"): Step(T.ANSWERED, OWNERS),
        (T.OPEN, "withdraw"): Step(T.WITHDRAWN, CENTRE),
        (T.ANSWERED, "reopen"): Step(T.OPEN, CENTRE),
        (T.ANSWERED, "close"): Step(T.CLOSED, CENTRE, unanswered, apart="answered_by"),
    },
)
B = ObjectionState
OBJECTION = Workflow(
    "objection",
    {
        (B.PENDING, "take"): Step(B.IN_HAND, CENTRE),
        (B.PENDING, "refuse"): Step(B.REFUSED, CENTRE),
        (B.IN_HAND, "handle"): Step(B.HANDLED, OWNERS | CENTRE),
        (B.HANDLED, "reopen"): Step(B.IN_HAND, CENTRE),
        (B.HANDLED, "rate"): Step(B.RATED, CENTRE),
    },
)
