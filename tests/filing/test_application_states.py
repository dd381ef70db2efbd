"""Applications and platforms never leave their tables, whoever does what in whatever order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from filing.application_states import APPLICATION, PLATFORM, incomplete
from filing.application_tables import Application, ApplicationLine, Platform
from filing.tables import Filing, Project
from store.journal import verify
from store.tables import Base, Department, JournalEntry
from store.workflow import Act, RefusedError, Role, move

if TYPE_CHECKING:
    from store.workflow import Workflow

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TODAY = date(2026, 11, 2)
Walk = list[tuple[str, tuple[Role, str]]]
PEOPLE = st.tuples(st.sampled_from(sorted(Role)), st.sampled_from(["li", "chen", "wu"]))


def events(workflow: Workflow) -> st.SearchStrategy[Walk]:
    names = sorted({event for _state, event in workflow.steps})
    return st.lists(st.tuples(st.sampled_from(names), PEOPLE), max_size=25)


def application(department: Department, **facts: object) -> Application:
    line = ApplicationLine(number=1, role="应用", vcpus=4, memory_gib=8, system_disk_gib=50, data_disk_gib=0)
    line.count = 1
    project = Project(department=department, name="平台", kind="develop", state="approved", created_on=TODAY)
    usual = {
        "project": project, "kind": "new", "state": "draft", "system": "平台", "zone": "government",
        "term_from": TODAY, "term_to": date(2027, 11, 2), "description": "业务", "contact": "李",
        "phone": "1", "created_on": TODAY, "lines": [line], "version": 1,
    }  # fmt: skip
    return Application(department=department, **{**usual, **facts})


def walked(row: Application | Platform, workflow: Workflow, walk: Walk) -> None:
    """Tries every event; what is refused changes nothing."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as db:
        db.add(row)
        db.flush()
        moved = 0
        for event, (role, actor) in walk:
            before = (row.state, row.version)
            act = Act(actor, role, NOW, department_id=row.department_id)
            step = workflow.steps.get((row.state, event))
            try:
                move(db, workflow, [(row, str(row.id))], event, act, **written(event, actor))
            except RefusedError:
                assert (row.state, row.version) == before
                continue
            moved += 1
            assert step is not None
            assert row.state == step.target
            assert role in step.roles
            assert row.version == before[1] + 1
        assert len(db.scalars(select(JournalEntry)).all()) == moved
        assert verify(db) == (moved, None)
    engine.dispose()


def written(event: str, actor: str) -> dict[str, str]:
    columns = {"submit": "submitted_by", "approve_admin": "admin_by", "approve_technical": "technical_by"}
    return {columns[event]: actor} if event in columns else {}


@settings(max_examples=60, deadline=None)
@given(walk=events(APPLICATION), kind=st.sampled_from(["new", "change", "release"]))
def test_no_sequence_of_events_leaves_the_table(walk: Walk, kind: str) -> None:
    department = Department(code="J1", name="市司法局")

    walked(application(department, kind=kind, statement="a paper"), APPLICATION, walk)


@settings(max_examples=25, deadline=None)
@given(walk=events(PLATFORM))
def test_no_sequence_of_events_leaves_the_table_of_platforms(
    walk: Walk,
) -> None:
    row = Platform(
        department=Department(code="J1", name="市司法局"), name="自建云", state="unplanned", version=1,
        systems=[], started_on=TODAY,
    )  # fmt: skip

    walked(row, PLATFORM, walk)


def test_every_state_but_the_last_ones_leads_on() -> None:
    targets = {step.target for step in APPLICATION.steps.values()}
    sources = {state for state, _event in APPLICATION.steps}

    assert targets - sources == {"released", "refused", "withdrawn"}
    assert sources - targets == {"draft"}


@pytest.mark.parametrize(
    ("state", "may"),
    [("draft", False), ("submitted", False), ("in_review", False), ("passed", False), ("failed", False),
     ("withdrawn", False), ("approved_by_centre", True), ("reported", True), ("approved", True),
     ("budgeted", True), ("running", True), ("completed", True)],
)  # fmt: skip
def test_the_centre_must_have_approved_the_project(state: str, may: bool) -> None:
    row = application(Department(code="J1", name="市司法局"))
    assert row.project is not None
    row.project.state = state

    assert (incomplete(row) is None) == may


@pytest.mark.parametrize(
    ("state", "may"),
    [("unfiled", False), ("submitted", False), ("returned", False), ("filed", True), ("amending", True),
     ("deregistered", False)],
)  # fmt: skip
def test_or_the_system_must_be_filed(state: str, may: bool) -> None:
    department = Department(code="J1", name="市司法局")
    filed = Filing(id=1, department=department, name="平台", state=state, card={})
    row = application(department, project=None, filing=filed, filing_id=1)

    assert (incomplete(row) is None) == may


def test_an_application_without_project_and_filing_is_refused() -> None:
    row = application(Department(code="J1", name="市司法局"), project=None)

    assert (
        incomplete(row) == "it names no project and no filing: `application edit` with --project or --filing"
    )


def test_a_release_waits_for_its_data_statement() -> None:
    row = application(Department(code="J1", name="市司法局"), kind="release")

    assert "data statement is missing" in str(incomplete(row))


def test_another_departments_filer_submits_nothing() -> None:
    row = application(Department(code="J1", name="市司法局"))
    row.id, row.department_id = 1, 1
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    act = Act("sun", Role.FILER, NOW, department_id=2)
    with Session(engine) as db:
        db.add(row)
        db.flush()
        with pytest.raises(RefusedError, match="acts for another department"):
            move(db, APPLICATION, [(row, "1")], "submit", act)
    engine.dispose()
