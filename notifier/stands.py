"""Deadlines in notices of matters: how they stood when a notice was drafted, that they still do at its issue,
and what was written of them before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from notifier.tables import Notice, NoticeMatter
from store.deadlines import running
from store.parts import parts
from store.tables import Deadline
from store.workflow import OvertakenError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    End = tuple[int, date | None]  # a deadline's id and its last day


@dataclass(frozen=True, slots=True)
class Stand:
    """How a deadline stood when it was read. `level`: the n of its n-th 催办 in this letter, 0: a reminder;
    `steps`: how many it goes on.
    """

    deadline: int
    subject: str
    due_on: date | None
    level: int
    steps: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """That a deadline was written of."""

    on: date
    level: int


def list_matters(db: Session, stands: Sequence[Stand], notice: Notice) -> None:
    """The notice lists these deadlines. Raises OvertakenError when one of them was met, moved or stopped, or
    written of by somebody else, since it was read.
    """
    numbers = [stand.deadline for stand in stands]
    ends, before = going(db, numbers, notice.department_id), told(db, numbers)
    for stand in stands:
        end = (stand.deadline, stand.due_on)
        again = stand.due_on is not None and any(one.level == stand.level for one in before.get(end, ()))
        if again or end not in ends:
            raise OvertakenError(f"{stand.subject} was changed just now: the notice is drafted again")
        db.add(
            NoticeMatter(
                notice_id=notice.id, deadline_id=stand.deadline, due_on=stand.due_on, level=stand.level
            )
        )


def going(db: Session, numbers: Sequence[int], department: int) -> set[End]:
    """The ends of those deadlines that run, and are the department's."""
    found: set[End] = set()
    for part in parts(numbers):
        ours = (Deadline.id.in_(part), Deadline.department_id == department, *running())
        ends = select(Deadline.id, Deadline.due_on).where(*ours)
        found |= {(number, due) for number, due in db.execute(ends)}
    return found


def told(db: Session, numbers: Sequence[int]) -> dict[End, list[Told]]:
    """What was written of these deadlines, by their ends, the lowest level first."""
    found: dict[End, list[Told]] = {}
    wanted = select(NoticeMatter, Notice.issued_on).join(Notice, Notice.id == NoticeMatter.notice_id)
    for part in parts(numbers):
        rows = wanted.where(NoticeMatter.deadline_id.in_(part)).order_by(NoticeMatter.level, NoticeMatter.id)
        for row, on in db.execute(rows):
            found.setdefault((row.deadline_id, row.due_on), []).append(Told(on, row.level))
    return found
