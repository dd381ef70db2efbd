"""Deadlines: clock tables counted by hand from the notices, stops, extensions, corrections of the calendar.

Days off in 2026: 02-15..23 (worked: Saturdays 02-14 and 02-28), 05-01..05 (worked: 05-09), 09-25..27 (worked:
Sunday 09-20), 10-01..07 (worked: Saturday 10-10). In 2025: 10-01..08 (worked: Sunday 09-28, Saturday 10-11).
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import chinese_calendar
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from config.workdays import Calendar, UnknownYearError, Year, seed
from store.calendar import calendar, import_year
from store.database import open_register, upgrade
from store.deadlines import (
    Clock,
    Term,
    extend,
    meet,
    near,
    overdue,
    pause,
    recount,
    reopen,
    resume,
    standing,
    start,
)
from store.journal import verify
from store.tables import Deadline, Department, JournalEntry
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.database import Register

pytest_plugins = ["registers"]

NOTICE = "notice 平数云核减〔2026〕12号"
ADJUST = Term("13-adjust", 10)
ACT = Act("li", Role.OPERATOR, datetime(2026, 9, 18, 9, tzinfo=UTC), "signed for")
# Made up: the real notice of 2027 is not known. Sunday 01-03 is worked for Thursday 2026-12-31.
MADE_2027 = [("2026-12-31", True), ("2027-01-01", True), ("2027-01-03", False), ("2027-10-01", True)]
# 2026 as it might be corrected in the year: all that is left of it is 国庆, one day longer at its end.
CORRECTED_2026 = [*((f"2026-10-0{n}", True) for n in range(1, 9)), ("2026-10-10", False)]


def day(text: str) -> date:
    return date.fromisoformat(text)


def document(year: int, days: list[tuple[str, bool]]) -> Year:
    named = [{"name": "假日", "date": text, "isOffDay": off} for text, off in days]
    return Year.model_validate({"year": year, "days": named})


def item(started: str, number: int = 1) -> Clock:
    return Clock(f"item:{number}", day(started))


def started(
    db: Session, *clocks: Clock, term: Term = ADJUST, known: Calendar | None = None
) -> list[Deadline]:
    return start(db, known or calendar(db), NOTICE, clocks, term, ACT)


def journal(db: Session, action: str) -> list[tuple[str, Any, Any]]:
    """Entries of an action; the chain holds."""
    assert verify(db)[1] is None
    rows = db.scalars(select(JournalEntry).where(JournalEntry.action == action).order_by(JournalEntry.id))
    return [(row.subject, row.before, row.after) for row in rows]


def entries(db: Session) -> int:
    return verify(db)[0]


RECEIPTS = [
    # The golden table, and counts by hand.
    ("2026-02-13", "2026-03-05", "before 春节: 02-14(Sa) 24 25 26 27 28(Sa), 03-02 03 04 05"),
    ("2026-02-14", "2026-03-06", "on a make-up Saturday: 02-24 25 26 27 28, 03-02 03 04 05 06"),
    ("2026-02-18", "2026-03-06", "on a day off of 春节: the same count"),
    ("2026-09-18", "2026-10-09", "before 中秋 and 国庆: 09-20 21 22 23 24 28 29 30, 10-08 09"),
    ("2026-09-20", "2026-10-10", "on a make-up Sunday: 09-21 22 23 24 28 29 30, 10-08 09 10(Sa)"),
    ("2025-10-01", "2025-10-21", "on a day off: 10-09 10 11(Sa) 13 14 15 16 17 20 21"),
    ("2025-09-26", "2025-10-16", "before 国庆 2025: 09-28 29 30, 10-09 10 11 13 14 15 16"),
    ("2025-12-26", "2026-01-12", "over New Year: 12-29 30 31, 01-04(Su) 05 06 07 08 09 12"),
    ("2026-12-17", "2026-12-31", "the last receipt that the known calendar covers"),
]


@pytest.mark.parametrize(("receipt", "due", "_why"), RECEIPTS, ids=[row[2] for row in RECEIPTS])
def test_ten_working_days_from_receipt(register: Register, receipt: str, due: str, _why: str) -> None:
    with register.write() as db:
        row = started(db, item(receipt))[0]

        assert (row.started_on, row.due_on, row.calendar) == (day(receipt), day(due), seed().version)
        assert journal(db, "deadline.started") == [
            (
                NOTICE,
                None,
                {"started_on": receipt, "due_on": due, "article": "13-adjust", "subjects": ["item:1"]},
            )
        ]


def test_the_clocks_of_one_notice_are_one_entry_a_day_of_receipt(register: Register) -> None:
    with register.write() as db:
        rows = started(db, *(item("2026-09-18", n) for n in range(1, 51)), item("2026-09-20", 51))

        said = [(after["due_on"], len(after["subjects"])) for _, _, after in journal(db, "deadline.started")]
        assert said == [("2026-10-09", 50), ("2026-10-10", 1)]
        assert [row.subject for row in rows] == [f"item:{n}" for n in range(1, 52)]


def test_the_same_start_twice_changes_nothing(register: Register) -> None:
    with register.write() as db:
        first = started(db, item("2026-09-18"), item("2026-09-18", 2))
    with register.write() as db:
        again = started(db, item("2026-09-18"), item("2026-09-18", 2))

        assert [row.id for row in again] == [row.id for row in first]
        assert entries(db) == 1
        assert len(db.scalars(select(Deadline)).all()) == 2


def test_one_subject_may_have_a_clock_of_each_article(register: Register) -> None:
    with register.write() as db:
        started(db, item("2026-09-18"))
        started(db, item("2026-09-18"), term=Term("13-deploy", 5))

        assert standing(db, ["item:1", "item:9"], "13-adjust")["item:1"].due_on == day("2026-10-09")
        assert standing(db, ["item:1"], "13-deploy")["item:1"].due_on == day("2026-09-24")


@pytest.mark.parametrize(
    ("receipt", "due"),
    [("2026-09-16", "2026-09-30"), ("2026-09-20", "2026-10-10")],
    ids=["earlier: 09-17 18 20 21 22 23 24 28 29 30", "later"],
)
def test_a_corrected_receipt_counts_from_its_own_day(register: Register, receipt: str, due: str) -> None:
    with register.write() as db:
        started(db, item("2026-09-18"), item("2026-09-18", 2))
        rows = started(db, item(receipt), item(receipt, 2))

        assert [row.due_on for row in rows] == [day(due)] * 2
        assert journal(db, "deadline.changed") == [
            (
                NOTICE,
                {"started_on": "2026-09-18", "due_on": "2026-10-09"},
                {
                    "started_on": receipt,
                    "due_on": due,
                    "article": "13-adjust",
                    "subjects": ["item:1", "item:2"],
                },
            )
        ]


def test_a_met_deadline_is_not_started_again(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        meet(db, NOTICE, rows, day("2026-09-30"), ACT)
        row = started(db, item("2026-09-22"))[0]

        assert (row.started_on, row.due_on) == (day("2026-09-18"), day("2026-10-09"))


def test_fault_26_late_december_is_provisional_until_the_next_year_is_imported(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-12-18"), item("2026-12-18", 2))
        assert [row.due_on for row in rows] == [None, None]
        import_year(db, document(2027, MADE_2027), "li", ACT.now)

        # 12-21 22 23 24 25 (5), 28 29 30 (8), Sunday 01-03 (9), 01-04 (10)
        assert recount(db, calendar(db), ACT) == 2
        assert [row.due_on for row in rows] == [day("2027-01-04")] * 2
        named = {"article": "13-adjust", "subjects": ["item:1", "item:2"]}
        assert journal(db, "deadline.recounted") == [
            ("13-adjust", {"due_on": None}, {"due_on": "2027-01-04", **named})
        ]
        assert recount(db, calendar(db), ACT) == 0


def test_what_the_next_years_notice_says_of_december_moves_a_date(register: Register) -> None:
    with register.write() as db:
        # 12-18 21 22 23 24 25 28 29 30 31, and 12-31 is off by the notice of 2027: Sunday 01-03.
        row = started(db, item("2026-12-17"))[0]
        import_year(db, document(2027, MADE_2027), "li", ACT.now)

        assert recount(db, calendar(db), ACT) == 1
        assert row.due_on == day("2027-01-03")


def test_fault_25_a_corrected_calendar_moves_the_date_and_the_old_one_stays_in_the_journal(
    register: Register,
) -> None:
    with register.write() as db:
        db.add_all([Department(code="A", name="财政局"), Department(code="B", name="教育局")])
        db.flush()
        ids = {row.name: row.id for row in db.scalars(select(Department))}
        clocks = [Clock(f"item:{n}", day("2026-09-28"), ids["财政局"]) for n in (1, 2)]
        rows = started(db, *clocks, Clock("item:3", day("2026-09-28"), ids["教育局"]), item("2026-08-03", 4))
        import_year(db, document(2026, CORRECTED_2026), "li", ACT.now)

        # 09-29 30, 10-08 09 10(Sa) 12 13 14 15 16: 10-16. Now 10-08 is off as well: Monday 10-19.
        # 2026-08-03 + 10 stays 08-17: no day before it has changed.
        assert recount(db, calendar(db), ACT) == 3
        assert [row.due_on for row in rows] == [day("2026-10-19")] * 3 + [day("2026-08-17")]
        assert {row.calendar for row in rows} == {calendar(db).version}
        moved = [
            (subject, before["due_on"], after["due_on"], after["subjects"])
            for subject, before, after in journal(db, "deadline.recounted")
        ]
        assert moved == [
            ("财政局", "2026-10-16", "2026-10-19", ["item:1", "item:2"]),
            ("教育局", "2026-10-16", "2026-10-19", ["item:3"]),
        ]
        assert recount(db, calendar(db), ACT) == 0


def test_an_objection_stops_the_clock_across_a_holiday(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"), item("2026-09-18", 2))
        # Used through Tuesday 09-22: 09-20 21 22; 7 are left.
        assert pause(db, seed(), NOTICE, rows, day("2026-09-22"), ACT) == 2
        assert [row.days_left for row in rows] == [7, 7]
        assert pause(db, seed(), NOTICE, rows, day("2026-09-23"), ACT) == 0
        # Decided on Monday 09-28: 09-29 30, 10-08 09 10(Sa) 12 13.
        assert resume(db, seed(), NOTICE, rows, day("2026-09-28"), ACT) == 2
        assert resume(db, seed(), NOTICE, rows, day("2026-09-29"), ACT) == 0

        assert [(row.due_on, row.paused_on) for row in rows] == [(day("2026-10-13"), None)] * 2
        assert rows[0].started_on == day("2026-09-18")
        assert [after["days_left"] for _, _, after in journal(db, "deadline.paused")] == [7]
        assert [after["due_on"] for _, _, after in journal(db, "deadline.resumed")] == ["2026-10-13"]


STOPS = [
    ("2026-10-08", 1, "2026-10-16", "on the last day but one: 1 left"),
    ("2026-10-09", 1, "2026-10-16", "on the last day: none left, one is given"),
    ("2026-10-10", 0, "2026-10-09", "overdue already: due as it was"),
    ("2026-09-18", 10, "2026-10-29", "on the day of receipt: nothing used; 10-16 19..23 26..29"),
    ("2026-09-17", 10, "2026-10-29", "before the receipt: nothing used"),
    ("2026-09-26", 5, "2026-10-22", "on a day off: 09-20..24 are used, 5 left: 10-16 19 20 21 22"),
]


@pytest.mark.parametrize(("on", "left", "due", "_why"), STOPS, ids=[row[3] for row in STOPS])
def test_what_is_left_when_the_clock_stops(
    register: Register, on: str, left: int, due: str, _why: str
) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        pause(db, seed(), NOTICE, rows, day(on), ACT)
        assert rows[0].days_left == left
        resume(db, seed(), NOTICE, rows, day("2026-10-15"), ACT)

        assert rows[0].due_on == day(due)


def test_a_second_objection_stops_what_the_first_one_left(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        pause(db, seed(), NOTICE, rows, day("2026-09-22"), ACT)
        resume(db, seed(), NOTICE, rows, day("2026-09-28"), ACT)
        # Due 10-13, see above. Through 10-09: 09-29 30 10-08 09; 3 are left: 10-21 22 23 after 10-20.
        pause(db, seed(), NOTICE, rows, day("2026-10-09"), ACT)
        assert rows[0].days_left == 3
        resume(db, seed(), NOTICE, rows, day("2026-10-20"), ACT)

        assert rows[0].due_on == day("2026-10-23")


def test_a_receipt_corrected_during_an_objection_corrects_what_is_left(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        pause(db, seed(), NOTICE, rows, day("2026-09-22"), ACT)
        # Received on 09-21, not on 09-18: only 09-22 is used, 9 are left.
        started(db, item("2026-09-21"))
        assert rows[0].days_left == 9
        resume(db, seed(), NOTICE, rows, day("2026-09-28"), ACT)
        # 09-29 30, 10-08 09 10 12 13 14 15
        assert rows[0].due_on == day("2026-10-15")

        # And back again after the decision: 09-20 and 09-21 are used after all, 7 are left.
        started(db, item("2026-09-18"))
        assert rows[0].due_on == day("2026-10-13")


def test_a_resumed_clock_is_recounted_from_where_it_went_on(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        pause(db, seed(), NOTICE, rows, day("2026-09-22"), ACT)
        resume(db, seed(), NOTICE, rows, day("2026-09-28"), ACT)
        import_year(db, document(2026, CORRECTED_2026), "li", ACT.now)

        # 7 from 09-28: 09-29 30, 10-09 10(Sa) 12 13 14: 10-08 is off now.
        assert recount(db, calendar(db), ACT) == 1
        assert rows[0].due_on == day("2026-10-14")


def test_a_clock_stands_through_a_recount_and_goes_on_by_the_new_calendar(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-12-18"))
        # Provisional: 12-21 22 are used, 8 are left.
        pause(db, seed(), NOTICE, rows, day("2026-12-22"), ACT)
        assert rows[0].days_left == 8
        import_year(db, document(2027, MADE_2027), "li", ACT.now)
        assert recount(db, calendar(db), ACT) == 0
        # 12-29 30, 01-03(Su) 04 05 06 07 08
        resume(db, calendar(db), NOTICE, rows, day("2026-12-28"), ACT)

        assert rows[0].due_on == day("2027-01-08")


def test_an_objection_in_a_year_not_known_yet_is_kept_and_counted_later(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-12-18"))
        pause(db, seed(), NOTICE, rows, day("2027-01-03"), ACT)
        assert rows[0].days_left is None
        with pytest.raises(UnknownYearError, match="calendar of 2027 is not known"):
            resume(db, seed(), NOTICE, rows, day("2027-01-11"), ACT)
        import_year(db, document(2027, MADE_2027), "li", ACT.now)
        # Due 2027-01-04, see above: one day was left on Sunday 01-03.
        resume(db, calendar(db), NOTICE, rows, day("2027-01-11"), ACT)

        assert rows[0].due_on == day("2027-01-12")


def test_a_clock_cannot_go_on_before_it_stopped(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        pause(db, seed(), NOTICE, rows, day("2026-09-22"), ACT)

        with pytest.raises(
            ValueError, match="item:1 stands since 2026-09-22: it cannot go on from 2026-09-21"
        ):
            resume(db, seed(), NOTICE, rows, day("2026-09-21"), ACT)


def test_an_extension_survives_a_recount_and_a_corrected_receipt(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        assert extend(db, NOTICE, rows, day("2026-10-31"), ACT) == 1
        assert extend(db, NOTICE, rows, day("2026-10-31"), ACT) == 0
        import_year(db, document(2026, CORRECTED_2026), "li", ACT.now)
        assert recount(db, calendar(db), ACT) == 0
        started(db, item("2026-09-21"))

        assert (rows[0].due_on, rows[0].extended) == (day("2026-10-31"), True)
        [(_, before, after)] = journal(db, "deadline.extended")
        assert (before["due_on"], after["due_on"]) == ("2026-10-09", "2026-10-31")


def test_a_receipt_so_late_that_counting_gives_more_outdoes_an_extension(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        extend(db, NOTICE, rows, day("2026-10-12"), ACT)
        # 10-10(Sa) 12 13 14 15 16 19 20 21 22
        started(db, item("2026-10-09"))

        assert (rows[0].due_on, rows[0].extended) == (day("2026-10-22"), False)


@pytest.mark.parametrize(
    ("receipt", "until", "said"),
    [
        ("2026-09-18", "2026-10-09", "item:1 is due on 2026-10-09: an extension must end later"),
        ("2026-09-18", "2026-10-08", "item:1 is due on 2026-10-09: an extension must end later"),
        ("2026-12-18", "2026-12-18", "item:1 began on 2026-12-18: an extension must end later"),
    ],
    ids=["to the day it is due", "to an earlier day", "provisional: to the day it began"],
)
def test_an_extension_is_later(register: Register, receipt: str, until: str, said: str) -> None:
    with register.write() as db:
        rows = started(db, item(receipt), item("2026-08-03", 2))

        with pytest.raises(ValueError, match=said):
            extend(db, NOTICE, [rows[1], rows[0]], day(until), ACT)
        assert not any(row.extended for row in rows), "all or none"
        assert journal(db, "deadline.extended") == []


def test_a_provisional_deadline_may_be_given_a_date(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-12-18"))
        extend(db, NOTICE, rows, day("2026-12-19"), ACT)

        assert rows[0].due_on == day("2026-12-19")


def test_an_extended_clock_stops_with_the_days_to_its_extension(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        extend(db, NOTICE, rows, day("2026-10-16"), ACT)
        # After Monday 10-12: 13 14 15 16.
        pause(db, seed(), NOTICE, rows, day("2026-10-12"), ACT)
        assert rows[0].days_left == 4
        # Extended while it stands: 13..16 and 19 20 21.
        extend(db, NOTICE, rows, day("2026-10-21"), ACT)
        resume(db, seed(), NOTICE, rows, day("2026-10-30"), ACT)

        # 7 after Friday 10-30: 11-02..06, 09 10.
        assert (rows[0].due_on, rows[0].extended) == (day("2026-11-10"), False)


def test_a_met_deadline_is_left_alone_until_it_is_reopened(register: Register) -> None:
    with register.write() as db:
        rows = started(db, item("2026-09-18"))
        assert meet(db, NOTICE, rows, day("2026-09-30"), ACT) == 1
        assert meet(db, NOTICE, rows, day("2026-10-08"), ACT) == 0
        import_year(db, document(2026, CORRECTED_2026), "li", ACT.now)
        assert recount(db, calendar(db), ACT) == 0
        assert pause(db, seed(), NOTICE, rows, day("2026-09-22"), ACT) == 0
        with pytest.raises(ValueError, match="item:1 was met on 2026-09-30"):
            extend(db, NOTICE, rows, day("2026-11-30"), ACT)
        assert rows[0].met_on == day("2026-09-30")
        assert overdue(db, day("2026-12-01")) == []

        assert reopen(db, NOTICE, rows, ACT) == 1
        assert reopen(db, NOTICE, rows, ACT) == 0
        # Under the corrected 2026 no day of September is off: 09-21..25, 28 29 30, 10-09 10(Sa).
        assert recount(db, calendar(db), ACT) == 1
        assert [row.due_on for row in overdue(db, day("2026-10-11"))] == [day("2026-10-10")]


def test_overdue_begins_on_the_day_after_the_last_one(register: Register) -> None:
    with register.write() as db:
        rows = started(
            db, item("2026-09-18"), item("2026-09-18", 2), item("2026-09-16", 3), item("2026-12-18", 4)
        )
        started(db, item("2026-09-16"), term=Term("13-deploy", 5))
        pause(db, seed(), NOTICE, [rows[1]], day("2026-09-22"), ACT)

        def late(on: str) -> list[str]:
            return [row.subject for row in overdue(db, day(on), "13-adjust")]

        assert late("2026-09-30") == []
        assert late("2026-10-01") == ["item:3"]
        assert late("2026-10-09") == ["item:3"]
        assert late("2026-10-10") == ["item:3", "item:1"]
        # Standing and provisional ones are never overdue.
        assert late("2027-06-01") == ["item:3", "item:1"]
        assert [row.article for row in overdue(db, day("2026-09-30"))] == ["13-deploy"]


@pytest.mark.parametrize(
    ("on", "before", "found"),
    [
        ("2026-09-27", 3, False),  # 09-28 29 30 10-08 09: five
        ("2026-09-28", 3, False),  # 09-29 30 10-08 09: four
        ("2026-09-29", 3, True),  # 09-30 10-08 09: three
        ("2026-10-07", 2, True),
        ("2026-10-07", 1, False),
        ("2026-10-09", 1, True),
        ("2026-10-10", 3, False),  # overdue, no longer near
    ],
)
def test_near_counts_working_days_across_the_holiday(
    register: Register, on: str, before: int, found: bool
) -> None:
    with register.write() as db:
        started(db, item("2026-09-18"))

        assert bool(near(db, seed(), day(on), before)) == found
        assert near(db, seed(), day(on), before, "another") == []


def test_near_the_end_of_the_known_calendar(register: Register) -> None:
    with register.write() as db:
        # Due on 2026-12-31: the count of four days from 12-29 would leave the known years.
        rows = started(db, item("2026-12-17"), item("2026-12-17", 2), item("2026-12-17", 3))
        extend(db, NOTICE, [rows[1]], day("2027-01-01"), ACT)
        extend(db, NOTICE, [rows[2]], day("2027-01-02"), ACT)

        def close(on: str) -> list[str]:
            return [row.subject for row in near(db, seed(), day(on), 3)]

        assert close("2026-12-28") == ["item:1"]
        assert close("2026-12-29") == ["item:1", "item:2"]
        # The next year's working days are not known; three days hold at most three of them.
        assert close("2026-12-30") == ["item:1", "item:2", "item:3"]


def test_a_recount_costs_a_count_a_term_not_a_row(sqlite: Register) -> None:
    with sqlite.write() as db:
        started(db, *(item("2026-12-18", n) for n in range(500)))
        import_year(db, document(2027, MADE_2027), "li", ACT.now)
        asked: list[date] = []

        class Counted(Calendar):
            def add(self, day: date, working_days: int) -> Any:
                asked.append(day)
                return super().add(day, working_days)

        assert recount(db, Counted(calendar(db).years), ACT) == 500
        assert asked == [day("2026-12-18")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """A register that the examples of a property share, each rolled back."""
    url = f"sqlite:///{tmp_path_factory.mktemp('deadlines')}/register.db"
    upgrade(url)
    opened = open_register(url)
    yield opened
    opened.close()


@cache
def is_worked(on: date, *, corrected: bool = False) -> bool:
    """The oracle's: chinese_calendar's own answer, or the corrected 2026's, written out."""
    if corrected and on.year == 2026:
        stated = dict(CORRECTED_2026)
        return not stated.get(str(on), on.weekday() >= 5)
    return bool(chinese_calendar.is_workday(on))


