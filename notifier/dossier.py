"""What is known of notices: a line each for a list, and everything about one matter. Queries only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from notifier.content import OF_MATTERS, NoticeKind
from notifier.listed import Listed, ends_of, listed, overdue_in, states_of
from notifier.states import BINDING, clock
from notifier.tables import ENDED, Delivery, DeliveryState, Item, ItemState, Notice, Task
from store.tables import Deadline, Department, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

LATE = (ItemState.OVERDUE, ItemState.ESCALATED)
WAITING = (DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.UNKNOWN, DeliveryState.HELD)
MEANT = literal("item:", String) + cast(Item.id, String)  # the subject of an item's deadline


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices a list shows; `following` and letters of matters too. `department` is a name or code."""

    state: str | None = None
    kind: str | None = None
    department: str | None = None
    overdue: bool = False
    following: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in a list. `due` is the first last day of its running clocks; `clock` says how they are:
    running, standing, provisional; None when none is. `urged` is the level of the last 催办.
    """

    id: int
    number: str
    department: str
    kind: str
    level: int
    follows: str | None
    machines: int
    living: int
    states: Mapping[str, int]
    issued_on: date
    received_on: date | None
    due: date | None
    clock: str | None
    urged: int
    sent: int
    dead: int
    waiting: int


def lines(db: Session, wanted: Wanted, today: date) -> list[Line]:
    """The notices of a list, in the order of their issue."""
    chosen = select(Notice.id).join(Notice.department).where(*conditions(wanted, today))
    states = counts_of(db, Item.notice_id, Item.state, chosen) | states_of(db, chosen)
    clocks = clocks_of(db, chosen)
    mails = counts_of(db, Delivery.notice_id, Delivery.state, chosen)
    urged = levels_of(db, chosen)
    parent = aliased(Notice)
    found = (
        select(Notice, Department.name, parent.number)
        .join(Notice.department)
        .outerjoin(parent, parent.id == Notice.parent_id)
        .where(Notice.id.in_(chosen))
        .order_by(Notice.id)
    )
    return [
        line(
            notice,
            (department, follows),
            states.get(notice.id, {}),
            mails.get(notice.id, {}),
            (*clocks.get(notice.id, (None, None)), urged.get(notice.id, 0)),
        )
        for notice, department, follows in db.execute(found)
    ]


def conditions(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not wanted.following:
        found.append(Notice.parent_id.is_(None))
    if not wanted.following and wanted.kind not in OF_MATTERS:
        found.append(Notice.kind.not_in(OF_MATTERS))
    if wanted.state is not None:
        found.append(Notice.id.in_(select(Item.notice_id).where(Item.state == wanted.state)))
    if wanted.kind is not None:
        found.append(Notice.kind == wanted.kind)
    if wanted.department is not None:
        found.append(or_(Department.name == wanted.department, Department.code == wanted.department))
    if wanted.overdue:
        found.append(or_(Notice.id.in_(late(today)), Notice.id.in_(overdue_in(today))))
    return found


def late(today: date) -> Select[int]:
    """Notices with a machine whose last day is over, marked already or with the next run."""
    passed = and_(
        Item.state == ItemState.RECEIVED,
        Item.kind.in_(BINDING),
        Deadline.due_on < today,
        Deadline.met_on.is_(None),
        Deadline.paused_on.is_(None),
    )
    found = select(Item.notice_id).outerjoin(Deadline, Deadline.subject == MEANT)
    return found.where(or_(Item.state.in_(LATE), passed))


def counts_of(
    db: Session,
    notice: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    state: InstrumentedAttribute[str],
    chosen: Select[int],
) -> dict[int, dict[str, int]]:
    """Notice -> state -> how many."""
    found: dict[int, dict[str, int]] = {}
    counted = select(notice, state, func.count()).where(notice.in_(chosen)).group_by(notice, state)
    for number, name, count in db.execute(counted.order_by(notice, state)):
        if number is not None:
            found.setdefault(number, {})[name] = count
    return found


def clocks_of(db: Session, chosen: Select[int]) -> dict[int, tuple[date | None, str]]:
    """Notice -> the first last day of its living machines, and how their clocks are."""
    open_ones = (
        select(Item.notice_id, Deadline.due_on, Deadline.paused_on.is_not(None))
        .join(Deadline, Deadline.subject == MEANT)
        .where(Item.notice_id.in_(chosen), Item.state.not_in(ENDED), Deadline.met_on.is_(None))
        .distinct()
    )
    groups: dict[int, list[tuple[date | None, bool]]] = {}
    for number, due, stands in db.execute(open_ones):
        groups.setdefault(number, []).append((due, stands))
    groups.update(ends_of(db, chosen))
    return {number: summed(rows) for number, rows in groups.items()}


def summed(rows: Sequence[tuple[date | None, bool]]) -> tuple[date | None, str]:
    running = [due for due, stands in rows if not stands]
    if not running:
        return None, "standing"
    known = [due for due in running if due is not None]
    return (min(known), "running") if known else (None, "provisional")


def levels_of(db: Session, chosen: Select[int]) -> dict[int, int]:
    urged = (
        select(Notice.parent_id, func.max(Notice.level))
        .where(Notice.kind == NoticeKind.OVERDUE, Notice.parent_id.in_(chosen))
        .group_by(Notice.parent_id)
    )
    return {parent: level for parent, level in db.execute(urged) if parent is not None}


def line(
    notice: Notice,
    names: tuple[str, str | None],
    states: Mapping[str, int],
    mails: Mapping[str, int],
    rest: tuple[date | None, str | None, int],
) -> Line:
    due, runs, urged = rest
    urged = notice.level if notice.kind in OF_MATTERS else urged
    return Line(
        id=notice.id,
        number=notice.number,
        department=names[0],
        kind=notice.kind,
        level=notice.level,
        follows=names[1],
        machines=sum(states.values()),
        living=sum(count for state, count in states.items() if state not in ENDED),
        states=states,
        issued_on=notice.issued_on,
        received_on=notice.received_on,
        due=due,
        clock=runs,
        urged=urged,
        sent=mails.get(DeliveryState.SENT, 0),
        dead=mails.get(DeliveryState.DEAD, 0),
        waiting=sum(mails.get(state, 0) for state in WAITING),
    )


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the journal."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: object
    after: object
    reason: str | None


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything about one notice: of a first one, its machines and what followed; of a following one, the
    first and the machines that it speaks of; of a letter of matters, the deadlines that it listed. `clocks`:
    item id -> its deadline.
    """

    notice: Notice
    department: str
    first: Notice | None
    items: list[Item]
    clocks: dict[int, Deadline]
    mails: list[Delivery]
    following: list[Notice]
    tasks: list[Task]
    events: list[Event]
    listed: list[Listed]

    def proofs(self) -> list[str]:
        """The names of the proofs that were handed in."""
        told = [event.after for event in self.events if event.action == "notice.proof"]
        return list(dict.fromkeys(str(name) for name in (self.notice.proof, *told) if name))


