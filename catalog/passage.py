"""An entry's way from the draft to the public: every step checked by the rules first (arts. 16 and 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from catalog.content import facts_of
from catalog.entries import STANDING, subject, version_of
from catalog.events import opened, settle, updated
from catalog.knowledge import Knowledge
from catalog.rules import check, remarks
from catalog.states import ENTRY
from catalog.tables import Entry, Version
from store.parts import parts
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.matters import ChangeEvent
    from catalog.rules import Problem
    from store.workflow import Act

EXPLAINED = ("return", "offline")  # steps that say why


def judge(known: Knowledge, entry: Entry, version: Version) -> list[Problem]:
    """Asks the rules about a version; its guards rely on the answer."""
    facts = facts_of(version)
    context = known.context(entry.department_id, entry.class_code, entry.resource_code, facts)
    found = check(facts, context)
    version.problems = found
    return found


def doubtful(known: Knowledge, entry: Entry, version: Version) -> list[Problem]:
    """What the reviewer should look at besides."""
    facts = facts_of(version)
    return remarks(facts, known.context(entry.department_id, entry.class_code, entry.resource_code, facts))


def taken(
    db: Session, entries: Sequence[Entry], event: str, today: date, act: Act, **values: object
) -> list[Version]:
    """One step of the newest versions, all or none; the rules look at what is already there once, and at the
    ones before each. Raises RefusedError, OvertakenError.
    """
    known, pairs = Knowledge(db, today), newest_of(db, entries)
    for entry, version in pairs:
        if event in EXPLAINED and not act.reason:
            raise RefusedError(f"{subject(entry, version)}: to {event} it, say why (-m)")
        judge(known, entry, version)
        known.note(entry, version.title_key)
    rows = [(version, subject(entry, version)) for entry, version in pairs]
    move(db, ENTRY, rows, event, act, changed_at=act.now, **values)
    return [version for _entry, version in pairs]


def newest_of(db: Session, entries: Sequence[Entry]) -> list[tuple[Entry, Version]]:
    """The entries, each once, with their newest versions."""
    each = list(dict.fromkeys(entries))
    whole = selectinload(Version.items), selectinload(Version.basis)
    wanted = select(Version).join(Version.entry).where(Version.number == Entry.newest).options(*whole)
    found = {
        version.entry_id: version
        for part in parts(entry.id for entry in each)
        for version in db.scalars(wanted.where(Version.entry_id.in_(part)))
    }
    return [(entry, found[entry.id]) for entry in each]


def go(db: Session, entry: Entry, event: str, today: date, act: Act, **values: object) -> Version:
    """One step of the newest version. Raises RefusedError, OvertakenError."""
    return taken(db, [entry], event, today, act, **values)[0]


def submit_all(db: Session, entries: Sequence[Entry], today: date, act: Act) -> list[Version]:
    said = {"submitted_on": today, "submitted_by": act.actor, "confirmed_by": None}
    return taken(db, entries, "submit", today, act, **said)


def submit(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return submit_all(db, [entry], today, act)[0]


def confirm_all(db: Session, entries: Sequence[Entry], today: date, act: Act) -> list[Version]:
    return taken(db, entries, "confirm", today, act, confirmed_by=act.actor)


def confirm(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return confirm_all(db, [entry], today, act)[0]


def send_back(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "return", today, act)


def withdraw(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "withdraw", today, act)


def file_all(db: Session, entries: Sequence[Entry], today: date, act: Act) -> list[Version]:
    return taken(db, entries, "file", today, act, filed_on=today)


def file(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return file_all(db, [entry], today, act)[0]


def publish(db: Session, entry: Entry, today: date, act: Act) -> tuple[Version, list[ChangeEvent]]:
    """The newest version takes the place of the published one. Returns it, and the events that it does not
    meet. Raises RefusedError.
    """
    return publish_all(db, [entry], today, act)[0]


def publish_all(
    db: Session, entries: Sequence[Entry], today: date, act: Act
) -> list[tuple[Version, list[ChangeEvent]]]:
    """The same for many, all or none."""
    known, pairs = Knowledge(db, today), newest_of(db, entries)
    by_day: dict[date, list[tuple[Version, str]]] = {}
    for entry, version in pairs:
        judge(known, entry, version)
        allowed(ENTRY, version, subject(entry, version), "publish", act)  # before the old ones are put away
        by_day.setdefault(version.published_on or today, []).append((version, subject(entry, version)))
    replace_old(db, pairs, today, act)
    for day, rows in by_day.items():
        move(db, ENTRY, rows, "publish", act, changed_at=act.now, went_public_on=today, published_on=day)
    for entry, version in pairs:
        entry.published = version.number
    return [(version, updated(db, entry, version, today, act)) for entry, version in pairs]


def replace_old(db: Session, pairs: Sequence[tuple[Entry, Version]], today: date, act: Act) -> None:
    newer = {entry.id: (entry, version) for entry, version in pairs}
    before = select(Version).where(Version.state.in_(STANDING)).order_by(Version.entry_id, Version.number)
    olds = [
        (old, subject(newer[old.entry_id][0], old))
        for part in parts(newer)
        for old in db.scalars(before.where(Version.entry_id.in_(part)))
        if old.id != newer[old.entry_id][1].id
    ]
    move(db, ENTRY, olds, "supersede", act, ended_on=today, changed_at=act.now)


def take_offline(db: Session, entry: Entry, today: date, act: Act) -> Version:
    """Out of the public catalog; what it was to be updated for is met. Raises RefusedError."""
    number = entry.published
    if number is None:
        raise RefusedError(f"{entry.resource_code} is not published")
    if entry.newest != number:
        newest = version_of(db, entry)
        raise RefusedError(f"{subject(entry, newest)} is {newest.state}: discard or publish it first")
    version = go(db, entry, "offline", today, act, ended_on=today)
    entry.published = None
    settle(db, entry, [row for row, _event in opened(db, entry)], today, "offline", act)
    return version


def discard(db: Session, entry: Entry, today: date, act: Act) -> Version:
    """Gives a draft up; what stood before it is the newest again. Where nothing is public, what it was to be
    updated for is met.
    """
    version = go(db, entry, "discard", today, act, ended_on=today)
    before = (
        select(Version.number)
        .where(Version.entry_id == entry.id, Version.state.in_(STANDING))
        .order_by(Version.number.desc())
        .limit(1)
    )
    entry.newest = db.scalar(before) or entry.newest
    if entry.published is None:
        settle(db, entry, [row for row, _event in opened(db, entry)], today, "discarded", act)
    return version
