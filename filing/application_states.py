"""Applications and platforms from state to state (arts. 11 to 13): who may do what, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.application_tables import ApplicationKind, ApplicationState, PlatformState
from filing.tables import FilingState, ProjectState
from filing.writers import WRITERS
from store.workflow import Role, Step, Workflow

if TYPE_CHECKING:
    from filing.application_tables import Application

(
    DRAFT,
    AWAITING_ADMIN,
    AWAITING_TECHNICAL,
    RETURNED,
    TO_CONFIGURE,
    DELIVERED,
    OVERDUE,
    RUNNING,
    RELEASED,
    REFUSED,
    WITHDRAWN,
) = ApplicationState
REVIEWER = frozenset({Role.REVIEWER})
OPERATOR = frozenset({Role.OPERATOR})
PROGRAM = frozenset({Role.PROGRAM})
APPROVED_PROJECTS = frozenset(
    {
        ProjectState.APPROVED_BY_CENTRE,
        ProjectState.REPORTED,
        ProjectState.APPROVED,
        ProjectState.BUDGETED,
        ProjectState.RUNNING,
        ProjectState.COMPLETED,
    }
)
FILED = frozenset({FilingState.FILED, FilingState.AMENDING})
EDITABLE = frozenset({DRAFT, RETURNED})
ENDED = frozenset({RELEASED, REFUSED, WITHDRAWN})
IN_USE = frozenset({DELIVERED, OVERDUE, RUNNING})


def unfounded(row: Application) -> str | None:
    """Why nothing stands behind it: a project that the centre approved, or a filed system."""
    if row.project is None and row.filing is None:
        return "it names no project and no filing: `application edit` with --project or --filing"
    project, filing = row.project, row.filing
    if filing is not None and filing.state in FILED:
        return None
    if project is not None and project.state in APPROVED_PROJECTS:
        return None
    if project is not None:
        return f"project {project.id} is {project.state}: the centre must have approved it first"
    return f"filing {row.filing_id} is {filing.state if filing else 'gone'}: it must be filed first"


def incomplete(row: Application) -> str | None:
    """What is missing before it can be submitted."""
    if row.kind == ApplicationKind.RELEASE:
        return None if row.statement is not None else "the data statement is missing: --data-statement FILE"
    missing = [
        option
        for option, value in (
            ("--line", row.lines),
            ("--zone", row.zone),
            ("--from", row.term_from),
            ("--to", row.term_to),
            ("--description", row.description),
            ("--contact", row.contact),
            ("--phone", row.phone),
        )
        if not value
    ]
    if missing:
        return f"{', '.join(missing)} missing: `application edit` adds it"
    return unfounded(row)


def not_new(row: Application) -> str | None:
    release = row.kind == ApplicationKind.RELEASE
    return "it is a release: `application released`" if release else None


def not_release(row: Application) -> str | None:
    release = row.kind == ApplicationKind.RELEASE
    return None if release else f"it is a {row.kind} application: `application deliver`"


APPLICATION = Workflow(
    "application",
    {
        (DRAFT, "submit"): Step(AWAITING_ADMIN, WRITERS, incomplete),
        (DRAFT, "withdraw"): Step(WITHDRAWN, WRITERS),
        (RETURNED, "submit"): Step(AWAITING_ADMIN, WRITERS, incomplete),
        (RETURNED, "withdraw"): Step(WITHDRAWN, WRITERS),
        (AWAITING_ADMIN, "approve_admin"): Step(
            AWAITING_TECHNICAL, REVIEWER, incomplete, apart="submitted_by"
        ),
        (AWAITING_ADMIN, "return"): Step(RETURNED, REVIEWER, apart="submitted_by"),
        (AWAITING_ADMIN, "refuse"): Step(REFUSED, REVIEWER, apart="submitted_by"),
        (AWAITING_ADMIN, "withdraw"): Step(WITHDRAWN, WRITERS),
        (AWAITING_TECHNICAL, "approve_technical"): Step(TO_CONFIGURE, REVIEWER, incomplete, apart="admin_by"),
        (AWAITING_TECHNICAL, "return"): Step(RETURNED, REVIEWER, apart="admin_by"),
        (AWAITING_TECHNICAL, "refuse"): Step(REFUSED, REVIEWER, apart="admin_by"),
        (AWAITING_TECHNICAL, "withdraw"): Step(WITHDRAWN, WRITERS),
        (TO_CONFIGURE, "deliver"): Step(DELIVERED, OPERATOR, not_new),
        (TO_CONFIGURE, "release"): Step(RELEASED, OPERATOR, not_release),
        (TO_CONFIGURE, "withdraw"): Step(WITHDRAWN, WRITERS),
        (DELIVERED, "deploy"): Step(RUNNING, WRITERS | PROGRAM),
        (DELIVERED, "overdue"): Step(OVERDUE, PROGRAM),
        (DELIVERED, "end"): Step(RELEASED, OPERATOR),  # its last machine was released
        (OVERDUE, "deploy"): Step(RUNNING, WRITERS | PROGRAM),
        (OVERDUE, "in_time"): Step(DELIVERED, PROGRAM),  # another calendar, more time
        (OVERDUE, "end"): Step(RELEASED, OPERATOR),
        (RUNNING, "end"): Step(RELEASED, OPERATOR),
    },
)

PLATFORM = Workflow(
    "platform",
    {
        (PlatformState.UNPLANNED, "plan"): Step(PlatformState.PLANNED, WRITERS),
        (PlatformState.UNPLANNED, "close"): Step(PlatformState.CLOSED, OPERATOR),
        (PlatformState.PLANNED, "plan"): Step(PlatformState.PLANNED, WRITERS),
        (PlatformState.PLANNED, "close"): Step(PlatformState.CLOSED, OPERATOR),
    },
)
