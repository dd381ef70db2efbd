"""What the reconciliation found running unfiled becomes filings that wait for their department (art. 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filing.clocks import ARTICLE, subject
from filing.ground import ground
from filing.keeping import keep_new
from filing.reconcile import Discrepancy, Found, reconcile
from filing.tables import Filing, FilingState
from store.deadlines import Clock
from store.fixed_deadlines import start_until
from store.journal import Entry, append
from store.workflow import Act, RefusedError, Role

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar


def record(db: Session, known: Calendar, until: date, act: Act, today: date) -> tuple[list[Filing], int]:
    """Makes a filing, unfiled, of every system that runs without one, with a deadline to file; again: none.

    Returns them, and how many stay out because another system's filing has the name. Raises RefusedError.
    """
    if not act.roles & {Role.OPERATOR, Role.PROGRAM}:
        raise RefusedError("what runs unfiled is recorded by an operator of the centre")
    if until < today:
        raise RefusedError(f"a last day to file of {until}: today or later")
    there = ground(db)
    taken = {(filing.department_id, filing.name) for filing in there.filings if filing.standing}
    found = [one for one in reconcile(there) if one.kind is Discrepancy.UNFILED and not one.filings]
    fresh = [one for one in found if (one.department_id, one.name) not in taken]
    rows = [noted(one, today) for one in fresh]
    keep_new(db, rows)
    append(db, act.now, *[entry(row, one, act) for row, one in zip(rows, fresh, strict=True)])
    clocks = [
        Clock(subject(row), today, row.department_id, f"{row.name}：提交全口径备案登记表") for row in rows
    ]
    start_until(db, known, "filings found by reconciliation", clocks, (ARTICLE, until), act)
    return rows, len(found) - len(fresh)


def noted(one: Found, today: date) -> Filing:
    return Filing(
        department_id=one.department_id,
        system_id=one.system,
        name=one.name,
        state=FilingState.UNFILED,
        card={"name": one.name},
        found_on=today,
    )


def entry(row: Filing, one: Found, act: Act) -> Entry:
    said = {"system": one.name, "machines": one.machines}
    return Entry(act.actor, "filing.found", subject(row), None, said, act.reason)
