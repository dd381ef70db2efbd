"""Mails of a notice that fell before they left: they stay here, and whom nothing reached is told nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from notifier.tables import ENDED, Delivery, DeliveryState, Item, Notice
from store.journal import Entry, append

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.workflow import Act

WAITING = (DeliveryState.PENDING, DeliveryState.HELD)


def recall(db: Session, notice: Notice, act: Act) -> int:
    """Holds the mails of a notice without a living machine, and of what followed it. Returns how many."""
    db.flush()
    living = select(Item.id).where(Item.notice_id == notice.id, Item.state.not_in(ENDED)).limit(1)
    if db.scalar(living) is not None:
        return 0
    of_matter = or_(Notice.id == notice.id, Notice.parent_id == notice.id)
    found = select(Delivery).join(Delivery.notice).where(of_matter, Delivery.state == DeliveryState.PENDING)
    rows = db.scalars(found.order_by(Delivery.id)).all()
    for row in rows:
        row.state = DeliveryState.HELD
    entries = [
        Entry(act.actor, "delivery.recalled", row.about, DeliveryState.PENDING, row.recipient, act.reason)
        for row in rows
    ]
    append(db, act.now, *entries)
    return len(rows)


def unheard(db: Session, number: int) -> bool:
    """Did nothing of the notice leave the house? One without mails went on paper."""
    states = set(db.scalars(select(Delivery.state).where(Delivery.notice_id == number)))
    received = db.get_one(Notice, number).received_on is not None
    return not received and bool(states) and states <= set(WAITING)
