"""Changes of the law or of functions: entries are to be updated within 15 working days (art. 17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.entries import version_of
from catalog.errors import CatalogError
from catalog.matters import Affected, ChangeEvent, ChangeKind
from catalog.names import clean
from catalog.purposes import refuse_secrets
from catalog.tables import VersionState
from config.roles import Role
from store.calendar import calendar
from store.deadlines import Clock, Term, meet, start
from store.journal import Entry as Said
from store.journal import append
from store.tables import Deadline
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.tables import Entry, Version
    from config.workdays import Calendar
    from store.workflow import Act

ARTICLE = "第十七条 目录更新"
LONGEST = 300
ENDED = (VersionState.OFFLINE, VersionState.DISCARDED)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened: a law's change by its name, or a change of functions, and on which day."""

    kind: ChangeKind
    what: str
    on: date
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """Today, the calendar, and the working days that the policy gives."""

    today: date
    known: Calendar
    working_days: int


def record(db: Session, change: Change, entries: Sequence[Entry], dates: Dates, act: Act) -> ChangeEvent:
    """Records an event; a clock runs for every affected entry. Of two, the earlier counts.

    Raises CatalogError for a day to come, no entries or no words; RefusedError.
    """
    what = clean(change.what)
    if not what or len(what) > LONGEST:
        raise CatalogError(f"say which law or function changed, in at most {LONGEST} characters")
    refuse_secrets(what, change.note)
    if change.on > dates.today:
        raise CatalogError(f"{change.on} is to come: record the change when it has happened")
    if not entries:
        raise CatalogError("no affected entry: name those that the change makes update")
    for entry in entries:
        check_recorder(act, entry)
        refuse_ended(db, entry)
    event = ChangeEvent(
        kind=change.kind,
        what=what,
        happened_on=change.on,
        recorded_on=dates.today,
        recorded_by=act.actor,
        note=change.note,
    )
    db.add(event)
    db.flush()
    for entry in dict.fromkeys(entries):
        clock = running(db, entry)
        due = started(db, event, entry, clock, dates, act)
        db.add(Affected(event_id=event.id, entry_id=entry.id, deadline_id=due.id))
    db.flush()
    codes = [entry.resource_code for entry in dict.fromkeys(entries)]
    after = {"kind": change.kind, "what": what, "on": change.on, "entries": codes}
    append(db, act.now, Said(act.actor, "catalog_event.recorded", matter(event), None, after, act.reason))
    return event


def check_recorder(act: Act, entry: Entry) -> None:
    if {Role.OPERATOR, Role.REVIEWER} & act.roles:
        return
    if Role.EDITOR not in act.roles or act.department_id != entry.department_id:
        raise RefusedError(f"{act.actor} may not record changes of another department: {entry.resource_code}")


def refuse_ended(db: Session, entry: Entry) -> None:
    """Raises CatalogError for what is neither public nor on its way: nobody could meet its clock."""
    newest = version_of(db, entry)
    if newest.state in ENDED:
        raise CatalogError(f"{entry.resource_code} is {newest.state}: nothing of it is to be updated")


def matter(event: ChangeEvent) -> str:
    return f"catalog event {event.id}"


def running(db: Session, entry: Entry) -> Deadline | None:
    """The clock that runs for an entry now."""
    open_one = (
        select(Deadline)
        .join(Affected, Affected.deadline_id == Deadline.id)
        .where(Affected.entry_id == entry.id, Affected.met_on.is_(None), Deadline.met_on.is_(None))
        .order_by(Deadline.started_on, Deadline.id)
        .limit(1)
    )
    return db.scalar(open_one)


def started(
    db: Session, event: ChangeEvent, entry: Entry, clock: Deadline | None, dates: Dates, act: Act
) -> Deadline:
    """The clock for the entry: a new one, the running one, or that counted anew from an earlier day."""
    if clock is not None and clock.started_on <= event.happened_on:
        return clock
    name = clock.subject if clock is not None else f"catalog:{entry.id}:{event.id}"
    told = words(db, event, entry)
    one = Clock(name, event.happened_on, entry.department_id, told)
    (due,) = start(db, dates.known, matter(event), [one], Term(ARTICLE, dates.working_days), act)
    due.title = told
    db.flush()
    return due


def words(db: Session, event: ChangeEvent, entry: Entry) -> str:
    """What is to be done, in the words of a letter."""
    title = version_of(db, entry).title or entry.resource_code
    return f"更新政务数据目录《{title}》（{entry.resource_code}）：{event.what}"[:LONGEST]


def updated(db: Session, entry: Entry, version: Version, on: date, act: Act) -> list[ChangeEvent]:
    """A version was published: events that happened no later than it was submitted are met by it. Returns
    those that stay open: the version was submitted before they happened.
    """
    rows = opened(db, entry)
    ready = version.submitted_on or version.created_on
    late = [event for _row, event in rows if event.happened_on > ready]
    done = [row for row, event in rows if event.happened_on <= ready]
    settle(db, entry, done, on, f"version {version.number}", act)
    return late


def settle(db: Session, entry: Entry, rows: Sequence[Affected], on: date, because: str, act: Act) -> None:
    """These are met. A clock ends with the last that shares it, or runs from the earliest that is left."""
    for row in rows:
        row.met_on, row.met_because = on, because
    db.flush()
    left: dict[int, ChangeEvent] = {}
    for row, event in opened(db, entry):
        left.setdefault(row.deadline_id, event)
    clocks = {row.deadline_id: row.deadline for row in rows}
    ended = [clock for number, clock in clocks.items() if number not in left]
    meet(db, f"catalog entry {entry.resource_code}", ended, on, act)
    for number, clock in clocks.items():
        if number in left and clock.started_on != left[number].happened_on:
            dates = Dates(on, calendar(db), clock.working_days)
            restarted(db, clock, left[number], entry, dates, act)


def restarted(db: Session, clock: Deadline, event: ChangeEvent, entry: Entry, dates: Dates, act: Act) -> None:
    """Nobody is overdue for what happened later than the clock began."""
    told = words(db, event, entry)
    one = Clock(clock.subject, event.happened_on, entry.department_id, told)
    start(db, dates.known, matter(event), [one], Term(ARTICLE, dates.working_days), act)
    clock.title = told


def opened(db: Session, entry: Entry) -> list[tuple[Affected, ChangeEvent]]:
    wanted = (
        select(Affected, ChangeEvent)
        .join(ChangeEvent, ChangeEvent.id == Affected.event_id)
        .where(Affected.entry_id == entry.id, Affected.met_on.is_(None))
        .order_by(ChangeEvent.happened_on, ChangeEvent.id)
    )
    return list(db.execute(wanted).all())


def dismiss(db: Session, number: int, entry: Entry, on: date, act: Act) -> None:
    """The centre's word that an entry needs no update for an event. Raises CatalogError, RefusedError."""
    if not {Role.OPERATOR, Role.REVIEWER} & act.roles:
        raise RefusedError(f"that is for the centre's operators and reviewers; {act.actor} is neither")
    if not act.reason:
        raise CatalogError("say why nothing is to be updated (-m)")
    rows = [row for row, event in opened(db, entry) if event.id == number]
    if not rows:
        raise CatalogError(f"event {number} has nothing open on {entry.resource_code}: `catalog event list`")
    settle(db, entry, rows, on, clean(act.reason)[:200], act)
    said = Said(act.actor, "catalog_event.dismissed", entry.resource_code, number, None, act.reason)
    append(db, act.now, said)
