"""After the panel: opinion, report, approval, budget, work, acceptance; each on its day, in their order
(arts. 7 and 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.clocks import ARTICLE as FILE
from filing.days import in_order
from filing.money import yuan
from filing.panel import rounds
from filing.project_papers import has
from filing.project_tables import PaperKind
from filing.projects import ProjectError, subject
from filing.submitting import matter, may, step
from filing.tables import Project
from store.deadlines import Clock, Term
from store.deadlines import start as start_clock
from store.workflow import RefusedError

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.submitting import Desk


def issue_opinion(db: Session, project: Project, on: date, number: str, desk: Desk) -> None:
    """The centre's opinion (审核意见). Raises ProjectError, RefusedError."""
    may(project, "issue_opinion", desk.act)
    held = rounds(db, project)
    in_order("the opinion", on, desk.today, [("the meeting", row.meeting_on) for row in held])
    other = db.scalar(select(Project).where(Project.opinion_number == number, Project.id != project.id))
    if other is not None:
        raise ProjectError(
            f"{number} is the opinion on project {other.id} ({other.name}): every one has its own"
        )
    step(db, project, "issue_opinion", desk.act, opinion_on=on, opinion_number=number)


def report(db: Session, project: Project, on: date, desk: Desk) -> None:
    """The department reports to the city government (报市政府)."""
    may(project, "report", desk.act)
    in_order("the report", on, desk.today, [("the opinion", project.opinion_on)])
    step(db, project, "report", desk.act, reported_on=on)


def approve(db: Session, project: Project, on: date, number: str, desk: Desk) -> None:
    """The city government's approval (批准文号). A fixed-asset investment needs its paper before."""
    may(project, "approve", desk.act)
    in_order("the approval", on, desk.today, [("the report", project.reported_on)])
    if project.fixed_asset and not has(db, project, PaperKind.INVESTMENT):
        raise RefusedError(
            f"project {project.id} is a fixed-asset investment: hand in its investment paper first, "
            f"`rightsizer project paper add {project.id} investment FILE` (art. 7)"
        )
    step(db, project, "approve", desk.act, approved_on=on, approval_number=number)


def budget(db: Session, project: Project, on: date, fen: int | None, desk: Desk) -> None:
    """Finance arranged the budget: `fen` of it, by default the whole estimate, never more."""
    may(project, "budget", desk.act)
    in_order("the budget", on, desk.today, [("the approval", project.approved_on)])
    arranged = project.budget_fen if fen is None else fen
    if arranged is not None and project.budget_fen is not None and arranged > project.budget_fen:
        raise ProjectError(
            f"project {project.id}: {yuan(arranged)} yuan are more than the {yuan(project.budget_fen)} that "
            "were reviewed and approved"
        )
    step(db, project, "budget", desk.act, budgeted_on=on, budgeted_fen=arranged)


def start(db: Session, project: Project, on: date, desk: Desk) -> None:
    """The work begins: after both approvals and the budget."""
    may(project, "start", desk.act)
    before = [("the approval", project.approved_on), ("the budget", project.budgeted_on)]
    in_order("the start", on, desk.today, before)
    step(db, project, "start", desk.act, started_on=on)


def complete(db: Session, project: Project, on: date, desk: Desk) -> None:
    """The work was accepted (验收); where the city set a limit to file the system, its clock starts."""
    may(project, "complete", desk.act)
    in_order("the completion", on, desk.today, [("the start", project.started_on)])
    step(db, project, "complete", desk.act, completed_on=on, ended_on=on)
    if desk.policy.file is not None:
        title = f"为“{project.name[:80]}”建成的系统提交全口径备案登记表"
        clock = Clock(subject(project), on, project.department_id, title)
        start_clock(db, desk.known, matter(project), [clock], Term(FILE, desk.policy.file), desk.act)
