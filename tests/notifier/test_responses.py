"""Answers of a department: objections, decisions, adoption, proof, more time.

Days off in 2026: 09-25..27 (worked: Sunday 09-20), 10-01..07 (worked: Saturday 10-10). Received on 09-18,
due on 10-09: 09-20 21 22 23 24 28 29 30, 10-08 09.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from matters import follow, issue_notice, items, journal, operator, program, states
from sqlalchemy import select

from notifier import responses
from notifier.following import mark_overdue, withdrawals
from notifier.receipts import RECORDED, Receipt, clocks, receive
from notifier.tables import Item, Notice
from store.calendar import calendar
from store.journal import verify
from store.tables import Finding
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def received(register: Register, kind: str = "shrink", machines: int = 3) -> Notice:
    """A notice of 09-18, received that day."""
    notice = issue_notice(register, kind, machines)
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        receive(
            db, calendar(db), row, Receipt(day("09-18"), RECORDED), day("09-18"), operator(day("09-18"), None)
        )
    return notice


def answer(
    register: Register, notice: Notice, event: str, on: str, machines: Sequence[str] = (), **more: date | str
) -> None:
    """An operator's record of an answer on a day."""
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        chosen = responses.chosen(db, row, machines, event)
        known, act, today = calendar(db), operator(day(on)), day(on)
        spared = more.get("spared_until", day("12-17"))
        assert isinstance(spared, date)
        match event:
            case "object":
                responses.object_to(db, known, row, chosen, today, act, stops=more.get("clock") != "runs")
            case "uphold":
                responses.uphold(db, known, row, chosen, today, act)
            case "withdraw":
                responses.withdraw(db, row, chosen, today, spared, act)
            case "adopt":
                responses.adopt(db, known, row, chosen, today, act)
            case "decline":
                responses.decline(db, known, row, chosen, today, spared, act)
            case "done":
                responses.done(db, row, chosen, today, "abc-photo.pdf", act)
            case _:
                raise AssertionError(event)


def extended(
    register: Register,
    notice: Notice,
    until: str,
    today: str,
    machines: Sequence[str] = (),
    year: int = 2026,
) -> None:
    end = day(until).replace(year=year)
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        chosen = responses.chosen(db, row, machines)
        responses.extend(db, row, chosen, end, day(today), operator(day(today)))


def overdue(register: Register, today: str) -> int:
    with register.write() as db:
        return mark_overdue(db, day(today), program(day(today)))


def dues(db: Session, notice: Notice) -> list[date | None]:
    return [row.due_on for row in clocks(db, items(db, notice))]


def findings(db: Session, notice: Notice) -> list[tuple[str, date | None, str | None]]:
    rows = db.scalars(
        select(Finding)
        .join(Item, Item.finding_id == Finding.id)
        .where(Item.notice_id == notice.id)
        .order_by(Item.machine)
    )
    return [(row.state, row.until, row.closed_because) for row in rows]


def test_an_objection_stops_the_clock_and_upholding_gives_the_days_left(register: Register) -> None:
    notice = received(register)

    answer(register, notice, "object", "09-23", ["vm-00001"])  # 09-24 28 29 30, 10-08 09: six days left
    with register.read() as db:
        assert states(db, notice) == ["objected", "received", "received"]
        assert [row.days_left for row in clocks(db, items(db, notice))] == [6, None, None]
        assert items(db, notice)[0].reason == "as they wrote"
    assert overdue(register, "10-10") == 2

    answer(register, notice, "uphold", "10-12", ["vm-00001"])  # 10-13 14 15 16 19 20
    with register.read() as db:
        assert states(db, notice) == ["received", "overdue", "overdue"]
        assert dues(db, notice)[0] == day("10-20")
        assert verify(db)[1] is None


def test_where_the_clock_runs_an_objection_changes_no_date(register: Register) -> None:
    notice = received(register)

    answer(register, notice, "object", "09-23", clock="runs")
    assert overdue(register, "10-10") == 0  # while it is not decided, nobody is urged

    answer(register, notice, "uphold", "10-12")
    with register.read() as db:
        assert dues(db, notice) == [day("10-09")] * 3
    assert overdue(register, "10-12") == 3


