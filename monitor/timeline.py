"""What happened to a machine before: answers to its findings, notices, objections, resizes, protections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from notifier.states import clock, label
from notifier.tables import Item
from store.inventory import SIZES
from store.tables import Deadline, JournalEntry, MachineChange, Trait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, tzinfo

    from sqlalchemy.orm import Session

    from store.tables import Machine, Protection

KINDS = ("shrink", "expand", "idle", "deploy")
FINDINGS = {  # the journal's action -> what it says of a finding; issue: the notice says it
    "finding.opened": "found",
    "finding.approve": "approved",
    "finding.reject": "rejected",
    "finding.defer": "deferred",
    "finding.reopen": "open again",
    "finding.spare": "left alone",
    "finding.close": "closed",
}
ITEMS = {
    "item.object": "objection recorded",
    "item.uphold": "objection turned down",
    "item.withdraw": "notice withdrawn",
    "item.adopt": "adoption recorded",
    "item.decline": "refusal recorded",
    "item.revert": "the old size was seen again",
}
SAID = (JournalEntry.at, JournalEntry.actor, JournalEntry.action, JournalEntry.subject)
PROGRAM = "rightsizer"


@dataclass(frozen=True, slots=True)
class Event:
    on: date
    text: str


def timeline(
    db: Session, machine: Machine, protections: Sequence[Protection], zone: tzinfo, today: date
) -> tuple[Event, ...]:
    """The machine's past, the newest first; protections that are in force or to come are not past."""
    items = db.scalars(select(Item).where(Item.machine_id == machine.id).order_by(Item.id)).all()
    known = [
        *of_findings(db, machine, zone),
        *of_items(db, items, zone),
        *of_changes(db, machine, zone),
        *of_protections(protections, today),
    ]
    known.sort(key=lambda event: event.on)
    return tuple(known[::-1])  # of a day, the later ones first too


def of_findings(db: Session, machine: Machine, zone: tzinfo) -> Iterator[Event]:
    subjects = [f"{machine.name}/{kind}" for kind in KINDS]
    for at, text in spoken(db, subjects, FINDINGS):
        yield Event(at.astimezone(zone).date(), text)


def of_items(db: Session, items: Iterable[Item], zone: tzinfo) -> Iterator[Event]:
    for item in items:
        due = db.scalar(select(Deadline.due_on).where(Deadline.subject == clock(item)))
        yield Event(item.notice.issued_on, noticed(item, due))
        for at, text in spoken(db, [label(item)], ITEMS):
            yield Event(at.astimezone(zone).date(), text)


def noticed(item: Item, due: date | None) -> str:
    """A notice and what came of it."""
    parts = [f"notice {item.notice.number} ({item.kind}): {item.state}"]
    if due is not None and item.ended_on is None:
        parts.append(f"due {due}")
    if item.outcome is not None:
        parts.append(f"size seen on {item.seen_on}: {item.outcome}")
    if item.realised is not None:
        parts.append(f"saves {item.realised:,.0f} of {item.promised or 0:,.0f} yuan a month")
    return "; ".join(parts)


def spoken(db: Session, subjects: Sequence[str], words: dict[str, str]) -> Iterator[tuple[Any, str]]:
    """(when, what was said) of the journal's entries on the subjects."""
    found = (
        select(*SAID, JournalEntry.after, JournalEntry.reason)
        .where(JournalEntry.subject.in_(subjects), JournalEntry.action.in_(words))
        .order_by(JournalEntry.id)
    )
    for at, actor, action, subject, after, reason in db.execute(found):
        what = f"{subject.rpartition('/')[2]} {words[action]}" if words is FINDINGS else words[action]
        until = after.get("until") if isinstance(after, dict) and action != "finding.opened" else None
        by = "" if actor == PROGRAM else f" by {actor}"
        yield at, f"{what}{f' until {until}' if until else ''}{by}{f': {reason}' if reason else ''}"


def of_changes(db: Session, machine: Machine, zone: tzinfo) -> Iterator[Event]:
    changes = select(MachineChange).where(
        MachineChange.machine_id == machine.id, MachineChange.trait.in_((Trait.SIZE, Trait.OWNER))
    )
    for row in db.scalars(changes.order_by(MachineChange.id)):
        shown = size if row.trait == Trait.SIZE else owner
        text = f"{row.trait} {shown(row.before)} -> {shown(row.after)}"
        yield Event(row.at.astimezone(zone).date(), text)


def size(value: Any) -> str:  # noqa: ANN401  (JSON)
    found = value if isinstance(value, dict) else {}
    return "/".join("-" if (part := found.get(name)) is None else f"{part:g}" for name in SIZES)


def owner(value: Any) -> str:  # noqa: ANN401  (JSON)
    return "nobody" if value is None else str(value)


def of_protections(protections: Iterable[Protection], today: date) -> Iterator[Event]:
    for row in protections:
        until = row.ended_on or row.until
        if row.ended_on is not None or row.until < today:
            yield Event(row.since, f"protected until {until} ({row.scope}): {row.reason}")
