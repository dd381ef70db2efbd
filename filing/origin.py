"""Which project built a filed system: with it the budget of the project stops (art. 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.clocks import done, subject
from filing.filing_states import CENTRE, EDITABLE
from filing.tables import Filing, FilingState, Project, ProjectState
from filing.writers import check_writer
from store.journal import Entry, append
from store.workflow import Act, RefusedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOTHING = (ProjectState.WITHDRAWN, ProjectState.FAILED)
HANDED_IN = (FilingState.SUBMITTED, FilingState.FILED, FilingState.AMENDING)


def built_by(db: Session, filing: Filing, number: int, act: Act) -> bool:
    """The project `number` built it. Once the card is handed in, only the centre says another: a department
    does not lift the stop of a project by naming another one. Returns False when that is known. Raises
    RefusedError.
    """
    check_teller(filing, act)
    project = db.get(Project, number)
    if project is None:
        raise RefusedError(f"no project {number}: `rightsizer project list` shows them")
    if project.department_id != filing.department_id:
        owner = f"{project.department.name}, not of {filing.department.name}"
        raise RefusedError(f"project {number} ({project.name}) is of {owner}")
    if project.state in NOTHING:
        raise RefusedError(f"project {number} is {project.state}: it built nothing")
    if filing.project_id == number:
        return False
    before, filing.project = filing.project_id, project
    filing.version += 1
    db.flush()
    append(db, act.now, Entry(act.actor, "filing.project", subject(filing), before, number, act.reason))
    if filing.state in HANDED_IN and filing.submitted_on is not None:
        done(db, filing, filing.submitted_on, act)
    return True


def check_teller(filing: Filing, act: Act) -> None:
    if filing.state == FilingState.DEREGISTERED:
        raise RefusedError(f"filing {filing.id} ended on {filing.ended_on}: its project cannot change")
    if filing.state in EDITABLE:
        check_writer(act, filing.department_id)
    elif not act.roles & CENTRE:
        said = f"filing {filing.id} is {filing.state}: now the centre says which project built it"
        raise RefusedError(f"{said} ({', '.join(sorted(CENTRE))})")
