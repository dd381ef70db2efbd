"""What follows a first notice: reminder before its end, 催办 after it, up to the supervisor, withdrawal.

Level-triggered: each asks what is due and not yet written, so that running late or twice does no harm. After
a long silence only the highest level goes out; the journal names those that were skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from config.addresses import addresses
from notifier.content import Content, NoticeKind, Parent
from notifier.issue import Draft, SealError, content_of
from notifier.numbers import following as next_number
from notifier.receipts import ACCEPTED
from notifier.states import BINDING, ITEM, clock, label
from notifier.tables import Item, ItemState, Notice
from notifier.tasks import open_task
from store.deadlines import near, overdue
from store.journal import Entry, append
from store.tables import Deadline, Department
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.settings import Notices
    from config.workdays import Calendar
    from notifier.issue import Terms
    from store.workflow import Act

REMINDED = (*BINDING, NoticeKind.IDLE)
ANSWER = 5  # working days that a 催办 gives


@dataclass(frozen=True, slots=True)
class Step:
    """A following notice that is due: `items` are ids. `last`: the supervisor gets a copy."""

    parent: int
    kind: NoticeKind
    level: int
    items: tuple[int, ...]
    answer_by: date | None = None
    skipped: tuple[int, ...] = ()
    last: bool = False


def mark_overdue(db: Session, today: date, act: Act) -> int:
    """Machines whose last day has passed without an answer."""
    late = of_clocks(db, overdue(db, today), ItemState.RECEIVED)
    return move(db, ITEM, [(item, label(item)) for item in late if item.kind in BINDING], "overdue", act)


def of_clocks(db: Session, rows: Iterable[Deadline], state: ItemState) -> list[Item]:
    numbers = [int(row.subject.removeprefix("item:")) for row in rows if row.subject.startswith("item:")]
    found: list[Item] = []
    for start in range(0, len(numbers), 500):
        part = select(Item).where(Item.id.in_(numbers[start : start + 500]), Item.state == state)
        found += db.scalars(part.order_by(Item.id))
    return found


def by_notice(items: Iterable[Item]) -> dict[int, list[Item]]:
    groups: dict[int, list[Item]] = {}
    for item in items:
        groups.setdefault(item.notice_id, []).append(item)
    return groups


def last_of(db: Session, parent: int, kind: NoticeKind) -> Notice | None:
    """The newest following notice of a kind."""
    found = select(Notice).where(Notice.parent_id == parent, Notice.kind == kind)
    return db.scalars(found.order_by(Notice.level.desc()).limit(1)).first()


def reminders(db: Session, known: Calendar, limits: Notices, today: date) -> list[Step]:
    """A reminder for every notice whose end is near, one for each end."""
    rows = near(db, known, today, limits.remind_before)
    due = {row.subject: row.due_on for row in rows}
    soon = [item for item in of_clocks(db, rows, ItemState.RECEIVED) if item.kind in REMINDED]
    steps = []
    for parent, items in by_notice(soon).items():
        end = min(day for item in items if (day := due[clock(item)]) is not None)
        last = last_of(db, parent, NoticeKind.REMINDER)
        if last is None or asked_by(last) != end:
            level = 1 + (last.level if last is not None else 0)
            ids = tuple(item.id for item in items)
            steps.append(Step(parent, NoticeKind.REMINDER, level, ids, end))
    return steps


def asked_by(notice: Notice) -> date | None:
    """The day that a following notice asked for; None when what it said was changed."""
    try:
        return content_of(notice).answer_by
    except SealError:
        return None


def urgings(db: Session, known: Calendar, limits: Notices, today: date) -> list[Step]:
    """催办: the day after the end, then every `repeat_after` days, the last with a copy to the supervisor.

    A machine whose end was moved, or whose clock stood, has as many of its own; the levels go on counting.
    """
    late = db.scalars(select(Item).where(Item.state == ItemState.OVERDUE).order_by(Item.id)).all()
    steps = []
    for parent, items in by_notice(late).items():
        end = first_end(db, items)
        last = last_of(db, parent, NoticeKind.OVERDUE)
        if end is None or end >= today or (last is not None and not rested(last, end, limits, today)):
            continue  # not late (the clock was wrong yesterday), or urged not long ago
        before, earlier = last.level if last is not None else 0, level_until(db, parent, end)
        if before - earlier >= limits.escalate_after:
            continue
        passed = 1 + ((today - end).days - 1) // limits.repeat_after
        number = min(max(passed, before - earlier + 1), limits.escalate_after)
        steps.append(
            Step(
                parent=parent,
                kind=NoticeKind.OVERDUE,
                level=earlier + number,
                items=tuple(item.id for item in items),
                answer_by=known.add(today, ANSWER).on,
                skipped=tuple(range(before + 1, earlier + number)),
                last=number == limits.escalate_after,
            )
        )
    return steps


def rested(last: Notice, end: date, limits: Notices, today: date) -> bool:
    """The last 催办 spoke of an earlier end, or is long ago."""
    return last.issued_on <= end or (today - last.issued_on).days >= limits.repeat_after


def level_until(db: Session, parent: int, end: date) -> int:
    """The highest 催办 of a notice that was written before this end was over."""
    found = select(func.max(Notice.level)).where(
        Notice.parent_id == parent, Notice.kind == NoticeKind.OVERDUE, Notice.issued_on <= end
    )
    return db.scalar(found) or 0


def first_end(db: Session, items: Sequence[Item]) -> date | None:
    found = select(func.min(Deadline.due_on)).where(Deadline.subject.in_([clock(item) for item in items]))
    return db.scalars(found).one()


def withdrawals(db: Session) -> list[Step]:
    """A letter for machines whose notice was taken back and whose department was not told yet."""
    untold = select(Item).where(Item.state == ItemState.WITHDRAWN, Item.told_by.is_(None)).order_by(Item.id)
    steps = []
    for parent, items in by_notice(db.scalars(untold).all()).items():
        last = last_of(db, parent, NoticeKind.WITHDRAWAL)
        level = 1 + (last.level if last is not None else 0)
        steps.append(Step(parent, NoticeKind.WITHDRAWAL, level, tuple(item.id for item in items)))
    return steps


WANTED = {
    NoticeKind.REMINDER: ItemState.RECEIVED,
    NoticeKind.OVERDUE: ItemState.OVERDUE,
    NoticeKind.WITHDRAWAL: ItemState.WITHDRAWN,
}


def draft(db: Session, step: Step, terms: Terms, supervisor: Sequence[str], today: date) -> Draft | None:
    """The following notice as it stands now; None when every machine of it was answered meanwhile."""
    found = select(Item).where(Item.id.in_(step.items), Item.state == WANTED[step.kind])
    items = db.scalars(found.order_by(Item.machine)).all()
    if not items:
        return None
    parent = db.get_one(Notice, step.parent)
    department = db.get_one(Department, parent.department_id)
    number = next_number(db, terms.prefixes[step.kind], today.year)
    good, bad = addresses(department.email)
    return Draft(
        number=number,
        content=content(db, parent, items, step, terms).model_copy(
            update={
                "number": str(number),
                "contact": department.contact,
                "issued_on": today,
                "as_of": today,
            }
        ),
        department=department.id,
        recipients=tuple(good),
        refused=tuple(bad),
        copies=tuple(supervisor) if step.last else (),
        parent=parent.id,
        items=tuple((item.id, item.version) for item in items),
    )


def content(db: Session, parent: Notice, items: Sequence[Item], step: Step, terms: Terms) -> Content:
    """The first notice's facts of these machines, without charts, and where they stand."""
    first = content_of(parent)
    due = ends(db, items)
    facts = {entry.machine: entry for entry in first.rows}
    rows = [
        facts[item.machine].model_copy(
            update={"chart": None, "state": str(item.state), "due": due.get(item.id), "note": item.reason}
        )
        for item in items
    ]
    known = [day for day in due.values() if day is not None]
    matter = Parent(
        number=parent.number,
        kind=parent.kind,
        issued_on=parent.issued_on,
        received_on=parent.received_on,
        signed=parent.receipt not in {None, ACCEPTED},
        due=min(known, default=None),
    )
    return first.model_copy(
        update={
            "kind": step.kind,
            "answer_by": step.answer_by,
            "office": terms.office,
            "rows": tuple(rows),
            "parent": matter,
            "level": step.level,
            "copy_to": (*terms.copy_to, *([terms.supervisor] if step.last and terms.supervisor else [])),
            "locale": terms.locale,
        }
    )


def ends(db: Session, items: Sequence[Item]) -> Mapping[int, date | None]:
    """Item id -> the last day of its clock."""
    wanted = {clock(item): item.id for item in items}
    rows = db.execute(select(Deadline.subject, Deadline.due_on).where(Deadline.subject.in_(wanted)))
    return {wanted[subject]: due for subject, due in rows}


def written(db: Session, notice: Notice, ready: Draft, step: Step, act: Act) -> None:
    """What a following notice changes beside itself, in its own transaction."""
    items = [db.get_one(Item, number) for number, _version in ready.items]
    if step.kind is NoticeKind.WITHDRAWAL:
        for item in items:
            item.told_by = notice.id
    if step.last:
        move(db, ITEM, [(item, label(item)) for item in items], "escalate", act)
    if step.last and not ready.copies:
        text = (
            f"{notice.number} is the last 催办 and notices.supervisor is empty: tell the supervising office"
        )
        open_task(db, "supervisor", notice.number, text, act)
    if step.skipped:
        skipped = {"skipped": list(step.skipped), "level": step.level}
        append(db, act.now, Entry(act.actor, "notice.levels_skipped", notice.number, None, skipped))
