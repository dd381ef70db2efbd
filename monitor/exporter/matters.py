"""What waits and where it stands, as the register says: findings, notices, clocks, mails, tasks, rules."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select
from sqlalchemy.orm import load_only

from monitor.exporter import families
from monitor.issuing import policy_over
from notifier.breaker import FLOWS
from notifier.outbox import CLAIMABLE, MAIL
from notifier.savings import ledger
from notifier.states import clock
from notifier.tables import ENDED, Channel, Delivery, DeliveryState, Item, Notice, Task
from store.calendar import calendar
from store.tables import Deadline, Department, Finding, FindingState, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from prometheus_client.core import Metric
    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from monitor.installation import Installation, Now

STATES = ("open", "paused", "resting", "held")  # of the mail channel
SOON = timedelta(days=5)  # where the calendar ends before the reminders' days


def end_of(day: date, zone: ZoneInfo) -> float:
    """Unix seconds at which a local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC).timestamp()


def matter_metrics(db: Session, house: Installation, now: Now) -> Iterator[Metric]:
    """Everything that the register knows beside machines, as of now."""
    known, zone, remind = calendar(db), house.settings.zone(), house.settings.notices.remind_before
    yield from finding_metrics(db)
    yield from notice_metrics(db, zone)
    yield families.DEADLINES.of(phases(db, now.today, soon(known, now.today, remind)))
    yield families.TASKS.of(counted(db, Task.kind, where=Task.closed_at.is_(None)))
    yield from mail_metrics(db, now.moment)
    held = select(func.count()).where(
        Channel.name.in_([flow.name for flow in FLOWS]), Channel.state == "held"
    )
    yield families.BREAKER.of([((), float(bool(db.scalar(held))))])
    yield from rule_metrics(known, house, now, zone)
    newest = select(JournalEntry.id).order_by(JournalEntry.id.desc()).limit(1)
    yield families.JOURNAL.of([((), db.scalar(newest) or 0)])


def counted(db: Session, *columns: object, where: object) -> Iterator[tuple[tuple[str, ...], float]]:
    """How many rows have each of the values."""
    rows = db.execute(select(*columns, func.count()).where(where).group_by(*columns).order_by(*columns))  # type: ignore[call-overload]
    return ((tuple(map(str, labels)), count) for *labels, count in rows)


def finding_metrics(db: Session) -> Iterator[Metric]:
    live = Finding.state != FindingState.CLOSED
    yield families.FINDINGS.of(counted(db, Finding.kind, Finding.state, where=live))


def notice_metrics(db: Session, zone: ZoneInfo) -> Iterator[Metric]:
    yield families.ISSUED.of(counted(db, Notice.kind, where=Notice.id.is_not(None)))
    items = (
        select(Department.name, Item.kind, Item.state, func.count())
        .join(Item.notice)
        .join(Notice.department)
        .group_by(Department.name, Item.kind, Item.state)
    )
    yield families.ITEMS.of((tuple(labels), count) for *labels, count in db.execute(items))
    alive = db.execute(
        select(Item, Notice.number, Department.name)
        .options(load_only(Item.id, Item.machine, Item.kind, Item.state))
        .join(Item.notice)
        .join(Notice.department)
        .where(Item.state.not_in(ENDED))
        .order_by(Item.id)
    ).all()
    waiting = Counter((number, owner, item.kind) for item, number, owner in alive)
    yield families.OPEN.of(waiting.items())
    yield families.MATTER.of(((item.machine, number, item.kind, item.state), 1) for item, number, _ in alive)
    clocks = select(Deadline.subject, Deadline.due_on).where(Deadline.met_on.is_(None))
    due: dict[str, date | None] = {row.subject: row.due_on for row in db.execute(clocks)}
    ends: dict[tuple[str, str, str], float] = {}
    for item, number, owner in alive:
        if (day := due.get(clock(item))) is not None:
            place = (number, owner, item.kind)
            ends[place] = max(ends.get(place, 0.0), end_of(day, zone))
    yield families.DUE.of(ends.items())


def soon(known: Calendar, today: date, working_days: int) -> date:
    """Up to which day a clock is due soon: when reminders go out."""
    return known.add(today, working_days).on or today + SOON


def phases(db: Session, today: date, near: date) -> Iterator[tuple[tuple[str, ...], float]]:
    """Clocks that are not met, by article and phase."""
    phase = case(
        (Deadline.paused_on.is_not(None), "paused"),
        (Deadline.due_on.is_(None), "provisional"),
        (Deadline.due_on < today, "overdue"),
        (Deadline.due_on <= near, "due_soon"),
        else_="running",
    )
    return counted(db, Deadline.article, phase, where=Deadline.met_on.is_(None))


def saving_metrics(db: Session, today: date) -> Iterator[Metric]:
    """The ledger reads every machine of every notice there ever was."""
    yield families.SAVINGS.of(savings(db, today))


def savings(db: Session, today: date) -> Iterator[tuple[tuple[str, ...], float]]:
    for line in ledger(db, today):
        place = (line.department or "", str(line.year or ""))
        yield (*place, "promised"), line.promised
        yield (*place, "withdrawn"), line.withdrawn
        yield (*place, "realised"), line.realised


def mail_metrics(db: Session, moment: datetime) -> Iterator[Metric]:
    found = dict(counted(db, Delivery.state, where=Delivery.id.is_not(None)))
    yield families.MAILS.of(((str(state),), found.get((str(state),), 0)) for state in DeliveryState)
    due = db.scalar(select(func.min(Delivery.next_at)).where(Delivery.state.in_(CLAIMABLE)))
    late = max((moment - due).total_seconds(), 0.0) if due is not None else 0.0
    yield families.OLDEST.of([((), late)])
    channel = db.get(Channel, MAIL)
    state = channel.state if channel is not None else "open"
    yield families.CHANNEL.of(((name,), float(name == state)) for name in STATES)
    bounced = db.scalar(select(func.count()).where(Delivery.bounced_at.is_not(None)))
    yield families.BOUNCED.of([((), bounced or 0)])


def rule_metrics(known: Calendar, house: Installation, now: Now, zone: ZoneInfo) -> Iterator[Metric]:
    """How long the calendar and the policy hold."""
    policy = house.policy
    if (last := known.known_until) is not None:
        yield families.CALENDAR.of([((), end_of(last, zone))])
    if policy.valid_to is not None:
        yield families.POLICY.of([((policy.document_number,), end_of(policy.valid_to, zone))])
    yield families.POLICY_BARRED.of([((), float(policy_over(house, now) is not None))])
