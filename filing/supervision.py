"""Supervision (arts. 5 and 31 to 33): trainings, inspections, what they found, awards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.plan_tables import Supervision, SupervisionKind
from store.journal import Entry, append
from store.workflow import RefusedError, Role

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from store.workflow import Act

RECORDERS = frozenset({Role.OPERATOR, Role.REVIEWER})
OF_ONE = (SupervisionKind.INSPECTION, SupervisionKind.FINDING, SupervisionKind.AWARD)


class SupervisionError(ValueError, LookupError):
    """A record that cannot be made or found, and why."""


def record(db: Session, row: Supervision, act: Act, today: date) -> None:
    """Records what happened. Raises SupervisionError for what cannot be, RefusedError."""
    if not RECORDERS & act.roles:
        raise RefusedError(f"supervision is recorded by {', '.join(sorted(RECORDERS))}; not by {act.actor}")
    fault = impossible(row, today)
    if fault is not None:
        raise SupervisionError(f"{row.kind} {row.title}: {fault}")
    row.made_by, row.made_at = act.actor, act.now
    db.add(row)
    db.flush()
    said = {"kind": row.kind, "department": row.department_id, "held_on": row.held_on, "title": row.title}
    said |= {"enrolled": row.enrolled, "attended": row.attended, "detail": row.detail}
    append(db, act.now, Entry(act.actor, "supervision.add", f"supervision:{row.id}", None, said, act.reason))


def impossible(row: Supervision, today: date) -> str | None:
    people = (row.enrolled, row.attended)
    if row.held_on > today:
        return f"{row.held_on} has not come, today is {today}"
    if row.kind in OF_ONE and row.department_id is None:
        return "of which department? --department"
    if row.kind != SupervisionKind.TRAINING and people != (None, None):
        return "only a training has people who were enrolled and who attended"
    if any(number is not None and number < 0 for number in people):
        return "a number of people is not negative"
    if row.attended is not None and (row.enrolled is None or row.attended > row.enrolled):
        return f"{row.attended} attended, of {row.enrolled} enrolled: correct one of the numbers"
    return None


def revoke(db: Session, number: int, act: Act, today: date) -> Supervision:
    """A mistaken record counts no more; it stays, with the reason in the journal. Raises SupervisionError."""
    row = db.get(Supervision, number)
    if row is None or row.revoked_on is not None:
        raise SupervisionError(f"no record {number} that stands: `rightsizer supervision list` shows them")
    if not RECORDERS & act.roles or not act.reason:
        raise RefusedError(f"a record is revoked by {', '.join(sorted(RECORDERS))}, with a reason: -m")
    row.revoked_on = today
    append(
        db, act.now, Entry(act.actor, "supervision.revoke", f"supervision:{number}", None, today, act.reason)
    )
    return row


def standing_records(
    db: Session, year: int | None = None, department: int | None = None
) -> list[Supervision]:
    """Records that were not revoked, the newest first; a department's with those that are everybody's."""
    wanted = (
        select(Supervision)
        .where(Supervision.revoked_on.is_(None))
        .options(joinedload(Supervision.department))
        .order_by(Supervision.held_on.desc(), Supervision.id.desc())
    )
    if department is not None:
        own = Supervision.department_id == department
        wanted = wanted.where(own | Supervision.department_id.is_(None))
    found = db.scalars(wanted)
    return [row for row in found if year is None or row.held_on.year == year]
