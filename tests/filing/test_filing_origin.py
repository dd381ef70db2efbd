"""Which project built a filed system, and that its budget stops with that of the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from evaluated import CHEN, DAY, FILER, KNOWN, LI, OTHER, opened, person, scored

from filing.budget import budget
from filing.budget_facts import facts_of
from filing.evaluations import subject as evaluation_subject
from filing.origin import built_by
from filing.outcomes import confirm
from filing.tables import Filing, FilingState, Project, ProjectState
from store.workflow import RefusedError, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

OPERATOR = person("wang", Role.OPERATOR)


def reviewed(db: Session, department: int = 1) -> Project:
    row = Project(
        department_id=department,
        name="救助平台",
        kind="develop",
        state=ProjectState.COMPLETED,
        cloud_need={},
        created_on=DAY,
        opinion_on=DAY,
        opinion_number="平数审〔2026〕3号",
    )
    db.add(row)
    db.flush()
    return row


def test_a_project_is_stopped_when_the_system_that_it_built_fails(register: Register) -> None:
    with register.write() as db:
        evaluation = opened(db)
        project = reviewed(db)
        scored(db, evaluation, 10)
        confirm(db, evaluation, KNOWN, CHEN, DAY)
        before = {row.subject: row.verdict for row in budget(facts_of(db), DAY)}

        assert before == {"project:1": "fundable", "filing:1": "stopped"}
        assert evaluation_subject(evaluation) == "evaluation:1"
        assert built_by(db, evaluation.filing, project.id, OPERATOR)
        assert not built_by(db, evaluation.filing, project.id, OPERATOR)
        after = {row.subject: (row.verdict, row.fact) for row in budget(facts_of(db), DAY)}
        assert after["project:1"] == after["filing:1"] == ("stopped", "2026年度绩效评价未达到要求（10分）")


def test_who_filed_does_not_name_another_project_once_the_card_is_handed_in(sqlite: Register) -> None:
    with sqlite.write() as db:
        filing = opened(db).filing
        project = reviewed(db)

        with pytest.raises(RefusedError, match="filing 1 is filed: now the centre says"):
            built_by(db, filing, project.id, FILER)
        assert built_by(db, filing, project.id, LI)


def test_a_draft_names_a_project_of_its_own_department_only(sqlite: Register) -> None:
    with sqlite.write() as db:
        opened(db)
        draft = Filing(department_id=1, name="新系统", state=FilingState.UNFILED, card={})
        db.add(draft)
        own, other = reviewed(db), reviewed(db, department=2)

        with pytest.raises(RefusedError, match=r"project 2 .*is of 市司法局, not of 市民政局"):
            built_by(db, draft, other.id, FILER)
        with pytest.raises(RefusedError, match="acts for another department"):
            built_by(db, draft, own.id, OTHER)
        with pytest.raises(RefusedError, match="no project 9"):
            built_by(db, draft, 9, FILER)
        assert built_by(db, draft, own.id, FILER)


def test_a_filing_that_is_over_keeps_its_project(sqlite: Register) -> None:
    with sqlite.write() as db:
        filing = opened(db).filing
        filing.state, filing.ended_on = FilingState.DEREGISTERED, DAY

        with pytest.raises(RefusedError, match="ended on 2026-03-02"):
            built_by(db, filing, reviewed(db).id, OPERATOR)
