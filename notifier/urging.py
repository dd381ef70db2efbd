"""Which 催办 is due for a machine: by its own last day, its own letters, and the time that was its own.

Weeks are counted from the latest of three days: the last day of its clock, the day since which that holds,
its newest 催办. So more than one step at once is a program that was down, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import undefer

from notifier.content import NoticeKind
from notifier.issue import SealError, content_of
from notifier.states import clock, label
from notifier.tables import Item, ItemState, Notice, Outcome, Task
from notifier.tasks import open_task
from store.parts import parts
from store.tables import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from sqlalchemy.orm import Session

    from store.workflow import Act


@dataclass(frozen=True, slots=True)
class Pace:
    """A 催办 every so many days, so many times. `zone` tells the days of moments."""

    every: int
    times: int
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Turn:
    """The 催办 that a machine is due for. `steps`: how many it goes on; `last`: its last one."""

    steps: int
    last: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A 催办 that was written; `machines` None: what it says was changed, it may have named any."""

    on: date
    steps: int
    machines: frozenset[str] | None

    def named(self, machine: str) -> bool:
        return self.machines is None or machine in self.machines


def turns(db: Session, items: Sequence[Item], pace: Pace, today: date) -> dict[int, Turn]:
    """Item id -> the 催办 that is due now; those without one are left out."""
    rows = rows_of(db, items)
    written = letters(db, sorted({item.notice_id for item in items}))
    found = {}
    for item in items:
        row = rows.get(item.id)
        if row is None or row.due_on is None or row.due_on >= today:
            continue  # not late: the clock was wrong yesterday
        known = row.known_at.astimezone(pace.zone).date() if row.known_at is not None else row.due_on
        sent = written.get(item.notice_id, ())
        own = [one for one in sent if one.on > row.due_on and one.named(item.machine)]
        turn = next_turn(own, max(row.due_on, known), pace, today)
        if turn is not None:
            found[item.id] = turn
    return found


def next_turn(own: Sequence[Letter], since: date, pace: Pace, today: date) -> Turn | None:
    """The first at once, the others a round after the one before. `own`: the machine's, since it is late."""
    given = sum(one.steps for one in own)
    if own:
        steps = (today - max(since, *(one.on for one in own))).days // pace.every
    else:
        steps = max(1 + ((today - since).days - 1) // pace.every, 1)
    number = min(given + steps, pace.times)
    return Turn(number - given, number == pace.times) if number > given else None


def letters(db: Session, parents: Sequence[int]) -> dict[int, list[Letter]]:
    """First notice -> the 催办 that follow it. A level that was skipped counts with the next one."""
    found: dict[int, list[Letter]] = {}
    level: dict[int, int] = {}
    for part in parts(parents):
        wanted = select(Notice).where(Notice.parent_id.in_(part), Notice.kind == NoticeKind.OVERDUE)
        for notice in db.scalars(wanted.order_by(Notice.level).options(undefer(Notice.content))):
            parent = notice.parent_id or 0
            steps = notice.level - level.get(parent, 0)
            level[parent] = notice.level
            found.setdefault(parent, []).append(Letter(notice.issued_on, steps, machines_of(notice)))
    return found


def machines_of(notice: Notice) -> frozenset[str] | None:
    try:
        return frozenset(entry.machine for entry in content_of(notice).rows)
    except SealError:
        return None


def rows_of(db: Session, items: Sequence[Item]) -> dict[int, Deadline]:
    """Item id -> its clock."""
    wanted = {clock(item): item.id for item in items}
    found = {}
    for part in parts(wanted):
        rows = db.scalars(select(Deadline).where(Deadline.subject.in_(part)))
        found.update({wanted[row.subject]: row for row in rows})
    return found


def present(db: Session, items: Sequence[Item]) -> list[Item]:
    """Without those of which nothing is measured, until it is again or the operator closes the task: missing
    data never acts against a department.
    """
    asked = {clock(item) for item in lost(db, items)}
    return [item for item in items if clock(item) not in asked]


def lost(db: Session, items: Sequence[Item]) -> list[Item]:
    """Machines of which nothing is measured, and the operator has not said what that means."""
    gone = {label(item): item for item in items if item.outcome == Outcome.GONE}
    found: list[Item] = []
    for part in parts(gone):
        asked = select(Task.subject).where(
            Task.kind == str(Outcome.GONE), Task.closed_at.is_(None), Task.subject.in_(part)
        )
        found += [gone[subject] for subject in db.scalars(asked)]
    return found


def unsupervised(db: Session, number: str, act: Act) -> None:
    """The last 催办 has no address to be copied to."""
    text = f"{number} is the last 催办 and notices.supervisor is empty: tell the supervising office"
    open_task(db, "supervisor", number, text, act)


def set_aside(db: Session, act: Act) -> None:
    """The time in which nothing is measured of a machine is no time of its department."""
    gone = select(Item).where(Item.state == ItemState.OVERDUE, Item.outcome == Outcome.GONE)
    for row in rows_of(db, lost(db, db.scalars(gone).all())).values():
        row.known_at = act.now
