"""What follows a notice, day by day: reminder, 催办, escalation, withdrawal; late, twice, by wrong clocks.

Days off in 2026: 02-15..23 (worked: 02-14 and 02-28), 05-01..05 (worked: 05-09), 09-25..27 (worked: Sunday
09-20), 10-01..07 (worked: Saturday 10-10). A notice received on 09-18 is due on 10-09 (09-20 21 22 23 24
28 29 30, 10-08 09), its reminder goes three working days before (09-29), its 催办 on 10-10, 10-17 and 10-24.
Faults are numbered as in the catalogue.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from matters import at, deliveries, issue_notice, items, operator, program, states
from sqlalchemy import select
from stage import (
    LIMITS,
    SUPERVISOR,
    TERMS,
    calendar_of,
    diary,
    due,
    entries,
    followed,
    house,
    imported,
    now,
    received,
    tasks,
    told,
)

from config.policy import Prices
from monitor.following import clocks
from notifier.adjustment import verify
from notifier.following import draft, mark_overdue, reminders, urgings
from notifier.issue import commit, content_of
from notifier.receipts import RECORDED, Receipt, receive
from notifier.responses import done, extend, object_to, uphold, withdraw
from notifier.tables import Item, Notice, Outcome
from notifier.tasks import close_tasks
from notifier.verification import Seen
from store.calendar import calendar
from store.workflow import OvertakenError

if TYPE_CHECKING:
    from pathlib import Path

    from store.database import Register

pytest_plugins = ["registers"]

# The holidays of autumn 2026 as they are, and as they would be with one day more at the end of 国庆.
AUTUMN_OFF = [f"09-{day}" for day in (25, 26, 27)] + [f"10-0{day}" for day in range(1, 9)]
AUTUMN_WORKED = ["09-20", "10-10"]
PRICES = Prices(vcpu=40.0, memory_gib=15.0, disk_gib=0.5)


def day(text: str, year: int = 2026) -> date:
    return date.fromisoformat(f"{year}-{text}")


def standing(register: Register, notice: Notice) -> list[str]:
    with register.read() as db:
        return states(db, notice)


def due_of(register: Register, notice: Notice) -> date | None:
    with register.read() as db:
        return due(db, items(db, notice)[0])


def silent(register: Register, on: str = "09-18", machines: int = 2, kind: str = "shrink") -> Notice:
    """A notice that was received and is not answered."""
    notice = issue_notice(register, kind, machines, on=day(on))
    received(register, notice, day(on))
    return notice


def objects(register: Register, notice: Notice, which: int, on: str, *, stops: bool = True) -> None:
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        chosen = items(db, notice)[which : which + 1]
        object_to(db, calendar(db), row, chosen, day(on), operator(day(on)), stops=stops)


def upheld(register: Register, notice: Notice, which: int, on: str) -> None:
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        uphold(db, calendar(db), row, items(db, notice)[which : which + 1], day(on), operator(day(on)))


def measured(register: Register, item: Item, on: str, *seen: Seen) -> None:
    """What the collectors have seen of a machine until a day."""
    with register.write() as db:
        verify(db, {item.machine: seen}, PRICES, day(on), program(day(on)))


# ---- the year of a department that stays silent


def test_a_silent_department_is_reminded_once_urged_every_week_and_escalated(register: Register) -> None:
    notice = silent(register)

    assert diary(register, day("09-18"), day("11-30")) == [
        ("09-29", "reminder", 1),
        ("10-10", "overdue", 1),
        ("10-17", "overdue", 2),
        ("10-24", "overdue", 3),
    ]
    assert standing(register, notice) == ["escalated", "escalated"]


def test_only_the_last_urging_goes_to_the_supervisor(register: Register) -> None:
    silent(register)
    diary(register, day("09-18"), day("10-31"))

    with register.read() as db:
        urged = db.scalars(select(Notice).where(Notice.kind == "overdue").order_by(Notice.level)).all()
        roles = [{row.recipient: row.role for row in deliveries(db, row)} for row in urged]
        copies = [content_of(row).copy_to for row in urged]
    office = {"it@minzheng.example.gov.cn": "to"}
    assert roles == [office, office, {**office, SUPERVISOR: "copy"}]
    assert copies == [(), (), ("市政府督查室",)]


def test_following_up_ten_times_a_day_is_the_same_as_once(register: Register) -> None:
    silent(register)
    for text in ("09-29", "10-10", "10-17", "10-24"):
        first = followed(register, day(text))
        with register.read() as db:
            count = entries(db)

        assert len(first) == 1
        assert [said for _ in range(9) for said in followed(register, day(text))] == []
        with register.read() as db:
            assert entries(db) == count


def test_an_answer_ends_the_letters(register: Register) -> None:
    notice = silent(register, machines=1)
    diary(register, day("09-18"), day("10-10"))
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        done(db, row, items(db, notice), day("10-12"), "工单截图", operator(day("10-12")))

    assert diary(register, day("10-12"), day("11-30")) == []
    assert standing(register, notice) == ["done"]


HOLIDAYS = [
    # receipt, reminder, due, first urging; every count by hand
    ("02-13", "03-02", "03-05", "03-06", "before 春节: 02-14(Sa) 24 25 26 27 28(Sa), 03-02 03 04 05"),
    ("02-14", "03-03", "03-06", "03-07", "on a make-up Saturday: 02-24 25 26 27 28, 03-02 03 04 05 06"),
    ("04-24", "05-08", "05-12", "05-13", "before 劳动节: 04-27 28 29 30, 05-06 07 08 09(Sa) 11 12"),
    ("09-20", "09-30", "10-10", "10-11", "on a make-up Sunday: 09-21 22 23 24 28 29 30, 10-08 09 10(Sa)"),
    ("10-03", "10-15", "10-20", "10-21", "on a day off: 10-08 09 10(Sa) 12 13 14 15 16 19 20"),
]


@pytest.mark.parametrize(("on", "remind", "end", "urge", "_why"), HOLIDAYS, ids=[row[4] for row in HOLIDAYS])
def test_holidays_and_make_up_days_move_every_letter(
    sqlite: Register, on: str, remind: str, end: str, urge: str, _why: str
) -> None:
    notice = silent(sqlite, on)

    assert due_of(sqlite, notice) == day(end)
    assert diary(sqlite, day(on), day(urge)) == [(remind, "reminder", 1), (urge, "overdue", 1)]


# ---- fault 21: the program did not run


DOWN = [
    ("10-10", 1, [], "received", "for an hour: the first urging, as every day"),
    ("10-12", 1, [], "received", "for 3 days"),
    ("10-16", 1, [], "received", "a week after the end: 1 + 6 // 7 = 1"),
    ("10-19", 2, [1], "received", "for 10 days: 1 + 9 // 7 = 2"),
    ("11-08", 3, [1, 2], "escalated", "for 30 days: the highest"),
    ("12-31", 3, [1, 2], "escalated", "for a quarter: the highest, no higher"),
]


@pytest.mark.parametrize(
    ("back", "level", "skipped", "_state", "_why"), DOWN, ids=[f"back on {row[0]}, {row[4]}" for row in DOWN]
)
def test_fault_21_after_a_silence_the_highest_step_goes_out_once_and_the_skipped_are_noted(
    register: Register, back: str, level: int, skipped: list[int], _state: str, _why: str
) -> None:
    notice = silent(register)

    assert followed(register, day(back)) == [("overdue", level)]
    assert followed(register, day(back)) == []
    with register.read() as db:
        noted = [after for _, _, after in told(db, "notice.levels_skipped")]
        urged = db.scalars(select(Notice).where(Notice.kind == "overdue")).one()
        recipients = {row.recipient for row in deliveries(db, urged)}
    assert noted == ([{"skipped": skipped, "level": level}] if skipped else [])
    assert (SUPERVISOR in recipients) == (level == 3)
    assert standing(register, notice) == (["escalated"] * 2 if level == 3 else ["overdue"] * 2)


def test_after_a_silence_the_next_step_comes_a_week_later(register: Register) -> None:
    silent(register)

    assert diary(register, day("10-19"), day("11-30")) == [("10-19", "overdue", 2), ("10-26", "overdue", 3)]


def test_who_was_not_reminded_in_time_is_not_reminded_after_the_end(register: Register) -> None:
    silent(register)

    assert followed(register, day("10-12")) == [("overdue", 1)]


# ---- fault 23: the clock steps back


@pytest.mark.parametrize("back", ["10-09", "10-08", "09-29", "09-18"])
def test_fault_23_after_the_clock_stepped_back_nothing_is_written_twice(
    register: Register, back: str
) -> None:
    notice = silent(register)
    diary(register, day("09-18"), day("10-10"))
    with register.read() as db:
        count = entries(db)

    assert followed(register, day(back)) == []
    with register.read() as db:
        assert entries(db) == count
    assert diary(register, day(back), day("10-17")) == [("10-17", "overdue", 2)]
    assert standing(register, notice) == ["overdue", "overdue"]


def test_fault_23_nobody_is_urged_before_the_end_because_the_clock_was_wrong_yesterday(
    register: Register,
) -> None:
    silent(register)
    with register.write() as db:  # the clock was a day fast, and the program died before it wrote letters
        mark_overdue(db, day("10-10"), program(day("10-10")))

    assert diary(register, day("10-08"), day("10-09")) == []
    assert diary(register, day("10-10"), day("10-11")) == [("10-10", "overdue", 1)]


# ---- fault 25, and years that are not known yet


def test_fault_26_in_late_december_there_is_no_date_and_no_letter_until_the_year_is_imported(
    register: Register, tmp_path: Path
) -> None:
    notice = silent(register, "12-25")
    rightsizer = house(register, tmp_path)
    assert due_of(register, notice) is None
    assert diary(register, day("12-25"), day("01-31", 2027)) == []
    assert standing(register, notice) == ["received", "received"]

    # Made up: 01-01 is off. 12-28 29 30 31, 01-04 05 06 07 08 11.
    imported(register, calendar_of(2027, ["01-01"]), day("01-04", 2027))
    counts = clocks(rightsizer, now(day("01-04", 2027)))

    assert counts == {"received": 0, "recounted": 2}
    assert due_of(register, notice) == day("01-11", 2027)
    with register.read() as db:
        (moved,) = told(db, "deadline.recounted")
        assert (moved[1], moved[2]["due_on"]) == ({"due_on": None}, "2027-01-11")
    assert diary(register, day("01-04", 2027), day("01-12", 2027)) == [
        ("01-06", "reminder", 1),
        ("01-12", "overdue", 1),
    ]


def test_fault_25_a_corrected_calendar_moves_the_end_and_the_old_one_stays_in_the_journal(
    register: Register, tmp_path: Path
) -> None:
    notice = silent(register)
    assert diary(register, day("09-18"), day("10-05")) == [("09-29", "reminder", 1)]
    imported(register, calendar_of(2026, AUTUMN_OFF, AUTUMN_WORKED), day("10-05"))
    clocks(house(register, tmp_path), now(day("10-05")))

    # 10-08 is off now: 09-20 21 22 23 24 28 29 30, 10-09 10(Sa)
    assert due_of(register, notice) == day("10-10")
    with register.read() as db:
        (moved,) = told(db, "deadline.recounted")
        assert (moved[1], moved[2]["due_on"]) == ({"due_on": "2026-10-09"}, "2026-10-10")
    assert diary(register, day("10-05"), day("10-11")) == [
        ("10-05", "reminder", 2),  # the letter of 09-29 named another day
        ("10-11", "overdue", 1),
    ]


def test_fault_25_who_is_not_late_by_the_corrected_calendar_is_just_received(
    register: Register, tmp_path: Path
) -> None:
    notice = silent(register)
    assert followed(register, day("10-10")) == [("overdue", 1)]
    imported(register, calendar_of(2026, AUTUMN_OFF, AUTUMN_WORKED), day("10-10"))
    clocks(house(register, tmp_path), now(day("10-10")))

    assert standing(register, notice) == ["received", "received"]
    assert diary(register, day("10-10"), day("10-17")) == [
        ("10-10", "reminder", 1),
        ("10-11", "overdue", 2),  # its first one was written too early
    ]


# ---- objections and more time


def test_an_objection_stops_every_letter_until_it_is_decided(register: Register) -> None:
    notice = silent(register, machines=1)
    objects(register, notice, 0, "09-24")  # 09-28 29 30, 10-08 09 are left
    assert diary(register, day("09-24"), day("10-20")) == []
    upheld(register, notice, 0, "10-20")

    assert due_of(register, notice) == day("10-27")  # 10-21 22 23 26 27
    assert diary(register, day("10-20"), day("10-28")) == [
        ("10-22", "reminder", 1),  # 23 26 27 are left
        ("10-28", "overdue", 1),
    ]


def test_where_the_clock_runs_on_nobody_is_urged_before_the_decision(register: Register) -> None:
    notice = silent(register, machines=1)
    objects(register, notice, 0, "09-24", stops=False)
    assert diary(register, day("09-24"), day("10-20")) == []
    upheld(register, notice, 0, "10-20")

    assert followed(register, day("10-20")) == [("overdue", 1)]  # 10-09 is over, and nobody was urged before


def test_a_machine_whose_clock_stood_is_urged_in_its_own_time_after_the_others_were_escalated(
    register: Register,
) -> None:
    notice = silent(register, machines=2)
    objects(register, notice, 1, "09-24")
    first = diary(register, day("09-18"), day("10-25"))
    upheld(register, notice, 1, "10-26")  # due on 11-02: 10-27 28 29 30, 11-02

    assert first == [
        ("09-29", "reminder", 1),
        ("10-10", "overdue", 1),
        ("10-17", "overdue", 2),
        ("10-24", "overdue", 3),
    ]
    assert diary(register, day("10-26"), day("11-30")) == [
        ("10-28", "reminder", 2),  # 29 30, 11-02 are left
        ("11-03", "overdue", 4),
        ("11-10", "overdue", 5),
        ("11-17", "overdue", 6),
    ]
    assert standing(register, notice) == ["escalated", "escalated"]
    with register.read() as db:
        urged = db.scalars(select(Notice).where(Notice.kind == "overdue").order_by(Notice.level)).all()
        machines = [[entry.machine for entry in content_of(row).rows] for row in urged]
        copied = [row.level for row in urged if SUPERVISOR in {one.recipient for one in deliveries(db, row)}]
    assert machines == [["vm-00001"]] * 3 + [["vm-00002"]] * 3
    assert copied == [3, 6]


def test_more_time_after_the_escalation_begins_anew(register: Register) -> None:
    notice = silent(register)
    diary(register, day("09-18"), day("10-26"))
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        extend(db, row, items(db, notice), day("11-10"), day("10-26"), operator(day("10-26")))

    assert standing(register, notice) == ["received", "received"]
    assert diary(register, day("10-26"), day("11-30")) == [
        ("11-05", "reminder", 2),  # 11-06 09 10 are left
        ("11-11", "overdue", 4),
        ("11-18", "overdue", 5),
        ("11-25", "overdue", 6),
    ]


def test_more_time_before_the_end_moves_the_reminder(register: Register) -> None:
    notice = silent(register, machines=1)
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        extend(db, row, items(db, notice), day("10-16"), day("09-21"), operator(day("09-21")))

    assert diary(register, day("09-18"), day("10-17")) == [
        ("10-13", "reminder", 1),
        ("10-17", "overdue", 1),
    ]


# ---- suggestions and questions


def test_a_suggestion_is_neither_reminded_nor_overdue(register: Register) -> None:
    notice = silent(register, kind="expand")

    assert diary(register, day("09-18"), day("11-30")) == []
    assert standing(register, notice) == ["received", "received"]


def test_a_question_is_asked_again_once_and_never_overdue(register: Register) -> None:
    notice = silent(register, kind="idle")

    assert diary(register, day("09-18"), day("11-30")) == [("09-29", "reminder", 1)]
    assert standing(register, notice) == ["received", "received"]


def test_an_undeployed_machine_is_urged_like_one_that_is_to_be_shrunk(register: Register) -> None:
    silent(register, kind="deploy")

    assert diary(register, day("09-18"), day("10-10")) == [("09-29", "reminder", 1), ("10-10", "overdue", 1)]


def test_what_was_never_received_is_never_due(register: Register) -> None:
    notice = issue_notice(register)

    assert diary(register, day("09-18"), day("11-30")) == []
    assert standing(register, notice) == ["issued"] * 3


# ---- withdrawals


def test_a_withdrawal_is_one_letter_about_the_machines_it_is_about(register: Register) -> None:
    notice = silent(register, machines=3)
    written = []
    for text, which in (("09-21", slice(0, 2)), ("09-22", slice(2, 3))):
        with register.write() as db:
            row, chosen = db.get_one(Notice, notice.id), items(db, notice)[which]
            withdraw(db, row, chosen, day(text), day("12-31"), operator(day(text)))
        written.append(followed(register, day(text)))
        written.append(followed(register, day(text)))

    assert written == [[("withdrawal", 1)], [], [("withdrawal", 2)], []]
    with register.read() as db:
        letters = db.scalars(select(Notice).where(Notice.kind == "withdrawal").order_by(Notice.level)).all()
        said = [[entry.machine for entry in content_of(row).rows] for row in letters]
    assert said == [["vm-00001", "vm-00002"], ["vm-00003"]]


# ---- fault 27: an answer while the letter is drafted


def test_fault_27_an_answer_while_the_last_urging_is_printed_makes_it_be_drafted_again(
    register: Register,
) -> None:
    notice = silent(register, machines=2)
    today = day("11-08")
    with register.write() as db:
        mark_overdue(db, today, program(today))
        (step,) = urgings(db, calendar(db), LIMITS, today)
        ready = draft(db, step, TERMS, [SUPERVISOR], today)
    assert ready is not None
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        done(db, row, items(db, notice)[:1], today, "工单", operator(today))
    with register.read() as db:
        count = entries(db)

    with pytest.raises(OvertakenError), register.write() as db:
        commit(db, ready, [], program(today))

    with register.read() as db:
        assert entries(db) == count
        assert len(db.scalars(select(Notice)).all()) == 1
        again = draft(db, step, TERMS, [SUPERVISOR], today)
        assert again is not None
        assert [entry.machine for entry in again.content.rows] == ["vm-00002"]
    assert followed(register, today) == [("overdue", 3)]
    assert standing(register, notice) == ["done", "escalated"]


def test_a_reminder_whose_machines_were_all_answered_is_not_written(register: Register) -> None:
    notice = silent(register, machines=1)
    today = day("09-29")
    with register.read() as db:
        (step,) = reminders(db, calendar(db), LIMITS, today)
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        done(db, row, db.scalars(select(Item)).all(), today, "工单", operator(today))

    with register.read() as db:
        assert draft(db, step, TERMS, [], today) is None


# ---- time that was not theirs


def test_the_time_of_an_objection_after_the_first_urging_brings_nobody_to_the_supervisor(
    register: Register,
) -> None:
    notice = silent(register, machines=1)
    first = diary(register, day("09-18"), day("10-11"))
    objects(register, notice, 0, "10-12")
    pending = diary(register, day("10-12"), day("11-11"))
    upheld(register, notice, 0, "11-11")

    assert (first[-1], pending) == (("10-10", "overdue", 1), [])
    assert diary(register, day("11-11"), day("12-31")) == [("11-18", "overdue", 2), ("11-25", "overdue", 3)]
    with register.read() as db:
        assert told(db, "notice.levels_skipped") == []


def test_who_never_had_a_date_is_urged_for_the_first_time_when_there_is_one(
    register: Register, tmp_path: Path
) -> None:
    notice = silent(register, "12-28", machines=1)
    assert diary(register, day("12-28"), day("02-19", 2027)) == []
    imported(register, calendar_of(2027, ["01-01"]), day("02-20", 2027))
    clocks(house(register, tmp_path), now(day("02-20", 2027)))

    # Made up: 01-01 is off. 12-29 30 31, 01-04 05 06 07 08 11 12.
    assert due_of(register, notice) == day("01-12", 2027)
    assert diary(register, day("02-20", 2027), day("03-31", 2027)) == [
        ("02-20", "overdue", 1),
        ("02-27", "overdue", 2),
        ("03-06", "overdue", 3),
    ]
    with register.read() as db:
        assert told(db, "notice.levels_skipped") == []


def test_who_was_done_in_time_and_is_undone_later_is_urged_for_the_first_time(register: Register) -> None:
    notice = silent(register, machines=1)
    with register.read() as db:
        item = items(db, notice)[0]
    small, old = Seen(day("10-07"), **item.advised), Seen(day("10-19"), **item.before)
    measured(register, item, "10-08", small)
    assert standing(register, notice) == ["done"]
    measured(register, item, "10-20", small, old)
    assert standing(register, notice) == ["received"]

    assert diary(register, day("10-20"), day("10-27")) == [("10-20", "overdue", 1), ("10-27", "overdue", 2)]
    with register.read() as db:
        assert told(db, "notice.levels_skipped") == []


def test_a_receipt_that_is_recorded_late_is_no_reason_to_go_to_the_supervisor(register: Register) -> None:
    notice = issue_notice(register, machines=1, on=day("09-18"))
    with register.write() as db:
        row = db.get_one(Notice, notice.id)
        receive(db, calendar(db), row, Receipt(day("09-18"), RECORDED), day("11-08"), operator(day("11-08")))

    assert diary(register, day("11-08"), day("11-15")) == [("11-08", "overdue", 1), ("11-15", "overdue", 2)]


def test_a_program_that_is_down_after_the_decision_sends_the_highest_step_all_the_same(
    register: Register,
) -> None:
    notice = silent(register, machines=1)
    diary(register, day("09-18"), day("10-11"))
    objects(register, notice, 0, "10-12")
    upheld(register, notice, 0, "11-11")

    # a week after 11-11 is 11-18, two are 11-25
    assert followed(register, day("11-30")) == [("overdue", 3)]
    with register.read() as db:
        assert [after for _, _, after in told(db, "notice.levels_skipped")] == [{"skipped": [2], "level": 3}]


def test_the_day_of_a_decision_is_that_of_the_zone(register: Register) -> None:
    notice = silent(register, machines=1)
    diary(register, day("09-18"), day("10-11"))
    objects(register, notice, 0, "10-12")
    with register.write() as db:  # 06:00 on 11-11 in Shanghai
        row, act = db.get_one(Notice, notice.id), replace(operator(day("11-11")), now=at(day("11-10"), 22))
        uphold(db, calendar(db), row, items(db, notice), day("11-11"), act)
        mark_overdue(db, day("11-11"), program(day("11-11")))

    with register.read() as db:
        rounds = {
            on: urgings(db, calendar(db), LIMITS, day(on), ZoneInfo("Asia/Shanghai"))
            for on in ("11-17", "11-18")
        }
    assert {on: [step.level for step in steps] for on, steps in rounds.items()} == {"11-17": [], "11-18": [2]}


# ---- machines of which nothing is measured


def lost(register: Register, notice: Notice, which: int, on: str) -> None:
    """Nothing was measured for 7 days: the operator is asked."""
    with register.read() as db:
        item = items(db, notice)[which]
    measured(register, item, on, Seen(day("09-19"), **item.before))
    with register.read() as db:
        assert db.get_one(Item, item.id).outcome == Outcome.GONE


def back(register: Register, notice: Notice, which: int, on: str) -> None:
    with register.read() as db:
        item = items(db, notice)[which]
    measured(register, item, on, Seen(day(on) - timedelta(days=1), **item.before))


def said_of(register: Register, kind: str) -> list[list[str]]:
    """The machines of the following notices of a kind."""
    with register.read() as db:
        rows = db.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.level)).all()
        return [[entry.machine for entry in content_of(row).rows] for row in rows]


@pytest.mark.parametrize("kind", ["shrink", "idle", "deploy"])
def test_a_machine_of_which_nothing_is_measured_is_neither_reminded_nor_urged(
    register: Register, kind: str
) -> None:
    notice = silent(register, machines=1, kind=kind)
    lost(register, notice, 0, "09-28")

    assert diary(register, day("09-28"), day("11-30")) == []
    assert standing(register, notice) == (["received"] if kind == "idle" else ["overdue"])


def test_the_other_machines_of_the_notice_are_urged_without_it(register: Register) -> None:
    notice = silent(register, machines=2)
    lost(register, notice, 0, "09-28")
    diary(register, day("09-28"), day("11-30"))

    assert said_of(register, "reminder") == [["vm-00002"]]
    assert said_of(register, "overdue") == [["vm-00002"]] * 3
    assert standing(register, notice) == ["overdue", "escalated"]


@pytest.mark.parametrize("ended", ["measured again", "the task is closed"])
def test_a_machine_that_is_there_after_all_is_urged_from_the_first_step(
    register: Register, ended: str
) -> None:
    notice = silent(register, machines=1)
    lost(register, notice, 0, "10-01")
    assert diary(register, day("10-01"), day("11-10")) == []
    if ended == "measured again":
        back(register, notice, 0, "11-11")
    else:
        with register.write() as db:
            (task,) = tasks(db, "gone")
            close_tasks(db, task.kind, task.subject, operator(day("11-11"), "it is only switched off"))

    assert diary(register, day("11-11"), day("11-30")) == [
        ("11-11", "overdue", 1),
        ("11-18", "overdue", 2),
        ("11-25", "overdue", 3),
    ]


# ---- machines of one notice that are late by different days


def extended(register: Register, notice: Notice, which: int, until: str, on: str) -> None:
    with register.write() as db:
        row, chosen = db.get_one(Notice, notice.id), items(db, notice)[which : which + 1]
        extend(db, row, chosen, day(until), day(on), operator(day(on)))


def test_a_machine_with_more_time_is_not_escalated_with_those_that_had_none(register: Register) -> None:
    notice = silent(register, machines=2)
    extended(register, notice, 1, "10-20", "09-21")

    assert diary(register, day("09-30"), day("12-31")) == [
        ("09-30", "reminder", 1),
        ("10-10", "overdue", 1),
        ("10-15", "reminder", 2),  # 10-16 19 20 are left
        ("10-17", "overdue", 2),
        ("10-21", "overdue", 3),  # the second machine's first
        ("10-24", "overdue", 4),  # the first machine's last
        ("10-28", "overdue", 5),
        ("11-04", "overdue", 6),
    ]
    first, second = ["vm-00001"], ["vm-00002"]
    assert said_of(register, "overdue") == [first, first, second, first, second, second]
    assert standing(register, notice) == ["escalated", "escalated"]
    assert copied(register) == [4, 6]


def test_machines_at_different_steps_share_a_letter_until_the_last_of_one(register: Register) -> None:
    notice = silent(register, machines=2)
    extended(register, notice, 1, "10-16", "09-21")

    assert [entry for entry in diary(register, day("10-10"), day("12-31")) if entry[1] == "overdue"] == [
        ("10-10", "overdue", 1),
        ("10-17", "overdue", 2),
        ("10-24", "overdue", 3),
        ("10-24", "overdue", 4),
        ("10-31", "overdue", 5),
    ]
    first, second = ["vm-00001"], ["vm-00002"]
    assert said_of(register, "overdue") == [first, [*first, *second], first, second, second]
    assert copied(register) == [3, 5]


def test_when_one_of_two_letters_of_a_day_is_not_written_the_other_leaves_no_step_out(
    register: Register,
) -> None:
    notice = silent(register, machines=2)
    extended(register, notice, 1, "10-16", "09-21")
    diary(register, day("10-10"), day("10-23"))
    today = day("10-24")
    with register.write() as db:
        steps = urgings(db, calendar(db), LIMITS, today)
        row = db.get_one(Notice, notice.id)
        done(db, row, items(db, notice)[:1], today, "工单", operator(today))
    assert [(step.level, step.last) for step in steps] == [(3, True), (4, False)]
    with register.read() as db:
        drafted = [draft(db, step, TERMS, [], today) for step in steps]

    assert [ready and ready.content.level for ready in drafted] == [None, 3]
    assert diary(register, today, day("11-30")) == [("10-24", "overdue", 3), ("10-31", "overdue", 4)]
    assert standing(register, notice) == ["done", "escalated"]


def copied(register: Register) -> list[int]:
    """The levels that went to the supervisor."""
    with register.read() as db:
        urged = db.scalars(select(Notice).where(Notice.kind == "overdue").order_by(Notice.level)).all()
        return [row.level for row in urged if SUPERVISOR in {one.recipient for one in deliveries(db, row)}]


# ---- more time while the letter is printed


def test_a_reminder_speaks_of_the_end_as_it_is_when_it_is_drafted(register: Register) -> None:
    notice = silent(register, machines=2)
    today = day("09-29")
    with register.read() as db:
        (step,) = reminders(db, calendar(db), LIMITS, today)
    extended(register, notice, 0, "11-10", "09-29")
    with register.read() as db:
        one = draft(db, step, TERMS, [], today)
    extended(register, notice, 1, "11-10", "09-29")
    with register.read() as db:
        none = draft(db, step, TERMS, [], today)

    assert one is not None
    assert [entry.machine for entry in one.content.rows] == ["vm-00002"]
    assert one.content.answer_by == day("10-09")
    assert none is None


def test_a_reminder_names_a_later_end_that_is_near_as_well(register: Register) -> None:
    notice = silent(register, machines=1)
    today = day("09-30")
    with register.read() as db:
        (step,) = reminders(db, calendar(db), LIMITS, today)
    extended(register, notice, 0, "10-10", "09-30")  # 10-08 09 10 are left
    with register.read() as db:
        ready = draft(db, step, TERMS, [], today)

    assert step.answer_by == day("10-09")
    assert ready is not None
    assert (ready.content.answer_by, ready.content.rows[0].due) == (day("10-10"), day("10-10"))


def test_more_time_while_a_reminder_is_printed_makes_it_be_drafted_again(register: Register) -> None:
    notice = silent(register, machines=1)
    today = day("09-29")
    with register.read() as db:
        (step,) = reminders(db, calendar(db), LIMITS, today)
        ready = draft(db, step, TERMS, [], today)
    assert ready is not None
    extended(register, notice, 0, "11-10", "09-29")

    with pytest.raises(OvertakenError), register.write() as db:
        commit(db, ready, [], program(today))

    with register.read() as db:
        assert len(db.scalars(select(Notice)).all()) == 1
        assert draft(db, step, TERMS, [], today) is None


@pytest.mark.parametrize("on", ["09-29", "10-10"])
def test_a_letter_that_somebody_else_wrote_meanwhile_is_not_drafted_again(
    register: Register, on: str
) -> None:
    silent(register)
    with register.write() as db:
        mark_overdue(db, day(on), program(day(on)))
        steps = [
            *reminders(db, calendar(db), LIMITS, day(on)),
            *urgings(db, calendar(db), LIMITS, day(on)),
        ]
    assert len(followed(register, day(on))) == 1

    with register.read() as db:
        assert [draft(db, step, TERMS, [], day(on)) for step in steps] == [None]
