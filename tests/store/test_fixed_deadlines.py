"""Deadlines whose last day somebody decided: set once, moved, left alone by the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from config.workdays import seed
from store.deadlines import Clock, meet, overdue, recount
from store.fixed_deadlines import start_until
from store.tables import JournalEntry
from store.workflow import Act, Role

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

ACT = Act("li", Role.OPERATOR, datetime(2026, 11, 2, tzinfo=UTC), "decided by the city")
CLOCKS = [Clock("campaign:2026/1", date(2026, 11, 2), None, "备案")]
FIRST, LATER = ("第十条 备案", date(2026, 12, 31)), ("第十条 备案", date(2027, 1, 31))
KNOWN = seed()


def test_a_fixed_last_day_is_set_once_and_no_calendar_moves_it(register: Register) -> None:
    with register.write() as db:
        (row,) = start_until(db, KNOWN, "campaign 2026", CLOCKS, FIRST, ACT)
        entries = db.scalar(select(func.count(JournalEntry.id)))
        start_until(db, KNOWN, "campaign 2026", CLOCKS, FIRST, ACT)

        assert (row.due_on, row.extended, row.title) == (date(2026, 12, 31), True, "备案")
        assert db.scalar(select(func.count(JournalEntry.id))) == entries
        assert recount(db, KNOWN, ACT) == 0
        assert [one.id for one in overdue(db, date(2027, 1, 1))] == [row.id]


def test_a_last_day_beyond_the_known_calendar_moves_and_a_met_one_stays(sqlite: Register) -> None:
    with sqlite.write() as db:
        (row,) = start_until(db, KNOWN, "campaign 2026", CLOCKS, FIRST, ACT)
        start_until(db, KNOWN, "campaign 2026", CLOCKS, LATER, ACT)
        assert row.due_on == date(2027, 1, 31)

        meet(db, "campaign 2026", [row], date(2026, 12, 1), ACT)
        start_until(db, KNOWN, "campaign 2026", CLOCKS, FIRST, ACT)

        assert (row.due_on, row.met_on) == (date(2027, 1, 31), date(2026, 12, 1))
