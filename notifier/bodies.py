"""The bodies of old mails: emptied when they are no longer kept. What remains proves what they were.

An empty `mime` says so. The journal has the size and the SHA-256 of what stood there; what the notice says
stays in its frozen content.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from notifier.tables import Delivery, DeliveryState
from store.journal import Entry, append
from store.tables import JournalEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from store.workflow import Act

EMPTIED = "delivery.emptied"
GONE = b""


@dataclass(frozen=True, slots=True)
class Gone:
    """When a body was emptied, and what it was."""

    at: datetime
    sha256: str
    bytes: int


def empty(db: Session, before: datetime, act: Act, most: int) -> int:
    """Empties the bodies of mails that were sent, or given up, before; at most so many. Returns how many."""
    sent = (Delivery.state == DeliveryState.SENT) & (Delivery.sent_at < before)
    given_up = (Delivery.state == DeliveryState.DEAD) & (Delivery.next_at < before)
    wanted = select(Delivery.id, Delivery.message_id, Delivery.mime).where(
        sent | given_up, Delivery.mime != GONE
    )
    rows = db.execute(wanted.order_by(Delivery.id).limit(most)).all()
    if not rows:
        return 0
    append(db, act.now, *(entry(row.id, row.message_id, row.mime, act) for row in rows))
    db.execute(update(Delivery).where(Delivery.id.in_([row.id for row in rows])).values(mime=GONE))
    return len(rows)


def entry(number: int, message_id: str, mime: bytes, act: Act) -> Entry:
    was = {"delivery": number, "bytes": len(mime), "sha256": hashlib.sha256(mime).hexdigest()}
    return Entry(act.actor, EMPTIED, message_id, was, None, act.reason)


def gone(db: Session, row: Delivery) -> Gone | None:
    """What the mail's body was, None while it is kept."""
    if row.mime != GONE:
        return None
    wanted = select(JournalEntry).where(
        JournalEntry.subject == row.message_id, JournalEntry.action == EMPTIED
    )
    found = db.scalars(wanted).one()
    return Gone(found.at, str(found.before["sha256"]), int(found.before["bytes"]))
