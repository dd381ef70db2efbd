"""What a submitted project is compared with: one question each for projects, systems, filings, data items."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from filing.hints import City, Known, Limits, Matter, hints, limit
from filing.names import plain
from filing.project_tables import Direction, ProjectDataItem
from filing.tables import Filing, FilingState, Project, ProjectState
from store.tables import Department, System

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.registers import Projects
    from filing.hints import Held

UNTOLD = (ProjectState.DRAFT, ProjectState.WITHDRAWN, ProjectState.FAILED)  # nobody is compared with these
HANDED = func.coalesce(Project.submitted_on, Project.created_on)


def limits_of(policy: Projects) -> Limits:
    return Limits(
        limit(policy.limit_wan),
        policy.split_months,
        policy.alike,
        policy.same_items,
        tuple(policy.common_words),
    )


def pointed_out(
    db: Session, project: Project, policy: Projects, today: date, held: Sequence[Held] = ()
) -> list[dict[str, object]]:
    """The hints on a project, as its row and the journal keep them; `held`: what the catalog has already."""
    matter = Matter(
        project.id,
        project.department.name,
        named(project.name, project.system_name),
        project.kind,
        today,
        project.fund_source,
        project.budget_fen,
    )
    items = producing(db)
    produced = [item for item, numbers in items.items() if project.id in numbers]
    found = hints(matter, produced, City(matters(db), systems(db), items, held), limits_of(policy))
    return [{"kind": str(hint.kind), "text": hint.text, "others": list(hint.others)} for hint in found]


def named(name: str, system: str | None) -> tuple[str, ...]:
    return (name,) if system is None or plain(system) == plain(name) else (name, system)


def matters(db: Session) -> list[Matter]:
    wanted = (
        select(
            Project.id,
            Department.name,
            Project.name,
            Project.system_name,
            Project.kind,
            HANDED,
            Project.fund_source,
            Project.budget_fen,
            Project.state == ProjectState.COMPLETED,
        )
        .join(Project.department)
        .where(Project.state.not_in(UNTOLD))
    )
    return [
        Matter(number, department, named(name, system), kind, on, source, fen, completed)
        for number, department, name, system, kind, on, source, fen, completed in db.execute(wanted)
    ]


def systems(db: Session) -> list[Known]:
    """What runs or is filed."""
    inventory = select(Department.name, System.name).join(System.department)
    filed = select(Department.name, Filing.name).join(Filing.department)
    standing = filed.where(Filing.state != FilingState.DEREGISTERED)
    return [
        Known(where, department, name)
        for where, wanted in (("system", inventory), ("filing", standing))
        for department, name in db.execute(wanted)
    ]


def producing(db: Session) -> dict[str, list[int]]:
    """Plain data item -> the projects that produce it, drafts included: the one that is compared is one."""
    found: dict[str, list[int]] = defaultdict(list)
    wanted = select(ProjectDataItem.project_id, ProjectDataItem.name).where(
        ProjectDataItem.direction == Direction.PRODUCED
    )
    for number, name in db.execute(wanted):
        found[plain(name)].append(number)
    return found
