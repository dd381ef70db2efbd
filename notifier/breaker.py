"""The circuit breaker: a day's issue that would write to too many at once is held until an operator's word.

A fault of a rule, an import or a clock looks like a whole city that needs notices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import false, func, select

from notifier.content import FIRST
from notifier.tables import Channel, Item, Notice
from notifier.tasks import close_tasks, open_task
from store.journal import Entry, append
from store.tables import Machine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from config.settings import Notices
    from notifier.issue import Group
    from store.workflow import Act

ISSUE = "issue"  # the channel's name
HOLDS = timedelta(hours=24)  # how long an operator's word is good


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written to: departments and machines, of all machines."""

    departments: int
    machines: int
    of_machines: int

    def excess(self, limits: Notices) -> str | None:
        """Why it is too much, or None."""
        if self.departments > limits.max_departments:
            return f"{self.departments} departments in a day, more than {limits.max_departments}"
        if self.machines * 100 > limits.max_share * self.of_machines:
            return f"{self.machines} of {self.of_machines} machines in a day, more than {limits.max_share} %"
        return None


def batch(db: Session, groups: Sequence[Group], *of: ColumnElement[bool]) -> Batch:
    """What waits, and the first notices that were issued and are such."""
    issued = select(Notice.id).where(Notice.kind.in_(FIRST), *of)
    departments = set(db.scalars(select(Notice.department_id).where(Notice.id.in_(issued))))
    machines = db.scalar(select(func.count(Item.id)).where(Item.notice_id.in_(issued))) or 0
    return Batch(
        departments=len(departments | {group.department for group in groups}),
        machines=machines + sum(len(group.findings) for group in groups),
        of_machines=db.scalar(select(func.count(Machine.id))) or 0,
    )


def held(db: Session, groups: Sequence[Group], limits: Notices, today: date, act: Act) -> str | None:
    """Why nothing may be issued now, or None; a batch that is too large is held and becomes a task."""
    if not groups:
        return None
    why = batch(db, groups, Notice.issued_on == today).excess(limits)
    row = db.get(Channel, ISSUE)
    if why is None:
        forget(db, row, act)
        return None
    if released(db, row, groups, act):
        return None
    if row is None or row.state != "held":
        append(db, act.now, Entry(act.actor, "issue.held", ISSUE, None, why))
    waiting = batch(db, groups, false())
    row = row or Channel(name=ISSUE, failures=0)
    row.state, row.since, row.until, row.reason = "held", act.now, None, why
    row.machines, row.departments = waiting.machines, waiting.departments
    db.add(row)
    text = (
        f"nothing is issued: {why}. Look at `rightsizer finding list --state approved`, then `notice release`"
    )
    open_task(db, "breaker", ISSUE, text, act)
    return why


def forget(db: Session, row: Channel | None, act: Act) -> None:
    """What was held is small now, by other answers: there is nothing to release any more."""
    if row is not None and row.state == "held":
        append(db, act.now, Entry(act.actor, "issue.open", ISSUE, row.reason, None))
        row.state, row.since, row.reason = "open", act.now, None
        close_tasks(db, "breaker", ISSUE, act)


def released(db: Session, row: Channel | None, groups: Sequence[Group], act: Act) -> bool:
    """An operator let a batch of this size go, not long ago; what was issued since then is part of it."""
    if row is None or row.state != "released" or row.until is None or row.until <= act.now:
        return False
    spent = batch(db, groups, Notice.issued_at >= row.since)
    return spent.machines <= row.machines and spent.departments <= row.departments


def release(db: Session, act: Act) -> Channel:
    """Lets the held batch go, for a day, in the size that was held. Raises LookupError when none is held."""
    row = db.get(Channel, ISSUE)
    if row is None or row.state != "held":
        raise LookupError("no issue is held: approved findings go out with the next run")
    append(db, act.now, Entry(act.actor, "issue.released", ISSUE, row.reason, None, act.reason))
    row.state, row.since, row.until = "released", act.now, act.now + HOLDS
    close_tasks(db, "breaker", ISSUE, act)
    return row
