"""Receipt: from which day the clocks run, corrected, proved void, and recorded again.

Days off in 2026: 09-25..27 (worked: Sunday 09-20), 10-01..07 (worked: Saturday 10-10). Ten working days from
09-18 end on 10-09 (09-20 21 22 23 24 28 29 30, 10-08 09), from 09-21 on 10-10 (09-22 23 24 28 29 30,
10-08 09 10) plus one: 10-12.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from matters import at, deliveries, issue_notice, items, journal, operator, program, sent, states
from sqlalchemy import select

from config.settings import Mail, Notices, Settings
from monitor.following import clocks as follow_clocks
from monitor.installation import Installation, Now
from notifier.following import mark_overdue
from notifier.receipts import RECORDED, Receipt, accept, clocks, come_back, receive
from notifier.tables import Notice, Task
from notifier.tasks import open_task
from store.calendar import calendar
from store.journal import verify
from store.workflow import RefusedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE, TWO = "it@minzheng.example.gov.cn", "bgs@minzheng.example.gov.cn"


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def accepted(register: Register, today: str) -> int:
    with register.write() as db:
        return accept(db, calendar(db), SHANGHAI, day(today), program(day(today)))


def recorded(register: Register, notice: Notice, on: str, today: str, proof: str | None = None) -> None:
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        receive(
            db,
            calendar(db),
            row,
            Receipt(day(on), RECORDED, proof),
            day(today),
            operator(day(today), "signed"),
        )


def bounced(register: Register, notice: Notice, recipient: str, today: str) -> bool:
    with register.write() as db:
        row = next(row for row in deliveries(db, notice) if row.recipient == recipient)
        return come_back(db, calendar(db), row, "5.1.1 no such user", day(today), program(day(today)))


def dues(db: Session, notice: Notice) -> set[date | None]:
    return {row.due_on for row in clocks(db, items(db, notice))}


def test_what_the_server_took_is_received_that_local_day(register: Register) -> None:
    notice = issue_notice(register)
    with register.write() as db:  # 17:30 UTC is half past one on the 19th in Shanghai
        row = deliveries(db, notice)[0]
        row.state, row.sent_at = "sent", datetime(2026, 9, 18, 17, 30, tzinfo=UTC)

    count = accepted(register, "09-21")
    with register.read() as db:
        row = db.get_one(Notice, notice.id)

        assert (count, row.received_on, row.receipt) == (1, day("09-19"), "accepted")
        assert states(db, notice) == ["received"] * 3
        assert dues(db, notice) == {day("10-09")}  # 09-19 is a Saturday off: the same count as from 09-18
    assert accepted(register, "09-22") == 0


def test_a_mail_that_waits_is_not_received(register: Register) -> None:
    notice = issue_notice(register)

    assert accepted(register, "09-21") == 0
    with register.read() as db:
        assert states(db, notice) == ["issued"] * 3


def test_a_copy_to_the_supervisor_is_no_receipt(register: Register) -> None:
    notice = issue_notice(register)
    with register.write() as db:
        row = deliveries(db, notice)[0]
        row.role, row.state, row.sent_at = "copy", "sent", at(day("09-18"))

    assert accepted(register, "09-21") == 0


@pytest.mark.parametrize(
    ("sent_on", "today", "received"),
    [("09-17", "09-18", "09-18"), ("09-21", "09-19", None)],
    ids=["sent before it was issued, says the clock: the day of issue", "sent tomorrow: not yet"],
)
def test_a_clock_that_jumps_makes_no_impossible_receipt(
    register: Register, sent_on: str, today: str, received: str | None
) -> None:
    notice = issue_notice(register)
    sent(register, notice, day(sent_on))

    accepted(register, today)
    with register.read() as db:
        assert db.get_one(Notice, notice.id).received_on == (received and day(received))


def test_a_recorded_receipt_corrects_the_accepted_one_and_the_old_day_stays_in_the_journal(
    register: Register,
) -> None:
    notice = issue_notice(register)
    sent(register, notice, day("09-18"))
    accepted(register, "09-18")

    recorded(register, notice, "09-21", "09-22", proof="abc-receipt.pdf")
    with register.read() as db:
        row = db.get_one(Notice, notice.id)
        changed = journal(db, "deadline.changed")
        received = journal(db, "notice.received")[-1]

        assert (row.received_on, row.receipt, row.proof) == (day("09-21"), "recorded", "abc-receipt.pdf")
        assert dues(db, notice) == {day("10-12")}
        assert [(e.before["due_on"], e.after["due_on"], len(e.after["subjects"])) for e in changed] == [
            ("2026-10-09", "2026-10-12", 3)
        ]
        assert (received.before, received.after, received.reason) == (
            {"received_on": "2026-09-18", "receipt": "accepted"},
            {"received_on": "2026-09-21", "receipt": "recorded", "proof": "abc-receipt.pdf"},
            "signed",
        )
        assert verify(db)[1] is None


def test_a_recorded_receipt_is_not_overwritten_by_the_server(register: Register) -> None:
    notice = issue_notice(register)
    recorded(register, notice, "09-21", "09-22")
    sent(register, notice, day("09-23"))

    assert accepted(register, "09-23") == 0
    with register.read() as db:
        assert db.get_one(Notice, notice.id).received_on == day("09-21")


def test_the_same_receipt_twice_is_one_entry(register: Register) -> None:
    notice = issue_notice(register)
    recorded(register, notice, "09-21", "09-22")
    recorded(register, notice, "09-21", "09-23")

    with register.read() as db:
        assert len(journal(db, "notice.received")) == 1


@pytest.mark.parametrize(
    ("on", "said"),
    [("09-17", "issued on 2026-09-18"), ("09-23", "today is 2026-09-22")],
    ids=["before issue", "tomorrow"],
)
def test_an_impossible_day_of_receipt_is_refused(register: Register, on: str, said: str) -> None:
    notice = issue_notice(register)

    with pytest.raises(RefusedError, match=said):
        recorded(register, notice, on, "09-22")
    with register.read() as db:
        assert states(db, notice) == ["issued"] * 3
        assert journal(db, "notice.received") == []


def test_an_overdue_machine_is_just_received_when_the_corrected_end_lies_ahead(register: Register) -> None:
    notice = issue_notice(register)
    recorded(register, notice, "09-18", "09-18")
    with register.write() as db:
        assert mark_overdue(db, day("10-10"), program(day("10-10"))) == 3

    recorded(register, notice, "09-23", "10-10")  # 09-24 28 29 30, 10-08 09 10 12 13 14
    with register.read() as db:
        assert states(db, notice) == ["received"] * 3
        assert dues(db, notice) == {day("10-14")}


def test_an_overdue_machine_stays_overdue_when_the_corrected_end_is_over_too(register: Register) -> None:
    notice = issue_notice(register)
    recorded(register, notice, "09-18", "09-18")
    with register.write() as db:
        mark_overdue(db, day("10-20"), program(day("10-20")))

    recorded(register, notice, "09-23", "10-20")
    with register.read() as db:
        assert states(db, notice) == ["overdue"] * 3


def test_when_one_of_two_recipients_has_it_the_receipt_stands(register: Register) -> None:
    notice = issue_notice(register, recipients=(ONE, TWO))
    sent(register, notice, day("09-18"))
    accepted(register, "09-18")

    assert bounced(register, notice, ONE, "09-21")
    with register.read() as db:
        task = db.scalars(select(Task)).one()

        assert db.get_one(Notice, notice.id).received_on == day("09-18")
        assert states(db, notice) == ["received"] * 3
        assert (task.kind, task.subject) == ("undelivered", f"{notice.number} {ONE}")
        assert "no such user" in task.text


def test_fault_51_when_every_mail_came_back_nothing_was_received_and_a_later_receipt_counts_fresh(
    register: Register,
) -> None:
    notice = issue_notice(register, recipients=(ONE, TWO))
    sent(register, notice, day("09-18"))
    accepted(register, "09-18")
    bounced(register, notice, ONE, "09-21")

    bounced(register, notice, TWO, "09-21")
    with register.read() as db:
        assert db.get_one(Notice, notice.id).received_on is None
        assert states(db, notice) == ["issued"] * 3
        assert {row.paused_on for row in clocks(db, items(db, notice))} == {day("09-21")}
        assert mark_overdue(db, day("12-01"), program(day("12-01"))) == 0
    assert accepted(register, "09-22") == 0

    recorded(register, notice, "10-08", "10-08")  # 10-09 10 12 13 14 15 16 19 20 21
    with register.read() as db:
        assert states(db, notice) == ["received"] * 3
        assert dues(db, notice) == {day("10-21")}
        assert {row.paused_on for row in clocks(db, items(db, notice))} == {None}
        assert [task.subject for task in db.scalars(select(Task).where(Task.closed_at.is_(None)))] == []


def test_a_paper_receipt_of_the_first_day_loses_nothing_to_a_bounce(register: Register) -> None:
    """The mail came back on the 21st, but the paper was signed for on the 18th: due as it always was."""
    notice = issue_notice(register)
    sent(register, notice, day("09-18"))
    accepted(register, "09-18")
    bounced(register, notice, ONE, "09-21")

    recorded(register, notice, "09-18", "09-22")
    with register.read() as db:
        assert dues(db, notice) == {day("10-09")}


def test_a_bounce_does_not_undo_a_receipt_that_was_recorded(register: Register) -> None:
    notice = issue_notice(register)
    sent(register, notice, day("09-18"))
    recorded(register, notice, "09-18", "09-18")

    assert bounced(register, notice, ONE, "09-21")
    with register.read() as db:
        assert db.get_one(Notice, notice.id).received_on == day("09-18")


def test_the_same_bounce_twice_is_known(register: Register) -> None:
    notice = issue_notice(register)
    sent(register, notice, day("09-18"))

    assert [bounced(register, notice, ONE, "09-21") for _ in range(2)] == [True, False]


def test_a_recorded_receipt_answers_the_tasks_of_its_delivery(register: Register) -> None:
    first, other = issue_notice(register), issue_notice(register)
    with register.write() as db:
        for number in (first.number, other.number):
            open_task(db, "paper", number, "deliver it", program(day("09-18")))
            open_task(db, "unknown", f"{number} {ONE}", "ask", program(day("09-18")))

    recorded(register, first, "09-18", "09-18")
    with register.read() as db:
        left = db.scalars(select(Task.subject).where(Task.closed_at.is_(None)).order_by(Task.subject)).all()

        assert left == [other.number, f"{other.number} {ONE}"]


@pytest.mark.parametrize(("mode", "state"), [("accepted", "received"), ("acknowledged", "issued")])
def test_where_receipts_are_acknowledged_delivery_starts_no_clock(
    register: Register, mode: str, state: str
) -> None:
    notice = issue_notice(register)
    sent(register, notice, day("09-18"))
    settings = Settings(
        notices=Notices.model_validate({"receipt": mode}),
        mail=Mail(host="127.0.0.1", sender="center@example.gov.cn", security="none"),
    )

    follow_clocks(Installation(settings, None, register), Now(at(day("09-21")), day("09-21"), day("09-21")))
    with register.read() as db:
        assert states(db, notice) == [state] * 3


def test_fault_26_in_late_december_the_end_is_provisional(register: Register) -> None:
    notice = issue_notice(register, on=day("12-18"))
    recorded(register, notice, "12-18", "12-18")

    with register.read() as db:
        assert states(db, notice) == ["received"] * 3
        assert dues(db, notice) == {None}
