"""An entry's way from the draft to the public: every step checked by the rules first (arts. 16 and 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.content import facts_of
from catalog.entries import STANDING, subject, version_of
from catalog.events import opened, settle, updated
from catalog.knowledge import Knowledge
from catalog.rules import check, remarks
from catalog.states import ENTRY
from catalog.tables import Version
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.matters import ChangeEvent
    from catalog.rules import Problem
    from catalog.tables import Entry
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


def go(db: Session, entry: Entry, event: str, today: date, act: Act, **values: object) -> Version:
    """One step of the newest version. Raises RefusedError, OvertakenError."""
    version = version_of(db, entry)
    if event in EXPLAINED and not act.reason:
        raise RefusedError(f"{subject(entry, version)}: to {event} it, say why (-m)")
    judge(Knowledge(db, today), entry, version)
    move(db, ENTRY, [(version, subject(entry, version))], event, act, changed_at=act.now, **values)
    return version


def submit(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "submit", today, act, submitted_on=today, submitted_by=act.actor, confirmed_by=None)


def confirm(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "confirm", today, act, confirmed_by=act.actor)


def send_back(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "return", today, act)


def withdraw(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "withdraw", today, act)


def file(db: Session, entry: Entry, today: date, act: Act) -> Version:
    return go(db, entry, "file", today, act, filed_on=today)


def publish(db: Session, entry: Entry, today: date, act: Act) -> tuple[Version, list[ChangeEvent]]:
    """The newest version takes the place of the published one. Returns it, and the events that it does not
    meet. Raises RefusedError.
    """
    version = version_of(db, entry)
    judge(Knowledge(db, today), entry, version)
    allowed(ENTRY, version, subject(entry, version), "publish", act)  # before the old one is put away
    replace_old(db, entry, version, today, act)
    day = version.published_on or today
    go(db, entry, "publish", today, act, went_public_on=today, published_on=day)
    entry.published = version.number
    return version, updated(db, entry, version, today, act)


def replace_old(db: Session, entry: Entry, version: Version, today: date, act: Act) -> None:
    before = (
        select(Version)
        .where(Version.entry_id == entry.id, Version.id != version.id, Version.state.in_(STANDING))
        .order_by(Version.number)
    )
    for old in db.scalars(before).all():
        values = {"ended_on": today, "changed_at": act.now}
        move(db, ENTRY, [(old, subject(entry, old))], "supersede", act, **values)


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
