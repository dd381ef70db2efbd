"""Deployment within ten working days after delivery (art. 13, second paragraph): what is late is found.

Delivered on 2026-09-18: the last day is 10-09 (09-20 21 22 23 24 28 29 30, 10-08 09).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from matters import operator, owner, program
from sqlalchemy import select
from sqlalchemy.event import listen
from stage import calendar_of as year_of
from stage import entries, imported, issued, told

from config.policy import load_policy
from config.settings import PolicyChoice
from notifier.deployment import Loads, follow, undeployed
from store.calendar import calendar
from store.deadlines import recount
from store.findings import come_back
from store.review import answer
from store.tables import Deadline, Finding, FindingState, Machine

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

POLICY = load_policy(PolicyChoice())
NAME = "vm-00001"


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def delivered(register: Register, on: str = "09-18", department: str | None = "市民政局") -> None:
    with register.write() as db:
        whose = owner(db, department) if department is not None else None
        db.add(Machine(name=NAME, department=whose, vcpus=16, delivered_on=day(on)))


def declared(register: Register, on: str) -> None:
    with register.write() as db:
        db.scalars(select(Machine)).one().deployed_on = day(on)


def looked(register: Register, today: str, idle: int = 0, loaded: str | None = None) -> int:
    """A round on a day, when so many days without load were measured, and a first one with."""
    loads = Loads({NAME: day(loaded)} if loaded else {}, {NAME: idle} if idle else {})
    with register.write() as db:
        machines = undeployed(db, day("03-01"))
        return follow(db, calendar(db), POLICY, machines, loads, day(today), program(day(today)))


def finding(register: Register) -> tuple[str, str | None] | None:
    with register.read() as db:
        row = db.scalars(select(Finding)).one_or_none()
        return (row.state, row.closed_because) if row is not None else None


def test_the_clock_runs_from_delivery(register: Register) -> None:
    delivered(register)
    looked(register, "09-19")

    with register.read() as db:
        row = db.scalars(select(Deadline)).one()
        assert (row.started_on, row.due_on, row.article) == (day("09-18"), day("10-09"), "第十三条 部署")


@pytest.mark.parametrize(("today", "late"), [("10-08", 0), ("10-09", 0), ("10-10", 1), ("11-30", 1)])
def test_a_machine_without_load_is_found_the_day_after_its_last(
    register: Register, today: str, late: int
) -> None:
    delivered(register)

    assert looked(register, today, idle=20) == late
    assert finding(register) == (("open", None) if late else None)


def test_looking_every_day_finds_it_once(register: Register) -> None:
    delivered(register)
    counts = [looked(register, text, idle=20) for text in ("10-10", "10-10", "10-11", "10-12")]

    assert counts == [1, 0, 0, 0]
    with register.read() as db:
        ((subject, _, said),) = told(db, "finding.opened")
        assert (subject, said["due"], said["days_without_load"]) == (f"{NAME}/deploy", "2026-10-09", 20)
        assert db.scalars(select(Finding)).one().judged_on == day("10-12")
        entries(db)


def corrected(register: Register, on: str) -> None:
    with register.write() as db:
        db.scalars(select(Machine)).one().delivered_on = day(on)


def row_of(register: Register) -> Finding:
    with register.read() as db:
        return db.scalars(select(Finding)).one()


def test_a_living_finding_says_how_late_it_is_now(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    assert (row_of(register).version, row_of(register).verdict["days_without_load"]) == (1, 20)
    looked(register, "10-11", idle=20)
    assert (row_of(register).version, row_of(register).judged_on) == (1, day("10-11"))  # nothing else
    corrected(register, "09-17")  # due a day earlier: 10-08
    looked(register, "10-12", idle=22)

    row = row_of(register)
    assert (row.version, row.state, row.judged_on) == (2, "open", day("10-12"))
    assert (row.verdict["days_without_load"], row.verdict["due"]) == (22, "2026-10-08")
    assert row.verdict["delivered_on"] == "2026-09-17"


@pytest.mark.parametrize("approved", [False, True], ids=["open", "approved"])
def test_a_finding_that_is_not_late_any_more_is_closed_and_found_again(
    register: Register, approved: bool
) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    if approved:
        with register.write() as db:
            answer(db, db.scalars(select(Finding)).all(), "approve", operator(day("10-10")))
    corrected(register, "09-30")  # 10-08 09 10 12 13 14 15 16 19 20
    assert looked(register, "10-20", idle=20) == 0
    assert finding(register) == ("closed", "not late any more: to be deployed by 2026-10-20")
    with register.read() as db:
        ((_, _, after),) = told(db, "finding.close")
        assert after == "closed"
        entries(db)

    assert looked(register, "10-21", idle=21) == 1


def test_a_silenced_or_issued_finding_stays_when_it_is_not_late_any_more(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    with register.write() as db:
        rows = db.scalars(select(Finding)).all()
        answer(db, rows, "reject", operator(day("10-10"), "a cold standby"), day("12-20"))
    corrected(register, "09-30")
    looked(register, "10-12", idle=20)
    assert finding(register) == ("rejected", None)
    with register.write() as db:
        db.scalars(select(Finding)).one().state = "issued"
    looked(register, "10-13", idle=20)

    assert finding(register) == ("issued", None)


def test_a_finding_whose_last_day_is_not_known_any_more_is_closed(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    corrected(register, "12-25")
    looked(register, "12-28", idle=20)

    assert finding(register) == ("closed", "not late any more: the calendar ends before its last day")


def test_a_city_of_late_machines_is_found_in_a_few_statements(sqlite: Register) -> None:
    with sqlite.write() as db:
        whose = owner(db, "市民政局")
        names = [f"vm-{number:05d}" for number in range(1200)]
        db.add_all(Machine(name=name, department=whose, delivered_on=day("09-18")) for name in names)
    sent: list[str] = []
    listen(sqlite.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    counts = []
    for text in ("10-10", "10-11"):
        loads = Loads({}, dict.fromkeys(names, day(text).day))
        with sqlite.write() as db:
            machines = undeployed(db, day("03-01"))
            counts.append(follow(db, calendar(db), POLICY, machines, loads, day(text), program(day(text))))
    loads = Loads(dict.fromkeys(names, day("10-11")), {})
    with sqlite.write() as db:
        follow(
            db, calendar(db), POLICY, undeployed(db, day("03-01")), loads, day("10-12"), program(day("10-12"))
        )

    assert counts == [1200, 0]
    assert len([said for said in sent if not said.startswith("INSERT")]) < 70
    assert max(said.count("?") for said in sent if said.startswith("SELECT")) <= 510
    with sqlite.read() as db:
        assert set(db.scalars(select(Finding.state))) == {"closed"}


def test_a_machine_that_was_never_measured_is_not_accused(register: Register) -> None:
    delivered(register)

    assert looked(register, "11-30", idle=0) == 0
    assert finding(register) is None


def test_a_machine_without_an_owner_is_nobody_s_to_deploy(register: Register) -> None:
    delivered(register, department=None)

    assert looked(register, "11-30", idle=20) == 0


def test_a_first_real_load_stops_the_clock_and_closes_the_finding(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    looked(register, "10-14", idle=20, loaded="10-13")

    assert finding(register) == ("closed", "deployed")
    with register.read() as db:
        assert db.scalars(select(Deadline.met_on)).one() == day("10-13")
    assert looked(register, "10-15", idle=21, loaded="10-13") == 0


def test_a_declared_deployment_closes_the_finding_as_well(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    declared(register, "10-12")
    looked(register, "10-13", idle=22)

    assert finding(register) == ("closed", "deployed")
    with register.read() as db:
        assert db.scalars(select(Deadline.met_on)).one() == day("10-12")


def test_what_was_deployed_in_time_has_no_finding(register: Register) -> None:
    delivered(register)
    looked(register, "09-22", idle=2)

    assert looked(register, "10-10", idle=2, loaded="09-24") == 0
    assert finding(register) is None


@pytest.mark.parametrize(("on", "then"), [("10-09", "10-20"), ("11-02", "11-03")])
def test_a_machine_declared_without_ever_being_found_late_stops_its_clock(
    register: Register, on: str, then: str
) -> None:
    delivered(register)
    looked(register, "09-19")
    declared(register, on)
    looked(register, then)
    looked(register, then)

    with register.read() as db:
        assert db.scalars(select(Deadline)).one().met_on == day(on)
        assert len(told(db, "deadline.ended")) == 1
    assert finding(register) is None


def test_a_late_machine_becomes_a_notice_like_any_other(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    with register.write() as db:
        answer(db, db.scalars(select(Finding)).all(), "approve", operator(day("10-10")))

    assert issued(register, day("10-10")) == ["平数云部署〔2026〕1号"]
    assert looked(register, "10-11", idle=21) == 0  # the notice goes on by itself
    assert finding(register) == (FindingState.ISSUED, None)


def test_a_rejected_finding_comes_back_after_its_end(register: Register) -> None:
    delivered(register)
    looked(register, "10-10", idle=20)
    with register.write() as db:
        rows = db.scalars(select(Finding)).all()
        answer(db, rows, "reject", operator(day("10-10"), "a cold standby"), day("10-20"))
    assert looked(register, "10-11", idle=21) == 0
    states = []
    for text in ("10-20", "10-21"):
        with register.write() as db:
            come_back(db, day(text), program(day(text)))
        states.append(finding(register))

    assert states == [("rejected", None), ("open", None)]


def test_a_delivery_in_late_december_has_no_last_day_until_the_year_is_known(register: Register) -> None:
    delivered(register, "12-25")
    later, loads = date(2027, 3, 1), Loads({}, {NAME: 60})
    counts = []
    for year in (None, year_of(2027, ["01-01"])):  # made up
        if year is not None:
            imported(register, year, later)
        with register.write() as db:
            recount(db, calendar(db), program(later))
            machines = undeployed(db, day("03-01"))
            counts.append(follow(db, calendar(db), POLICY, machines, loads, later, program(later)))

    assert counts == [0, 1]
    with register.read() as db:  # 12-28 29 30 31, 01-04 05 06 07 08 11
        assert db.scalars(select(Deadline)).one().due_on == date(2027, 1, 11)
