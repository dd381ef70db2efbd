"""A department's year on one card (art. 31): its clocks by article, evaluations, records of supervision."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.evaluation_tables import Evaluation
from filing.scorecard import Clock, kept
from filing.supervision import standing_records
from store.departments import find_department
from store.tables import Deadline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.plan_tables import Supervision


def card(db: Session, wanted: str, year: int, today: date) -> dict[str, object]:
    """The card as JSON values. Terms are those that began in the year, as they stand today."""
    row = find_department(db, wanted)
    return {
        "department": row.name,
        "code": row.code,
        "year": year,
        "as_of": today.isoformat(),
        "terms": terms(db, row.id, year, today),
        "evaluations": evaluations(db, row.id, year),
        "records": [record(each) for each in standing_records(db, year, row.id)],
    }


def terms(db: Session, department: int, year: int, today: date) -> list[dict[str, object]]:
    """By article: ended in time or late, open ones, the share in time of those that ended."""
    wanted = select(Deadline).where(
        Deadline.department_id == department,
        Deadline.started_on.between(date(year, 1, 1), date(year, 12, 31)),
    )
    found: dict[str, list[Clock]] = {}
    for row in db.scalars(wanted.order_by(Deadline.article)):
        found.setdefault(row.article, []).append(Clock(row.due_on, row.met_on, row.paused_on is not None))
    told = {article: kept(clocks, today) for article, clocks in found.items()}
    return [
        {
            "article": article,
            "in_time": each.in_time,
            "late": each.late,
            "open": each.open,
            "share": None if each.share is None else round(each.share, 4),
        }
        for article, each in told.items()
    ]


def evaluations(db: Session, department: int, year: int) -> list[dict[str, object]]:
    wanted = (
        select(Evaluation)
        .where(Evaluation.department_id == department, Evaluation.year == year)
        .options(joinedload(Evaluation.filing))
        .order_by(Evaluation.id)
    )
    return [
        {"id": row.id, "system": row.filing.name, "state": row.state, "total": row.total}
        for row in db.scalars(wanted)
    ]


def record(row: Supervision) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "held_on": row.held_on.isoformat(),
        "title": row.title,
        "detail": row.detail,
        "department": row.department.name if row.department else None,
        "enrolled": row.enrolled,
        "attended": row.attended,
        "made_by": row.made_by,
    }
