"""The states of a filing (备案, art. 10): who submits, who accepts, how a filed card is changed."""

from __future__ import annotations

from filing.tables import FilingState
from filing.writers import WRITERS
from store.workflow import Role, Step, Workflow

REVIEWERS = frozenset({Role.REVIEWER})
CENTRE = frozenset({Role.OPERATOR, Role.REVIEWER})
UNFILED, SUBMITTED, RETURNED, FILED, AMENDING, DEREGISTERED = FilingState
APART = "submitted_by"
FILING = Workflow(
    "filing",
    {
        (UNFILED, "edit"): Step(UNFILED, WRITERS),
        (UNFILED, "submit"): Step(SUBMITTED, WRITERS),
        (UNFILED, "dismiss"): Step(DEREGISTERED, CENTRE),  # noted by mistake: no system of its own
        (SUBMITTED, "return"): Step(RETURNED, REVIEWERS, apart=APART),
        (SUBMITTED, "accept"): Step(FILED, REVIEWERS, apart=APART),
        (RETURNED, "edit"): Step(RETURNED, WRITERS),
        (RETURNED, "resubmit"): Step(SUBMITTED, WRITERS),
        (RETURNED, "dismiss"): Step(DEREGISTERED, CENTRE),
        (FILED, "confirm"): Step(FILED, WRITERS),  # the card still holds, said once a year
        (FILED, "amend"): Step(AMENDING, WRITERS),
        (FILED, "deregister"): Step(DEREGISTERED, WRITERS),
        (AMENDING, "accept_amendment"): Step(FILED, REVIEWERS, apart=APART),
        (AMENDING, "refuse_amendment"): Step(FILED, REVIEWERS, apart=APART),  # the old card stays
    },
)
STANDING = frozenset(FilingState) - {DEREGISTERED}
EDITABLE = frozenset({UNFILED, RETURNED})
