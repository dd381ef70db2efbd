"""Receipt: from which day a notice's clocks run (art. 13: 收到通知后), accepted, recorded, or proved void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from notifier.content import FIRST
from notifier.issue import SealError, content_of
from notifier.states import ITEM, clock, label
from notifier.tables import ENDED, Delivery, DeliveryState, Item, ItemState, Notice
from notifier.tasks import close_about, open_task
from store.deadlines import Clock, Term, pause, recount, resume, start
from store.journal import Entry, append
from store.tables import Deadline
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.workflow import Act

ACCEPTED, RECORDED, ANSWERED = "accepted", "recorded", "answered"
HEARD = (ItemState.OBJECTED, ItemState.ADOPTED, ItemState.DECLINED)  # the department has answered
UNHEARD = (ItemState.RECEIVED, ItemState.OVERDUE, ItemState.ESCALATED)
LATE = (ItemState.OVERDUE, ItemState.ESCALATED)
UNDELIVERED = ("paper", "undelivered", "unknown")  # tasks that a receipt recorded by hand answers


@dataclass(frozen=True, slots=True)
class Receipt:
    """`how`: accepted by the mail server, recorded by hand, or answered: who answers has received."""

    on: date
    how: str
    proof: str | None = None


def living(db: Session, notice: Notice) -> list[Item]:
    """The machines of a notice whose matter is not at its end."""
    found = select(Item).where(Item.notice_id == notice.id, Item.state.not_in(ENDED)).order_by(Item.machine)
    return list(db.scalars(found))


def clocks(db: Session, items: Sequence[Item]) -> list[Deadline]:
    """The deadlines of these items, in their order."""
    found = select(Deadline).where(Deadline.subject.in_([clock(item) for item in items]))
    rows = {row.subject: row for row in db.scalars(found)}
    return [rows[name] for item in items if (name := clock(item)) in rows]


def accept(db: Session, known: Calendar, zone: ZoneInfo, today: date, act: Act) -> int:
    """notices.receipt: accepted. What a mail server took is received that day, until one is recorded; a mail
    that came back was not taken. Returns how many notices were received.
    """
    waiting = (
        select(Notice)
        .where(Notice.kind.in_(FIRST), or_(Notice.receipt.is_(None), Notice.receipt == ACCEPTED))
        .where(exists().where(Item.notice_id == Notice.id, Item.state.not_in(ENDED)))
        .order_by(Notice.id)
    )
    count = 0
    for notice in db.scalars(waiting).all():
        day = taken_on(db, notice, zone)
        if day is not None and day <= today and day != notice.received_on:  # later: the clock went back
            count += tried(db, known, notice, Receipt(day, ACCEPTED), today, act)
    return count


def taken_on(db: Session, notice: Notice, zone: ZoneInfo) -> date | None:
    """The local day on which a mail server first took a mail that has not come back."""
    sent = select(Delivery.sent_at).where(
        Delivery.notice_id == notice.id, Delivery.role == "to", Delivery.state == DeliveryState.SENT
    )
    moments = [moment for moment in db.scalars(sent) if moment is not None]
    return max(min(moments).astimezone(zone).date(), notice.issued_on) if moments else None


def tried(db: Session, known: Calendar, notice: Notice, receipt: Receipt, today: date, act: Act) -> bool:
    """A notice whose content was changed is a task, and does not stop the others."""
    try:
        receive(db, known, notice, receipt, today, act)
    except SealError as error:
        open_task(db, "seal", notice.number, str(error), act)
        return False
    return True


def receive(db: Session, known: Calendar, notice: Notice, receipt: Receipt, today: date, act: Act) -> None:
    """The notice was received on a day: its clocks run from there, anew when another day stood before.

    Raises RefusedError for a day before the notice was issued or after today.
    """
    if not notice.issued_on <= receipt.on <= today:
        raise RefusedError(
            f"{notice.number} was issued on {notice.issued_on}, today is {today}: "
            f"it cannot have been received on {receipt.on}"
        )
    before = {"received_on": notice.received_on, "receipt": notice.receipt}
    after = {"received_on": receipt.on, "receipt": receipt.how}
    if before == after and receipt.proof is None:
        return
    content = content_of(notice)  # refuses a changed one before anything is written
    notice.received_on, notice.receipt = receipt.on, receipt.how
    notice.proof = receipt.proof or notice.proof
    told = {**after, "proof": receipt.proof}
    append(db, act.now, Entry(act.actor, "notice.received", notice.number, before, told, act.reason))
    items = living(db, notice)
    runs = [Clock(clock(item), receipt.on, notice.department_id) for item in items]
    term = Term(content.basis.article, content.working_days)
    rows = start(db, known, notice.number, runs, term, act)
    fresh = [(item, label(item)) for item in items if item.state == ItemState.ISSUED]
    for row in clocks(db, [item for item, _ in fresh]):  # those that a bounce had stopped
        resume(db, known, notice.number, [row], max(receipt.on, row.paused_on or receipt.on), act)
    move(db, ITEM, fresh, "receive", act)
    restore(db, items, rows, today, act)
    if receipt.how != ACCEPTED:
        close_about(db, UNDELIVERED, notice.number, act)


def restore(db: Session, items: Sequence[Item], rows: Sequence[Deadline], today: date, act: Act) -> None:
    """Overdue machines whose last day is not over any more are just received."""
    due = {row.subject: row.due_on for row in rows}
    back = [
        (item, label(item))
        for item in items
        if item.state in LATE and ((last := due[clock(item)]) is None or last >= today)
    ]
    move(db, ITEM, back, "receive", act)


def recount_all(db: Session, known: Calendar, today: date, act: Act) -> int:
    """Counts every clock by the calendar as it is known now; who is not late by it is just received."""
    moved = recount(db, known, act)
    if moved:
        late = db.scalars(select(Item).where(Item.state.in_(LATE)).order_by(Item.id)).all()
        ends = select(Deadline).where(Deadline.subject.in_([clock(item) for item in late]))
        restore(db, late, db.scalars(ends).all(), today, act)
    return moved


def void(db: Session, known: Calendar, notice: Notice, today: date, act: Act) -> None:
    """Every mail of the notice came back: nothing was received, its clocks stand and wait for a receipt.
    Who has answered has received all the same.
    """
    items = db.scalars(select(Item).where(Item.notice_id == notice.id).order_by(Item.machine)).all()
    if notice.receipt != ACCEPTED or reached(db, notice) or any(item.state in HEARD for item in items):
        return
    before = {"received_on": notice.received_on, "receipt": notice.receipt}
    notice.received_on = notice.receipt = None
    append(db, act.now, Entry(act.actor, "notice.not_delivered", notice.number, before, None, act.reason))
    items = [item for item in items if item.state in UNHEARD]
    pause(db, known, notice.number, clocks(db, items), today, act)
    move(db, ITEM, [(item, label(item)) for item in items], "bounce", act)


def reached(db: Session, notice: Notice) -> bool:
    """Is there a recipient whose mail was taken and did not come back?"""
    found = select(Delivery.id).where(
        Delivery.notice_id == notice.id, Delivery.role == "to", Delivery.state == DeliveryState.SENT
    )
    return db.scalar(found.limit(1)) is not None


def come_back(db: Session, known: Calendar, row: Delivery, said: str, today: date, act: Act) -> bool:
    """A mail came back for good: it is dead, the notice not delivered by it. False when that was known."""
    if row.bounced_at is not None or row.state == DeliveryState.DEAD:
        return False
    row.state, row.bounced_at, row.last_text = DeliveryState.DEAD, act.now, said[:500]
    told = {"delivery": row.id, "recipient": row.recipient, "said": said}
    append(db, act.now, Entry(act.actor, "delivery.bounced", row.about, None, told))
    notice = row.notice
    if notice is None:
        open_task(db, "undelivered", f"{row.about} {row.recipient}", f"{row.about} came back: {said}", act)
        return True
    text = (
        f"{notice.number} to {row.recipient} came back: {said}. Correct the department's address and "
        f"`rightsizer notice resend {notice.id}`, or deliver it on paper and record the receipt"
    )
    open_task(db, "undelivered", f"{notice.number} {row.recipient}", text, act)
    db.flush()
    if notice.parent_id is None:
        void(db, known, notice, today, act)
    return True
