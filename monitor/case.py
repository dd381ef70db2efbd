"""A finding as it stands while a person looks at it, with the past of its machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from monitor.reviewing import in_words
from monitor.timeline import timeline
from store.review import protections_of
from store.tables import Finding, Machine, System

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

    from sqlalchemy.orm import Session

    from monitor.timeline import Event
    from store.tables import Protection


@dataclass(frozen=True, slots=True)
class Case:
    """A finding as a person sees it; `standing` is the machine's last verdict of any kind.

    `protections` are those in force, `past` is the machine's, the newest first.
    """

    id: int
    version: int
    state: str
    kind: str
    machine: str
    department: str | None
    system: str | None
    opened_on: date
    judged_on: date
    standing: str | None
    verdict: Mapping[str, Any]
    saving_yuan_month: float | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    reason: str | None
    until: date | None
    protections: tuple[str, ...]
    past: tuple[Event, ...]


def case(db: Session, number: int, zone: tzinfo, today: date) -> Case | None:
    """The finding with all that its page says; None when there is none of that number."""
    whole = joinedload(Finding.machine)
    loads = (
        whole.joinedload(Machine.department),
        whole.joinedload(Machine.system).joinedload(System.department),
    )
    row = db.scalar(select(Finding).where(Finding.id == number).options(*loads))
    if row is None:
        return None
    machine, covered = row.machine, protections_of(db, row.machine)
    return Case(
        id=row.id,
        version=row.version,
        state=row.state,
        kind=row.kind,
        machine=machine.name,
        department=machine.department.name if machine.department else None,
        system=machine.system.name if machine.system else None,
        opened_on=row.opened_on,
        judged_on=row.judged_on,
        standing=row.standing,
        verdict=row.verdict,
        saving_yuan_month=row.saving_yuan_month,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        reason=row.reason,
        until=row.until,
        protections=tuple(in_words(found) for found in covered if in_force(found, today)),
        past=timeline(db, machine, covered, zone, today),
    )


def in_force(found: Protection, today: date) -> bool:
    return found.ended_on is None and found.since <= today <= found.until
