"""The working-day calendar that counts here: the program's own years, and those imported since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.workdays import Calendar, Year, seed
from store.journal import Entry, append
from store.tables import CalendarYear

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class YearImported:
    """`changed`: it was not kept already. `days`: those that are worked now and were not, or vice versa."""

    year: int
    changed: bool
    days: tuple[date, ...] = ()


def calendar(db: Session) -> Calendar:
    """The calendar with every imported year; an imported one takes the place of the program's own."""
    known = seed()
    for row in db.scalars(select(CalendarYear).order_by(CalendarYear.year)):
        known = known.with_year(Year.model_validate(row.document))
    return known


def import_year(
    db: Session, document: Year, actor: str, now: datetime, reason: str | None = None
) -> YearImported:
    """Keeps a year's document, with a journal entry that names the days that change; again: does nothing."""
    kept = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    row = db.get(CalendarYear, document.year, with_for_update=True)
    if row is not None and row.document == kept:
        return YearImported(document.year, changed=False)
    before = calendar(db)
    after = before.with_year(document)
    if row is None:
        db.add(CalendarYear(year=document.year, imported_at=now, document=kept))
    else:
        row.imported_at, row.document = now, kept
    days = tuple(sorted({day for day, _ in before.changes.items() ^ after.changes.items()}))
    was, becomes = ({str(day): word(known, day) for day in days} for known in (before, after))
    append(db, now, Entry(actor, "calendar.imported", str(document.year), was, becomes, reason))
    return YearImported(document.year, changed=True, days=days)


def word(known: Calendar, day: date) -> str:
    if day.year not in known.years:
        return "unknown"
    return "worked" if known.is_workday(day) else "off"
