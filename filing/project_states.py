"""The life of a project, from the draft to the accepted system (arts. 7 to 9): who may do what, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.roles import Role
from filing.tables import Project, ProjectState
from filing.writers import WRITERS
from store.workflow import Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

DRAFT, SUBMITTED, INCOMPLETE, ACCEPTED, IN_REVIEW, PASSED, FAILED = list(ProjectState)[:7]
APPROVED_BY_CENTRE, REPORTED, APPROVED, BUDGETED, RUNNING, COMPLETED, WITHDRAWN = list(ProjectState)[7:]
CENTRE = frozenset({Role.OPERATOR, Role.REVIEWER})
REVIEWER = frozenset({Role.REVIEWER})
FINANCE = frozenset({Role.FINANCE, Role.OPERATOR})
EDITABLE = (DRAFT, INCOMPLETE)  # while it is with the department
OVER = (WITHDRAWN, FAILED, COMPLETED)
SUBMITTER = "submitted_by"


def reviewed(project: Project) -> str | None:
    if project.opinion_on is None or not project.opinion_number:
        return "the centre's opinion (审核意见) is missing: without it nothing is approved (art. 9)"
    return None


def approved(project: Project) -> str | None:
    """Art. 7: first the centre's review, then the city government's approval; art. 9: then the budget."""
    if (why := reviewed(project)) is not None:
        return why
    if project.approved_on is None or not project.approval_number:
        return "the approval of the city government (批准文号) is missing: first `project approve` (art. 7)"
    return None


def begun(project: Project) -> str | None:
    return approved(project) or ("it has not begun" if project.started_on is None else None)


def decides(target: ProjectState, guard: Callable[[Project], str | None] | None = None) -> Step:
    """A step of the review: nobody decides on what he submitted."""
    return Step(target, REVIEWER, guard, SUBMITTER)


PROJECT = Workflow(
    "project",
    {
        (DRAFT, "submit"): Step(SUBMITTED, WRITERS),
        (DRAFT, "withdraw"): Step(WITHDRAWN, WRITERS),
        (SUBMITTED, "return"): decides(INCOMPLETE),
        (SUBMITTED, "accept"): decides(ACCEPTED),
        (SUBMITTED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (INCOMPLETE, "resubmit"): Step(SUBMITTED, WRITERS),
        (INCOMPLETE, "withdraw"): Step(WITHDRAWN, WRITERS),
        (ACCEPTED, "convene"): Step(IN_REVIEW, CENTRE),
        (ACCEPTED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (IN_REVIEW, "pass"): decides(PASSED),
        (IN_REVIEW, "revise"): decides(INCOMPLETE),  # 修改后复审: another round after the supplement
        (IN_REVIEW, "fail"): decides(FAILED),
        (IN_REVIEW, "withdraw"): Step(WITHDRAWN, WRITERS),
        (PASSED, "issue_opinion"): decides(APPROVED_BY_CENTRE),
        (PASSED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (APPROVED_BY_CENTRE, "report"): Step(REPORTED, WRITERS, reviewed),
        (APPROVED_BY_CENTRE, "withdraw"): Step(WITHDRAWN, WRITERS),
        (REPORTED, "approve"): Step(APPROVED, CENTRE, reviewed),
        (REPORTED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (APPROVED, "budget"): Step(BUDGETED, FINANCE, approved),
        (APPROVED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (BUDGETED, "start"): Step(RUNNING, WRITERS, approved),
        (BUDGETED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (RUNNING, "complete"): Step(COMPLETED, WRITERS, begun),
    },
)
