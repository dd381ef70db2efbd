"""The clouds beside the city's one (art. 11): no new ones, and a plan to merge each of the old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.application_states import PLATFORM
from filing.application_tables import Platform, PlatformNote, PlatformState
from filing.applications import ApplicationError
from filing.writers import check_writer
from store.counting import Count
from store.deadlines import facts, meet, standing
from store.journal import Entry, append
from store.tables import Deadline
from store.workflow import RefusedError, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.tables import Department
    from store.workflow import Act

ARTICLE = "第十一条 归并"
UNAUTHORISED = "擅自新建"


class NoPlatformError(LookupError):
    """There is no platform of that number."""


@dataclass(frozen=True, slots=True)
class Own:
    """A department's own cloud as it is recorded."""

    name: str
    started_on: date
    address: str | None = None
    systems: Sequence[str] = ()


def add(db: Session, department: Department, own: Own, in_force: date, today: date, act: Act) -> Platform:
    """One begun after the day on which the regulation came into force is 擅自新建. Raises ApplicationError,
    RefusedError.
    """
    check_writer(act, department.id)
    if own.started_on > today:
        raise ApplicationError(f"{own.name} was started on {own.started_on}: that day is not here yet")
    if not own.name.strip():
        raise ApplicationError("a platform needs a name")
    same = select(Platform).where(Platform.department_id == department.id, Platform.name == own.name)
    if (known := db.scalar(same)) is not None:
        raise ApplicationError(f"{department.name} has {own.name} already: platform {known.id}")
    row = Platform(
        department=department,
        name=own.name,
        state=PlatformState.UNPLANNED,
        address=own.address,
        systems=list(dict.fromkeys(own.systems)),
        started_on=own.started_on,
        unauthorised=own.started_on >= in_force,
    )
    db.add(row)
    db.flush()
    told = {
        "department": department.name,
        "name": own.name,
        "systems": list(own.systems),
        "started_on": own.started_on,
        "unauthorised": row.unauthorised,
    }
    append(db, act.now, Entry(act.actor, "platform.added", str(row.id), None, told, act.reason))
    return row


def plan(db: Session, known: Calendar, row: Platform, text: str, due: date, today: date, act: Act) -> None:
    """By when it is merged, and how; again: the plan is changed. Raises ApplicationError, RefusedError."""
    if due <= today:
        raise ApplicationError(f"to be merged by {due}: a day after today, {today}")
    move(db, PLATFORM, [(row, str(row.id))], "plan", act, plan=text, due_on=due)
    promise(db, known, row, due, today, act)


def promise(db: Session, known: Calendar, row: Platform, due: date, today: date, act: Act) -> None:
    """The deadline is a day of the plan, not counted in working days: no calendar moves it."""
    subject, title = f"platform:{row.id}", f"自建云平台“{row.name[:80]}”归并整合到青岛政务云平台"
    clock = standing(db, [subject], ARTICLE).get(subject)
    before = facts(clock) if clock is not None else None
    if clock is None:
        clock = Deadline(subject=subject, article=ARTICLE, department_id=row.department_id)
        db.add(clock)
    clock.started_on, clock.working_days, clock.due_on, clock.extended = today, 0, due, True
    clock.calendar, clock.known_at, clock.title = Count(known).version, act.now, title
    after = {**facts(clock), "article": ARTICLE, "subjects": [subject]}
    action = "deadline.started" if before is None else "deadline.changed"
    append(db, act.now, Entry(act.actor, action, f"platform {row.id}", before, after, act.reason))


def progress(db: Session, row: Platform, text: str, percent: int | None, day: date, act: Act) -> None:
    """How far the merge has come. Raises ApplicationError, RefusedError."""
    check_writer(act, row.department_id)
    if row.state != PlatformState.PLANNED:
        raise RefusedError(f"platform {row.id} is {row.state}: `platform plan` comes first")
    if row.notes and day < row.notes[-1].day:
        raise ApplicationError(f"the newest note is of {row.notes[-1].day}: a later one cannot be of {day}")
    row.notes.append(PlatformNote(day=day, percent=percent, text=text, written_by=act.actor))
    row.version += 1
    db.flush()
    after = {"day": day, "percent": percent, "text": text}
    append(db, act.now, Entry(act.actor, "platform.progress", str(row.id), None, after, act.reason))


def close(db: Session, row: Platform, on: date, today: date, act: Act) -> None:
    """Merged, or taken down. Raises ApplicationError, RefusedError."""
    if not row.started_on <= on <= today:
        raise ApplicationError(f"closed on {on}: between its start on {row.started_on} and today, {today}")
    move(db, PLATFORM, [(row, str(row.id))], "close", act, closed_on=on)
    clocks = standing(db, [f"platform:{row.id}"], ARTICLE).values()
    meet(db, f"platform {row.id}", clocks, on, act)


def found(db: Session, number: int) -> Platform:
    """Raises NoPlatformError."""
    row = db.scalar(select(Platform).where(Platform.id == number).options(joinedload(Platform.department)))
    if row is None:
        raise NoPlatformError(f"there is no platform {number}: `rightsizer platform list`")
    return row


def remarks(row: Platform, today: date) -> list[str]:
    """What is to be pointed out about it."""
    told = []
    if row.unauthorised:
        told.append(f"{UNAUTHORISED}（{row.started_on}起，办法施行后）")
    if row.state == PlatformState.UNPLANNED:
        told.append("无归并计划")
    if row.state == PlatformState.PLANNED and row.due_on is not None and row.due_on < today:
        told.append(f"归并逾期（{row.due_on}）")
    return told
