"""What the collectors prove of an adjustment: done, partial, reverted, gone; use that came back; regret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from notifier.content import Size
from notifier.receipts import clocks
from notifier.responses import close, end, named, spare
from notifier.savings import monthly_value
from notifier.states import ITEM, label
from notifier.tables import ENDED, Item, ItemState, Outcome
from notifier.tasks import open_task
from notifier.verification import REVERT_DAYS, check
from store.calendar import calendar
from store.deadlines import reopen, resume
from store.journal import Entry, append
from store.tables import Finding, FindingState, Machine
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.policy import Prices
    from notifier.verification import Seen, Verification
    from store.workflow import Act

SIZED = ("shrink", "expand")
RISEN = {  # a last verdict that takes a notice back, by the kind of notice
    "shrink": ("keep", "expand"),
    "idle": ("shrink", "keep", "expand"),
    "expand": ("shrink", "keep", "idle"),
}
WITHDRAWABLE = (ItemState.ISSUED, ItemState.RECEIVED, ItemState.OBJECTED)
REGRET_FROM, REGRET_UNTIL = timedelta(days=14), timedelta(days=28)  # after the adjustment


def watched(db: Session, today: date) -> list[Item]:
    """Machines whose size is looked at: those adjusting, and those adjusted not long ago."""
    lately = (Item.state == ItemState.DONE) & (Item.done_on >= today - timedelta(days=REVERT_DAYS))
    found = select(Item).where(Item.state.not_in(ENDED) | lately).order_by(Item.id)
    return list(db.scalars(found))


def verify(
    db: Session, seen: Mapping[str, Sequence[Seen]], prices: Prices, today: date, act: Act
) -> dict[str, int]:
    """Compares what was asked for with what is seen, and moves what is proven; counts that."""
    counts = {"proven": 0, "reverted": 0}
    for item in watched(db, today):
        since = [day for day in seen.get(item.machine, ()) if day.day > item.notice.issued_on]
        held = item.done_on if item.outcome in SEEN_DONE else None  # a proof on paper is not undone by sight
        found = check(item.kind, *sizes(item), since, today, held)
        noted(db, item, found, prices, act)
        if found.outcome is Outcome.DONE and item.state != ItemState.DONE:
            proven(db, item, found.on or today, act)
            counts["proven"] += 1
        elif found.outcome in DOUBTFUL and item.state == ItemState.DONE and held is None:
            doubted(db, item, today, act)
        elif found.outcome is Outcome.REVERTED and item.state == ItemState.DONE and not renewed(db, item):
            reverted(db, item, today, act)
            counts["reverted"] += 1
    return counts


def sizes(item: Item) -> tuple[Size, Size | None]:
    """As it was at issue, and as advised."""
    return Size(**item.before), Size(**item.advised) if item.advised else None


def noted(db: Session, item: Item, found: Verification, prices: Prices, act: Act) -> None:
    """The outcome and what it saves; a change of outcome is journaled, a strange one is a task."""
    if found.outcome is Outcome.UNCHANGED and item.outcome is None:
        return
    if found.size is not None and found.outcome is not Outcome.UNCHANGED and item.kind in SIZED:
        item.realised = monthly_value(sizes(item)[0], found.size, prices)
    if item.outcome == found.outcome:
        return
    said = {"outcome": found.outcome, "size": found.size.model_dump() if found.size else None}
    append(db, act.now, Entry(act.actor, "item.seen", label(item), item.outcome, said))
    item.outcome, item.seen_on = found.outcome, found.on
    if found.outcome in STRANGE:
        text = f"{item.machine} in {item.notice.number}: {STRANGE[found.outcome]}"
        open_task(db, str(found.outcome), label(item), text, act)


SEEN_DONE = (Outcome.DONE, Outcome.REVERTED)
DOUBTFUL = (Outcome.UNCHANGED, Outcome.WRONG_DIRECTION)
DOUBT_AFTER = timedelta(days=3)
STRANGE = {
    Outcome.WRONG_DIRECTION: "its size went the other way than asked for",
    Outcome.REVERTED: "the old size is back within 14 days",
    Outcome.GONE: "nothing was measured for 7 days: if it was released, `rightsizer notice done` with proof",
}


def doubted(db: Session, item: Item, today: date, act: Act) -> None:
    """Proved on paper, and still not seen after some days: the operator looks."""
    if item.done_on is not None and today - item.done_on >= DOUBT_AFTER:
        text = f"{label(item)} is done by proof since {item.done_on}, and its old size is measured"
        open_task(db, "unseen", label(item), text, act)


def proven(db: Session, item: Item, on: date, act: Act) -> None:
    """The new size is seen: the matter is at its end."""
    notice = item.notice
    move(db, ITEM, named([item]), "done", act, done_on=on, ended_on=on)
    end(db, notice, [item], on, act)
    close(db, [item], on, act)


def reverted(db: Session, item: Item, today: date, act: Act) -> None:
    """The old size is back: the matter is open again, its clock runs from the same receipt; one that stood
    for an objection goes on.
    """
    move(db, ITEM, named([item]), "revert", act, done_on=None, ended_on=None)
    rows = clocks(db, [item])
    reopen(db, item.notice.number, rows, act)
    resume(db, calendar(db), item.notice.number, rows, today, act)


def renewed(db: Session, item: Item) -> bool:
    """A newer notice asks the machine for the same: that one is followed."""
    same = (Item.machine_id == item.machine_id, Item.kind == item.kind, Item.id != item.id)
    return db.scalar(select(Item.id).where(*same, Item.state.not_in(ENDED)).limit(1)) is not None


def deployed(db: Session, loaded: Mapping[str, date], act: Act) -> int:
    """部署: a first real load, or a declared deployment, ends the matter."""
    found = (
        select(Item, Machine.deployed_on)
        .join(Machine, Machine.id == Item.machine_id)
        .where(Item.kind == "deploy", Item.state.not_in(ENDED))
        .order_by(Item.id)
    )
    seen = [(item, loaded.get(item.machine) or declared) for item, declared in db.execute(found).all()]
    ended = [(item, on) for item, on in seen if on is not None]
    for item, on in ended:
        proven(db, item, on, act)
    return len(ended)


def take_back(db: Session, today: date, spared_until: date, act: Act) -> int:
    """Withdraws what the last verdict does not support any more, before its last day is over: use rose after
    a shrink was asked for, fell after an expansion was, came back to what was idle. Missing data takes
    nothing back.
    """
    found = (
        select(Item, Finding)
        .join(Finding, Finding.id == Item.finding_id)
        .where(
            Item.state.in_(WITHDRAWABLE),
            Finding.state == FindingState.ISSUED,
        )
        .order_by(Item.id)
    )
    count = 0
    for item, finding in db.execute(found).all():
        if finding.standing not in RISEN.get(item.kind, ()) or item.outcome not in {None, Outcome.UNCHANGED}:
            continue
        if is_over(db, item, today):
            continue
        because = f"judged again as of {finding.judged_on}: {finding.standing}"
        why = replace(act, reason=because)
        move(db, ITEM, named([item]), "withdraw", why, ended_on=today, reason=because)
        end(db, item.notice, [item], today, why)
        spare(db, [item], spared_until, why)
        count += 1
    return count


def is_over(db: Session, item: Item, today: date) -> bool:
    """Has its last day passed? A clock that stands has none."""
    rows = clocks(db, [item])
    return any(row.paused_on is None and row.due_on is not None and row.due_on < today for row in rows)


def regretted(db: Session, today: date, act: Act) -> int:
    """A machine that was shrunk and is too small two weeks later: the operator is told first."""
    found = (
        select(Item, Finding)
        .join(Finding, Finding.machine_id == Item.machine_id)
        .where(
            Item.kind == "shrink",
            Item.state == ItemState.DONE,
            Item.regret_on.is_(None),
            Item.done_on <= today - REGRET_FROM,
            Item.done_on >= today - REGRET_UNTIL,
            Finding.kind == "expand",
            Finding.state != FindingState.CLOSED,
        )
    )
    rows = db.execute(found).all()
    for item, finding in rows:
        item.regret_on = today
        text = (
            f"{item.machine} was shrunk by {item.notice.number} on {item.done_on} and uses too much now "
            f"(finding {finding.id}): look at it before the department has to ask"
        )
        open_task(db, "regret", label(item), text, act)
    return len(rows)
