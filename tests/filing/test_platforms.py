"""Departments' own clouds (art. 11): no new ones, and each of the old with a plan to merge it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from filing.applications import ApplicationError
from filing.platforms import Own, add, close, found, plan, progress, remarks
from store.calendar import calendar
from store.deadlines import recount
from store.tables import Deadline, Department
from store.workflow import Act, RefusedError, Role

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TODAY, IN_FORCE = date(2026, 11, 2), date(2020, 9, 13)
CLERK = Act("wang", Role.OPERATOR, NOW, "because")


def recorded(register: Register, started: date = date(2018, 5, 1)) -> list[str]:
    with register.write() as db:
        owner = Department(code="J1", name="市司法局")
        db.add(owner)
        db.flush()
        row = add(db, owner, Own("司法云", started, "机房", ("法援", "公证")), IN_FORCE, TODAY, CLERK)
        return remarks(row, TODAY)


@pytest.mark.parametrize(
    ("started", "told"),
    [
        (date(2020, 9, 12), ["无归并计划"]),
        (date(2020, 9, 13), ["擅自新建（2020-09-13起，办法施行后）", "无归并计划"]),
    ],
)
def test_one_begun_under_the_regulation_is_pointed_out(
    sqlite: Register, started: date, told: list[str]
) -> None:
    assert recorded(sqlite, started) == told


def test_a_plan_is_a_deadline_of_its_day_which_no_calendar_moves(register: Register) -> None:
    recorded(register)
    with register.write() as db:
        plan(db, calendar(db), found(db, 1), "迁移", date(2027, 6, 30), TODAY, CLERK)
        plan(db, calendar(db), found(db, 1), "提前迁移", date(2027, 3, 31), TODAY, CLERK)
        recount(db, calendar(db), CLERK)

    with register.read() as db:
        clock = db.scalars(select(Deadline)).one()
        assert (clock.article, clock.due_on, clock.department_id) == ("第十一条 归并", date(2027, 3, 31), 1)
        assert remarks(found(db, 1), TODAY) == []
        assert remarks(found(db, 1), date(2027, 4, 1)) == ["归并逾期（2027-03-31）"]


def test_progress_is_noted_in_order_and_closing_ends_the_deadline(sqlite: Register) -> None:
    recorded(sqlite)
    with pytest.raises(RefusedError, match="`platform plan` comes first"), sqlite.write() as db:
        progress(db, found(db, 1), "开始", 0, TODAY, CLERK)
    with sqlite.write() as db:
        row = found(db, 1)
        plan(db, calendar(db), row, "迁移", date(2027, 6, 30), TODAY, CLERK)
        progress(db, row, "已迁移1个系统", 50, TODAY, CLERK)
        with pytest.raises(ApplicationError, match="cannot be of 2026-11-01"):
            progress(db, row, "更早", 10, date(2026, 11, 1), CLERK)
        close(db, row, TODAY, TODAY, CLERK)

    with sqlite.read() as db:
        assert (found(db, 1).state, [note.percent for note in found(db, 1).notes]) == ("closed", [50])
        assert db.scalars(select(Deadline)).one().met_on == TODAY


def test_impossible_days_and_a_second_of_the_same_name_are_refused(sqlite: Register) -> None:
    recorded(sqlite)
    with pytest.raises(ApplicationError, match="has 司法云 already: platform 1"), sqlite.write() as db:
        add(db, db.get_one(Department, 1), Own("司法云", TODAY), IN_FORCE, TODAY, CLERK)
    with pytest.raises(ApplicationError, match="not here yet"), sqlite.write() as db:
        add(db, db.get_one(Department, 1), Own("新云", date(2026, 11, 3)), IN_FORCE, TODAY, CLERK)
    with pytest.raises(ApplicationError, match="a day after today"), sqlite.write() as db:
        plan(db, calendar(db), found(db, 1), "迁移", TODAY, TODAY, CLERK)
    with pytest.raises(ApplicationError, match="between its start"), sqlite.write() as db:
        close(db, found(db, 1), date(2017, 1, 1), TODAY, CLERK)
