"""Issuing: one notice a department and kind, numbers without gaps, frozen words, nothing half written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from matters import deliveries, items, mails, operator, program
from processes import together, url_of
from sqlalchemy import func, select, update
from stage import ISSUED, TERMS, entries, found, house, issued, now, tasks, told

from config.settings import Notices
from monitor.issuing import issue_all
from monitor.pipeline import unseen
from notifier.issue import Draft, SealError, commit, content_of, draft, waiting
from notifier.numbers import following, parse, take
from notifier.tables import Delivery, Item, Notice, Sequence
from store.review import answer
from store.tables import Department, Finding, FindingState, Machine
from store.workflow import OvertakenError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

TESTS = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
NEW_YEAR = date(2027, 1, 4)


def written(db: Session) -> dict[str, int]:
    """How many rows everything has that an issue writes."""
    tables = (Notice, Item, Delivery, Sequence)
    counts = {
        table.__tablename__: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }
    return {**counts, "journal": entries(db)}


def ready(register: Register) -> Draft:
    with register.read() as db:
        (group,), _unfit = waiting(db, ISSUED, ISSUED)
        made = draft(db, group, TERMS, {}, ISSUED, ISSUED)
    assert made is not None
    return made


def kinds(register: Register) -> list[tuple[str, str, list[str]]]:
    with register.read() as db:
        rows = db.scalars(select(Notice).order_by(Notice.id)).all()
        return [(row.department.name, row.kind, [one.machine for one in items(db, row)]) for row in rows]


# ---- what becomes one notice


def test_a_department_gets_one_notice_a_kind(register: Register) -> None:
    with register.write() as db:
        for name, department, kind in [
            ("vm-3", "市民政局", "shrink"),
            ("vm-1", "市民政局", "shrink"),
            ("vm-2", "市民政局", "idle"),
            ("vm-4", "市财政局", "shrink"),
        ]:
            found(db, name, department, kind)
        found(db, "vm-5", "市民政局", state="open")
        found(db, "vm-6", "市民政局", state="rejected")

    assert len(issued(register, ISSUED)) == 3
    assert issued(register, ISSUED) == []
    assert sorted(kinds(register)) == [
        ("市民政局", "idle", ["vm-2"]),
        ("市民政局", "shrink", ["vm-1", "vm-3"]),
        ("市财政局", "shrink", ["vm-4"]),
    ]


def test_what_was_judged_long_ago_or_has_no_owner_waits(register: Register) -> None:
    with register.write() as db:
        found(db, "vm-1", None)
        found(db, "vm-2", "市民政局", judged_on=date(2026, 9, 15), opened_on=date(2026, 9, 15))

    with register.read() as db:
        groups, unfit = waiting(db, date(2026, 9, 16), ISSUED)
        assert groups == []
        assert sorted(row.machine.name for row in unfit) == ["vm-1", "vm-2"]


def test_a_machine_without_a_department_is_a_task(register: Register, tmp_path: Path) -> None:
    with register.write() as db:
        found(db, "vm-1", None)
    counts = [issue_all(house(register, tmp_path), now(ISSUED), unseen) for _ in range(2)]

    assert counts == [{"notices": 0, "machines": 0, "waiting": 1}] * 2
    with register.read() as db:
        assert [(task.kind, task.subject) for task in tasks(db)] == [("no_department", "vm-1")]


def test_with_manual_review_nothing_goes_out_by_itself(register: Register, tmp_path: Path) -> None:
    with register.write() as db:
        found(db, "vm-1", "市民政局", state="open")

    assert issue_all(house(register, tmp_path), now(ISSUED), unseen)["notices"] == 0
    assert kinds(register) == []


# ---- the policy's validity


def test_a_policy_that_is_over_writes_to_nobody_until_the_operator_names_its_successor(
    register: Register, tmp_path: Path
) -> None:
    with register.write() as db:
        found(db, "vm-1", "市民政局")
        for number in range(20):  # so that one of them is not too many
            db.add(Machine(name=f"other-{number}"))
    over = house(register, tmp_path, policy={})
    assert issue_all(over, now(ISSUED), unseen) == {"notices": 0, "machines": 0, "waiting": 1}
    with register.read() as db:
        (task,) = tasks(db)
        assert (task.kind, task.subject) == ("policy", "PDDR-2020-0020001")
        assert "override_basis" in task.text

    named = house(register, tmp_path, policy={"override_basis": "《平度市政务云资源管理办法》第八条"})
    assert issue_all(named, now(ISSUED), unseen) == {"notices": 1, "machines": 1, "waiting": 0}
    with register.read() as db:
        notice = db.scalars(select(Notice)).one()
        basis = content_of(notice).basis
        assert (basis.expired_on, basis.override) == (
            date(2022, 9, 12),
            "《平度市政务云资源管理办法》第八条",
        )
        # No mail server is set: the notice is a task to deliver it on paper.
        assert [(task.kind, task.subject) for task in tasks(db)] == [("paper", notice.number)]


# ---- numbers


def test_numbers_count_by_prefix_and_year_from_one(register: Register) -> None:
    with register.write() as db:
        for number, kind in enumerate(["shrink", "shrink", "idle"]):
            found(db, f"vm-{number}", f"第{number}局", kind)
    first = issued(register, ISSUED)
    with register.write() as db:
        for number in (7, 8):
            found(db, f"vm-{number}", f"第{number}局", judged_on=NEW_YEAR, opened_on=NEW_YEAR)
    second = issued(register, NEW_YEAR)

    assert sorted(first) == ["平数云核减〔2026〕1号", "平数云核减〔2026〕2号", "平数云核实〔2026〕1号"]
    assert sorted(second) == ["平数云核减〔2027〕1号", "平数云核减〔2027〕2号"]


def test_a_number_is_taken_once_and_none_is_left_out(register: Register) -> None:
    with register.write() as db:
        number = following(db, "平数云核减", 2026)
        take(db, number)

    with pytest.raises(OvertakenError, match="was taken just now"), register.write() as db:
        take(db, number)
    with register.write() as db:
        take(db, following(db, "平数云核减", 2026))
        db.rollback()  # the issue breaks off
    with register.read() as db:
        assert following(db, "平数云核减", 2026).sequence == 2


# Every process tries to issue every group, in an order of its own, to offices in two years.
ISSUER = f"""
import random
sys.path[:0] = {TESTS!r}
from datetime import date
from matters import mails, program
from stage import TERMS
from notifier.issue import commit, draft, waiting
from store.database import open_register
from store.workflow import OvertakenError