def test_an_objection_against_an_overdue_notice_gives_no_days(register: Register) -> None:
    notice = received(register)
    overdue(register, "10-10")

    answer(register, notice, "object", "10-12")
    answer(register, notice, "uphold", "10-14")
    with register.read() as db:
        assert states(db, notice) == ["received"] * 3
        assert dues(db, notice) == [day("10-09")] * 3
    assert overdue(register, "10-14") == 3


def test_who_objects_has_received(register: Register) -> None:
    notice = issue_notice(register)

    answer(register, notice, "object", "09-21", ["vm-00002"])
    with register.read() as db:
        row = db.get_one(Notice, notice.id)

        assert (row.received_on, row.receipt) == (day("09-21"), "answered")
        assert states(db, notice) == ["received", "objected", "received"]


def test_a_withdrawn_notice_spares_its_machines_and_the_department_is_told(register: Register) -> None:
    notice = received(register)
    answer(register, notice, "object", "09-23", ["vm-00001"])

    answer(register, notice, "withdraw", "09-24", ["vm-00001"], spared_until=day("12-23"))
    with register.read() as db:
        assert states(db, notice) == ["withdrawn", "received", "received"]
        assert findings(db, notice) == [
            ("rejected", day("12-23"), None),
            ("issued", None, None),
            ("issued", None, None),
        ]
        assert [row.met_on for row in clocks(db, items(db, notice))] == [day("09-24"), None, None]
        assert [step.items for step in withdrawals(db)] == [(items(db, notice)[0].id,)]


@pytest.mark.parametrize("kind", ["expand", "idle"])
def test_a_suggestion_or_a_question_is_adopted_or_declined(register: Register, kind: str) -> None:
    notice = received(register, kind)

    answer(register, notice, "adopt", "09-21", ["vm-00001"])
    answer(register, notice, "decline", "09-21", ["vm-00002"])
    with register.read() as db:
        assert states(db, notice) == ["adopted", "declined", "received"]
        assert findings(db, notice)[1] == ("rejected", day("12-17"), None)
        assert [row.met_on for row in clocks(db, items(db, notice))] == [
            day("09-21"),
            day("09-21"),
            None,
        ]
    assert overdue(register, "12-01") == 0


@pytest.mark.parametrize("event", ["adopt", "decline"])
@pytest.mark.parametrize("kind", ["shrink", "deploy"])
def test_what_binds_is_neither_adopted_nor_declined(register: Register, kind: str, event: str) -> None:
    notice = received(register, kind)

    with pytest.raises(RefusedError, match=f"cannot {event}"):
        answer(register, notice, event, "09-21")
    with register.read() as db:
        assert states(db, notice) == ["received"] * 3


def test_done_by_proof_closes_the_finding_and_saves_when_it_is_measured(register: Register) -> None:
    notice = received(register)

    answer(register, notice, "done", "09-28", ["vm-00003"])
    with register.read() as db:
        found = items(db, notice)[2]
        proof = journal(db, "notice.proof")

        assert (found.state, found.done_on, found.realised) == ("done", day("09-28"), None)
        assert findings(db, notice)[2] == ("closed", None, "done")
        assert clocks(db, [found])[0].met_on == day("09-28")
        assert [(entry.subject, entry.after, entry.reason) for entry in proof] == [
            (notice.number, "abc-photo.pdf", "as they wrote")
        ]


def test_more_time_takes_an_overdue_machine_back(register: Register) -> None:
    notice = received(register)
    overdue(register, "10-10")

    extended(register, notice, "10-30", "10-12", ["vm-00001"])
    with register.read() as db:
        assert states(db, notice) == ["received", "overdue", "overdue"]
        assert dues(db, notice) == [day("10-30"), day("10-09"), day("10-09")]
        assert [entry.before["due_on"] for entry in journal(db, "deadline.extended")] == ["2026-10-09"]
    assert overdue(register, "10-31") == 1


@pytest.mark.parametrize(
    ("until", "today", "said"),
    [
        ("10-09", "09-28", "vm-00001 is due on 2026-10-09"),
        ("10-20", "10-21", "between 2026-10-21 and 2027-10-22"),
    ],
    ids=["not later than it is due", "over already"],
)
def test_an_extension_that_gives_no_time_is_refused(
    register: Register, until: str, today: str, said: str
) -> None:
    notice = received(register)

    with pytest.raises(RefusedError, match=said):
        extended(register, notice, until, today)
    with register.read() as db:
        assert dues(db, notice) == [day("10-09")] * 3


