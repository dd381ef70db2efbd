"""The audit journal: every decision, appended and never changed, each entry sealed over the one before.

An entry's hash is the SHA-256 of its canonical JSON, which holds the hash of the entry before it. Triggers
refuse UPDATE and DELETE; `verify` finds what was changed around them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text

from store.tables import JournalEntry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

BEGINNING = "0" * 64
COLUMNS = ("at", "actor", "action", "subject", "before", "after", "reason", "previous", "hash")
LOCK = 0x4A524E4C  # one writer at a time appends, so that the chain never forks


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. `before` and `after` are JSON values; `reason` is the actor's word."""

    actor: str
    action: str
    subject: str
    before: object = None
    after: object = None
    reason: str | None = None


def append(db: Session, now: datetime, *entries: Entry) -> None:
    """Writes the entries, in their order, to the end of the chain, within the caller's transaction."""
    if now.tzinfo is None:
        raise ValueError(f"a time with its zone, not {now!r}")
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    previous, rows = head(db), []
    for entry in entries:
        row = JournalEntry(
            at=now.astimezone(UTC),
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            before=kept(entry.before),
            after=kept(entry.after),
            reason=entry.reason,
            previous=previous,
        )
        row.hash = previous = seal(row)
        rows.append({name: getattr(row, name) for name in COLUMNS})
    db.flush()
    if rows:
        db.execute(insert(JournalEntry), rows, execution_options={"render_nulls": True})


def kept(value: object) -> object:
    """The value as a database gives it back: JSON, keys and dates as text. Raises ValueError, TypeError."""
    found: object = json.loads(json.dumps(value, allow_nan=False, default=iso))
    return found


def iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"the journal keeps JSON values and dates, not {value!r}")


def head(db: Session) -> str:
    """The hash of the newest entry: the anchor to be kept elsewhere."""
    newest = db.scalar(select(JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1))
    return newest or BEGINNING


def seal(row: JournalEntry) -> str:
    content = {
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
        "previous": row.previous,
    }
    canonical = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def verify(db: Session, anchor: str | None = None) -> tuple[int, str | None]:
    """How many entries stand, and the first fault of the chain in words (None: sound).

    `anchor`: a hash noted elsewhere; when no entry has it, entries were cut off.
    """
    previous, count, seen = BEGINNING, 0, anchor in {None, BEGINNING}
    query = select(JournalEntry).order_by(JournalEntry.id).execution_options(yield_per=1000)
    with db.scalars(query) as rows:
        for row in rows:
            count += 1
            if row.previous != previous:
                return count, f"entry {row.id}: the entry before it is missing or was changed"
            if seal(row) != row.hash:
                return count, f"entry {row.id}: its content was changed"
            previous = row.hash
            seen = seen or row.hash == anchor
    return count, None if seen else "no entry has the anchor's hash: the newest entries are missing"
