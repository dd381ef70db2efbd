"""What follows a first notice: reminder before its end, 催办 after it, up to the supervisor, withdrawal.

Level-triggered: each asks what is due and not yet written, so that running late or twice does no harm; a
draft asks again. After a long silence only the highest level goes out; the journal names those skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import select

from config.addresses import addresses
from notifier.content import Content, NoticeKind, Parent
from notifier.issue import Draft, SealError, content_of
from notifier.numbers import following as next_number
from notifier.recall import unheard
from notifier.receipts import ACCEPTED
from notifier.states import BINDING, ITEM, clock, label
from notifier.tables import Item, ItemState, Notice
from notifier.urging import Pace, Turn, present, rows_of, set_aside, turns, unsupervised
from store.deadlines import near, near_until, overdue
from store.journal import Entry, append
from store.parts import parts
from store.tables import Deadline, Department
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, tzinfo

    from sqlalchemy.orm import Session

    from config.settings import Notices
    from config.workdays import Calendar
    from notifier.content import Row
    from notifier.issue import Terms
    from store.workflow import Act

REMINDED = (*BINDING, NoticeKind.IDLE)
ANSWER = 5  # working days that a 催办 gives


@dataclass(frozen=True, slots=True)
class Step:
    """A following notice that is due: `items` are ids. Of a reminder: an end until `near_until` is near; of a
    催办: the `turn` of its machines, by the `pace`.
    """

    parent: int
    kind: NoticeKind
    level: int
    items: tuple[int, ...]
    answer_by: date | None = None
    near_until: date | None = None
    turn: Turn | None = None
    pace: Pace | None = None

    @property
    def last(self) -> bool:
        """The supervisor gets a copy."""
        return self.turn is not None and self.turn.last

    @property
    def steps(self) -> int:
        return self.turn.steps if self.turn is not None else 1


def mark_overdue(db: Session, today: date, act: Act) -> int:
    """Machines whose last day has passed without an answer."""
    late = of_clocks(db, overdue(db, today), ItemState.RECEIVED)
    count = move(db, ITEM, [(item, label(item)) for item in late if item.kind in BINDING], "overdue", act)
    set_aside(db, act)
    return count


def of_clocks(db: Session, rows: Iterable[Deadline], state: ItemState) -> list[Item]:
    numbers = [int(row.subject.removeprefix("item:")) for row in rows if row.subject.startswith("item:")]
    found: list[Item] = []
    for part in parts(numbers):
        found += db.scalars(select(Item).where(Item.id.in_(part), Item.state == state).order_by(Item.id))
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
    until = near_until(known, today, limits.remind_before)
    soon = [item for item in of_clocks(db, rows, ItemState.RECEIVED) if item.kind in REMINDED]
    steps = []
    for parent, items in by_notice(present(db, soon)).items():
        ids = tuple(item.id for item in items)
        step = Step(parent, NoticeKind.REMINDER, 0, ids, near_until=until)
        if (now := as_it_stands(db, step, items)) is not None:
            steps.append(now)
    return steps


def as_it_stands(db: Session, step: Step, items: Sequence[Item]) -> Step | None:
    """The step with its level, and the end that a reminder is about; None when that end was reminded of."""
    last = last_of(db, step.parent, step.kind)
    level = step.steps + (last.level if last is not None else 0)
    if step.kind is not NoticeKind.REMINDER:
        return replace(step, level=level)
    end = first_of(ends(db, items))
    if last is not None and asked_by(last) == end:
        return None
    return replace(step, level=level, answer_by=end)


def asked_by(notice: Notice) -> date | None:
    """The day that a following notice asked for; None when what it said was changed."""
    try:
        return content_of(notice).answer_by
    except SealError:
        return None


def urgings(db: Session, known: Calendar, limits: Notices, today: date, zone: tzinfo = UTC) -> list[Step]:
    """催办: the day after the end, then every `repeat_after` days, the last with a copy to the supervisor.

    Every machine has as many of its own; the levels of a notice go on counting. Machines at their last one
    have a letter apart from the others.
    """
    pace = Pace(limits.repeat_after, limits.escalate_after, zone)
    late = db.scalars(select(Item).where(Item.state == ItemState.OVERDUE).order_by(Item.id)).all()
    late = present(db, late)
    due, answer_by = turns(db, late, pace, today), known.add(today, ANSWER).on
    steps = []
    for parent, items in by_notice(item for item in late if item.id in due).items():
        newest = last_of(db, parent, NoticeKind.OVERDUE)
        level = newest.level if newest is not None else 0
        alike: dict[Turn, list[int]] = {}
        for item in items:
            alike.setdefault(due[item.id], []).append(item.id)
        for turn in sorted(alike, key=lambda turn: (turn.last, turn.steps), reverse=True):
            level += turn.steps
            ids = tuple(alike[turn])
            steps.append(Step(parent, NoticeKind.OVERDUE, level, ids, answer_by, turn=turn, pace=pace))
    return steps


def withdrawals(db: Session) -> list[Step]:
    """A letter for machines whose notice was taken back and whose department was not told yet; none when the
    notice never left.
    """
    untold = select(Item).where(Item.state == ItemState.WITHDRAWN, Item.told_by.is_(None)).order_by(Item.id)
    steps = []
    for parent, items in by_notice(db.scalars(untold).all()).items():
        if unheard(db, parent):
            continue
        last = last_of(db, parent, NoticeKind.WITHDRAWAL)
        level = 1 + (last.level if last is not None else 0)
        steps.append(Step(parent, NoticeKind.WITHDRAWAL, level, tuple(item.id for item in items)))
    return steps


WANTED = {
    NoticeKind.REMINDER: ItemState.RECEIVED,
    NoticeKind.OVERDUE: ItemState.OVERDUE,
    NoticeKind.WITHDRAWAL: ItemState.WITHDRAWN,
}


def pending(db: Session, step: Step, today: date) -> list[Item]:
    """The machines of a step that it is still due for."""
    found = select(Item).where(Item.id.in_(step.items), Item.state == WANTED[step.kind])
    items = list(db.scalars(found.order_by(Item.machine)))
    if step.kind is NoticeKind.WITHDRAWAL:
        return [item for item in items if item.told_by is None]
    items = present(db, items)
    if step.pace is not None:
        due = turns(db, items, step.pace, today)
        return [item for item in items if due.get(item.id) == step.turn]
    rows = rows_of(db, items)
    return [item for item in items if item.id in rows and soon(rows[item.id], step, today)]


def soon(row: Deadline, step: Step, today: date) -> bool:
    """Is the end of a running clock still near?"""
    due, until = row.due_on, step.near_until
    if due is None or until is None or row.met_on is not None or row.paused_on is not None:
        return False
    return today <= due <= until


def draft(db: Session, step: Step, terms: Terms, supervisor: Sequence[str], today: date) -> Draft | None:
    """The following notice as it stands now; None when every machine of it was answered or got more time
    meanwhile, or somebody else has written it.
    """
    items = pending(db, step, today)
    now = as_it_stands(db, step, items) if items else None
    if now is None:
        return None
    parent = db.get_one(Notice, step.parent)
    department = db.get_one(Department, parent.department_id)
    number = next_number(db, terms.prefixes[step.kind], today.year)
    good, bad = addresses(department.email)
    dated = {"number": str(number), "contact": department.contact, "issued_on": today, "as_of": today}
    due = ends(db, items)
    return Draft(
        number=number,
        content=content(parent, items, due, now, terms).model_copy(update=dated),
        department=department.id,
        recipients=tuple(good),
        refused=tuple(bad),
        copies=tuple(supervisor) if step.last else (),
        parent=parent.id,
        items=tuple((item.id, item.version) for item in items),
        clocks=tuple((clock(item), due[item.id]) for item in items if item.id in due),
    )


def content(
    parent: Notice, items: Sequence[Item], due: Mapping[int, date | None], step: Step, terms: Terms
) -> Content:
    """The first notice's facts of these machines, without charts, and where they stand."""
    first = content_of(parent)
    facts = {entry.machine: entry for entry in first.rows}
    above = [terms.supervisor] if step.last and terms.supervisor else []
    return first.model_copy(
        update={
            "kind": step.kind,
            "answer_by": step.answer_by,
            "office": terms.office,
            "rows": tuple(standing(facts[item.machine], item, due.get(item.id)) for item in items),
            "parent": matter(parent, first_of(due)),
            "level": step.level,
            "copy_to": (*terms.copy_to, *above),
            "locale": terms.locale,
        }
    )


