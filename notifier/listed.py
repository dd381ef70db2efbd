"""What notices of matters listed, and how these deadlines stand now. Queries only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import String, cast, func, literal, select

from notifier.tables import Item, Notice, NoticeMatter
from store.deadlines import running
from store.tables import Deadline, Machine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

OPEN, DONE = "open", "done"


@dataclass(frozen=True, slots=True)
class Listed:
    """A deadline in a notice: the end that it had then, and the n of its n-th 催办 (0: reminded)."""

    row: Deadline
    due_then: date | None
    level: int


@dataclass(frozen=True, slots=True)
class Written:
    """A notice that listed a deadline."""

    notice: Notice
    due_then: date | None
    level: int


def listed(db: Session, notice: Notice) -> list[Listed]:
    """The deadlines of a notice in the order of its letter; none of a notice about machines."""
    wanted = (
        select(Deadline, NoticeMatter.due_on, NoticeMatter.level)
        .join(NoticeMatter, NoticeMatter.deadline_id == Deadline.id)
        .where(NoticeMatter.notice_id == notice.id)
        .order_by(NoticeMatter.id)
    )
    return [Listed(row, due, level) for row, due, level in db.execute(wanted)]


def open_of(db: Session, notice: Notice) -> int:
    """How many of a notice's deadlines are not met."""
    wanted = select(func.count(NoticeMatter.id)).join(Deadline, Deadline.id == NoticeMatter.deadline_id)
    return db.scalar(wanted.where(NoticeMatter.notice_id == notice.id, Deadline.met_on.is_(None))) or 0


def letters_about(db: Session, row: Deadline) -> list[Written]:
    """The notices that listed a deadline, in the order of their issue."""
    wanted = (
        select(Notice, NoticeMatter.due_on, NoticeMatter.level)
        .join(NoticeMatter, NoticeMatter.notice_id == Notice.id)
        .where(NoticeMatter.deadline_id == row.id)
        .order_by(Notice.id)
    )
    return [Written(notice, due, level) for notice, due, level in db.execute(wanted)]


def levels(db: Session) -> dict[int, int]:
    """Deadline -> the n of its last 催办 for the end that it has now."""
    same = (NoticeMatter.deadline_id == Deadline.id) & (NoticeMatter.due_on == Deadline.due_on)
    wanted = select(Deadline.id, func.max(NoticeMatter.level)).join(NoticeMatter, same).group_by(Deadline.id)
    return dict(db.execute(wanted).all())


def labels(db: Session) -> dict[str, str]:
    """How a person names the clocks of machines, by their subjects: notice/machine, or the machine."""
    of_items = (
        select(Deadline.subject, Notice.number, Item.machine)
        .join(Item, Deadline.subject == literal("item:", String) + cast(Item.id, String))
        .join(Notice, Notice.id == Item.notice_id)
    )
    of_machines = select(Deadline.subject, Machine.name).join(
        Machine, Deadline.subject == literal("machine:", String) + cast(Machine.id, String)
    )
    found = {subject: f"{number}/{machine}" for subject, number, machine in db.execute(of_items)}
    return found | dict(db.execute(of_machines).all())


def states_of(db: Session, chosen: Select[int]) -> dict[int, dict[str, int]]:
    """Notice -> how many of its deadlines are open and done."""
    found: dict[int, dict[str, int]] = {}
    done = Deadline.met_on.is_not(None)
    counted = (
        select(NoticeMatter.notice_id, done, func.count())
        .join(Deadline, Deadline.id == NoticeMatter.deadline_id)
        .where(NoticeMatter.notice_id.in_(chosen))
        .group_by(NoticeMatter.notice_id, done)
    )
    for number, met, count in db.execute(counted):
        found.setdefault(number, {})[DONE if met else OPEN] = count
    return found


def ends_of(db: Session, chosen: Select[int]) -> Mapping[int, list[tuple[date | None, bool]]]:
    """Notice -> the last days of its open deadlines, and whether they stand."""
    found: dict[int, list[tuple[date | None, bool]]] = {}
    wanted = (
        select(NoticeMatter.notice_id, Deadline.due_on, Deadline.paused_on.is_not(None))
        .join(Deadline, Deadline.id == NoticeMatter.deadline_id)
        .where(NoticeMatter.notice_id.in_(chosen), Deadline.met_on.is_(None))
        .distinct()
    )
    for number, due, stands in db.execute(wanted):
        found.setdefault(number, []).append((due, stands))
    return found


def overdue_in(today: date) -> Select[int]:
    """Notices with a deadline whose last day is over."""
    late = select(NoticeMatter.notice_id).join(Deadline, Deadline.id == NoticeMatter.deadline_id)
    return late.where(Deadline.due_on < today, *running())
