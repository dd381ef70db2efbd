"""What doctor finds in the registers that an operator should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from catalog.freshness import WORDS, Freshness
from catalog.search import aged
from monitor.checks import Check, State
from store.deadlines import running
from store.departments import to_look_at
from store.tables import Deadline, Department

if TYPE_CHECKING:
    from datetime import date

    from store.database import Register

NAMED = 3


def departments(register: Register | None) -> list[Check]:
    """Departments whose code or standing needs a look; none when there is no register."""
    if register is None:
        return []
    with register.read() as db:
        rows = list(db.scalars(select(Department).order_by(Department.name)))
        odd = [row.name for row in rows if to_look_at(row)]
    if not odd:
        return [Check("departments", State.GOOD, f"{len(rows)} known")]
    more = f", ... ({len(odd) - NAMED} more)" if len(odd) > NAMED else ""
    found = f"{len(odd)} of {len(rows)} to look at: {', '.join(odd[:NAMED])}{more}"
    return [Check("departments", State.WARN, found, "`rightsizer department list` says what")]


def catalog(register: Register | None, today: date) -> list[Check]:
    """Published entries whose data is stale, and what departments owe the catalog and those who asked."""
    if register is None:
        return []
    owed = Deadline.subject.startswith("catalog", autoescape=True), Deadline.due_on < today, *running()
    with register.read() as db:
        ages = aged(db, today)
        late = db.scalar(select(func.count(Deadline.id)).where(*owed)) or 0
    entries, stale = sum(ages.values()), ages.get(WORDS[Freshness.STALE], 0)
    if not (stale or late):
        return [Check("catalog", State.GOOD, f"{entries} entries published")]
    found = f"{stale} of {entries} published entries are stale, {late} answers or updates are overdue"
    advice = "`rightsizer catalog stale`, `rightsizer deadline list --overdue`"
    return [Check("catalog", State.WARN, found, advice)]
