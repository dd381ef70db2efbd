"""Delivering: every mail that is due is claimed, tried and settled; each in transactions of its own."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import OperationalError

from notifier.mail import Envelope, send
from notifier.message import verp
from notifier.outbox import claim, settle, waiting
from notifier.tables import Delivery, DeliveryState
from notifier.tasks import open_task
from store.findings import PROGRAM
from store.workflow import Act, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    from config.settings import Mail
    from monitor.installation import Installation, Now
    from notifier.answers import Answer
    from notifier.outbox import Claimed

log = structlog.get_logger()
MARGIN = timedelta(minutes=2)  # by which a lease outlives the longest talk with a server


def deliver_all(
    house: Installation, now: Now, progress: Callable[[str, int, int], None], stop: Event | None = None
) -> dict[str, int]:
    """Sends what is due; counts the outcomes. Ends early when `stop` is set, after the mail in hand."""
    counts: dict[str, int] = {}
    mail = house.settings.mail
    if mail is None:
        return counts
    lease, began, done = mail.deadline + MARGIN, time.monotonic(), 0
    while stop is None or not stop.is_set():
        moment = now.moment + timedelta(seconds=time.monotonic() - began)
        with house.register.write() as db:
            claimed = claim(db, moment, lease)
        if claimed is None:
            break
        ends = time.monotonic() + lease.total_seconds()
        try:
            outcome = tried(house, mail, claimed, replace(now, moment=moment), ends)
        except ValueError as error:
            outcome = unsendable(house, claimed, str(error), moment)
        counts[outcome] = counts.get(outcome, 0) + 1
        done += 1
        progress("deliver", done, done)
    with house.register.read() as db:
        counts["waiting"] = waiting(db)
    return counts


def unsendable(house: Installation, claimed: Claimed, why: str, moment: datetime) -> str:
    """A mail that no envelope can be made for waits for an operator, and does not stop the others."""
    with house.register.write() as db:
        row = db.get_one(Delivery, claimed.id)
        row.state, row.last_text = DeliveryState.HELD, why[:500]
        text = f"mail {row.id} ({row.about}) to {row.recipient} cannot be sent: {why}. Check the settings"
        open_task(db, "unsendable", f"{row.about} {row.recipient}", text, Act(PROGRAM, Role.PROGRAM, moment))
    log.warning("unsendable", delivery=claimed.id, reason=why)
    return "held"


def tried(house: Installation, mail: Mail, claimed: Claimed, now: Now, lease_ends: float) -> str:
    """One talk with the server, and what came of it. `lease_ends`: a monotonic time (s)."""
    began = time.monotonic()
    answer = send(mail, envelope(mail, claimed))
    moment = now.moment + timedelta(seconds=time.monotonic() - began)
    ours = noted(house, claimed, answer, moment, lease_ends)
    log.info(
        "delivery",
        delivery=claimed.id,
        recipient=claimed.recipient,
        outcome=str(answer.outcome),
        code=answer.code,
        stage=answer.stage,
        answer=answer.text,
    )
    return str(answer.outcome) if ours else "late"


def noted(house: Installation, claimed: Claimed, answer: Answer, moment: datetime, lease_ends: float) -> bool:
    """Writes the answer down, again and again while others hold the register: an accepted mail that is
    forgotten would go out twice. False when the lease had ended.
    """
    act, spread = Act(PROGRAM, Role.PROGRAM, moment), random.random()  # noqa: S311  (no secret hangs on it)
    while True:
        try:
            with house.register.write() as db:
                return settle(db, claimed, answer, act, spread)
        except OperationalError:
            if time.monotonic() > lease_ends:
                raise
            log.warning("result_not_written", delivery=claimed.id, outcome=str(answer.outcome))
            time.sleep(1)


def envelope(mail: Mail, claimed: Claimed) -> Envelope:
    """Bounces come back to an address that names the delivery, where the settings have one."""
    token = f"d{claimed.id}"
    sender = verp(mail.bounces, token) if mail.bounces else mail.sender
    return Envelope(sender=sender, recipient=claimed.recipient, message=claimed.mime, envelope_id=token)
