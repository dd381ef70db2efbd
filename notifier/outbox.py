"""The outbox: mails claimed one by one, tried, and settled. Nothing is lost; the bytes never change.

Claim (commit) -> SMTP -> result (commit). Who dies between the two leaves a lease behind: when it ends the
mail is tried again, with the same Message-ID. So a mail may arrive twice, and only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, union_all, update

from notifier.answers import GIVE_UP, Outcome, backoff
from notifier.bodies import GONE
from notifier.tables import Channel, Delivery, DeliveryState
from notifier.tasks import close_tasks, open_task
from store.journal import Entry, append
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import CursorResult, Select
    from sqlalchemy.orm import Session

    from notifier.answers import Answer
    from store.workflow import Act

MAIL = "mail"  # the channel's name
PAUSE = timedelta(minutes=15)  # between two tries of a server that refuses our login or our security
CLOSING = (Outcome.PAUSE, Outcome.UNREACHABLE)  # no talk came about: it is about the channel, not the mail
CLAIMABLE = (DeliveryState.PENDING, DeliveryState.UNKNOWN, DeliveryState.LEASED)
ALARMING = 4  # failures to reach the server, over more than an hour
FEWEST = 24  # tries before a mail is given up: what waited behind a closed channel, or a stopped program
ONCE_MORE = 2  # a mail whose end was not heard is sent twice at most, by this program's own will


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail in our hands until the lease ends."""

    id: int
    attempt: int
    recipient: str
    message_id: str
    mime: bytes


def claim(db: Session, now: datetime, lease: timedelta) -> Claimed | None:
    """Takes the mail that is due longest, by one conditional UPDATE; None when none is due or the channel
    is closed.
    """
    if not is_open(db, now):
        return None
    found = db.execute(longest_due(), {"now": now}).first()
    if found is None:
        return None
    taken: CursorResult[Any] = db.execute(  # type: ignore[assignment]
        update(Delivery)
        .where(Delivery.id == found.id, Delivery.attempts == found.attempts, Delivery.state.in_(CLAIMABLE))
        .values(state=DeliveryState.LEASED, attempts=found.attempts + 1, next_at=now + lease)
    )
    if taken.rowcount != 1:
        return None
    rest(db, now + lease)
    row = db.execute(
        select(Delivery.recipient, Delivery.message_id, Delivery.mime).where(Delivery.id == found.id)
    ).one()
    return Claimed(found.id, found.attempts + 1, row.recipient, row.message_id, row.mime)


@cache
def longest_due() -> Select[tuple[int, int]]:
    """The mail that is due longest at `now`. Each state's first lies at the front of its part of the index,
    however many mails are due.
    """
    firsts = (
        select(Delivery.id, Delivery.attempts, Delivery.next_at)
        .where(Delivery.state == state, Delivery.next_at <= bindparam("now"))
        .order_by(Delivery.next_at, Delivery.id)
        .limit(1)
        .subquery()
        for state in CLAIMABLE
    )
    due = union_all(*(select(first) for first in firsts)).subquery()
    return select(due.c.id, due.c.attempts).order_by(due.c.next_at, due.c.id).limit(1)


def settle(db: Session, claimed: Claimed, answer: Answer, act: Act, spread: float) -> bool:
    """Writes what the server answered. False when the lease had ended and another has the mail now.

    `spread` (0..1) spreads the next tries.
    """
    row = db.get_one(Delivery, claimed.id, populate_existing=True)
    if (row.state, row.attempts) != (DeliveryState.LEASED, claimed.attempt):
        return False
    row.last_code, row.last_text = answer.code, answer.text[:500]
    if answer.outcome not in CLOSING:
        reopen(db, act)
    if answer.outcome is Outcome.SENT:
        row.state, row.sent_at = DeliveryState.SENT, act.now
    elif answer.outcome is Outcome.DEAD:
        give_up(db, row, act, "refused for good")
    elif answer.outcome is Outcome.UNKNOWN:
        doubt(db, row, act)
    else:
        try_later(db, row, answer, act, spread)
    return True