register = open_register(url)
with register.read() as db:
    groups, _ = waiting(db, date(2026, 9, 1), date(2026, 9, 18))
random.Random(number).shuffle(groups)
for group in groups:
    day = date(2026, 12, 31) if group.department % 2 else date(2027, 1, 4)
    while True:
        with register.read() as db:
            ready = draft(db, group, TERMS, {{}}, day, day)
        if ready is None:
            break
        try:
            with register.write() as db:
                print(commit(db, ready, mails(ready, ready.recipients), program(day)).number)
            break
        except OvertakenError:
            continue
"""


def test_three_issuers_at_once_leave_no_gap_and_write_to_nobody_twice(register: Register) -> None:
    offices = 16
    with register.write() as db:
        for number in range(offices):
            for machine in range(2):
                found(db, f"vm-{number:02d}-{machine}", f"第{number:02d}局")

    said = together(ISSUER, url_of(register), 3)

    numbers = [parse(line) for one in said for line in one.splitlines()]
    years = {year: sorted(one.sequence for one in numbers if one.year == year) for year in (2026, 2027)}
    assert years == {year: list(range(1, offices // 2 + 1)) for year in (2026, 2027)}
    with register.read() as db:
        written_to = [row.department_id for row in db.scalars(select(Notice))]
        assert len(written_to) == len(set(written_to)) == offices
        assert db.scalar(select(func.count(Item.id))) == 2 * offices
        assert db.scalar(select(func.count(Delivery.id))) == offices
        assert set(db.scalars(select(Finding.state))) == {FindingState.ISSUED}
        assert len(told(db, "notice.issued")) == offices
        entries(db)


# ---- what changes while the letters are printed


def reopened(db: Session) -> None:
    answer(db, db.scalars(select(Finding)).all(), "reopen", operator(ISSUED))


def judged_anew(db: Session) -> None:
    row = db.scalars(select(Finding).order_by(Finding.id)).first()
    assert row is not None
    row.verdict, row.version = {**row.verdict, "valid_days": 33}, row.version + 1


def approved_again(db: Session) -> None:
    reopened(db)
    answer(db, db.scalars(select(Finding)).all(), "approve", operator(ISSUED))


def number_taken(db: Session) -> None:
    take(db, following(db, "平数云核减", 2026))


CHANGES = [reopened, judged_anew, approved_again, number_taken]


@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])
def test_a_draft_that_was_overtaken_writes_nothing_at_all(
    register: Register, change: Callable[[Session], None]
) -> None:
    with register.write() as db:
        found(db, "vm-1", "市民政局")
        found(db, "vm-2", "市民政局")
    made = ready(register)
    with register.write() as db:
        change(db)
    with register.read() as db:
        before = written(db)

    with pytest.raises(OvertakenError), register.write() as db:
        commit(db, made, mails(made, made.recipients), program(ISSUED))

    with register.read() as db:
        assert written(db) == before
        assert FindingState.ISSUED not in set(db.scalars(select(Finding.state)))


def test_what_is_left_of_a_group_is_drafted_again(register: Register) -> None:
    with register.write() as db:
        rows = [found(db, f"vm-{number}", "市民政局") for number in (1, 2)]
    with register.read() as db:
        groups, _unfit = waiting(db, ISSUED, ISSUED)
    with register.write() as db:
        first = db.get_one(Finding, rows[0].id)
        answer(db, [first], "reject", operator(ISSUED, "disaster recovery"), date(2026, 12, 31))

    assert len(issued(register, ISSUED, groups)) == 1
    assert kinds(register) == [("市民政局", "shrink", ["vm-2"])]


# ---- what a notice says is frozen


def test_what_a_notice_says_does_not_change_when_its_machine_does(register: Register) -> None:
    with register.write() as db:
        row = found(db, "vm-1", "市民政局")
    issued(register, ISSUED)
    with register.write() as db:
        before = content_of(db.scalars(select(Notice)).one())
        finding = db.get_one(Finding, row.id)
        finding.verdict = {**finding.verdict, "valid_days": 1}
        finding.machine.vcpus = 99
        db.scalars(select(Department)).one().name = "市民政和社会事务局"

    with register.read() as db:
        after = content_of(db.scalars(select(Notice)).one())
        assert after == before
        assert (after.department, after.rows[0].valid_days, after.rows[0].current.vcpus) == (
            "市民政局",
            34,
            16,
        )
        ((_, _, said),) = told(db, "notice.issued")
        assert said["sha256"] == after.sha256()


TAMPERED = [
    lambda content: content.replace('"valid_days":34', '"valid_days":35'),
    lambda content: content.replace("市民政局", "市财政局"),
    lambda content: json.dumps({**json.loads(content), "rows": []}),
    lambda _: "{}",
    lambda content: content[:-1],
]


@pytest.mark.parametrize("tamper", TAMPERED, ids=["a figure", "the office", "no rows", "nothing", "cut off"])
def test_what_was_changed_after_the_issue_is_found(register: Register, tamper: Callable[[str], str]) -> None:
    with register.write() as db:
        found(db, "vm-1", "市民政局")
    issued(register, ISSUED)
    with register.write() as db:
        notice = db.scalars(select(Notice)).one()
        changed = tamper(notice.content)
        assert changed != notice.content
        db.execute(update(Notice).values(content=changed))

    with register.read() as db, pytest.raises(SealError, match="it was changed after it was issued"):
        content_of(db.scalars(select(Notice)).one())


def test_an_item_keeps_what_was_asked_for(register: Register) -> None:
    with register.write() as db:
        found(db, "vm-1", "市民政局")
    issued(register, ISSUED)

    with register.read() as db:
        notice = db.scalars(select(Notice)).one()
        (item,) = items(db, notice)
        (mail,) = deliveries(db, notice)
        assert item.before == {"vcpus": 16.0, "memory_gib": 32.0, "disk_gib": 300.0}
        assert item.advised == {"vcpus": 8.0, "memory_gib": 16.0, "disk_gib": 150.0}
        assert (item.promised, item.state, item.version) == (628.0, "issued", 1)
        assert (mail.state, mail.recipient, mail.attempts) == ("pending", "it@office.example", 0)


def test_what_was_issued_is_not_answered_as_a_finding_any_more(register: Register) -> None:
    with register.write() as db:
        found(db, "vm-1", "市民政局")
    issued(register, ISSUED)

    for event in ("approve", "reopen", "reject"):
        with register.read() as db:
            rows = db.scalars(select(Finding)).all()
            with pytest.raises(RefusedError):
                answer(db, rows, event, operator(ISSUED), date(2026, 12, 31))


def test_auto_review_approves_and_the_breaker_still_holds(register: Register, tmp_path: Path) -> None:
    with register.write() as db:
        for number in range(10):
            found(db, f"vm-{number}", "市民政局", state="open")
    rightsizer = house(register, tmp_path, notices=Notices(review="auto").model_dump())

    assert issue_all(rightsizer, now(ISSUED), unseen) == {"notices": 0, "machines": 0, "waiting": 10}
    with register.read() as db:
        assert set(db.scalars(select(Finding.state))) == {FindingState.APPROVED}
        assert [task.kind for task in tasks(db)] == ["breaker"]
        assert len(told(db, "finding.approve")) == 10
