"""Applications on their way: what is refused, who decides, what is delivered, and what is given back.

Working days from 2026-11-02 (Monday): +2 11-04, +3 11-05, +5 11-09, +10 11-16.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from config.policy import load_policy
from config.settings import PolicyChoice
from filing.application_clocks import Desk
from filing.applications import ApplicationError, Asked, Draft, Facts, add, edit, found
from filing.approval import Size, approve, give_back, refuse, submit, withdraw
from filing.delivery import Handover, declare, deliver, follow
from filing.release import Origin, Retention, Use, carry_out, change, release
from filing.tables import Project
from notifier.deployment import article_of, run_clocks
from store.calendar import calendar
from store.journal import verify
from store.tables import Deadline, Department, Finding, JournalEntry, Machine, System
from store.workflow import Act, OvertakenError, RefusedError, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from filing.application_tables import Application
    from store.database import Register

pytest_plugins = ["registers"]

POLICY = load_policy(PolicyChoice())
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FILER = Act("li", Role.FILER, NOW, department_id=1)
CHEN, WU = Act("chen", Role.REVIEWER, NOW), Act("wu", Role.REVIEWER, NOW)
CLERK = Act("wang", Role.OPERATOR, NOW)
PROGRAM = Act("rightsizer", Role.PROGRAM, NOW)
FACTS = Facts(
    project_id=1, zone="government", term_from=date(2026, 12, 1), term_to=date(2029, 12, 1),
    description="法律援助在线申请", contact="李", phone="0532-1",
)  # fmt: skip
DATABASE = Asked("数据库", 16, 32, 100, 500, count=2)
WEB = Asked("应用", 8, 16, 100)
STATEMENT = Retention("a paper", "backed_up", "kept", "cancelled")
IDLE = Use(serving=False, words="idle")


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


Clock = tuple[int | None, date | None, date | None]


Clock = tuple[int | None, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Office:
    """An application, and what is done with it on a day."""

    register: Register

    def does(
        self, what: Callable[..., Any], *words: Any, act: Act, on: str = "11-02", number: int = 1
    ) -> Any:
        with self.register.write() as db:
            act = replace(act, reason=act.reason or "because")
            return what(db, self.desk(db, on), found(db, number), *words, act)

    def desk(self, db: Session, on: str) -> Desk:
        return Desk(calendar(db), POLICY.application, day(on))

    def write(self, facts: Facts = FACTS, asked: tuple[Asked, ...] = (DATABASE, WEB)) -> int:
        with self.register.write() as db:
            owner = db.get_one(Department, 1)
            return add(db, owner, "法律援助", Draft(day("11-02"), facts, asked), FILER).id

    def approved(self, number: int = 1) -> None:
        self.does(submit, None, act=FILER, number=number)
        self.does(approve, {}, act=CHEN, number=number)
        self.does(approve, {}, act=WU, number=number)

    def delivered(self, on: str = "11-02") -> None:
        self.approved()
        self.does(deliver, Handover(day(on), ("vm-1", "vm-2", "vm-3"), "a receipt"), act=CLERK, on=on)
        with self.register.write() as db:
            machines = list(db.scalars(select(Machine).order_by(Machine.name)))
            run_clocks(db, calendar(db), POLICY, machines, CLERK)

    def followed(self, on: str) -> str:
        with self.register.write() as db:
            follow(db, self.desk(db, on), article_of(POLICY), PROGRAM)
        return self.row().state

    def row(self, number: int = 1) -> Application:
        with self.register.read() as db:
            row = found(db, number)
            db.refresh(row, ["lines"])
            return row

    def clocks(self, subject: str = "application:1") -> dict[str, Clock]:
        """Article -> for whom, due, met."""
        with self.register.read() as db:
            rows = db.scalars(select(Deadline).where(Deadline.subject == subject).order_by(Deadline.id))
            return {row.article: (row.department_id, row.due_on, row.met_on) for row in rows}


@pytest.fixture
def office(sqlite: Register) -> Office:
    return opened(sqlite)


def opened(register: Register) -> Office:
    need = {"vcpus": 40, "memory_gib": 80, "disk_gib": 1300}
    with register.write() as db:
        ours, theirs = Department(code="J1", name="市司法局"), Department(code="F1", name="市财政局")
        db.add_all([ours, theirs])
        db.flush()
        facts = {"kind": "develop", "state": "approved", "created_on": day("01-05")}
        db.add(Project(department=ours, name="法律援助平台", cloud_need=need, **facts))
        db.add(Project(department=theirs, name="财政平台", cloud_need=need, **facts))
    return Office(register)


def test_an_application_becomes_machines_step_by_step(register: Register) -> None:
    office = opened(register)
    office.write()
    office.does(submit, {"lines": []}, act=FILER)
    assert office.clocks() == {"第十二条 行政审批": (None, day("11-05"), None)}
    office.does(approve, {}, act=CHEN, on="11-03")
    assert office.clocks()["第十二条 技术审批"] == (None, day("11-05"), None)
    office.does(approve, {1: Size(memory_gib=24)}, act=WU, on="11-04")
    assert office.clocks()["第十二条 配置交付"] == (None, day("11-06"), None)
    names = ("vm-1", "vm-2", "vm-3")
    new = office.does(deliver, Handover(day("11-05"), names, "a receipt"), act=CLERK, on="11-05")

    assert [machine.name for machine in new] == list(names)
    assert {met for _whose, _due, met in office.clocks().values()} == {
        day("11-03"),
        day("11-04"),
        day("11-05"),
    }
    with register.read() as db:
        rows = db.scalars(select(Machine).order_by(Machine.name)).all()
        told = [(m.name, m.vcpus, m.memory_gib, m.disk_gib, m.delivered_on) for m in rows]
        assert told[0] == ("vm-1", 16.0, 24.0, 600.0, day("11-05"))
        assert told[2] == ("vm-3", 8.0, 16.0, 100.0, day("11-05"))
        assert {(m.department_id, m.system.name if m.system else None) for m in rows} == {(1, "法律援助")}
        assert verify(db)[1] is None


def test_the_clock_of_a_machine_runs_from_delivery_as_always(office: Office) -> None:
    office.write()
    office.delivered()

    assert office.clocks("machine:1") == {"第十三条 部署": (1, day("11-16"), None)}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Facts(project_id=9), "there is no project 9"),
        (Facts(project_id=2), "is of 市财政局, not of 市司法局"),
        (Facts(filing_id=9), "there is no filing 9"),
        (Facts(term_from=day("12-01"), term_to=day("12-01")), "not after its start"),
        (Facts(term_to=day("12-01"), go_live_on=day("12-02")), "after the end of the term"),
    ],
)
def test_what_cannot_be_is_not_written(office: Office, facts: Facts, said: str) -> None:
    with pytest.raises(ApplicationError, match=said):
        office.write(facts)


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"vcpus": 0}, {"memory_gib": -1}, {"system_disk_gib": 0}, {"data_disk_gib": -5},
     {"vcpus": float("nan")}, {"vcpus": float("inf")}],
)  # fmt: skip
def test_a_size_is_a_number_above_nothing(office: Office, wrong: dict[str, Any]) -> None:
    with pytest.raises(ApplicationError, match="above 0"):
        office.write(asked=(replace(WEB, **wrong),))


def test_more_than_the_project_has_approved_is_refused_with_both_numbers(office: Office) -> None:
    """2 x 16 + 8 = 40 vCPUs are approved exactly; one more is too many."""
    office.write(asked=(DATABASE, replace(WEB, vcpus=9)))

    with pytest.raises(
        ApplicationError, match=r"asks for 41 vCPU; project 1 \(法律援助平台\) has 40 approved"
    ):
        office.does(submit, None, act=FILER)


def test_the_projects_other_applications_count_too(office: Office) -> None:
    office.write()
    office.does(submit, None, act=FILER)
    office.write(asked=(WEB,))
    with pytest.raises(ApplicationError, match=r"asks for 8 vCPU beside the 40 of its other applications"):
        office.does(submit, None, act=FILER, number=2)
    office.does(withdraw, act=FILER, number=1)
    office.does(submit, None, act=FILER, number=2)

    assert office.row(2).state == "awaiting_admin"


def test_two_applications_at_once_do_not_get_more_than_is_approved(register: Register) -> None:
    office = opened(register)
    numbers = [office.write(), office.write()]
    begin, refused = Barrier(2), []

    def hand_in(number: int) -> None:
        begin.wait()
        try:
            office.does(submit, None, act=FILER, number=number)
        except ApplicationError as error:
            refused.append(str(error))

    threads = [Thread(target=hand_in, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(office.row(number).state for number in numbers) == ["awaiting_admin", "draft"]
    assert len(refused) == 1
    assert "beside the 40 of its other applications" in refused[0]


def test_nobody_approves_what_he_submitted_nor_twice(office: Office) -> None:
    office.write()
    office.does(submit, None, act=replace(FILER, also=frozenset({Role.REVIEWER})))
    with pytest.raises(RefusedError, match="li submitted it: another person must decide"):
        office.does(approve, {}, act=Act("li", Role.REVIEWER, NOW))
    office.does(approve, {}, act=CHEN)
    with pytest.raises(RefusedError, match="another person must decide"):
        office.does(approve, {}, act=CHEN)
    with pytest.raises(RefusedError, match="li submitted it: another person must decide"):
        office.does(approve, {}, act=Act("li", Role.REVIEWER, NOW))
    office.does(approve, {}, act=WU)

    assert office.row().state == "to_configure"


def test_returned_it_is_corrected_and_its_clocks_run_anew(office: Office) -> None:
    office.write()
    office.does(submit, None, act=FILER)
    office.does(give_back, act=CHEN, on="11-03")
    assert office.clocks()["第十二条 补正"] == (1, day("11-10"), None)
    with office.register.write() as db:
        draft = Draft(day("11-04"), Facts(), (WEB,))
        assert edit(db, found(db, 1), draft, FILER)
        assert not edit(db, found(db, 1), Draft(day("11-04"), Facts()), FILER)
    office.does(submit, None, act=FILER, on="11-04")

    assert office.clocks()["第十二条 补正"] == (1, day("11-10"), day("11-04"))
    assert office.clocks()["第十二条 行政审批"] == (None, day("11-09"), None)
    assert len(office.row().lines) == 1


def test_refused_is_the_end(office: Office) -> None:
    office.write()
    office.does(submit, None, act=FILER)
    office.does(refuse, act=CHEN)

    assert (office.row().state, office.row().ended_on) == ("refused", day("11-02"))
    with pytest.raises(RefusedError, match="only a draft or a returned one"), office.register.write() as db:
        edit(db, found(db, 1), Draft(day("11-02"), FACTS), FILER)


def test_approved_is_at_most_what_was_asked_for(office: Office) -> None:
    office.write()
    office.does(submit, None, act=FILER)
    with pytest.raises(ApplicationError, match="at most the asked 32"):
        office.does(approve, {1: Size(memory_gib=33)}, act=CHEN)
    with pytest.raises(ApplicationError, match="no line 7"):
        office.does(approve, {7: Size(memory_gib=8)}, act=CHEN)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Handover(day("11-01"), ("a", "b", "c"), "r"), "cannot be delivered on 2026-11-01"),
        (Handover(day("11-03"), ("a", "b", "c"), "r"), "that day is not here yet"),
        (Handover(day("11-02"), ("a", "b"), "r"), "asks for 3 new machines, 2 are named"),
        (Handover(day("11-02"), ("a", "b", "a"), "r"), "named twice"),
        (Handover(day("11-02"), ("a", "b", "old"), "r"), "old is in use already"),
    ],
)
def test_a_delivery_that_cannot_be_changes_nothing(office: Office, made: Handover, said: str) -> None:
    with office.register.write() as db:
        db.add(Machine(name="old", department_id=2))
    office.write()
    office.approved()
    with pytest.raises(ApplicationError, match=said):
        office.does(deliver, made, act=CLERK)

    assert office.row().state == "to_configure"


def test_deployed_by_word_ends_the_clocks(office: Office) -> None:
    office.write()
    office.delivered()
    with pytest.raises(ApplicationError, match="was delivered on 2026-11-02"):
        office.does(declare, day("11-01"), article_of(POLICY), act=FILER, on="11-05")
    office.does(declare, day("11-05"), article_of(POLICY), act=FILER, on="11-05")

    assert (office.row().state, office.row().running_on) == ("running", day("11-05"))
    assert office.clocks("machine:2") == {"第十三条 部署": (1, day("11-16"), day("11-05"))}


def test_every_machine_must_be_loaded_or_declared_before_it_runs(office: Office) -> None:
    office.write()
    office.delivered()
    met(office, "machine:1", "11-04")
    assert office.followed("11-05") == "delivered"
    met(office, "machine:2", "11-06")
    with office.register.write() as db:
        db.get_one(Machine, 3).deployed_on = day("11-03")

    assert office.followed("11-07") == "running"
    assert office.row().running_on == day("11-06")


def met(office: Office, subject: str, on: str) -> None:
    with office.register.write() as db:
        db.scalars(select(Deadline).where(Deadline.subject == subject)).one().met_on = day(on)


def test_late_it_is_overdue_and_after_ten_more_days_to_be_taken_back_by_a_person(office: Office) -> None:
    """Due on 11-16; ten working days later is 11-30."""
    office.write()
    office.delivered()

    assert office.followed("11-16") == "delivered"
    assert office.followed("11-17") == "overdue"
    assert (office.followed("11-30"), office.row().take_back_on) == ("overdue", None)
    assert (office.followed("12-01"), office.row().take_back_on) == ("overdue", day("12-01"))
    with office.register.read() as db:
        assert [m.released_on for m in db.scalars(select(Machine))] == [None, None, None]
        told = select(JournalEntry.action).where(JournalEntry.action == "application.take_back_advised")
        assert len(db.scalars(told).all()) == 1


def test_more_time_makes_it_delivered_again(office: Office) -> None:
    office.write()
    office.delivered()
    office.followed("11-17")
    with office.register.write() as db:
        for clock in db.scalars(select(Deadline).where(Deadline.subject.startswith("machine:"))):
            clock.due_on = day("11-25")

    assert office.followed("11-18") == "delivered"


def test_a_change_gives_a_machine_another_size_after_both_approvals(office: Office) -> None:
    office.write()
    office.delivered()
    smaller = Asked("数据库", 8, 16, 100, 500, machine="vm-1")
    with office.register.write() as db:
        row = change(db, found(db, 1), Draft(day("11-03"), Facts(), (smaller,)), FILER)
        assert (row.id, row.of_id, row.kind, row.project_id) == (2, 1, "change", 1)
    office.approved(2)
    office.does(deliver, Handover(day("11-02"), (), "r"), act=CLERK, number=2)

    assert office.row(2).state == "running"
    with office.register.read() as db:
        machine = db.get_one(Machine, 1)
        assert (machine.vcpus, machine.memory_gib, machine.delivered_on) == (8.0, 16.0, day("11-02"))


def test_machines_that_grow_stay_within_the_projects_need(office: Office) -> None:
    """40 of 40 vCPUs stand already: 8 more of vm-3 are too many."""
    office.write()
    office.delivered()
    with office.register.write() as db:
        larger = Asked("应用", 16, 16, 100, machine="vm-3")
        change(db, found(db, 1), Draft(day("11-03"), Facts(), (larger,)), FILER)

    with pytest.raises(ApplicationError, match="asks for 8 vCPU beside the 40"):
        office.does(submit, None, act=FILER, number=2)


@pytest.mark.parametrize("name", ["vm-9", "old"])
def test_only_machines_of_the_department_are_changed(office: Office, name: str) -> None:
    office.write()
    office.delivered()
    with office.register.write() as db:
        db.add(Machine(name="old", department_id=2))
    draft = Draft(day("11-03"), Facts(), (replace(WEB, machine=name),))

    with (
        pytest.raises(ApplicationError, match=f"{name} is no machine of 市司法局"),
        office.register.write() as db,
    ):
        change(db, found(db, 1), draft, FILER)


def given_back(office: Office, uses: dict[str, Use], **kept: Any) -> int:
    with office.register.write() as db:
        act = replace(FILER, reason="系统停用")
        draft = Draft(day("11-03"), Facts())
        return release(
            db, Origin(db.get_one(Department, 1), found(db, 1)), uses, replace(STATEMENT, **kept), draft, act
        ).id


def test_what_serves_is_not_given_back(office: Office) -> None:
    office.write()
    office.delivered()
    serving = Use(serving=True, words="vm-2 (cpu p95 41 % (idle: 3), last 7 days)")

    with pytest.raises(ApplicationError, match=r"still serving: vm-2 \(cpu p95 41 %"):
        given_back(office, {"vm-1": IDLE, "vm-2": serving, "vm-3": IDLE})


def test_what_nobody_measures_is_given_back_by_declaration_alone(office: Office) -> None:
    office.write()
    office.delivered()
    unseen = {"vm-1": IDLE, "vm-2": Use(serving=None, words="vm-2 (not measured)")}
    with pytest.raises(ApplicationError, match="vm-2, vm-3: not measured"):
        given_back(office, unseen)

    assert given_back(office, unseen, declared=True) == 2


def test_released_machines_keep_their_past_and_end_their_application(office: Office) -> None:
    office.write()
    office.delivered()
    with office.register.write() as db:
        facts = {"kind": "idle", "state": "open", "opened_on": day("11-02"), "judged_on": day("11-02")}
        db.add(Finding(machine_id=1, policy="p", verdict={}, **facts))
    uses = dict.fromkeys(("vm-1", "vm-2", "vm-3"), IDLE)
    given_back(office, uses)
    with pytest.raises(ApplicationError, match="asks for no machines"), office.register.write() as db:
        edit(db, found(db, 2), Draft(day("11-03"), Facts(), (WEB,)), FILER)
    with pytest.raises(ApplicationError, match="vm-1 is in application 2 already"):
        given_back(office, uses)
    office.approved(2)
    office.does(carry_out, uses, day("11-04"), act=CLERK, number=2, on="11-05")

    assert [office.row(number).state for number in (1, 2)] == ["released", "released"]
    with office.register.read() as db:
        assert {m.released_on for m in db.scalars(select(Machine))} == {day("11-04")}
        assert {clock.met_on for clock in db.scalars(select(Deadline))} <= {
            day("11-02"),
            day("11-04"),
            day("11-05"),
        }
        assert db.scalars(select(Finding)).one().closed_because == "released"
        assert verify(db)[1] is None


def test_machines_that_no_application_brought_are_given_back_by_name(office: Office) -> None:
    with office.register.write() as db:
        system = System(department_id=1, name="旧系统")
        db.add(Machine(name="old-1", department_id=1, system=system))
        db.add(Machine(name="other", department_id=2))
        origin, draft = Origin(db.get_one(Department, 1)), Draft(day("11-02"), Facts())
        act = replace(FILER, reason="停用")
        for names, said in (((), "which machines"), (("other",), "no machine of 市司法局")):
            with pytest.raises(ApplicationError, match=said):
                release(db, origin, {}, replace(STATEMENT, machines=names), draft, act)
        kept = replace(STATEMENT, machines=("old-1",))
        row = release(db, origin, {"old-1": IDLE}, kept, draft, act)
        assert (row.system, row.of_id, row.project_id) == ("旧系统", None, None)
    office.approved()
    office.does(carry_out, {"old-1": IDLE}, day("11-02"), act=CLERK)

    with office.register.read() as db:
        gone = select(Machine.name).where(Machine.released_on.is_not(None))
        assert db.scalars(gone).all() == ["old-1"]


def test_a_machine_that_serves_again_is_not_taken_down(office: Office) -> None:
    office.write()
    office.delivered()
    given_back(office, dict.fromkeys(("vm-1", "vm-2", "vm-3"), IDLE))
    office.approved(2)
    serving = dict.fromkeys(("vm-1", "vm-2", "vm-3"), Use(serving=True, words="busy"))

    with pytest.raises(ApplicationError, match="still serving"):
        office.does(carry_out, serving, day("11-02"), act=CLERK, number=2)


def test_of_two_reviewers_at_once_one_wins(office: Office) -> None:
    office.write()
    office.does(submit, None, act=FILER)
    with office.register.read() as db:
        seen = found(db, 1)
        assert (seen.project, len(seen.lines)) is not None
        db.expunge_all()
    office.does(refuse, act=CHEN)

    with pytest.raises(OvertakenError), office.register.write() as db:
        refuse(db, office.desk(db, "11-02"), seen, replace(WU, reason="too"))


def test_another_department_writes_nothing(office: Office) -> None:
    office.write()
    sun = Act("sun", Role.FILER, NOW, department_id=2)
    with pytest.raises(RefusedError, match="another department"), office.register.write() as db:
        edit(db, found(db, 1), Draft(day("11-02"), FACTS), sun)
    with pytest.raises(RefusedError, match="that is for"), office.register.write() as db:
        edit(db, found(db, 1), Draft(day("11-02"), FACTS), CHEN)


@pytest.mark.parametrize("text", ["用于 机密★ 文件流转", "绝密☆10年"])
def test_what_is_marked_secret_is_refused_and_not_repeated(office: Office, text: str) -> None:
    with pytest.raises(ApplicationError, match="涉密") as raised:
        office.write(replace(FACTS, description=text))
    with pytest.raises(ApplicationError, match="涉密"):
        office.write(asked=(replace(WEB, role=text),))

    assert "文件流转" not in str(raised.value)
    with office.register.read() as db:
        assert db.scalars(select(JournalEntry).where(JournalEntry.action == "application.added")).all() == []


def test_declaring_what_was_delivered_says_nothing_of_a_machine_that_only_changed(office: Office) -> None:
    office.write()
    office.delivered()
    with office.register.write() as db:
        half = Asked("应用", 4, 8, 50)
        draft = Draft(day("11-02"), Facts(), (replace(half, machine="vm-3"), half))
        change(db, found(db, 1), draft, FILER)
    office.approved(2)
    office.does(deliver, Handover(day("11-03"), ("vm-9",), "a receipt"), act=CLERK, on="11-03", number=2)
    office.does(declare, day("11-04"), article_of(POLICY), act=FILER, on="11-04", number=2)

    with office.register.read() as db:
        days = dict(db.execute(select(Machine.name, Machine.deployed_on)).all())
    assert (days["vm-9"], days["vm-3"]) == (day("11-04"), None)
    assert office.clocks("machine:3").popitem()[1][2] is None
