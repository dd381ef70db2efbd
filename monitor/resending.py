"""Sending a notice anew: the same letter from its frozen content, in new mails with new Message-IDs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from config.addresses import addresses
from monitor.issuing import references
from notifier.content import OF_MATTERS
from notifier.issue import content_of, delivery
from notifier.listed import open_of
from notifier.numbers import parse
from notifier.parcels import Desk, Post, parcels
from notifier.receipts import living
from notifier.responses import found_notice
from notifier.tables import Delivery, DeliveryState, Notice
from notifier.tasks import close_about
from store.journal import Entry, append
from store.tables import Department
from store.workflow import OvertakenError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from monitor.installation import Installation, Now
    from notifier.content import Content
    from store.workflow import Act

WAITING = (DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.UNKNOWN, DeliveryState.HELD)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent anew, to whom, and what these mails refer to. `copy` counts the sendings."""

    notice: int
    number: str
    content: Content
    recipients: tuple[str, ...]
    copy: int
    earlier: dict[str, tuple[str, ...]]


def resend(
    house: Installation, wanted: str, to: Sequence[str], now: Now, act: Act, *, force: bool
) -> list[Delivery]:
    """New mails of a notice, to the department's present addresses or to those of `to`.

    `force`: while earlier mails wait, or when the matter is at its end. Raises RefusedError, LookupError,
    SealError, OvertakenError.
    """
    mail = house.settings.mail
    if mail is None:
        raise RefusedError(
            f"there is no mail server in the settings: `rightsizer notice preview {wanted} --pdf`, "
            "deliver it on paper, then `rightsizer notice receipt`"
        )
    with house.register.read() as db:
        order = ordered(db, found_notice(db, wanted), to, force=force)
    papers = Desk(house.settings.letters).papers(order.content)
    written = now.moment.astimezone(house.settings.zone())
    slug = parse(order.number).slug(order.content.kind)
    post = Post(mail.sender, written, slug, order.earlier, order.copy)
    mails = parcels(papers, post, order.recipients)
    with house.register.write() as db:
        notice = db.get_one(Notice, order.notice)
        if next_copy(db, notice) != order.copy:
            raise OvertakenError(f"{order.number} was sent anew by somebody else just now: look again")
        rows = [delivery(notice, parcel, act) for parcel in mails]
        db.add_all(rows)
        said = {"recipients": list(order.recipients), "copy": order.copy}
        append(db, act.now, Entry(act.actor, "notice.resent", order.number, None, said, act.reason))
        close_about(db, ("paper", "undelivered"), order.number, act)
    return rows


def ordered(db: Session, notice: Notice, to: Sequence[str], *, force: bool) -> Order:
    if not force:
        check_free(db, notice)
    recipients = tuple({address.lower(): address for address in to}.values()) or present(db, notice)
    return Order(
        notice=notice.id,
        number=notice.number,
        content=content_of(notice),
        recipients=recipients,
        copy=next_copy(db, notice),
        earlier=references(db, notice.parent_id or notice.id, notice.id),
    )


def check_free(db: Session, notice: Notice) -> None:
    """Raises RefusedError while mails of the notice wait, or when nothing is left to write about."""
    wait = select(Delivery).where(Delivery.notice_id == notice.id, Delivery.state.in_(WAITING))
    row = db.scalars(wait.order_by(Delivery.id)).first()
    if row is not None:
        raise RefusedError(
            f"{notice.number} to {row.recipient} is still {row.state} in the outbox (mail {row.id}): "
            f"`rightsizer outbox retry {row.id}` tries it now, --force writes anew beside it"
        )
    if notice.kind in OF_MATTERS:
        if not open_of(db, notice):
            raise RefusedError(f"every matter of {notice.number} is done already; --force sends it still")
    elif notice.parent_id is None and not living(db, notice):
        raise RefusedError(f"every machine of {notice.number} is at its end already; --force sends it still")


def present(db: Session, notice: Notice) -> tuple[str, ...]:
    """The department's addresses as they are now. Raises RefusedError when it has none."""
    department = db.get_one(Department, notice.department_id)
    good, bad = addresses(department.email)
    if not good:
        said = f"; {bad[0]!r} is none" if bad else ""
        raise RefusedError(
            f"{department.name} has no mail address{said}: "
            "correct it with `rightsizer department import FILE`, or say --to ADDRESS"
        )
    return tuple(good)


def next_copy(db: Session, notice: Notice) -> int:
    sent = db.scalar(select(func.max(Delivery.copy)).where(Delivery.notice_id == notice.id))
    return 0 if sent is None else sent + 1