def days_between(first: date, last: date, *, corrected: bool = False) -> int:
    """Working days after `first` through `last`, looking at every day."""
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    return sum(is_worked(on, corrected=corrected) for on in days)


RECEIVED = st.dates(date(2024, 1, 1), date(2026, 9, 30))
DAYS = st.integers(1, 25)
shared_register = hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@shared_register
@given(received=RECEIVED, days=DAYS)
def test_due_is_a_working_day_and_the_nth(bench: Register, received: date, days: int) -> None:
    with bench.read() as db:
        row = started(db, Clock("item:1", received), term=Term("a", days), known=seed())[0]

        assert row.due_on is not None
        assert is_worked(row.due_on)
        assert days_between(received, row.due_on) == days


@shared_register
@given(received=RECEIVED, days=DAYS, used=st.integers(-3, 40), stood=st.integers(0, 40))
def test_a_stopped_clock_gives_exactly_the_days_that_were_left(
    bench: Register, received: date, days: int, used: int, stood: int
) -> None:
    objected, decided = received + timedelta(days=used), received + timedelta(days=used + stood)
    with bench.read() as db:
        rows = started(db, Clock("item:1", received), term=Term("a", days), known=seed())
        due = rows[0].due_on
        assert due is not None
        pause(db, seed(), NOTICE, rows, objected, ACT)
        resume(db, seed(), NOTICE, rows, decided, ACT)

        now = rows[0].due_on
        assert now is not None
        if objected > due:
            assert now == due
        else:
            before = days_between(received, objected)
            assert days_between(decided, now) == max(days - before, 1)
            assert is_worked(now)