def matter(db: Session, notice: Notice, machines: Sequence[str] | None = None) -> Matter:
    """`machines`: those that a following notice speaks of; None: all."""
    first = db.get_one(Notice, notice.parent_id) if notice.parent_id is not None else None
    stands_in = first or notice
    found = select(Item).where(Item.notice_id == stands_in.id).order_by(Item.machine)
    items = [item for item in db.scalars(found) if machines is None or item.machine in machines]
    after = select(Notice).where(Notice.parent_id == notice.id).order_by(Notice.id)
    following = list(db.scalars(after))
    mails = select(Delivery).where(Delivery.notice_id == notice.id).order_by(Delivery.id)
    return Matter(
        notice=notice,
        department=notice.department.name,
        first=first,
        items=items,
        clocks=deadlines(db, items),
        mails=list(db.scalars(mails)),
        following=following,
        tasks=open_tasks(db, [notice.number]),
        events=events(db, [notice.number, *(one.number for one in following)]),
        listed=listed(db, notice),
    )


def deadlines(db: Session, items: Sequence[Item]) -> dict[int, Deadline]:
    """Item id -> its clock, of those that have one."""
    wanted = {clock(item): item.id for item in items}
    rows = db.scalars(select(Deadline).where(Deadline.subject.in_(wanted)))
    return {wanted[row.subject]: row for row in rows}


def open_tasks(db: Session, numbers: Sequence[str]) -> list[Task]:
    about = or_(*(Task.subject.contains(number, autoescape=True) for number in numbers))
    return list(db.scalars(select(Task).where(about, Task.closed_at.is_(None)).order_by(Task.id)))


def events(db: Session, numbers: Sequence[str]) -> list[Event]:
    """The journal of these numbers in the order of time."""
    about = or_(*(JournalEntry.subject.contains(number, autoescape=True) for number in numbers))
    rows = db.scalars(select(JournalEntry).where(about).order_by(JournalEntry.id))
    return [
        Event(row.at, row.actor, row.action, row.subject, row.before, row.after, row.reason) for row in rows
    ]


def deliveries(db: Session, states: Sequence[str]) -> list[tuple[Delivery, str | None, str | None]]:
    """Mails in these states, each with its notice's number and department where it has one, in the order
    they were made.
    """
    found = (
        select(Delivery, Notice.number, Department.name)
        .outerjoin(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Department, Department.id == Notice.department_id)
        .where(Delivery.state.in_(states))
        .order_by(Delivery.id)
    )
    return [(row, number, department) for row, number, department in db.execute(found)]
