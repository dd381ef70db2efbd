"""What the collectors prove of an adjustment: done, partial, reverted, gone; use that came back; regret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from notifier.content import Size
from notifier.recall import recall
from notifier.receipts import clocks
from notifier.responses import SILENT, close, end, living_findings, named, of_items, spare
from notifier.savings import monthly_value
from notifier.states import ITEM, clock, label
from notifier.tables import ENDED, Item, ItemState, Outcome
from notifier.tasks import open_task
from notifier.verification import REVERT_DAYS, check
from store.calendar import calendar
from store.deadlines import reopen, resume
from store.journal import Entry, append
from store.parts import parts
from store.review import FINDING, subject
from store.tables import Finding, FindingState, Machine
from store.workflow import move

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.policy import Prices
    from notifier.verification import Seen, Verification
    from store.workflow import Act

Key = TypeVar("Key")
SIZED = ("shrink", "expand")
RISEN = {  # a last verdict that takes a notice back, by the kind of notice
    "shrink": ("keep", "expand"),
    "idle": ("shrink", "keep", "expand"),
    "expand": ("shrink", "keep", "idle"),
}
WITHDRAWABLE = (ItemState.ISSUED, ItemState.RECEIVED, ItemState.OBJECTED)
ANSWERABLE = (FindingState.OPEN, FindingState.APPROVED)
BACK = "the old size is back: the older notice goes on"
NOTICE = joinedload(Item.notice)
REGRET_FROM, REGRET_UNTIL = timedelta(days=14), timedelta(days=28)  # after the adjustment


def watched(db: Session, today: date, only: Sequence[int] | None = None) -> list[Item]:
    """Machines whose size is looked at, of these ids when they are given: those adjusting, and those adjusted
    not long ago, until the last day on which a size can be back is over.
    """
    lately = (Item.state == ItemState.DONE) & (Item.done_on >= today - timedelta(days=REVERT_DAYS + 1))
    found = select(Item).where(Item.state.not_in(ENDED) | lately).order_by(Item.id).options(NOTICE)
    if only is None:
        return list(db.scalars(found))
    return [item for part in parts(only) for item in db.scalars(found.where(Item.id.in_(part)))]


def verify(
    db: Session,
    seen: Mapping[str, Sequence[Seen]],
    prices: Prices,
    today: date,
    act: Act,
    only: Sequence[int] | None = None,
) -> dict[str, int]:
    """Compares what was asked for with what is seen, and moves what is proven; counts that.

    `only`: of these items, so that a caller can do thousands of them in parts.
    """
    found = [(item, looked(item, seen.get(item.machine, ()), today)) for item in watched(db, today, only)]
    noted(db, found, prices, act)
    done = [
        (item, known.on or today)
        for item, known in found
        if known.outcome is Outcome.DONE and item.state != ItemState.DONE
    ]
    back = [
        item
        for item, known in found
        if known.outcome is Outcome.REVERTED and item.state == ItemState.DONE and not renewed(db, item)
    ]
    for item, known in found:
        if known.outcome in DOUBTFUL and item.state == ItemState.DONE:
            doubted(db, item, today, act)
    proven(db, done, act)
    reverted(db, back, today, act)
    return {"proven": len(done), "reverted": len(back)}


def looked(item: Item, seen: Sequence[Seen], today: date) -> Verification:
    """What the days since its issue prove of a machine; a proof on paper is not undone by sight."""
    since = [day for day in seen if day.day > item.notice.issued_on]
    held = item.done_on if item.outcome in SEEN_DONE else None
    return check(item.kind, *sizes(item), since, today, held)


def sizes(item: Item) -> tuple[Size, Size | None]:
    """As it was at issue, and as advised."""
    return Size(**item.before), Size(**item.advised) if item.advised else None


def noted(db: Session, found: Sequence[tuple[Item, Verification]], prices: Prices, act: Act) -> None:
    """The outcomes and what they save; a change of outcome is journaled, a strange one is a task."""
    fresh, entries = [], []
    for item, known in found:
        as_before = known.outcome is Outcome.UNCHANGED
        if as_before and item.outcome in {None, Outcome.REVERTED}:  # reverted says more, until it is done
            item.seen_on = known.on if known.size is not None else item.seen_on
            continue
        if known.size is not None and not as_before and item.kind in SIZED:
            item.realised = monthly_value(sizes(item)[0], known.size, prices)
        if item.outcome == known.outcome:
            continue
        said = {"outcome": known.outcome, "size": known.size.model_dump() if known.size else None}
        entries.append(Entry(act.actor, "item.seen", label(item), item.outcome, said))
        item.outcome, item.seen_on = known.outcome, known.on
        fresh.append((item, known.outcome))
    append(db, act.now, *entries)
    for item, outcome in fresh:
        if outcome in STRANGE:
            text = f"{item.machine} in {item.notice.number}: {STRANGE[outcome]}"
            open_task(db, str(outcome), label(item), text, act)


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


def proven(db: Session, done: Iterable[tuple[Item, date]], act: Act) -> None:
    """The new size is seen: the matters are at their end, each on its day."""
    for on, items in grouped(done).items():
        move(db, ITEM, named(items), "done", act, done_on=on, ended_on=on)
        for same in by_notice(items):
            end(db, same[0].notice, same, on, act)
        close(db, items, on, act)


def grouped(keyed: Iterable[tuple[Item, Key]]) -> dict[Key, list[Item]]:
    """The items by what stands beside them."""
    groups: dict[Key, list[Item]] = {}
    for item, key in keyed:
        groups.setdefault(key, []).append(item)
    return groups


def by_notice(items: Iterable[Item]) -> list[list[Item]]:
    return list(grouped((item, item.notice_id) for item in items).values())


def reverted(db: Session, items: Sequence[Item], today: date, act: Act) -> None:
    """The old size is back: the matter is open again, its clock runs from the same receipt; one that stood
    for an objection goes on.
    """
    if not items:
        return
    known = calendar(db)
    move(db, ITEM, named(items), "revert", act, done_on=None, ended_on=None)
    for same in by_notice(items):
        number, rows = same[0].notice.number, clocks(db, same)
        reopen(db, number, rows, act)
        resume(db, known, number, rows, today, act)
    stand_again(db, items, today, act)


def stand_again(db: Session, items: Sequence[Item], today: date, act: Act) -> None:
    """The findings stand in their notices again. A newer one of the same machine and kind gives way, unless
    the operator silenced it; no verdict on the smaller machine counts any more.
    """
    newer = living_findings(db, items)
    for row in newer:
        row.standing = None
    silenced = {(row.machine_id, row.kind) for row in newer if row.state in SILENT}
    open_ones = [(row, subject(row)) for row in newer if row.state in ANSWERABLE]
    why = replace(act, reason=BACK)
    move(db, FINDING, open_ones, "close", why, closed_on=today, closed_because=BACK)
    own = of_items(db, items, FindingState.CLOSED)
    own = [pair for pair in own if (pair[0].machine_id, pair[0].kind) not in silenced]
    move(db, FINDING, own, "revert", why, closed_on=None, closed_because=None, standing=None)


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
        .options(NOTICE)
    )
    seen = [(item, loaded.get(item.machine) or declared) for item, declared in db.execute(found).all()]
    ended = [(item, on) for item, on in seen if on is not None]
    proven(db, ended, act)
    return len(ended)


def take_back(db: Session, today: date, spared_until: date, act: Act) -> int:
    """Withdraws what the last verdict does not support any more, before its last day is over: use rose after
    a shrink was asked for, fell after an expansion was, came back to what was idle. Missing data takes
    nothing back.
    """
    found = fallen(db, today)
    for because, items in grouped(found).items():
        why = replace(act, reason=because)
        move(db, ITEM, named(items), "withdraw", why, ended_on=today, reason=because)
        for same in by_notice(items):
            end(db, same[0].notice, same, today, why)
            recall(db, same[0].notice, why)
        spare(db, items, spared_until, why)
    return len(found)


def fallen(db: Session, today: date) -> list[tuple[Item, str]]:
    """The machines that no notice should speak of any more, and why. Judged is the living finding of the
    machine and kind, whichever notice it stands in.
    """
    risen = [(Item.kind == kind) & Finding.standing.in_(verdicts) for kind, verdicts in RISEN.items()]
    found = (
        select(Item, Finding.judged_on, Finding.standing)
        .join(Finding, (Finding.machine_id == Item.machine_id) & (Finding.kind == Item.kind))
        .where(Item.state.in_(WITHDRAWABLE), Finding.state != FindingState.CLOSED, or_(*risen))
        .where(or_(Item.outcome.is_(None), Item.outcome.in_((Outcome.UNCHANGED, Outcome.REVERTED))))
        .order_by(Item.id)
        .options(NOTICE)
    )
    rows = [
        (item, f"judged again as of {on}: {said}")
        for item, on, said in db.execute(found).all()
        if item.kind not in SIZED or measured(item, on)
    ]
    late = over(db, [item for item, _ in rows], today)
    return [(item, because) for item, because in rows if clock(item) not in late]


def measured(item: Item, judged_on: date) -> bool:
    """Was the size that the notice speaks of still there on the day before the judgement? A machine that was
    made smaller uses more of itself: without a measured size that would look like use that rose.
    """
    return item.seen_on is not None and item.seen_on >= judged_on - timedelta(days=1)


def over(db: Session, items: Sequence[Item], today: date) -> set[str]:
    """The clocks whose last day has passed; one that stands has none."""
    rows = (row for same in by_notice(items) for row in clocks(db, same))
    return {
        row.subject for row in rows if row.paused_on is None and row.due_on is not None and row.due_on < today
    }


def regretted(db: Session, today: date, act: Act) -> int:
    """A machine that was shrunk and is too small two weeks later: the operator is told first."""
    found = (
        select(Item, Finding.id)
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
        .order_by(Item.id)
        .options(NOTICE)
    )
    rows = db.execute(found).all()
    for item, finding in rows:
        item.regret_on = today
        text = (
            f"{item.machine} was shrunk by {item.notice.number} on {item.done_on} and uses too much now "
            f"(finding {finding}): look at it before the department has to ask"
        )
        open_task(db, "regret", label(item), text, act)
    return len(rows)
