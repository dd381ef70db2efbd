"""What a department answers and an operator records: objection, decision, adoption, proof, more time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from notifier.content import OF_MATTERS
from notifier.recall import recall
from notifier.receipts import ANSWERED, Receipt, clocks, living, receive, restore
from notifier.states import ITEM, clock, label
from notifier.tables import Item, ItemState, Notice
from store.deadlines import extend as extend_deadlines
from store.deadlines import meet, pause, resume
from store.journal import Entry, append
from store.parts import parts
from store.review import FINDING, subject
from store.tables import Finding, FindingState
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.workflow import Act

EXTENDABLE = (ItemState.RECEIVED, ItemState.OBJECTED, ItemState.OVERDUE, ItemState.ESCALATED)
SILENT = (FindingState.REJECTED, FindingState.DEFERRED)
LIGHT = (joinedload(Finding.machine), defer(Finding.verdict))  # of many findings: without their evidence
LONGEST = timedelta(days=366)  # of an extension: a later day is a slip of the pen


def found_notice(db: Session, wanted: str) -> Notice:
    """The first notice of an id or a number. Raises LookupError."""
    column = Notice.id == int(wanted) if wanted.isdecimal() and len(wanted) < 10 else Notice.number == wanted
    notice = db.scalars(select(Notice).where(column)).first()
    if notice is None:
        raise LookupError(f"no notice {wanted}; `rightsizer notice list` shows them")
    return notice


def chosen(db: Session, notice: Notice, machines: Sequence[str], event: str | None = None) -> list[Item]:
    """The machines that an answer is about; none named: all whose matter is not at its end, and of these
    the ones that `event` is possible for.

    Raises LookupError for a machine that the notice does not name, RefusedError when nothing is left.
    """
    check_first(db, notice)
    rows = db.scalars(select(Item).where(Item.notice_id == notice.id).order_by(Item.machine)).all()
    unknown = sorted(set(machines) - {item.machine for item in rows})
    if unknown:
        raise LookupError(f"{notice.number} does not name {', '.join(unknown)}")
    if machines:
        return [item for item in rows if item.machine in machines]
    found = living(db, notice)
    if not found:
        raise RefusedError(f"every machine of {notice.number} is at its end already")
    return able(found, event) if event is not None else found


def check_first(db: Session, notice: Notice) -> None:
    """Raises RefusedError for a following notice and a letter of matters: only first ones are received and
    answered.
    """
    if notice.kind in OF_MATTERS:
        raise RefusedError(
            f"{notice.number} reminds of deadlines of the registers: they are answered there; "
            f"`rightsizer notice show {notice.id}` names them"
        )
    if notice.parent_id is not None:
        first = db.get_one(Notice, notice.parent_id)
        raise RefusedError(f"{notice.number} only follows {first.number}: answer that one (id {first.id})")


def able(items: Sequence[Item], event: str) -> list[Item]:
    """Those whose state allows the event; all of them when none does, so that it is refused by name. Who
    adopted declines by name only.
    """
    meant = [item for item in items if not (event == "decline" and item.state == ItemState.ADOPTED)]
    return [item for item in meant if (item.state, event) in ITEM.steps] or list(items)


def check_day(notice: Notice, on: date, today: date) -> None:
    """An answer is not given before receipt, nor after today. Raises RefusedError."""
    if notice.received_on is not None and on < notice.received_on:
        raise RefusedError(
            f"{notice.number} was received on {notice.received_on}: nobody can have answered it on {on}; "
            f"if it was received earlier, `rightsizer notice receipt {notice.id} --on DATE` first"
        )
    if not notice.issued_on <= on <= today:
        raise RefusedError(
            f"{notice.number} was issued on {notice.issued_on}, today is {today}: "
            f"it cannot have been answered on {on}"
        )


def named(items: Sequence[Item]) -> list[tuple[Item, str]]:
    return [(item, label(item)) for item in items]


def heard(db: Session, known: Calendar, notice: Notice, on: date, act: Act) -> None:
    """Who answers has received: an answer without a receipt is one."""
    if notice.received_on is None:
        receive(db, known, notice, Receipt(on, ANSWERED), on, act)


def object_to(
    db: Session, known: Calendar, notice: Notice, items: Sequence[Item], on: date, act: Act, *, stops: bool
) -> None:
    """The department objects; the clocks stand until it is decided when `stops`. Raises RefusedError."""
    heard(db, known, notice, on, act)
    move(db, ITEM, named(items), "object", act, reason=act.reason)
    if stops:
        pause(db, known, notice.number, clocks(db, items), on, act)


def uphold(db: Session, known: Calendar, notice: Notice, items: Sequence[Item], on: date, act: Act) -> None:
    """The notice stands: the clocks go on where they stood. Raises RefusedError."""
    move(db, ITEM, named(items), "uphold", act, reason=act.reason)
    resume(db, known, notice.number, clocks(db, items), on, act)


def withdraw(
    db: Session, notice: Notice, items: Sequence[Item], on: date, spared_until: date, act: Act
) -> None:
    """The notice falls for these machines, which are left alone until a day. Raises RefusedError."""
    move(db, ITEM, named(items), "withdraw", act, ended_on=on, reason=act.reason)
    end(db, notice, items, on, act)
    recall(db, notice, act)
    spare(db, items, spared_until, act)


def adopt(db: Session, known: Calendar, notice: Notice, items: Sequence[Item], on: date, act: Act) -> None:
    """The department will do as suggested, or release what is idle; done is when it is seen."""
    heard(db, known, notice, on, act)
    move(db, ITEM, named(items), "adopt", act, reason=act.reason)
    meet(db, notice.number, clocks(db, items), on, act)


def decline(
    db: Session,
    known: Calendar,
    notice: Notice,
    items: Sequence[Item],
    on: date,
    spared_until: date,
    act: Act,
) -> None:
    """The department keeps the machine as it is, with a reason."""
    heard(db, known, notice, on, act)
    move(db, ITEM, named(items), "decline", act, ended_on=on, reason=act.reason)
    end(db, notice, items, on, act)
    spare(db, items, spared_until, act)


def done(
    db: Session,
    notice: Notice,
    items: Sequence[Item],
    on: date,
    proof: str,
    act: Act,
    spared_until: date | None = None,
) -> None:
    """Adjusted, by an operator's proof: what the collectors cannot see. The machines are left alone until a
    day, when one is given. What is saved counts once it is measured; what was released is saved at once.
    Raises RefusedError.
    """
    move(db, ITEM, named(items), "done", act, done_on=on, ended_on=on, reason=act.reason)
    append(db, act.now, Entry(act.actor, "notice.proof", notice.number, None, proof, act.reason))
    for item in items:
        if item.kind == "idle" and item.realised is None:
            item.realised = item.promised
    end(db, notice, items, on, act)
    if spared_until is None:
        close(db, items, on, act)
    else:
        spare(db, items, spared_until, act)


def extend(db: Session, notice: Notice, items: Sequence[Item], until: date, today: date, act: Act) -> None:
    """More time. Raises RefusedError for a day that is not later, is over, or lies too far away."""
    rows = clocks(db, items)
    runs = {row.subject: row for row in rows}
    for item in items:
        if item.state not in EXTENDABLE:
            possible = ", ".join(EXTENDABLE)
            raise RefusedError(f"item {label(item)} is {item.state}: only {possible} ones can be extended")
        row = runs.get(clock(item))
        if row is not None and until <= (row.due_on or row.started_on):
            known = f"is due on {row.due_on}" if row.due_on else f"runs since {row.started_on}"
            raise RefusedError(f"item {label(item)} {known}: more time ends later than that, not on {until}")
    if len(rows) < len(items):
        raise RefusedError(f"{notice.number} was not received yet: no clock runs that could be extended")
    if not today <= until <= today + LONGEST:
        raise RefusedError(f"more time ends between {today} and {today + LONGEST}, not on {until}")
    extend_deadlines(db, notice.number, rows, until, act)
    restore(db, items, rows, today, act)


def end(db: Session, notice: Notice, items: Sequence[Item], on: date, act: Act) -> None:
    meet(db, notice.number, clocks(db, items), on, act)


def spare(db: Session, items: Sequence[Item], until: date, act: Act) -> None:
    """The machines are left alone until the day: their living findings count as rejected, whether they stand
    in this notice or were found since; what is silent for longer stays so.
    """
    rows = [row for row in living_findings(db, items) if not (row.state in SILENT and silent_on(row, until))]
    pairs = [(row, subject(row)) for row in rows]
    move(db, FINDING, pairs, "spare", act, until=until, reason=act.reason)


def silent_on(row: Finding, day: date) -> bool:
    return row.until is not None and row.until >= day


def close(db: Session, items: Sequence[Item], on: date, act: Act) -> None:
    move(db, FINDING, of_items(db, items), "close", act, closed_on=on, closed_because="done")


def of_items(
    db: Session, items: Sequence[Item], state: str = FindingState.ISSUED
) -> list[tuple[Finding, str]]:
    """The findings that the items were made of, as far as they are in a state, with their subjects."""
    numbers = [item.finding_id for item in items if item.finding_id is not None]
    wanted = select(Finding).where(Finding.state == state).options(*LIGHT).order_by(Finding.id)
    rows = (row for part in parts(numbers) for row in db.scalars(wanted.where(Finding.id.in_(part))))
    return [(row, subject(row)) for row in rows]


def living_findings(db: Session, items: Sequence[Item]) -> list[Finding]:
    """The findings of the items' machines and kinds that are not closed: at most one each."""
    kinds = {(item.machine_id, item.kind) for item in items}
    wanted = select(Finding).where(Finding.state != FindingState.CLOSED).options(*LIGHT).order_by(Finding.id)
    machines = sorted({machine for machine, _kind in kinds})
    rows = (row for part in parts(machines) for row in db.scalars(wanted.where(Finding.machine_id.in_(part))))
    return [row for row in rows if (row.machine_id, row.kind) in kinds]
