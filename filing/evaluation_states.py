"""The states of a yearly evaluation (art. 10): scored by one, confirmed by another, attested by finance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.evaluation_tables import EvaluationState as State
from filing.writers import WRITERS
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from filing.evaluation_tables import Evaluation

REVIEWER = frozenset({Role.REVIEWER})
CENTRE = REVIEWER | {Role.OPERATOR}
FINANCE = frozenset({Role.FINANCE, Role.OPERATOR})  # an operator types in what comes on paper
APART = "scored_by"


def outcome(total: float, rules: dict[str, float], *, again: bool) -> str:
    """pass, rectify or fail. A second evaluation has no further term: it passes, or the project failed."""
    if total >= rules["passed"]:
        return "pass"
    return "rectify" if total >= rules["rectify"] and not again else "fail"


def only(event: str, *, again: bool) -> Callable[[Evaluation], str | None]:
    """The outcome is the one that the points lead to, nobody's choice."""

    def guard(row: Evaluation) -> str | None:
        if row.total is None:
            return "it has no points"
        right = outcome(row.total, row.rules, again=again)
        return None if right == event else f"{row.total:g} points lead to: {right}"

    return guard


def once(row: Evaluation) -> str | None:
    return None if row.appealed_on is None else f"the appeal of {row.appealed_on} was decided already"


def attested(row: Evaluation) -> str | None:
    return None if row.attested_by else "finance has not attested the outcome: `rightsizer evaluation attest`"


def unattested(row: Evaluation) -> str | None:
    return f"{row.attested_by} attested it already" if row.attested_by else None


def first(event: str, target: State) -> Step:
    return Step(target, REVIEWER, guard=only(event, again=False), apart=APART)


def second(event: str, target: State) -> Step:
    return Step(target, REVIEWER, guard=only(event, again=True), apart=APART)


def joined(state: State) -> Step:
    """Finance attests the outcome, whatever it is."""
    return Step(state, FINANCE, guard=unattested, apart="confirmed_by")


EVALUATION = Workflow(
    "evaluation",
    {
        (State.DUE, "score"): Step(State.SCORED, CENTRE),
        (State.SCORED, "score"): Step(State.SCORED, CENTRE),
        (State.SCORED, "pass"): first("pass", State.PASSED),
        (State.SCORED, "rectify"): first("rectify", State.RECTIFYING),
        (State.SCORED, "fail"): first("fail", State.FAILED),
        (State.PASSED, "attest"): joined(State.PASSED),
        (State.RECTIFYING, "attest"): joined(State.RECTIFYING),
        (State.RECTIFYING, "report"): Step(State.RECTIFIED, WRITERS),
        (State.RECTIFYING, "lapse"): Step(State.FAILED, REVIEWER),  # the term is over, nothing was reported
        (State.RECTIFYING, "appeal"): Step(State.RECTIFYING_APPEALED, WRITERS, guard=once),
        (State.RECTIFYING_APPEALED, "uphold"): Step(State.DUE, REVIEWER, apart="confirmed_by"),
        (State.RECTIFYING_APPEALED, "reject"): Step(State.RECTIFYING, REVIEWER, apart="confirmed_by"),
        (State.RECTIFIED, "score"): Step(State.RESCORED, CENTRE),
        (State.RESCORED, "score"): Step(State.RESCORED, CENTRE),
        (State.RESCORED, "pass"): second("pass", State.PASSED),
        (State.RESCORED, "fail"): second("fail", State.FAILED),
        (State.FAILED, "attest"): joined(State.FAILED),
        (State.FAILED, "score"): Step(State.RESCORED, CENTRE),  # 复评
        (State.FAILED, "appeal"): Step(State.FAILED_APPEALED, WRITERS, guard=once),
        (State.FAILED_APPEALED, "uphold"): Step(State.DUE, REVIEWER, apart="confirmed_by"),
        (State.FAILED_APPEALED, "reject"): Step(State.FAILED, REVIEWER, apart="confirmed_by"),
        (State.FAILED, "merge"): Step(State.MERGING, REVIEWER, guard=attested),
        (State.FAILED, "cancel"): Step(State.CANCELLED, REVIEWER, guard=attested),
        (State.MERGING, "close"): Step(State.CLOSED, CENTRE),
        (State.CANCELLED, "close"): Step(State.CLOSED, CENTRE),
    },
)
