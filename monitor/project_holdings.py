"""What a project holds in the other registers: its filed systems, its applications, how they were evaluated,
and what the newest budget list says of it (arts. 9, 10 and 12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from filing.application_tables import Application, ApplicationMachine
from filing.budget_tables import BudgetList
from filing.evaluation_tables import Evaluation
from filing.projects import subject
from filing.tables import Filing
from store.deadlines import running
from store.tables import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.tables import Project

Row = dict[str, object]


def filed(db: Session, project: Project) -> list[Filing]:
    wanted = select(Filing).where(Filing.project_id == project.id).order_by(Filing.id)
    return list(db.scalars(wanted))


def filing_rows(db: Session, project: Project) -> list[Row]:
    found = filed(db, project)
    due = soonest(db, [f"filing:{row.id}" for row in found])
    return [
        {
            "filing": row.id,
            "name": row.name,
            "state": str(row.state),
            "level": row.card.get("level"),
            "submitted_on": iso(row.submitted_on),
            "filed_on": iso(row.filed_on),
            "due_on": iso(due.get(f"filing:{row.id}")),
            "ended_on": iso(row.ended_on),
        }
        for row in found
    ]


def application_rows(db: Session, project: Project) -> list[Row]:
    """The applications of the project and of its filed systems, with the last day that each waits for."""
    of_filings = select(Filing.id).where(Filing.project_id == project.id)
    whole = selectinload(Application.machines).joinedload(ApplicationMachine.machine)
    wanted = (
        select(Application)
        .where(or_(Application.project_id == project.id, Application.filing_id.in_(of_filings)))
        .options(selectinload(Application.lines), whole)
        .order_by(Application.id)
    )
    found = db.scalars(wanted).all()
    names = {row.id: [f"application:{row.id}", *machines_of(row)] for row in found}
    due = soonest(db, [name for each in names.values() for name in each])
    rows: list[Row] = []
    for row in found:
        days = [day for name in names[row.id] if (day := due.get(name)) is not None]
        rows.append(
            {
                "application": row.id,
                "kind": str(row.kind),
                "state": str(row.state),
                "machines": len(row.machines) or sum(line.count for line in row.lines),
                "names": [part.machine.name for part in row.machines],
                "submitted_on": iso(row.submitted_on),
                "delivered_on": iso(row.delivered_on),
                "running_on": iso(row.running_on),
                "due_on": iso(min(days, default=None)),
            }
        )
    return rows


def machines_of(row: Application) -> list[str]:
    return [f"machine:{part.machine_id}" for part in row.machines]


def evaluation_rows(db: Session, project: Project) -> list[Row]:
    """The newest evaluation of each filed system, with the points of what our own data say."""
    of_filings = select(Filing.id).where(Filing.project_id == project.id)
    wanted = select(Evaluation).where(Evaluation.filing_id.in_(of_filings)).order_by(Evaluation.year)
    newest = {row.filing_id: row for row in db.scalars(wanted)}
    return [
        {
            "evaluation": row.id,
            "filing": row.filing_id,
            "year": row.year,
            "state": str(row.state),
            "total": row.total,
            "measured": {line["key"]: line["score"] for line in row.sheet if automatic(line)},
            "confirmed_on": iso(row.confirmed_on),
            "attested_on": iso(row.attested_on),
        }
        for row in newest.values()
    ]


def automatic(line: Mapping[str, Any]) -> bool:
    """Scored by our own data, and not by a person."""
    return line["score"] is not None and line["by"] is None


def budget_rows(db: Session, project: Project) -> list[Row]:
    """What the newest issued list says of the project and of its filed systems."""
    order = (BudgetList.year.desc(), BudgetList.sequence.desc())
    newest = db.scalars(select(BudgetList).order_by(*order).limit(1)).first()
    if newest is None:
        return []
    wanted = {subject(project), *(f"filing:{row.id}" for row in filed(db, project))}
    keys = ("row", "subject", "verdict", "since", "article", "fact", "restores")
    return [
        {"list": newest.number, "as_of": iso(newest.as_of), **{key: row[key] for key in keys}}
        for row in newest.content["rows"]
        if row["subject"] in wanted
    ]


def soonest(db: Session, subjects: Iterable[str]) -> dict[str, date]:
    """Subject -> the last day of its running clock that ends first."""
    wanted = select(Deadline.subject, func.min(Deadline.due_on)).where(
        *running(), Deadline.due_on.is_not(None), Deadline.subject.in_(list(subjects))
    )
    found = db.execute(wanted.group_by(Deadline.subject))
    return {name: day for name, day in found if day is not None}


def iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