@shared_register
@given(received=st.dates(date(2025, 12, 1), date(2026, 10, 20)), days=DAYS)
def test_a_recount_after_an_import_equals_a_fresh_start(bench: Register, received: date, days: int) -> None:
    with bench.read() as db:
        old = started(db, Clock("item:1", received), term=Term("a", days), known=seed())[0]
        import_year(db, document(2026, CORRECTED_2026), "li", ACT.now)
        recount(db, calendar(db), ACT)
        fresh = started(db, Clock("item:2", received), term=Term("a", days))[0]

        assert old.due_on is not None
        assert (old.due_on, old.calendar) == (fresh.due_on, fresh.calendar)
        assert days_between(received, old.due_on, corrected=True) == days
        assert is_worked(old.due_on, corrected=True)


def test_the_checked_table_is_given_by_the_register_too(shared: Path, sqlite: Register) -> None:
    with (shared / "data/workdays.csv").open(encoding="utf-8-sig", newline="") as file:
        cases = list(csv.DictReader(file))
    with sqlite.write() as db:
        for case in cases:
            clock = Clock(f"item:{case['case']}", day(case["issue_date"]))
            row = started(db, clock, term=Term("a", int(case["n_working_days"])))[0]

            assert str(row.due_on or "") == case["deadline"], case


