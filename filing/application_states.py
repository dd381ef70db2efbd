"""Applications and platforms from state to state (arts. 11 to 13): who may do what, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.roles import OF_DEPARTMENTS
from filing.application_tables import ApplicationKind, ApplicationState, PlatformState
from filing.tables import FilingState, ProjectState
from store.workflow import RefusedError, Role, Step, Workflow

if TYPE_CHECKING:
    from filing.application_tables import Application
    from store.workflow import Act

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
DEPARTMENT = frozenset({Role.FILER, Role.SIGNER, Role.OPERATOR})
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


def check_writer(department_id: int, act: Act) -> None:
    """Writing is for the department itself, and for who types its papers in. Raises RefusedError."""
    roles = act.roles & DEPARTMENT
    if not roles:
        raise RefusedError(f"that is for {', '.join(sorted(DEPARTMENT))}; {act.actor} is {act.role}")
    if roles <= OF_DEPARTMENTS and act.department_id != department_id:
        raise RefusedError(f"{act.actor} acts for another department")


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
        (DRAFT, "submit"): Step(AWAITING_ADMIN, DEPARTMENT, incomplete),
        (DRAFT, "withdraw"): Step(WITHDRAWN, DEPARTMENT),
        (RETURNED, "submit"): Step(AWAITING_ADMIN, DEPARTMENT, incomplete),
        (RETURNED, "withdraw"): Step(WITHDRAWN, DEPARTMENT),
        (AWAITING_ADMIN, "approve_admin"): Step(
            AWAITING_TECHNICAL, REVIEWER, incomplete, apart="submitted_by"
        ),
        (AWAITING_ADMIN, "return"): Step(RETURNED, REVIEWER, apart="submitted_by"),
        (AWAITING_ADMIN, "refuse"): Step(REFUSED, REVIEWER, apart="submitted_by"),
        (AWAITING_ADMIN, "withdraw"): Step(WITHDRAWN, DEPARTMENT),
        (AWAITING_TECHNICAL, "approve_technical"): Step(TO_CONFIGURE, REVIEWER, incomplete, apart="admin_by"),
        (AWAITING_TECHNICAL, "return"): Step(RETURNED, REVIEWER, apart="admin_by"),
        (AWAITING_TECHNICAL, "refuse"): Step(REFUSED, REVIEWER, apart="admin_by"),
        (AWAITING_TECHNICAL, "withdraw"): Step(WITHDRAWN, DEPARTMENT),
        (TO_CONFIGURE, "deliver"): Step(DELIVERED, OPERATOR, not_new),
        (TO_CONFIGURE, "release"): Step(RELEASED, OPERATOR, not_release),
        (TO_CONFIGURE, "withdraw"): Step(WITHDRAWN, DEPARTMENT),
        (DELIVERED, "deploy"): Step(RUNNING, DEPARTMENT | PROGRAM),
        (DELIVERED, "overdue"): Step(OVERDUE, PROGRAM),
        (DELIVERED, "end"): Step(RELEASED, OPERATOR),  # its last machine was released
        (OVERDUE, "deploy"): Step(RUNNING, DEPARTMENT | PROGRAM),
        (OVERDUE, "in_time"): Step(DELIVERED, PROGRAM),  # another calendar, more time
        (OVERDUE, "end"): Step(RELEASED, OPERATOR),
        (RUNNING, "end"): Step(RELEASED, OPERATOR),
    },
)

PLATFORM = Workflow(
    "platform",
    {
        (PlatformState.UNPLANNED, "plan"): Step(PlatformState.PLANNED, DEPARTMENT),
        (PlatformState.UNPLANNED, "close"): Step(PlatformState.CLOSED, OPERATOR),
        (PlatformState.PLANNED, "plan"): Step(PlatformState.PLANNED, DEPARTMENT),
        (PlatformState.PLANNED, "close"): Step(PlatformState.CLOSED, OPERATOR),
    },
)