def give_up(db: Session, row: Delivery, act: Act, why: str) -> None:
    row.state = DeliveryState.DEAD
    text = (
        f"{row.about} to {row.recipient}: {why}: {row.last_text}. Correct the department's address "
        f"and `rightsizer notice resend`, or deliver it on paper and `rightsizer notice receipt`"
    )
    open_task(db, "undelivered", f"{row.about} {row.recipient}", text, act)


def doubt(db: Session, row: Delivery, act: Act) -> None:
    """Lost after the final dot: once more with the same Message-ID when the lease ended, then a person."""
    row.doubts += 1
    row.state = DeliveryState.UNKNOWN
    if row.doubts >= ONCE_MORE:
        row.state = DeliveryState.HELD
        text = (
            f"{row.about} to {row.recipient}: the server fell silent after the whole mail, twice. "
            f"Ask the recipient; then `rightsizer notice receipt`, or `rightsizer outbox retry {row.id}`"
        )
        open_task(db, "unknown", f"{row.about} {row.recipient}", text, act)


def try_later(db: Session, row: Delivery, answer: Answer, act: Act, spread: float) -> None:
    row.state = DeliveryState.PENDING
    if answer.outcome in CLOSING:
        row.made_at = act.now  # nobody has looked at this mail: its five days begin when the server is back
    if answer.outcome is Outcome.PAUSE:
        row.next_at = close(db, "paused", PAUSE, answer, act)
        text = (
            f"no mail goes out: {answer.text}. Check mail.* in the settings, then `rightsizer outbox resume`"
        )
        open_task(db, "channel", MAIL, text, act)
    elif answer.outcome is Outcome.UNREACHABLE:
        failures = failures_of(db) + 1
        row.next_at = close(db, "resting", backoff(failures, spread), answer, act)
        if failures >= ALARMING:
            text = f"the mail server was not reached {failures} times in a row: {answer.text}. Mails wait"
            open_task(db, "channel", MAIL, text, act)
    else:
        row.next_at = act.now + backoff(row.attempts, spread)
        if act.now - row.made_at > GIVE_UP and row.attempts >= FEWEST:
            give_up(db, row, act, f"{row.attempts} tries in {GIVE_UP.days} days")


def is_open(db: Session, now: datetime) -> bool:
    """May a mail go out now?"""
    row = db.get(Channel, MAIL, populate_existing=True)
    return row is None or row.state == "open" or (row.until is not None and row.until <= now)


def rest(db: Session, until: datetime) -> None:
    """Where nothing went out for a while, one mail tries: the others wait until it is settled, or lost."""
    row = db.get(Channel, MAIL)
    if row is not None and row.until is not None:
        row.until = until


def waiting(db: Session) -> int:
    """How many mails are still to be sent."""
    return db.scalar(select(func.count(Delivery.id)).where(Delivery.state.in_(CLAIMABLE))) or 0


def failures_of(db: Session) -> int:
    row = db.get(Channel, MAIL)
    return row.failures if row is not None else 0


def close(db: Session, state: str, rest: timedelta, answer: Answer, act: Act) -> datetime:
    """Nothing goes out for a while; then one mail tries. What the operator closed stays closed."""
    until = act.now + rest
    row = channel(db, act)
    row.failures += 1
    if row.state != "held":
        row.state, row.since, row.until, row.reason = state, act.now, until, answer.text
    return until


def channel(db: Session, act: Act) -> Channel:
    """The channel of mails; open when nothing was ever said of it."""
    row = db.get(Channel, MAIL)
    if row is None:
        row = Channel(name=MAIL, state="open", since=act.now, failures=0, machines=0, departments=0)
        db.add(row)
    return row


def reopen(db: Session, act: Act) -> None:
    """The server answered: the channel is open, and its task done."""
    row = db.get(Channel, MAIL)
    if row is None or (row.state == "open" and row.failures == 0) or row.state == "held":
        return
    row.state, row.since, row.until, row.reason, row.failures = "open", act.now, None, None, 0
    close_tasks(db, "channel", MAIL, act)


