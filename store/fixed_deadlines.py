"""Deadlines with a last day that somebody decided, where the regulation gives no number of days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.counting import Count
from store.deadlines import Change, Clock, facts, journal, standing
from store.tables import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.workflow import Act


def start_until(
    db: Session,
    known: Calendar,
    matter: str,
    clocks: Sequence[Clock],
    fixed: tuple[str, date],
    act: Act,
) -> list[Deadline]:
    """Starts a deadline for every clock, due on the day of `fixed` (article, last day), or moves it there.

    It counts as extended: by a person's word, left alone when the calendar changes. Those met stay as they
    are. Again with the same day: does nothing.
    """
    article, until = fixed
    rows = standing(db, [clock.subject for clock in clocks], article)
    version = Count(known).version
    changes = []
    for clock in clocks:
        row = rows.get(clock.subject)
        if row is None:
            row = rows[clock.subject] = made(clock, article, until, version, act)
            db.add(row)
            changes.append(Change("deadline.started", matter, row, None, facts(row)))
        elif row.met_on is None and row.due_on != until:
            before = facts(row)
            row.due_on, row.extended, row.known_at = until, True, act.now
            changes.append(Change("deadline.changed", matter, row, before, facts(row)))
    journal(db, changes, act)
    return [rows[clock.subject] for clock in clocks]


def made(clock: Clock, article: str, until: date, version: str, act: Act) -> Deadline:
    return Deadline(
        subject=clock.subject,
        department_id=clock.department_id,
        article=article,
        started_on=clock.started_on,
        working_days=0,
        due_on=until,
        extended=True,
        calendar=version,
        known_at=act.now,
        title=clock.title,
    )
