"""Plans are published after their approval; their tasks are deadlines on the day that the plan names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from evaluated import CHEN, DAY, FILER, KNOWN, LI, OTHER, filed, person
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from filing.plan_tables import Plan, PlanKind, PlanState, PlanTask
from filing.plans import PLAN, Draft, PlanError, add, add_task, approve, progress, publish
from store.deadlines import recount
from store.tables import Base, Deadline
from store.workflow import RefusedError, Role, move

if TYPE_CHECKING:
    from store.database import Register
    from store.workflow import Act

pytest_plugins = ["registers"]

YEARLY = Draft(PlanKind.YEARLY, 2026, "2026年度工作计划")
DUE = date(2026, 9, 30)


def task(db: Session, plan: Plan, due: date = DUE) -> PlanTask:
    row = PlanTask(plan=plan, plan_id=plan.id, department_id=1, title="建成共享平台", due_on=due)
    add_task(db, row, KNOWN, LI, DAY)
    return row


def test_a_year_has_one_yearly_plan(register: Register) -> None:
    with register.write() as db:
        add(db, YEARLY, LI, DAY)
        add(db, Draft(PlanKind.DEVELOPMENT, 2026, "“十五五”发展规划"), LI, DAY)
        with pytest.raises(PlanError, match="2026 has its yearly plan already: 1"):
            add(db, YEARLY, CHEN, DAY)
        with pytest.raises(RefusedError, match="neither"):
            add(db, Draft(PlanKind.YEARLY, 2027, "x"), FILER, DAY)


def test_a_plan_is_published_after_its_approval_and_its_tasks_run_from_then(register: Register) -> None:
    with register.write() as db:
        filed(db)
        plan = add(db, YEARLY, LI, DAY)
        mine = task(db, plan)
        assert db.scalar(select(Deadline)) is None
        with pytest.raises(RefusedError, match="cannot publish"):
            publish(db, plan, KNOWN, DAY, LI, DAY)
        with pytest.raises(RefusedError, match="another person"):
            approve(db, plan, "平政字〔2026〕9号", DAY, LI, DAY)
        approve(db, plan, "平政字〔2026〕9号", DAY, CHEN, DAY)
        with pytest.raises(PlanError, match="before its approval"):
            publish(db, plan, KNOWN, date(2026, 3, 1), LI, DAY)
        with pytest.raises(PlanError, match="binds once it is published"):
            progress(db, mine, 50, FILER, DAY)
        assert publish(db, plan, KNOWN, DAY, LI, DAY) == 1
        clock = db.scalars(select(Deadline)).one()

        assert (clock.article, clock.due_on, clock.department_id) == ("第六条 年度工作计划", DUE, 1)
        assert clock.title == "完成年度工作计划任务：建成共享平台"
        assert recount(db, KNOWN, LI) == 0  # the plan's day, whatever the calendar says
        with pytest.raises(RefusedError, match="another department"):
            progress(db, mine, 50, OTHER, DAY)
        progress(db, mine, 60, FILER, DAY)
        with pytest.raises(PlanError, match="is at 60 %"):
            progress(db, mine, 50, FILER, DAY)
        progress(db, mine, 100, FILER, DAY)
        assert (mine.done_on, clock.met_on) == (DAY, DAY)


def test_a_task_of_the_next_working_day_and_one_in_an_unknown_year_have_their_day(sqlite: Register) -> None:
    with sqlite.write() as db:
        filed(db)
        plan = add(db, YEARLY, LI, DAY)
        approve(db, plan, "9", DAY, CHEN, DAY)
        publish(db, plan, KNOWN, DAY, LI, DAY)
        for due in (date(2026, 3, 3), date(2031, 5, 6)):
            task(db, plan, due)

        assert list(db.scalars(select(Deadline.due_on).order_by(Deadline.id))) == [
            date(2026, 3, 3),
            date(2031, 5, 6),
        ]
        with pytest.raises(PlanError, match="a day after today"):
            task(db, plan, DAY)


ACTS = [LI, CHEN, FILER, person("wang", Role.OPERATOR), person("zhao", Role.AUDITOR)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["approve", "publish", "add"]), st.sampled_from(ACTS)), max_size=6))
def test_no_sequence_publishes_an_unapproved_plan(steps: list[tuple[str, Act]]) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as db:
        filed(db)
        plan = add(db, YEARLY, LI, DAY)
        for event, act in steps:
            before = plan.state
            values = {"approval_number": "9"} if event == "approve" else {}
            try:
                move(db, PLAN, [(plan, "plan:1")], event, act, **values)
            except RefusedError:
                assert plan.state == before
                continue
            assert plan.state == PLAN.steps[before, event].target
            assert plan.state != PlanState.PUBLISHED or plan.approval_number == "9"
    engine.dispose()
