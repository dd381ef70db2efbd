"""The life of a machine in a notice (design: notices): who may do what, and where that leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifier.tables import Item, ItemState
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATOR, PROGRAM = frozenset({Role.OPERATOR}), frozenset({Role.PROGRAM})
BOTH = OPERATOR | PROGRAM
ISSUED, RECEIVED, OBJECTED, OVERDUE, ESCALATED, DONE, WITHDRAWN, ADOPTED, DECLINED = ItemState
BINDING = ("shrink", "deploy")  # art. 13: adjust, deploy; the others are a suggestion and a question


def only(*kinds: str) -> Callable[[Item], str | None]:
    def guard(item: Item) -> str | None:
        return None if item.kind in kinds else f"that is for {' and '.join(kinds)}, this one is {item.kind}"

    return guard


ITEM = Workflow(
    "item",
    {
        (ISSUED, "receive"): Step(RECEIVED, BOTH),
        (ISSUED, "object"): Step(OBJECTED, OPERATOR),
        (ISSUED, "adopt"): Step(ADOPTED, OPERATOR, only("expand", "idle")),
        (ISSUED, "decline"): Step(DECLINED, OPERATOR, only("expand", "idle")),
        (ISSUED, "withdraw"): Step(WITHDRAWN, BOTH),
        (ISSUED, "done"): Step(DONE, BOTH),
        (RECEIVED, "bounce"): Step(ISSUED, PROGRAM),  # the mail came back: nothing was received
        (RECEIVED, "object"): Step(OBJECTED, OPERATOR),
        (RECEIVED, "adopt"): Step(ADOPTED, OPERATOR, only("expand", "idle")),
        (RECEIVED, "decline"): Step(DECLINED, OPERATOR, only("expand", "idle")),
        (RECEIVED, "withdraw"): Step(WITHDRAWN, BOTH),
        (RECEIVED, "done"): Step(DONE, BOTH),
        (RECEIVED, "overdue"): Step(OVERDUE, PROGRAM, only(*BINDING)),
        (OBJECTED, "uphold"): Step(RECEIVED, OPERATOR),
        (OBJECTED, "withdraw"): Step(WITHDRAWN, BOTH),
        (OBJECTED, "done"): Step(DONE, BOTH),
        (OVERDUE, "receive"): Step(RECEIVED, BOTH),  # a later receipt, or more time: not due yet
        (OVERDUE, "bounce"): Step(ISSUED, PROGRAM),
        (OVERDUE, "object"): Step(OBJECTED, OPERATOR),
        (OVERDUE, "withdraw"): Step(WITHDRAWN, BOTH),
        (OVERDUE, "done"): Step(DONE, BOTH),
        (OVERDUE, "escalate"): Step(ESCALATED, PROGRAM),
        (ESCALATED, "receive"): Step(RECEIVED, BOTH),
        (ESCALATED, "bounce"): Step(ISSUED, PROGRAM),
        (ESCALATED, "object"): Step(OBJECTED, OPERATOR),
        (ESCALATED, "withdraw"): Step(WITHDRAWN, BOTH),
        (ESCALATED, "done"): Step(DONE, BOTH),
        (ADOPTED, "done"): Step(DONE, BOTH),
        (ADOPTED, "decline"): Step(DECLINED, OPERATOR),
        (ADOPTED, "withdraw"): Step(WITHDRAWN, BOTH),
        (DONE, "revert"): Step(RECEIVED, PROGRAM),  # the old size was seen again
    },
)


def label(item: Item) -> str:
    """How the journal names an item."""
    return f"{item.notice.number}/{item.machine}"


def clock(item: Item) -> str:
    """The subject of an item's deadline."""
    return f"item:{item.id}"
