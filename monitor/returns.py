"""Mails that came back: read where they lie, and told to the notice that they were of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from monitor.issuing import program
from notifier.bounces import mark_seen, read
from notifier.receipts import come_back
from notifier.tables import Delivery, DeliveryState
from notifier.tasks import open_task
from store.calendar import calendar

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from notifier.bounces import Bounce

log = structlog.get_logger()


def bounces(house: Installation, now: Now) -> dict[str, int]:
    """Reads what came back, and reopens the notices. What cannot be read stays where it lies, as a task."""
    mail = house.settings.mail
    folder = mail.bounce_folder if mail is not None else None
    if folder is None or not folder.exists():
        return {}
    count = 0
    for bounce in read(folder):
        if bounce.action == "unreadable":
            unread(house, bounce, now)
            continue
        if concerns(house, bounce):
            with house.register.write() as db:
                count += returned(db, bounce, now)
        mark_seen(bounce)
    return {"bounced": count}


def unread(house: Installation, bounce: Bounce, now: Now) -> None:
    text = f"{bounce.source} cannot be read ({bounce.diagnostic}): is it a mail of ours that came back?"
    with house.register.write() as db:
        open_task(db, "bounce", bounce.source, text, program(now))


def concerns(house: Installation, bounce: Bounce) -> bool:
    """Is it a failure of a mail of ours, and not known yet? Most of what lies there is not."""
    with house.register.read() as db:
        row = delivery_of(db, bounce)
        known = row is None or row.bounced_at is not None or not fits(row, bounce)
    if known or bounce.action != "failed":
        log.info("bounce_ignored", source=bounce.source, action=bounce.action, ours=row is not None)
    return not known and bounce.action == "failed"


def fits(row: Delivery, bounce: Bounce) -> bool:
    """A report about a mail that left, and about its recipient: anybody can write to the bounce address."""
    left = row.state in {DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.LEASED}
    return left and (bounce.recipient is None or bounce.recipient.lower() == row.recipient.lower())


def returned(db: Session, bounce: Bounce, now: Now) -> bool:
    """Whether a mail of ours came back for good."""
    row = delivery_of(db, bounce)
    if row is None:
        return False
    said = f"{bounce.status} {bounce.diagnostic}"
    return come_back(db, calendar(db), row, said, now.today, program(now))


def delivery_of(db: Session, bounce: Bounce) -> Delivery | None:
    """By its Message-ID, else by the token in the address that the report came to."""
    if bounce.message_id is not None:
        found = db.scalars(select(Delivery).where(Delivery.message_id == bounce.message_id)).first()
        if found is not None:
            return found
    token = bounce.token or bounce.envelope_id or ""
    number = token.removeprefix("d")
    return db.get(Delivery, int(number)) if number.isdecimal() and len(number) < 10 else None