def standing(row: Row, item: Item, due: date | None) -> Row:
    """The first notice's row of a machine, and how its matter stands."""
    told = item.reason if item.state == ItemState.WITHDRAWN else None  # others are ours alone
    now = {"chart": None, "state": str(item.state), "due": due, "note": told}
    return row.model_copy(update=now)


def matter(parent: Notice, due: date | None) -> Parent:
    """The first notice, as what follows it names it."""
    return Parent(
        number=parent.number,
        kind=NoticeKind(parent.kind),
        issued_on=parent.issued_on,
        received_on=parent.received_on,
        signed=parent.receipt not in {None, ACCEPTED},
        due=due,
    )


def ends(db: Session, items: Sequence[Item]) -> dict[int, date | None]:
    """Item id -> the last day of its clock."""
    return {number: row.due_on for number, row in rows_of(db, items).items()}


def first_of(due: Mapping[int, date | None]) -> date | None:
    return min((day for day in due.values() if day is not None), default=None)


def written(db: Session, notice: Notice, ready: Draft, step: Step, act: Act) -> None:
    """What a following notice changes beside itself, in its own transaction."""
    items = [db.get_one(Item, number) for number, _version in ready.items]
    if step.kind is NoticeKind.WITHDRAWAL:
        for item in items:
            item.told_by = notice.id
    if step.last:
        move(db, ITEM, [(item, label(item)) for item in items], "escalate", act)
    if step.last and not ready.copies:
        unsupervised(db, notice.number, act)
    if step.steps > 1:
        skipped = {"skipped": list(range(notice.level - step.steps + 1, notice.level)), "level": notice.level}
        append(db, act.now, Entry(act.actor, "notice.levels_skipped", notice.number, None, skipped))
