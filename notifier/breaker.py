"""The circuit breaker: a day's issue that would write to too many at once is held until an operator's word.

A fault of a rule, an import or a clock looks like a whole city that needs notices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from notifier.content import FIRST
from notifier.tables import Channel, Item, Notice
from notifier.tasks import close_tasks, open_task
from store.journal import Entry, append
from store.tables import Machine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.settings import Notices
    from notifier.issue import Group
    from store.workflow import Act

ISSUE = "issue"  # the channel's name
HOLDS = timedelta(hours=24)  # how long an operator's word is good


@dataclass(frozen=True, slots=True)
class Batch:
    """What a day writes: departments and machines, those issued today already among them."""

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


def batch(db: Session, groups: Sequence[Group], today: date) -> Batch:
    issued = select(Notice.id).where(Notice.issued_on == today, Notice.kind.in_(FIRST))
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
    found = batch(db, groups, today)
    why = found.excess(limits)
    row = db.get(Channel, ISSUE)
    if why is None or released(row, found, act):
        return None
    if row is None or row.state != "held":
        append(db, act.now, Entry(act.actor, "issue.held", ISSUE, None, why))
    row = row or Channel(name=ISSUE, failures=0)
    row.state, row.since, row.until, row.reason = "held", act.now, None, why
    row.machines, row.departments = found.machines, found.departments
    db.add(row)
    text = (
        f"nothing is issued: {why}. Look at `rightsizer finding list --state approved`, then `notice release`"
    )
    open_task(db, "breaker", ISSUE, text, act)
    return why


def released(row: Channel | None, found: Batch, act: Act) -> bool:
    """An operator let a batch of this size go, not long ago."""
    if row is None or row.state != "released" or row.until is None or row.until <= act.now:
        return False
    return found.machines <= row.machines and found.departments <= row.departments


def release(db: Session, act: Act) -> Channel:
    """Lets the held batch go, for a day, in the size that was held. Raises LookupError when none is held."""
    row = db.get(Channel, ISSUE)
    if row is None or row.state != "held":
        raise LookupError("no issue is held: approved findings go out with the next run")
    append(db, act.now, Entry(act.actor, "issue.released", ISSUE, row.reason, None, act.reason))
    row.state, row.since, row.until = "released", act.now, act.now + HOLDS
    close_tasks(db, "breaker", ISSUE, act)
    return row
