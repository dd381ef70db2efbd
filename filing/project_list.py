"""The projects as a list: one question each for projects, their parts, and their open deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.names import plain
from filing.project_papers import counted
from filing.project_states import OVER
from filing.tables import Project
from store.departments import find_department
from store.tables import Deadline, Department

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """`state`: one, `open` for those that are not over, or `all`; `search`: as filing.names.plain has it."""

    state: str = "open"
    department: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """`parts`: how many of the five are there; `due_on`: of the open deadline that ends first."""

    project: Project
    department: str
    parts: int
    due_on: date | None


def listing(db: Session, wanted: Wanted) -> Iterator[Line]:
    """The newest first. Raises ProjectError for an unknown department."""
    chosen = select(Project, Department.name).join(Department, Project.department_id == Department.id)
    if wanted.state == "open":
        chosen = chosen.where(Project.state.not_in(OVER))
    elif wanted.state != "all":
        chosen = chosen.where(Project.state == wanted.state)
    if wanted.department is not None:
        chosen = chosen.where(Project.department_id == find_department(db, wanted.department).id)
    parts, due = counted(db), dues(db)
    for project, department in db.execute(chosen.order_by(Project.id.desc())):
        if not wanted.search or wanted.search in plain(f"{project.name} {project.system_name or ''}"):
            yield Line(project, department, parts.get(project.id, 0), due.get(project.id))


def dues(db: Session) -> dict[int, date]:
    """Project -> when its first open deadline ends."""
    wanted = select(Deadline.subject, Deadline.due_on).where(
        Deadline.subject.startswith("project:"), Deadline.met_on.is_(None), Deadline.due_on.is_not(None)
    )
    found: dict[int, date] = {}
    for subject, day in db.execute(wanted.order_by(Deadline.due_on)):
        number = subject.removeprefix("project:").partition("/")[0]
        if day is not None and number.isdecimal():
            found.setdefault(int(number), day)
    return found
