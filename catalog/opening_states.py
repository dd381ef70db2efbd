"""What may happen to an application for opening (arts. 24 to 27), and who may do it; the documents' table is
made of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.opening_tables import Consent, OpenState
from catalog.states import OPERATOR, OWNERS
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.opening_tables import OpenRequest

HANDLERS = OWNERS | frozenset({Role.FILER}) | OPERATOR


def once(row: OpenRequest) -> str | None:
    """一次性告知: what is missing is said at once."""
    if row.correction_asked_on is None:
        return None
    return f"a correction was asked for on {row.correction_asked_on}: it is asked for once"


def not_extended(row: OpenRequest) -> str | None:
    return f"it was extended until {row.extended_until}, once" if row.extended_until is not None else None


def not_consulted(row: OpenRequest) -> str | None:
    return f"the third party was asked on {row.consulted_on}" if row.consulted_on is not None else None


def consented(row: OpenRequest) -> str | None:
    """Personal data is not opened unless the third party agrees; its silence is no consent."""
    if not row.personal or row.consent == Consent.AGREED:
        return None
    names = ", ".join(row.personal)
    return f"personal data ({names}) needs the consent of the third party: consult it, or leave them out"


def decided(target: str, guard: Callable[[OpenRequest], str | None] | None = None) -> Step:
    return Step(target, OWNERS, guard, apart="recorded_by")


S = OpenState
OPENING = Workflow(
    "open",
    {
        (S.RECEIVED, "accept"): Step(S.IN_HAND, HANDLERS),
        (S.RECEIVED, "ask_correction"): Step(S.AWAITING_CORRECTION, HANDLERS, once),
        (S.RECEIVED, "not_ours"): decided(S.NOT_OURS),
        (S.RECEIVED, "withdraw"): Step(S.WITHDRAWN, HANDLERS),
        (S.AWAITING_CORRECTION, "correct"): Step(S.IN_HAND, HANDLERS),
        (S.AWAITING_CORRECTION, "withdraw"): Step(S.WITHDRAWN, HANDLERS),
        (S.IN_HAND, "ask_correction"): Step(S.AWAITING_CORRECTION, HANDLERS, once),
        (S.IN_HAND, "consult"): Step(S.CONSULTING, HANDLERS, not_consulted),
        (S.IN_HAND, "extend"): Step(S.IN_HAND, OWNERS, not_extended),
        (S.IN_HAND, "grant"): decided(S.GRANTED, consented),
        (S.IN_HAND, "grant_partly"): decided(S.PARTLY_GRANTED),
        (S.IN_HAND, "refuse"): decided(S.REFUSED),
        (S.IN_HAND, "not_ours"): decided(S.NOT_OURS),
        (S.IN_HAND, "withdraw"): Step(S.WITHDRAWN, HANDLERS),
        (S.CONSULTING, "consent"): Step(S.IN_HAND, HANDLERS),
        (S.CONSULTING, "withdraw"): Step(S.WITHDRAWN, HANDLERS),
    },
)