def test_a_clock_tells_since_when_its_last_day_holds(register: Register) -> None:
    """It does not move with what leaves the last day as it is, and is no word of the journal."""
    moment = datetime(2026, 9, 18, 9, tzinfo=UTC)
    known_at = []
    with register.write() as db:
        known = calendar(db)

        def act(days: int) -> Act:
            return Act("li", Role.OPERATOR, moment + timedelta(days=days))

        rows = start(db, known, NOTICE, [item("2026-09-18")], ADJUST, act(0))
        steps: list[Callable[[Act], object]] = [
            lambda at: start(db, known, NOTICE, [item("2026-09-18")], ADJUST, at),  # the same
            lambda at: start(db, known, NOTICE, [item("2026-09-21")], ADJUST, at),
            lambda at: pause(db, known, NOTICE, rows, day("2026-09-22"), at),
            lambda at: resume(db, known, NOTICE, rows, day("2026-09-24"), at),
            lambda at: resume(db, known, NOTICE, rows, day("2026-09-24"), at),  # it ran on: decided again
            lambda at: extend(db, NOTICE, rows, day("2026-10-30"), at),
            lambda at: meet(db, NOTICE, rows, day("2026-09-28"), at),
            lambda at: reopen(db, NOTICE, rows, at),
            lambda at: recount(db, known, at),
        ]
        for days, step in enumerate(steps, start=1):
            step(act(days))
            known_at.append((rows[0].known_at - moment).days if rows[0].known_at else None)
        told = [entry.after for entry in db.scalars(select(JournalEntry))]

    assert known_at == [0, 2, 2, 4, 5, 6, 6, 8, 8]
    assert not any("known_at" in after for after in told)


def test_a_last_day_that_another_calendar_moves_is_known_from_then_on(register: Register) -> None:
    later = Act("li", Role.OPERATOR, datetime(2026, 10, 5, 9, tzinfo=UTC))
    with register.write() as db:
        moved, stays = started(db, item("2026-09-18"), item("2026-08-03", 2))
        import_year(db, document(2026, CORRECTED_2026), "li", later.now)
        recount(db, calendar(db), later)

        assert (moved.known_at, stays.known_at) == (later.now, ACT.now)
