"""The life of one project, in sections: what monitor/ alone sees together of register, clocks and use.

A section is a function that looks and answers rows; another part adds its own to SECTIONS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.completeness import lacking
from filing.panel import average, rounds
from filing.project_papers import items, lines, papers
from filing.project_states import PROJECT
from filing.project_tables import PAPERS, PaperKind
from filing.projects import subject
from filing.submitting import clocks
from filing.tables import Filing, ProjectState
from monitor import project_holdings as holdings
from store.tables import JournalEntry, Machine, System

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from filing.project_tables import ReviewRound
    from filing.tables import Project
    from monitor.installation import Installation, Now
    from store.workflow import Act

Row = dict[str, object]
USE_DAYS = 35
OPEN = (ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.INCOMPLETE)  # while completeness matters
FACTS = (
    *("name", "kind", "basis", "goals", "content", "performance", "system_name", "fund_source"),
    *("fixed_asset", "security_level", "contact", "phone", "planned_start", "planned_end", "cloud_need"),
    *("budget_fen", "budgeted_fen", "created_on", "submitted_on", "submitted_by", "accepted_on"),
    *("opinion_on", "opinion_number", "reported_on", "approved_on", "approval_number", "budgeted_on"),
    *("started_on", "completed_on", "ended_on"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """One project, looked at in one transaction."""

    house: Installation
    db: Session
    project: Project
    now: Now


@dataclass(frozen=True, slots=True)
class Section:
    """`key`: in JSON; `title`: on the page; rows with stable English keys."""

    key: str
    title: str
    rows: list[Row]


def head(look: Look, act: Act) -> Row:
    """The facts of the project, what it lacks while that matters, and what the one who looks may do next."""
    project = look.project
    found: Row = {"id": project.id, "state": str(project.state), "version": project.version}
    found["department"] = project.department.name
    found |= {key: iso(getattr(project, key)) for key in FACTS}
    lacks = lacking(look.db, project) if project.state in OPEN else []
    found["lacks"] = [lack.name for lack in lacks]
    events = (event for role in sorted(act.roles) for event in PROJECT.possible(project, role))
    found["next"] = list(dict.fromkeys(events))
    return found


def iso(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def timeline(look: Look) -> Section:
    """What the journal says of it: when, who, what, why."""
    wanted = (
        select(JournalEntry).where(JournalEntry.subject == subject(look.project)).order_by(JournalEntry.id)
    )
    zone = look.house.settings.zone()
    rows: list[Row] = [
        {
            "at": entry.at.astimezone(zone).isoformat(timespec="minutes"),
            "actor": entry.actor,
            "event": entry.action.removeprefix("project."),
            "before": entry.before,
            "after": entry.after,
            "reason": entry.reason,
        }
        for entry in look.db.scalars(wanted)
    ]
    return Section("timeline", "Timeline", rows)


def handed_in(look: Look) -> Section:
    rows: list[Row] = [
        {
            "kind": paper.kind,
            "title": PAPERS[PaperKind(paper.kind)],
            "name": paper.name,
            "sha256": paper.sha256,
            "size": paper.size,
            "added_on": iso(paper.added_on),
            "added_by": paper.added_by,
            "file": paper.kept,
        }
        for paper in papers(look.db, look.project)
    ]
    return Section("papers", "Papers", rows)


def estimate(look: Look) -> Section:
    rows: list[Row] = [{"name": line.name, "fen": line.fen} for line in lines(look.db, look.project)]
    return Section("budget_lines", "Budget lines", rows)


def data(look: Look) -> Section:
    rows: list[Row] = [
        {"direction": item.direction, "name": item.name, "code": item.code}
        for item in items(look.db, look.project)
    ]
    return Section("data_items", "Data items", rows)


def hints(look: Look) -> Section:
    return Section("hints", "Hints", list(look.project.hints or []))


def reviews(look: Look) -> Section:
    rows: list[Row] = [
        {
            "round": row.number,
            "meeting_on": iso(row.meeting_on),
            "conclusion": row.conclusion,
            "opinion": row.opinion,
            "score": average(row),
            "fee_fen": row.fee_fen,
        }
        for row in rounds(look.db, look.project)
    ]
    return Section("reviews", "Reviews", rows)


def panel(look: Look) -> Section:
    rows = [row for held in rounds(look.db, look.project) for row in experts(held)]
    return Section("experts", "Panel", rows)


def experts(held: ReviewRound) -> list[Row]:
    return [
        {
            "round": held.number,
            "name": expert.name,
            "unit": expert.unit,
            "declared_on": iso(expert.declared_on),
            "conflict": expert.conflict,
            "score": expert.score,
            "vote": expert.vote,
            "opinion": expert.opinion,
        }
        for expert in held.experts
    ]


def deadlines(look: Look) -> Section:
    rows: list[Row] = [
        {
            "article": row.article,
            "title": row.title,
            "started_on": iso(row.started_on),
            "working_days": row.working_days,
            "due_on": iso(row.due_on),
            "met_on": iso(row.met_on),
            "overdue": row.met_on is None and row.due_on is not None and row.due_on < look.now.today,
        }
        for row in clocks(look.db, look.project)
    ]
    return Section("deadlines", "Deadlines", rows)


def filings(look: Look) -> Section:
    return Section("filings", "Filed systems", holdings.filing_rows(look.db, look.project))


def applications(look: Look) -> Section:
    return Section("applications", "Cloud applications", holdings.application_rows(look.db, look.project))


def evaluations(look: Look) -> Section:
    return Section("evaluations", "Evaluation", holdings.evaluation_rows(look.db, look.project))


def budget(look: Look) -> Section:
    return Section("budget", "Budget list", holdings.budget_rows(look.db, look.project))


def machines(look: Look) -> Section:
    """The machines of the systems that were filed for it, with their use of the last 35 days."""
    wanted = (
        select(Machine, System.name)
        .join(Machine.system)
        .join(Filing, Filing.system_id == System.id)
        .where(Filing.project_id == look.project.id)
        .order_by(Machine.name)
    )
    found = look.db.execute(wanted).unique().all()
    use = used(look.house, {machine.name: machine.delivered_on for machine, _system in found}, look.now.as_of)
    rows: list[Row] = [
        {
            "machine": machine.name,
            "system": system,
            "vcpus": machine.vcpus,
            "memory_gib": machine.memory_gib,
            "disk_gib": machine.disk_gib,
            "delivered_on": iso(machine.delivered_on),
            "deployed_on": iso(machine.deployed_on),
            **use.get(machine.name, {}),
        }
        for machine, system in found
    ]
    return Section("machines", f"Machines (use of the last {USE_DAYS} days)", rows)


def used(house: Installation, delivered: dict[str, date | None], as_of: date) -> dict[str, Row]:
    """Machine -> percents of its use, None where it was not measured."""
    if not delivered:
        return {}
    from monitor.month import FIGURES, month_of

    frame = month_of(house, delivered, as_of - timedelta(days=USE_DAYS), as_of - timedelta(days=1))
    return {
        str(name): {key: None if isnan(row[key]) else round(float(row[key]), 2) for key in FIGURES}
        for name, row in frame.iterrows()
    }


SECTIONS: tuple[Callable[[Look], Section], ...] = (
    hints,
    deadlines,
    handed_in,
    estimate,
    data,
    reviews,
    panel,
    filings,
    applications,
    machines,
    evaluations,
    budget,
    timeline,
)


def faults(look: Look) -> list[str]:
    """What is wrong with the kept copies of its papers."""
    from monitor.proofs import FOLDER, fault

    folder = look.house.settings.data_dir / FOLDER
    return [text for row in papers(look.db, look.project) if (text := fault(folder, row.kept)) is not None]


def sections(look: Look) -> list[Section]:
    """Every section, in the order of the page; without rows where there is nothing to say."""
    return [look_at(look) for look_at in SECTIONS]
