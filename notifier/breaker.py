"""The circuit breaker: a day's issue that would write to too many at once is held until an operator's word.

A fault of a rule, an import or a clock looks like a whole city that needs notices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import false, func, select

from notifier.content import FIRST, FOLLOWING, NoticeKind
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
    from store.workflow import Act

ISSUE, FOLLOW_UP, TAKE_BACK, URGE = "issue", "follow_up", "take_back", "urge"  # names of channels
HOLDS = timedelta(hours=24)  # how long an operator's word is good


@dataclass(frozen=True, slots=True)
class Flow:
    """A way on which notices go out, and what an operator looks at before it is let go."""

    name: str
    kinds: tuple[NoticeKind, ...]
    word: str
    advice: str


ISSUING = Flow(ISSUE, FIRST, "nothing is issued", "Look at `rightsizer finding list --state approved`")
FOLLOWING_UP = Flow(
    FOLLOW_UP, FOLLOWING, "no reminder, 催办 or withdrawal is written", "Look at `rightsizer notice list`"
)
TAKING_BACK = Flow(
    TAKE_BACK,
    (NoticeKind.WITHDRAWAL,),
    "no notice is withdrawn",
    "Did a rule change? `rightsizer judge` shows",
)
URGING = Flow(
    URGE,
    (NoticeKind.LATE,),
    "no 催办 of a register's deadline is written",
    "Look at `rightsizer deadline list --overdue`",
)
FLOWS = (ISSUING, FOLLOWING_UP, TAKING_BACK, URGING)


class Bundle(Protocol):
    """What one letter would write about: a department's id, and how many machines."""

    @property
    def department(self) -> int: ...
    @property
    def machines(self) -> int: ...


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


def batch(db: Session, flow: Flow, waiting: Sequence[Bundle], *of: ColumnElement[bool]) -> Batch:
    """What waits, and the notices of the flow that were issued and are such."""
    issued = select(Notice.id).where(Notice.kind.in_(flow.kinds), *of)
    departments = set(db.scalars(select(Notice.department_id).where(Notice.id.in_(issued))))
    machines = db.scalar(select(func.count(Item.id)).where(Item.notice_id.in_(issued))) or 0
    return Batch(
        departments=len(departments | {bundle.department for bundle in waiting}),
        machines=machines + sum(bundle.machines for bundle in waiting),
        of_machines=db.scalar(select(func.count(Machine.id))) or 0,
    )


def held(
    db: Session,
    waiting: Sequence[Bundle],
    limits: Notices,
    today: date,
    act: Act,
    flow: Flow = ISSUING,
) -> str | None:
    """Why nothing of the flow may go out now, or None; what is too much is held and becomes a task."""
    if not waiting:
        return None
    why = batch(db, flow, waiting, Notice.issued_on == today).excess(limits)
    row = db.get(Channel, flow.name)
    if why is None:
        forget(db, row, act)
        return None
    if released(db, row, waiting, act, flow):
        return None
    if row is None or row.state != "held":
        append(db, act.now, Entry(act.actor, f"{flow.name}.held", flow.name, None, why))
    size = batch(db, flow, waiting, false())
    row = row or Channel(name=flow.name, failures=0)
    row.state, row.since, row.until, row.reason = "held", act.now, None, why
    row.machines, row.departments = size.machines, size.departments
    db.add(row)
    open_task(db, "breaker", flow.name, f"{flow.word}: {why}. {flow.advice}, then `notice release`", act)
    return why


def forget(db: Session, row: Channel | None, act: Act) -> None:
    """What was held is small now, by other answers: there is nothing to release any more."""
    if row is not None and row.state == "held":
        append(db, act.now, Entry(act.actor, f"{row.name}.open", row.name, row.reason, None))
        row.state, row.since, row.reason = "open", act.now, None
        close_tasks(db, "breaker", row.name, act)


def released(
    db: Session, row: Channel | None, waiting: Sequence[Bundle], act: Act, flow: Flow = ISSUING
) -> bool:
    """An operator let a batch of this size go, not long ago; what was issued since then is part of it."""
    if row is None or row.state != "released" or row.until is None or row.until <= act.now:
        return False
    spent = batch(db, flow, waiting, Notice.issued_at >= row.since)
    return spent.machines <= row.machines and spent.departments <= row.departments


def release(db: Session, act: Act) -> list[Channel]:
    """Lets what is held go, for a day, in the size that was held. Raises LookupError when nothing is held."""
    names = [flow.name for flow in FLOWS]
    found = select(Channel).where(Channel.name.in_(names), Channel.state == "held").order_by(Channel.name)
    rows = list(db.scalars(found))
    if not rows:
        raise LookupError("nothing is held: what is approved or due goes out with the next run")
    for row in rows:
        append(db, act.now, Entry(act.actor, f"{row.name}.released", row.name, row.reason, None, act.reason))
        row.state, row.since, row.until = "released", act.now, act.now + HOLDS
        close_tasks(db, "breaker", row.name, act)
    return rows
