"""Reminders and 催办 of the registers' deadlines. In 2026 are off: 09-25 to 09-27, 10-01 to 10-07; worked on:
Sundays 09-20, Saturdays 10-10.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from matters import at, journal, mails, operator, owner, program
from sqlalchemy import func, select
from stage import LIMITS, SUPERVISOR, TERMS, calendar_of, days, imported, tasks

from config.settings import Notices
from notifier.issue import commit, content_of
from notifier.reminding import calls, draft, of_the_centre, rules_of, written
from notifier.tables import Delivery, Notice, NoticeMatter
from store.calendar import calendar
from store.deadlines import Clock, Term, extend, meet, pause, recount, reopen, resume, start
from store.tables import Deadline
from store.workflow import OvertakenError

if TYPE_CHECKING:
    from notifier.issue import Draft
    from notifier.reminding import Call
    from store.database import Register

pytest_plugins = ["registers"]

BEGAN = date(2026, 9, 18)  # the tenth working day after it: 2026-10-09
TITLE = "补正“社会救助系统”项目的初步设计材料"


def clock(
    register: Register,
    subject: str = "project:1",
    began: date = BEGAN,
    department: str | None = "市民政局",
    title: str | None = TITLE,
    *,
    article: str = "第八条 补正",
    email: str | None = "it@minzheng.example.gov.cn",
    working_days: int = 10,
) -> int:
    with register.write() as db:
        whose = owner(db, department, email).id if department is not None else None
        one = Clock(subject, began, whose, title)
        return start(db, calendar(db), subject, [one], Term(article, working_days), program(began))[0].id


def due(register: Register, day: date, limits: Notices = LIMITS) -> list[Call]:
    with register.read() as db:
        return calls(db, rules_of(calendar(db), limits, day, UTC))


def drafted(register: Register, call: Call, day: date, limits: Notices = LIMITS) -> Draft | None:
    with register.read() as db:
        return draft(db, call, TERMS, limits.supervisor, rules_of(calendar(db), limits, day, UTC))


def issued(register: Register, ready: Draft, call: Call, day: date) -> None:
    with register.write() as db:
        parcels = mails(ready, [*ready.recipients, *ready.copies])
        parcels = [replace(one, role="copy") if one.recipient in ready.copies else one for one in parcels]
        written(db, commit(db, ready, parcels, program(day)), ready, call, program(day))


def reminded(register: Register, day: date, limits: Notices = LIMITS) -> list[tuple[str, tuple[int, ...]]]:
    """A round on a day: (kind, levels of the matters) of what was written."""
    said = []
    for call in due(register, day, limits):
        ready = drafted(register, call, day, limits)
        if ready is not None:
            issued(register, ready, call, day)
            said.append((str(call.kind), tuple(one.level for one in ready.content.matters)))
    return said


def diary(register: Register, first: date, last: date, limits: Notices = LIMITS) -> list[tuple[Any, ...]]:
    return [(f"{day:%m-%d}", *said) for day in days(first, last) for said in reminded(register, day, limits)]


def test_a_deadline_is_reminded_of_once_and_urged_every_week_up_to_the_supervisor(sqlite: Register) -> None:
    clock(sqlite)

    # three working days before 10-09: 10-08, 09-30, 09-29 lie between; the first day with no more is 09-29
    assert diary(sqlite, BEGAN, date(2026, 11, 1)) == [
        ("09-29", "due", (0,)),
        ("10-10", "late", (1,)),
        ("10-17", "late", (2,)),
        ("10-24", "late", (3,)),
    ]
    with sqlite.read() as db:
        last = db.scalars(select(Notice).order_by(Notice.id.desc())).first()
        assert last is not None
        said = content_of(last)
        mails_of = db.scalars(select(Delivery).where(Delivery.notice_id == last.id)).all()
        roles = {mail.recipient: mail.role for mail in mails_of}
        assert (last.number, last.kind, last.level) == ("平数事催办〔2026〕3号", "late", 3)
        assert [(m.due, m.overdue) for m in said.matters] == [(date(2026, 10, 9), 15)]
        assert said.copy_to == ("市政府督查室",)
        assert said.basis.article == "第八条"
        assert roles == {"it@minzheng.example.gov.cn": "to", SUPERVISOR: "copy"}


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("09-28", []),
        ("09-29", [("due", (0,))]),
        ("10-01", [("due", (0,))]),
        ("10-09", [("due", (0,))]),
        ("10-10", [("late", (1,))]),
        ("10-16", [("late", (1,))]),
        ("10-17", [("late", (2,))]),
        ("10-23", [("late", (2,))]),
        ("10-24", [("late", (3,))]),
        ("11-08", [("late", (3,))]),
    ],
    ids=[
        "four working days before",
        "three working days before",
        "in the holiday",
        "the last day",
        "the day after it",
        "a day short of a week late",
        "a week late",
        "a day short of two weeks",
        "two weeks late",
        "down for thirty days: the highest once",
    ],
)
def test_a_first_run_on_a_day_writes_what_is_due_then_and_once(sqlite: Register, day: str, said: Any) -> None:
    clock(sqlite)
    on = date.fromisoformat(f"2026-{day}")

    assert reminded(sqlite, on) == said
    assert reminded(sqlite, on) == []


def test_what_a_program_that_was_down_skipped_stands_in_the_journal(sqlite: Register) -> None:
    clock(sqlite)

    reminded(sqlite, date(2026, 11, 8))

    with sqlite.read() as db:
        assert [entry.after for entry in journal(db, "notice.levels_skipped")] == [{"project:1": [1, 2]}]
    assert diary(sqlite, date(2026, 11, 8), date(2026, 11, 16)) == []


def test_the_matters_of_a_department_are_one_letter_the_last_ones_apart(sqlite: Register) -> None:
    early = date(2026, 9, 4)  # tenth working day: 09-18
    clock(sqlite, "project:1", early)
    clock(sqlite, "project:2")
    clock(sqlite, "entry:3", article="第十七条 目录更新", title="更新目录条目")
    clock(sqlite, "project:4", department="市司法局")
    for day in (date(2026, 9, 19), date(2026, 9, 26)):
        reminded(sqlite, day)

    found = due(sqlite, date(2026, 10, 10))

    assert [(call.department, str(call.kind), call.last, len(call.deadlines)) for call in found] == [
        (1, "late", True, 1),
        (1, "late", False, 2),
        (2, "late", False, 1),
    ]
    ready = drafted(sqlite, found[1], date(2026, 10, 10))
    assert ready is not None
    assert ready.content.basis.article == "第八条、第十七条"
    assert ready.copies == ()


def test_a_second_letter_of_a_day_waits_until_tomorrow_unless_a_last_day_is_today(sqlite: Register) -> None:
    day = date(2026, 9, 29)
    clock(sqlite)
    assert reminded(sqlite, day) == [("due", (0,))]

    clock(sqlite, "project:2", date(2026, 9, 28), working_days=3)  # due 10-08
    assert reminded(sqlite, day) == []
    clock(sqlite, "share:3", date(2026, 9, 28), working_days=1)  # due today
    assert reminded(sqlite, day) == [("due", (0, 0))]


def test_a_deadline_without_a_last_day_is_mentioned_and_never_urged(sqlite: Register) -> None:
    clock(sqlite, "project:1", date(2026, 12, 14))  # tenth: 2026-12-28
    clock(sqlite, "project:2", date(2026, 12, 25), title="无日期事项")

    assert diary(sqlite, date(2026, 12, 14), date(2026, 12, 31)) == [
        ("12-23", "due", (0, 0)),
        ("12-29", "late", (1,)),
    ]
    with sqlite.read() as db:
        said = [content_of(notice) for notice in db.scalars(select(Notice).order_by(Notice.id))]
    assert [m.due for m in said[0].matters] == [date(2026, 12, 28), None]
    assert said[0].answer_by == date(2026, 12, 28)


def test_a_date_that_an_imported_calendar_gives_is_reminded_of(sqlite: Register) -> None:
    clock(sqlite, "project:1", date(2026, 12, 25))
    assert reminded(sqlite, date(2026, 12, 31)) == []

    imported(sqlite, calendar_of(2027, ["01-01"]), date(2027, 1, 4))
    with sqlite.write() as db:  # four days of December, six of January: 01-11
        recount(db, calendar(db), program(date(2027, 1, 4)))

    assert diary(sqlite, date(2027, 1, 4), date(2027, 1, 12)) == [
        ("01-06", "due", (0,)),
        ("01-12", "late", (1,)),
    ]


def test_a_clock_that_stands_is_left_alone_and_goes_on_afterwards(sqlite: Register) -> None:
    number = clock(sqlite)
    with sqlite.write() as db:
        row = db.get_one(Deadline, number)
        pause(db, calendar(db), "project 1", [row], date(2026, 9, 24), operator(BEGAN))
    assert diary(sqlite, date(2026, 10, 8), date(2026, 10, 11)) == []

    with sqlite.write() as db:  # five days left after 10-20: 10-27
        row = db.get_one(Deadline, number)
        resume(db, calendar(db), "project 1", [row], date(2026, 10, 20), operator(date(2026, 10, 20)))
        assert row.due_on == date(2026, 10, 27)
    assert diary(sqlite, date(2026, 10, 20), date(2026, 10, 28)) == [
        ("10-22", "due", (0,)),
        ("10-28", "late", (1,)),
    ]


def test_more_time_begins_anew_and_what_is_met_is_over(sqlite: Register) -> None:
    number = clock(sqlite)
    assert reminded(sqlite, date(2026, 10, 10)) == [("late", (1,))]
    with sqlite.write() as db:
        row = db.get_one(Deadline, number)
        extend(db, "project 1", [row], date(2026, 10, 30), operator(date(2026, 10, 12)))

    assert diary(sqlite, date(2026, 10, 12), date(2026, 11, 1)) == [
        ("10-27", "due", (0,)),
        ("10-31", "late", (1,)),
    ]
    with sqlite.write() as db:
        meet(db, "project 1", [db.get_one(Deadline, number)], date(2026, 11, 2), operator(date(2026, 11, 2)))
    assert diary(sqlite, date(2026, 11, 6), date(2026, 11, 8)) == []


def test_one_reopened_by_mistake_goes_on_where_it_stood(sqlite: Register) -> None:
    number = clock(sqlite)
    reminded(sqlite, date(2026, 10, 10))
    with sqlite.write() as db:
        row = db.get_one(Deadline, number)
        meet(db, "project 1", [row], date(2026, 10, 11), operator(date(2026, 10, 11)))
        reopen(db, "project 1", [row], operator(date(2026, 11, 1)))

    assert diary(sqlite, date(2026, 11, 1), date(2026, 11, 8)) == [("11-08", "late", (2,))]


def test_one_recorded_long_after_its_end_begins_with_the_first_urging(sqlite: Register) -> None:
    number = clock(sqlite)
    with sqlite.write() as db:
        db.get_one(Deadline, number).known_at = at(date(2026, 12, 1))

    assert diary(sqlite, date(2026, 12, 1), date(2026, 12, 9)) == [
        ("12-01", "late", (1,)),
        ("12-08", "late", (2,)),
    ]


def moved(db: Any, row: Deadline, day: date) -> None:
    extend(db, "project 1", [row], date(2026, 11, 20), operator(day))


def met(db: Any, row: Deadline, day: date) -> None:
    meet(db, "project 1", [row], day, operator(day))


def stopped(db: Any, row: Deadline, day: date) -> None:
    pause(db, calendar(db), "project 1", [row], day, operator(day))


def given_away(db: Any, row: Deadline, day: date) -> None:
    assert day
    row.department_id = owner(db, "市司法局").id


@pytest.mark.parametrize("what", [met, moved, stopped, given_away])
@pytest.mark.parametrize("day", [date(2026, 9, 29), date(2026, 10, 10)], ids=["reminder", "urging"])
def test_a_matter_changed_between_draft_and_issue_drops_out(register: Register, what: Any, day: date) -> None:
    first, _second = clock(register), clock(register, "project:2")
    (call,) = due(register, day)
    ready = drafted(register, call, day)
    assert ready is not None
    with register.write() as db:
        what(db, db.get_one(Deadline, first), day)

    with pytest.raises(OvertakenError, match="project:1 was changed just now"):
        issued(register, ready, call, day)
    again = drafted(register, call, day)

    assert again is not None
    assert [one.subject for one in again.matters] == ["project:2"]
    issued(register, again, call, day)
    with register.read() as db:
        assert db.scalars(select(Notice.number)).all() == [again.content.number]  # no gap


def test_two_who_drafted_the_same_write_it_once(register: Register) -> None:
    clock(register)
    day = date(2026, 9, 29)
    (call,) = due(register, day)
    one, other = drafted(register, call, day), drafted(register, call, day)
    assert one is not None
    assert other is not None
    issued(register, one, call, day)

    with pytest.raises(OvertakenError):
        issued(register, other, call, day)

    assert drafted(register, call, day) is None
    with register.read() as db:
        assert db.scalar(select(func.count(NoticeMatter.id))) == 1


def test_nobody_is_written_to_about_what_has_no_title_or_no_department(sqlite: Register) -> None:
    clock(sqlite, "item:1", title=None)
    own = clock(sqlite, "plan:1", department=None, title="公布年度计划")
    clock(sqlite, "plan:2", date(2026, 10, 20), department=None, title="以后的事项")

    assert diary(sqlite, BEGAN, date(2026, 10, 12)) == []
    with sqlite.read() as db:
        rules = rules_of(calendar(db), LIMITS, date(2026, 9, 29), UTC)
        assert [row.id for row in of_the_centre(db, rules)] == [own]


def test_without_a_supervisor_the_last_urging_is_a_task(sqlite: Register) -> None:
    clock(sqlite)

    reminded(sqlite, date(2026, 11, 8), Notices())

    with sqlite.read() as db:
        assert [task.subject for task in tasks(db, "supervisor")] == ["平数事催办〔2026〕1号"]


@pytest.mark.parametrize(("zone", "level"), [("Asia/Shanghai", 1), ("UTC", 2)])
def test_days_of_moments_are_those_of_the_office(sqlite: Register, zone: str, level: int) -> None:
    number, day = clock(sqlite), date(2026, 10, 18)
    with sqlite.write() as db:  # 10-11 in Shanghai, a week before; 10-10 in UTC, eight days
        db.get_one(Deadline, number).known_at = datetime(2026, 10, 10, 18, tzinfo=UTC)

    with sqlite.read() as db:
        rules = rules_of(calendar(db), LIMITS, day, ZoneInfo(zone))
        (call,) = calls(db, rules)
        ready = draft(db, call, TERMS, (), rules)

    assert ready is not None
    assert [one.level for one in ready.matters] == [level]
