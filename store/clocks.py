"""The clocks of the regulation as a person looks at them: lists, one with its history, and more time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Text, cast, or_, select

from store.deadlines import extend, near_until, running
from store.tables import Deadline, Department, JournalEntry
from store.workflow import RefusedError

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.workflow import Act

LONGEST = timedelta(days=366)  # of an extension: a later day is a slip of the pen
LARGEST = 2**31 - 1  # number of a row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clocks a list shows. `department`: name or code; `article`: how it begins; `soon`: due within so
    many working days; `met`: those that are over too.
    """

    department: str | None = None
    article: str | None = None
    overdue: bool = False
    soon: int | None = None
    met: bool = False


def lines(db: Session, known: Calendar, wanted: Wanted, today: date) -> list[tuple[Deadline, str | None]]:
    """Clocks with the names of their departments: the first last day first, those without one last."""
    found = (
        select(Deadline, Department.name)
        .outerjoin(Department, Department.id == Deadline.department_id)
        .where(*conditions(known, wanted, today))
        .order_by(Deadline.due_on.is_(None), Deadline.due_on, Deadline.id)
    )
    return [(row, name) for row, name in db.execute(found)]


def conditions(known: Calendar, wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not wanted.met:
        found.append(Deadline.met_on.is_(None))
    if wanted.department is not None:
        found.append(or_(Department.name == wanted.department, Department.code == wanted.department))
    if wanted.article is not None:
        found.append(Deadline.article.startswith(wanted.article, autoescape=True))
    if wanted.overdue:
        found += [Deadline.due_on < today, *running()]
    if wanted.soon is not None:
        found += [Deadline.due_on.between(today, near_until(known, today, wanted.soon)), *running()]
    return found


def found_clock(db: Session, number: int) -> Deadline:
    """Raises LookupError."""
    row = db.get(Deadline, number) if number <= LARGEST else None
    if row is None:
        raise LookupError(f"no deadline {number}; `rightsizer deadline list --met` shows them")
    return row


def phase(row: Deadline, today: date) -> str:
    """met, paused, provisional, overdue, or running."""
    if row.met_on is not None:
        return "met"
    if row.paused_on is not None:
        return "paused"
    if row.due_on is None:
        return "provisional"
    return "overdue" if row.due_on < today else "running"


def history(db: Session, row: Deadline) -> list[JournalEntry]:
    """What the journal says of a clock, in the order of time."""
    named = cast(JournalEntry.after, Text).contains(f'"{row.subject}"', autoescape=True)
    about = JournalEntry.action.startswith("deadline.")
    entries = db.scalars(select(JournalEntry).where(about, named).order_by(JournalEntry.id))
    return [entry for entry in entries if is_about(entry.after, row)]


def is_about(after: object, row: Deadline) -> bool:
    return (
        isinstance(after, dict)
        and row.subject in after.get("subjects", ())
        and after.get("article") == row.article
    )


def lengthen(db: Session, row: Deadline, until: date, today: date, act: Act) -> None:
    """More time, by an operator's word. Raises RefusedError for a clock that has letters of its own, was met,
    or would not end later, or too far away.
    """
    if row.title is None:
        raise RefusedError(
            f"deadline {row.id} is that of {row.subject}, which has notices of its own: "
            "`rightsizer notice extend NOTICE --until DATE -m WHY`"
        )
    if not today <= until <= today + LONGEST:
        raise RefusedError(f"more time ends between {today} and {today + LONGEST}, not on {until}")
    if row.due_on is not None and until <= row.due_on:
        raise RefusedError(
            f"{row.subject} is due on {row.due_on}: more time ends later than that, not on {until}"
        )
    try:
        extend(db, row.subject, [row], until, act)
    except ValueError as error:
        raise RefusedError(str(error)) from error
