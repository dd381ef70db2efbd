"""Fault 28: a day that would write to too many is held until an operator's word, which is good for that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from matters import at, operator, program
from sqlalchemy import func, select
from stage import found, house, issued, now, tasks, told

from config.settings import Notices
from monitor.issuing import issue_all
from monitor.pipeline import unseen
from notifier.breaker import held, release
from notifier.issue import waiting
from notifier.tables import Channel, Notice
from store.review import answer
from store.tables import Department, Finding, FindingState, Machine

if TYPE_CHECKING:
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]

TODAY, TOMORROW = date(2026, 9, 18), date(2026, 9, 19)
LIMITS = Notices(max_share=20, max_departments=30)


def city(register: Register, machines: int, departments: int, approved: int) -> None:
    """Machines spread over departments in turn; so many of them are approved."""
    with register.write() as db:
        offices = [Department(code=f"D{n}", name=f"第{n}局", email="a@b.example") for n in range(departments)]
        db.add_all(offices)
        db.flush()
        for number in range(machines):
            name = f"vm-{number:04d}"
            if number < approved:
                found(db, name, offices[number % departments].name)
            else:
                db.add(Machine(name=name, department=offices[number % departments]))


def approve_more(register: Register, count: int, day: date, department: str = "第0局") -> None:
    """So many further machines, approved on a day."""
    with register.write() as db:
        have = db.scalar(select(func.count(Machine.id))) or 0
        for number in range(count):
            found(db, f"vm-{have + number:04d}", department, opened_on=day, judged_on=day)


def why(register: Register, day: date, hour: int = 2, limits: Notices = LIMITS) -> str | None:
    """What the breaker says at that hour to all that waits."""
    with register.write() as db:
        groups, _unfit = waiting(db, date(2026, 9, 1), TODAY)
        return held(db, groups, limits, day, replace(program(day), now=at(day, hour)))


def let_go(register: Register, day: date) -> None:
    with register.write() as db:
        release(db, operator(day, "checked: a new policy"))


BATCHES = [
    (100, 10, 20, None, "20 of 100 machines: exactly the share"),
    (100, 10, 21, "21 of 100 machines in a day, more than 20 %", "21 of 100 machines"),
    (200, 40, 30, None, "30 departments: exactly the limit"),
    (200, 40, 31, "31 departments in a day, more than 30", "31 departments"),
]


@pytest.mark.parametrize(
    ("machines", "departments", "approved", "said", "_why"), BATCHES, ids=[row[4] for row in BATCHES]
)
def test_fault_28_more_than_a_share_of_the_machines_or_departments_is_held(
    register: Register, machines: int, departments: int, approved: int, said: str | None, _why: str
) -> None:
    city(register, machines, departments, approved)

    assert why(register, TODAY) == said
    with register.read() as db:
        assert [task.kind for task in tasks(db)] == (["breaker"] if said else [])


def test_fault_28_a_fleet_wide_fault_issues_nothing_and_becomes_one_task(
    register: Register, tmp_path: Path
) -> None:
    city(register, 50, 5, approved=50)
    rightsizer = house(register, tmp_path)
    counts = [issue_all(rightsizer, now(TODAY, hour), unseen) for hour in (2, 3, 4)]

    assert counts == [{"notices": 0, "machines": 0, "waiting": 50}] * 3
    with register.read() as db:
        assert db.scalars(select(Notice)).all() == []
        assert set(db.scalars(select(Finding.state))) == {FindingState.APPROVED}
        assert [task.kind for task in tasks(db)] == ["breaker"]
        assert len(told(db, "issue.held")) == 1


def test_fault_28_an_operator_s_word_lets_the_batch_go(register: Register) -> None:
    city(register, 50, 5, approved=30)
    assert why(register, TODAY) is not None
    let_go(register, TODAY)

    assert why(register, TODAY) is None
    assert len(issued(register, TODAY)) == 5
    with register.read() as db:
        assert tasks(db) == []
        ((_, before, _),) = told(db, "issue.released")
        assert before == "30 of 50 machines in a day, more than 20 %"


def test_a_word_is_good_for_24_hours(register: Register) -> None:
    city(register, 50, 5, approved=30)
    why(register, TODAY)
    let_go(register, TODAY)  # at 2 o'clock

    assert why(register, TOMORROW, hour=1) is None
    assert why(register, TOMORROW, hour=3) == "30 of 50 machines in a day, more than 20 %"


def test_a_word_is_for_the_batch_that_was_held_and_not_for_a_larger_one(register: Register) -> None:
    city(register, 50, 5, approved=30)
    why(register, TODAY)
    let_go(register, TODAY)
    approve_more(register, 1, TODAY)

    assert why(register, TODAY) == "31 of 51 machines in a day, more than 20 %"
    with register.read() as db:
        assert [task.kind for task in tasks(db)] == ["breaker"]


def test_a_word_is_used_up_by_its_batch_the_next_one_is_held_again(register: Register) -> None:
    city(register, 50, 5, approved=30)
    why(register, TODAY)
    let_go(register, TODAY)
    issued(register, TODAY)
    approve_more(register, 29, TOMORROW)

    assert why(register, TOMORROW, hour=1) == "29 of 79 machines in a day, more than 20 %"


def test_a_batch_that_was_let_go_and_broke_off_goes_on(register: Register) -> None:
    city(register, 50, 5, approved=30)
    why(register, TODAY)
    let_go(register, TODAY)
    with register.read() as db:
        groups, _unfit = waiting(db, TODAY, TODAY)
    issued(register, TODAY, groups[:2])

    assert why(register, TOMORROW, hour=1) is None
    assert len(issued(register, TOMORROW)) == 3


def test_what_was_issued_earlier_that_day_counts_and_not_what_was_before(register: Register) -> None:
    city(register, 100, 10, approved=15)
    issued(register, TODAY)
    approve_more(register, 9, TODAY)

    # 15 + 9 = 24 of 109 are 22 %; on the next day 9 of 109
    assert why(register, TODAY) == "24 of 109 machines in a day, more than 20 %"
    assert why(register, TOMORROW) is None


def test_a_department_that_was_written_to_today_counts_once(register: Register) -> None:
    city(register, 100, 10, approved=10)
    issued(register, TODAY)
    approve_more(register, 3, TODAY)
    few = Notices(max_share=20, max_departments=10)

    assert why(register, TODAY, limits=few) is None


def test_when_the_held_batch_shrinks_by_itself_nothing_is_left_to_release(register: Register) -> None:
    city(register, 50, 5, approved=30)
    assert why(register, TODAY) is not None
    with register.write() as db:
        rows = db.scalars(select(Finding).order_by(Finding.id).limit(25)).all()
        answer(db, rows, "reject", operator(TODAY, "a fault of the import"), date(2026, 12, 31))

    assert why(register, TODAY) is None
    with register.read() as db:
        assert tasks(db) == []
        assert db.scalars(select(Channel.state)).all() == ["open"]
    with pytest.raises(LookupError, match="nothing is held"):
        let_go(register, TODAY)


def test_there_is_nothing_to_release_when_nothing_was_held(register: Register) -> None:
    with pytest.raises(LookupError, match="nothing is held"):
        let_go(register, TODAY)
