"""The arithmetic of deadlines: working days counted over a row, by one state of the calendar."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from config.workdays import UnknownYearError

if TYPE_CHECKING:
    from datetime import date

    from config.workdays import Calendar
    from store.tables import Deadline


class Count:
    """A calendar that counts the same term from the same day once, however many rows ask for it."""

    def __init__(self, known: Calendar) -> None:
        self.known = known
        self.dues: dict[tuple[date, int], date | None] = {}

    @cached_property
    def version(self) -> str:
        return self.known.version

    def due(self, day: date, working_days: int) -> date | None:
        """The last day of the term, None while it is provisional."""
        if (day, working_days) not in self.dues:
            self.dues[day, working_days] = self.known.add(day, working_days).on
        return self.dues[day, working_days]

    def worked(self, first: date, last: date) -> int:
        """Working days after `first` through `last`, negative when `last` is the earlier one.

        Raises UnknownYearError.
        """
        if last < first:
            return -self.worked(last, first)
        days = (first + timedelta(days=day) for day in range(1, (last - first).days + 1))
        return sum(self.known.is_workday(day) for day in days)


def base(row: Deadline) -> tuple[date, int]:
    """The day that a deadline is counted from, and how many working days."""
    if row.resumed_on is not None and row.resumed_days is not None:
        return row.resumed_on, row.resumed_days
    return row.started_on, row.working_days


def recounted(row: Deadline, count: Count) -> None:
    row.due_on, row.extended, row.calendar = count.due(*base(row)), False, count.version


def restarted(row: Deadline, count: Count, started_on: date, working_days: int) -> None:
    """Counts from another day. What a decided objection left to go grows or shrinks by as much.

    An extension stands unless counting now gives more.
    """
    if row.resumed_on is not None and row.resumed_days is not None:
        more = count.worked(row.started_on, started_on) + working_days - row.working_days
        row.resumed_days = max(row.resumed_days + more, 1)
    row.started_on, row.working_days = started_on, working_days
    due = count.due(*base(row))
    if not row.extended or (due is not None and row.due_on is not None and due > row.due_on):
        recounted(row, count)
    if row.paused_on is not None:
        row.days_left = left_if_known(row, count, row.paused_on)


def left(row: Deadline, count: Count, on: date) -> int:
    """Working days that a clock stopped on the day `on` has to go, at least one; 0: it was overdue.

    Raises UnknownYearError.
    """
    began, days = base(row)
    due = row.due_on or count.due(began, days)
    if due is not None and due < on:
        return 0
    on = max(on, began)
    to_go = count.worked(on, due) if due is not None else days - count.worked(began, on)
    return max(to_go, 1)


def left_if_known(row: Deadline, count: Count, on: date) -> int | None:
    try:
        return left(row, count, on)
    except UnknownYearError:
        return None
