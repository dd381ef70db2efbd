"""The clocks of the regulation: started, stopped, extended, met, and counted again when the calendar changes.

A deadline is due `working_days` after `started_on`; since an objection was decided, `resumed_days` after
`resumed_on`. The journal names the matter, such as notice 平数云核减〔2026〕12号: one entry for all of its
deadlines to which the same happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.counting import Count, left, left_if_known, recounted, restarted
from store.journal import Entry, append
from store.parts import parts
from store.tables import Deadline, Department

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.workflow import Act

TOLD = ("extended", "paused_on", "days_left", "resumed_on", "resumed_days", "met_on")


@dataclass(frozen=True, slots=True)
class Term:
    """How long an article gives."""

    article: str
    working_days: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What runs, for whom, and the day that it is counted from, itself left out. `title`: what is to be done,
    in the words of the letters that remind of it; without one the room has letters of its own.
    """

    subject: str
    started_on: date
    department_id: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one deadline; `before` and `after` are its facts."""

    action: str
    matter: str
    row: Deadline
    before: Mapping[str, object] | None
    after: Mapping[str, object]


def start(
    db: Session, known: Calendar, matter: str, clocks: Sequence[Clock], term: Term, act: Act
) -> list[Deadline]:
    """Starts a deadline for every clock, or counts it anew from a corrected day; those met stay as they are.

    An extension stands unless counting now gives more. Again with the same days: does nothing.
    """
    count = Count(known)
    rows = standing(db, [clock.subject for clock in clocks], term.article)
    changes = []
    for clock in clocks:
        row, days = rows.get(clock.subject), (clock.started_on, term.working_days)
        if row is None:
            row = rows[clock.subject] = made(clock, term, count, act)
            db.add(row)
            changes.append(Change("deadline.started", matter, row, None, facts(row)))
        elif row.met_on is None and (row.started_on, row.working_days) != days:
            before = facts(row)
            restarted(row, count, *days)
            if row.due_on != before["due_on"]:
                row.known_at = act.now
            changes.append(Change("deadline.changed", matter, row, before, facts(row)))
    journal(db, changes, act)
    return [rows[clock.subject] for clock in clocks]


def made(clock: Clock, term: Term, count: Count, act: Act) -> Deadline:
    return Deadline(
        subject=clock.subject,
        department_id=clock.department_id,
        article=term.article,
        started_on=clock.started_on,
        working_days=term.working_days,
        due_on=count.due(clock.started_on, term.working_days),
        extended=False,
        calendar=count.version,
        known_at=act.now,
        title=clock.title,
    )


def pause(
    db: Session, known: Calendar, matter: str, deadlines: Iterable[Deadline], on: date, act: Act
) -> int:
    """An objection of the day `on` stops the clocks; that day is used up, at least one working day is left.

    A deadline that was overdue stays due as it was. Returns how many were stopped; those that stand already,
    or are met, are left alone.
    """
    count = Count(known)

    def stop(row: Deadline) -> None:
        row.paused_on, row.days_left = on, left_if_known(row, count, on)

    going = [row for row in deadlines if row.met_on is None and row.paused_on is None]
    return changed(db, "deadline.paused", matter, going, stop, act)


def resume(
    db: Session, known: Calendar, matter: str, deadlines: Iterable[Deadline], on: date, act: Act
) -> int:
    """The clocks go on: due is the last of the days left after `on`. Returns how many did stand.

    Those that ran on or were overdue stay due as they were, and are known from now on: nobody is urged for
    the time before.

    Raises ValueError for a day before they stopped, UnknownYearError when the days left cannot be counted.
    """
    count = Count(known)
    open_ones = [row for row in deadlines if row.met_on is None]
    stopped = [row for row in open_ones if row.paused_on is not None]
    for row in stopped:
        if row.paused_on is not None and on < row.paused_on:
            raise ValueError(f"{row.subject} stands since {row.paused_on}: it cannot go on from {on}")
    for row in open_ones:
        row.known_at = act.now

    def go_on(row: Deadline) -> None:
        days = row.days_left
        if days is None:
            days = left(row, count, row.paused_on or on)
        row.paused_on = row.days_left = None
        if days:
            row.resumed_on, row.resumed_days = on, days
            recounted(row, count)

    return changed(db, "deadline.resumed", matter, stopped, go_on, act)


def extend(db: Session, matter: str, deadlines: Iterable[Deadline], until: date, act: Act) -> int:
    """Due on `until` by an operator's word; recounting leaves it alone. Returns how many changed.

    Raises ValueError, before anything is changed, unless every one is due earlier now and not met.
    """
    rows = [row for row in deadlines if not (row.extended and row.due_on == until)]
    for row in rows:
        if row.met_on is not None:
            raise ValueError(f"{row.subject} was met on {row.met_on}: there is nothing to extend")
        if until <= (row.due_on or row.started_on):
            told = f"is due on {row.due_on}" if row.due_on else f"began on {row.started_on}"
            raise ValueError(f"{row.subject} {told}: an extension must end later than that, not on {until}")

    def later(row: Deadline) -> None:
        row.due_on, row.extended, row.known_at = until, True, act.now
        row.days_left = None  # of a clock that stands: counted to the new day when it goes on

    return changed(db, "deadline.extended", matter, rows, later, act)


def meet(db: Session, matter: str, deadlines: Iterable[Deadline], on: date, act: Act) -> int:
    """What was asked for is done. Returns how many were not met before."""

    def met(row: Deadline) -> None:
        row.met_on = on

    open_ones = [row for row in deadlines if row.met_on is None]
    return changed(db, "deadline.ended", matter, open_ones, met, act)


def reopen(db: Session, matter: str, deadlines: Iterable[Deadline], act: Act) -> int:
    """Met by mistake, or undone: the deadline counts as before. Returns how many were met."""

    def unmet(row: Deadline) -> None:
        row.met_on, row.known_at = None, act.now

    met_ones = [row for row in deadlines if row.met_on is not None]
    return changed(db, "deadline.reopened", matter, met_ones, unmet, act)


def recount(db: Session, known: Calendar, act: Act) -> int:
    """Counts every running deadline again that another state of the calendar counted. Returns how many moved.

    Those met, extended or standing still are left alone. One journal entry a department, old and new date.
    """
    count = Count(known)
    wanted = (
        select(Deadline, Department.name)
        .outerjoin(Department, Department.id == Deadline.department_id)
        .where(Deadline.extended.is_(False), Deadline.calendar != count.version, *running())
        .order_by(Deadline.id)
    )
    changes = []
    for row, department in db.execute(wanted).all():
        old = row.due_on
        recounted(row, count)
        if row.due_on != old:
            row.known_at = act.now
            before, after = {"due_on": old}, {"due_on": row.due_on}
            changes.append(Change("deadline.recounted", department or row.article, row, before, after))
    journal(db, changes, act)
    return len(changes)


def standing(db: Session, subjects: Sequence[str], article: str) -> dict[str, Deadline]:
    """The deadlines of these subjects under an article, by subject."""
    ours = select(Deadline).where(Deadline.article == article)
    return {
        row.subject: row
        for part in parts(dict.fromkeys(subjects))
        for row in db.scalars(ours.where(Deadline.subject.in_(part)))
    }


def overdue(db: Session, on: date, article: str | None = None) -> list[Deadline]:
    """Running deadlines whose last day has passed on the day `on`, the oldest first."""
    return list(db.scalars(ordered(article).where(Deadline.due_on < on)))


def near(db: Session, known: Calendar, on: date, before: int, article: str | None = None) -> list[Deadline]:
    """Running deadlines that are due on the day `on` or within `before` working days after it."""
    last = near_until(known, on, before)
    return list(db.scalars(ordered(article).where(Deadline.due_on >= on, Deadline.due_on <= last)))


def near_until(known: Calendar, on: date, before: int) -> date:
    """The last day up to which no more than `before` working days lie after the day `on`."""
    beyond = known.add(on, before + 1)
    if beyond.on is not None:
        return beyond.on - timedelta(days=1)
    # The calendar ends first: every known day is near, and so many days hold no more working days.
    return max(date((beyond.unknown_year or on.year) - 1, 12, 31), on + timedelta(days=before))


def ordered(article: str | None) -> Select[Deadline]:
    found = select(Deadline).where(*running()).order_by(Deadline.due_on, Deadline.id)
    return found if article is None else found.where(Deadline.article == article)


def running() -> tuple[ColumnElement[bool], ...]:
    return Deadline.met_on.is_(None), Deadline.paused_on.is_(None)


def facts(row: Deadline) -> dict[str, object]:
    told = {name: getattr(row, name) for name in TOLD}
    return {
        "started_on": row.started_on,
        "due_on": row.due_on,
        **{name: value for name, value in told.items() if value is not None and value is not False},
    }


def changed(
    db: Session,
    action: str,
    matter: str,
    rows: Iterable[Deadline],
    change: Callable[[Deadline], None],
    act: Act,
) -> int:
    changes = []
    for row in rows:
        before = facts(row)
        change(row)
        changes.append(Change(action, matter, row, before, facts(row)))
    journal(db, changes, act)
    return len(changes)


def journal(db: Session, changes: Iterable[Change], act: Act) -> None:
    """One entry for all to which the same happened; `after` names them."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        same = (change.action, change.matter, change.row.article, change.before, change.after)
        groups.setdefault(repr(same), []).append(change)
    entries = []
    for group in groups.values():
        first = group[0]
        named = {"article": first.row.article, "subjects": [change.row.subject for change in group]}
        after = {**first.after, **named}
        entries.append(Entry(act.actor, first.action, first.matter, first.before, after, act.reason))
    if entries:
        append(db, act.now, *entries)