def test_a_century_more_is_a_slip_of_the_pen(register: Register) -> None:
    notice = received(register)

    with pytest.raises(RefusedError, match="not on 2126-10-30"):
        extended(register, notice, "10-30", "09-28", year=2126)


def test_only_what_runs_is_extended(register: Register) -> None:
    fresh, notice = issue_notice(register), received(register, "idle")
    answer(register, notice, "adopt", "09-21", ["vm-00004"])

    with pytest.raises(RefusedError, match="vm-00001 is issued: only received, objected, overdue, escalated"):
        extended(register, fresh, "10-30", "09-28")
    with pytest.raises(RefusedError, match="vm-00004 is adopted"):
        extended(register, notice, "10-30", "09-28")


@pytest.mark.parametrize("event", ["object", "done", "withdraw", "adopt"])
def test_a_following_notice_takes_no_answer_and_names_its_first_one(register: Register, event: str) -> None:
    notice = received(register)
    reminder = follow(register, notice)

    with pytest.raises(
        RefusedError, match=rf"only follows {notice.number}: answer that one \(id {notice.id}\)"
    ):
        answer(register, reminder, event, "09-29")


def test_a_machine_that_the_notice_does_not_name_is_refused(register: Register) -> None:
    notice, _other = received(register), received(register)

    with pytest.raises(LookupError, match="does not name vm-00004"):
        answer(register, notice, "object", "09-21", ["vm-00001", "vm-00004"])
    with register.read() as db:
        assert states(db, notice) == ["received"] * 3


def test_an_answer_is_for_all_or_for_none(register: Register) -> None:
    notice = received(register)
    answer(register, notice, "done", "09-21", ["vm-00003"])

    with pytest.raises(RefusedError, match="vm-00003 is done: cannot object; possible now: nothing"):
        answer(register, notice, "object", "09-22", ["vm-00001", "vm-00003"])
    with register.read() as db:
        assert states(db, notice) == ["received", "received", "done"]
        assert journal(db, "item.object") == []


def test_without_names_an_answer_is_about_all_machines_that_it_can_be_about(register: Register) -> None:
    notice = received(register)
    answer(register, notice, "object", "09-21", ["vm-00001"])

    answer(register, notice, "object", "09-22")
    with register.read() as db:
        assert states(db, notice) == ["objected"] * 3
        assert [row.paused_on for row in clocks(db, items(db, notice))] == [
            day("09-21"),
            day("09-22"),
            day("09-22"),
        ]


def test_who_adopted_is_declined_by_name_only(register: Register) -> None:
    notice = received(register, "expand")
    answer(register, notice, "adopt", "09-21", ["vm-00001"])

    answer(register, notice, "decline", "09-22")
    with register.read() as db:
        assert states(db, notice) == ["adopted", "declined", "declined"]

    answer(register, notice, "decline", "09-22", ["vm-00001"])
    with register.read() as db:
        assert states(db, notice) == ["declined"] * 3


def test_a_matter_at_its_end_is_not_answered(register: Register) -> None:
    notice = received(register)
    answer(register, notice, "done", "09-21")

    with pytest.raises(RefusedError, match="at its end already"):
        answer(register, notice, "object", "09-22")


@pytest.mark.parametrize(
    ("on", "said"),
    [("09-17", "received on 2026-09-18"), ("09-29", "today is 2026-09-28")],
    ids=["before receipt", "tomorrow"],
)
def test_an_answer_of_an_impossible_day_is_refused(register: Register, on: str, said: str) -> None:
    notice = received(register)

    with register.read() as db, pytest.raises(RefusedError, match=said):
        responses.check_day(db.get_one(Notice, notice.id), day(on), day("09-28"))


def test_a_notice_is_found_by_its_id_or_its_number(register: Register) -> None:
    notice = issue_notice(register)

    with register.read() as db:
        assert responses.found_notice(db, str(notice.id)).number == notice.number
        assert responses.found_notice(db, notice.number).id == notice.id
        for wrong in ("99", "平数云核减〔2026〕99号", "1" * 30):
            with pytest.raises(LookupError, match=f"no notice {wrong}; `rightsizer notice list`"):
                responses.found_notice(db, wrong)