def retry(db: Session, rows: Sequence[Delivery], act: Act) -> None:
    """These mails are tried now, for five days from now on, with the same Message-ID; all or none.

    Raises RefusedError for one that was sent, is being sent, or came back.
    """
    for row in rows:
        why = untriable(row, act)
        if why is not None:
            raise RefusedError(f"mail {row.id} to {row.recipient} {why}")
    changed(db, "delivery.retried", rows, DeliveryState.PENDING, act)
    for row in rows:
        row.made_at = row.next_at = act.now
        for kind in ("undelivered", "unknown"):
            close_tasks(db, kind, f"{row.about} {row.recipient}", act)


def untriable(row: Delivery, act: Act) -> str | None:
    """Why a mail cannot be tried now, or None."""
    if row.mime == GONE:
        return f"has no body any more: {anew(row)}"
    if row.bounced_at is not None:
        return f"came back on {row.bounced_at:%Y-%m-%d}: {anew(row)}"
    return settled(row, act)


def anew(row: Delivery) -> str:
    """What to do instead of sending the same bytes again."""
    if row.notice_id is None:
        return "check notices.operator in the settings; the next word to the operator goes there"
    return f"check the department's address, then `rightsizer notice resend {row.notice_id}` writes anew"


def settled(row: Delivery, act: Act) -> str | None:
    """Why it is out of our hands, or None."""
    if row.state == DeliveryState.SENT:
        return f"was sent: {anew(row)}"
    if row.state == DeliveryState.LEASED and row.next_at > act.now:
        return "is being sent just now: look again in some minutes"
    return None


def hold(db: Session, rows: Sequence[Delivery], act: Act) -> None:
    """These mails wait for an operator's word; all or none. Raises RefusedError."""
    for row in rows:
        why = "is given up already" if row.state == DeliveryState.DEAD else settled(row, act)
        if why is not None:
            raise RefusedError(f"mail {row.id} to {row.recipient} {why}")
    changed(db, "delivery.held", rows, DeliveryState.HELD, act)


def unhold(db: Session, rows: Sequence[Delivery], act: Act) -> None:
    """Mails that are held are tried now. Raises RefusedError for one that is not held."""
    for row in rows:
        if row.state != DeliveryState.HELD:
            raise RefusedError(f"mail {row.id} to {row.recipient} is {row.state}, not held")
    retry(db, rows, act)


def changed(db: Session, action: str, rows: Sequence[Delivery], state: DeliveryState, act: Act) -> None:
    entries = []
    for row in rows:
        before = {"state": row.state, "attempts": row.attempts, "made_at": row.made_at}
        after = {"delivery": row.id, "recipient": row.recipient, "state": state}
        entries.append(Entry(act.actor, action, row.about, before, after, act.reason))
        row.state = state
    append(db, act.now, *entries)


def hold_all(db: Session, act: Act) -> Channel:
    """No mail goes out until an operator's word. Raises RefusedError when that is so already."""
    row = channel(db, act)
    if row.state == "held":
        raise RefusedError(f"no mail goes out since {row.since:%Y-%m-%d} already: {row.reason}")
    append(db, act.now, Entry(act.actor, "channel.held", MAIL, row.state, "held", act.reason))
    row.state, row.since, row.until, row.reason = "held", act.now, None, act.reason
    return row


def open_again(db: Session, act: Act) -> str:
    """Mails go out again, from now on; returns what the channel was. Raises RefusedError when it is open."""
    row = channel(db, act)
    before = row.state
    if before == "open":
        raise RefusedError("mails go out: the channel is neither held nor paused")
    append(db, act.now, Entry(act.actor, "channel.opened", MAIL, before, "open", act.reason))
    if row.until is not None:  # the mail that found the server closed
        rested = (Delivery.state == DeliveryState.PENDING) & (Delivery.next_at == row.until)
        db.execute(update(Delivery).where(rested).values(next_at=act.now))
    row.state, row.since, row.until, row.reason, row.failures = "open", act.now, None, None, 0
    close_tasks(db, "channel", MAIL, act)
    return before
