"""The life of a project as a table: no transition outside it, by nobody who may not, never on one's own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projecting import EVERYBODY, MONDAY, Person, completed, departments, desk, drafted

from config.roles import OF_DEPARTMENTS, Role
from filing.project_states import PROJECT
from filing.tables import Project, ProjectState
from store.journal import verify
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

EVENTS = sorted({event for _state, event in PROJECT.steps})
REVIEW = ("return", "accept", "pass", "revise", "fail", "issue_opinion")
BOTH = Person("li", Role.REVIEWER)  # the filer, who is a reviewer too
FACTS = {
    "submit": "submitted_by",
    "resubmit": "submitted_by",
}
DAYS = {"issue_opinion": "opinion", "approve": "approval"}


def test_every_state_is_reached_from_the_draft_and_leads_to_an_end() -> None:
    ahead = {
        state: {s.target for (at, _e), s in PROJECT.steps.items() if at == state} for state in ProjectState
    }
    seen, waiting = {ProjectState.DRAFT}, deque([ProjectState.DRAFT])
    while waiting:
        for target in ahead[waiting.popleft()] - seen:
            seen.add(ProjectState(target))
            waiting.append(ProjectState(target))

    assert seen == set(ProjectState)
    assert {state for state in ProjectState if not ahead[state]} == {
        ProjectState.COMPLETED,
        ProjectState.FAILED,
        ProjectState.WITHDRAWN,
    }


def test_nobody_who_submitted_decides_in_the_review() -> None:
    assert {event for (_s, event), step in PROJECT.steps.items() if step.apart == "submitted_by"} == set(
        REVIEW
    )


def test_a_project_is_withdrawn_by_its_department_until_its_work_begins() -> None:
    withdrawable = {state for state, event in PROJECT.steps if event == "withdraw"}

    assert set(ProjectState) - withdrawable == {
        ProjectState.RUNNING,
        ProjectState.COMPLETED,
        ProjectState.FAILED,
        ProjectState.WITHDRAWN,
    }


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Register:
    from store.database import open_register, upgrade

    url = f"sqlite:///{tmp_path_factory.mktemp('states')}/register.db"
    upgrade(url)
    register = open_register(url)
    with register.write() as db:
        departments(db)
        completed(db, drafted(db))
    return register


def facts(event: str, person: Person) -> dict[str, object]:
    """What a step writes beside the state."""
    if event in FACTS:
        return {"submitted_by": person.login}
    if event in DAYS:
        return {
            f"{'opinion' if event == 'issue_opinion' else 'approved'}_on": MONDAY,
            f"{DAYS[event]}_number": "1",
        }
    return {"started_on": MONDAY} if event == "start" else {}


def allowed_by_the_table(project: Project, event: str, person: Person) -> str | None:
    """The target that the regulation allows, said again without the engine."""
    step = PROJECT.steps.get((project.state, event))
    if step is None or person.role not in step.roles:
        return None
    if person.role in OF_DEPARTMENTS and person.department != project.department_id:
        return None
    if event in REVIEW and person.login == project.submitted_by:
        return None
    if event in {"report", "approve"} and not project.opinion_number:
        return None
    if event in {"budget", "start", "complete"} and not project.approval_number:
        return None
    return step.target


def attempt(db: Session, project: Project, event: str, person: Person) -> str:
    try:
        move(db, PROJECT, [(project, "project:1")], event, desk(db, person).act, **facts(event, person))
    except RefusedError:
        return "refused"
    return project.state


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from([*EVERYBODY, BOTH])), max_size=40))
def test_random_events_of_random_people_never_leave_the_table(
    ground: Register, tried: list[tuple[str, Person]]
) -> None:
    with ground.write() as db:
        project = db.get_one(Project, 1)
        for event, person in tried:
            before, version = project.state, project.version
            wanted = allowed_by_the_table(project, event, person)

            assert attempt(db, project, event, person) == (wanted or "refused")
            assert (project.state, project.version) == (
                (wanted, version + 1) if wanted else (before, version)
            )
        assert verify(db)[1] is None
        db.rollback()
