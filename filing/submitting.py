"""A project on its way into the review: submitted, returned for a supplement, accepted, withdrawn (art. 8).

The clocks are the city's own: to accept or return what came in, and to supply what was missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from filing.completeness import lacking, listed, of_budget
from filing.days import in_order
from filing.hint_facts import pointed_out
from filing.project_papers import check_sum, lines
from filing.project_states import PROJECT
from filing.projects import ProjectError, subject
from filing.tables import ProjectState
from store.deadlines import Clock, Term, meet, start
from store.journal import Entry, append
from store.tables import Deadline
from store.workflow import RefusedError, allowed, move

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from config.registers import Projects
    from config.workdays import Calendar
    from filing.completeness import Lack
    from filing.hints import Held
    from filing.tables import Project
    from store.workflow import Act

ACCEPT, SUPPLEMENT = "第八条 受理", "第八条 补正"
TITLE = 300  # characters of a deadline's title
UNTOLD = ("hints", "submitted_by")  # told by entries of their own


@dataclass(frozen=True, slots=True)
class Desk:
    """By what the centre works: the city's numbers, the calendar, the day, who acts. `held`: entries of the
    catalog with data that the project would produce, for its submission.
    """

    policy: Projects
    known: Calendar
    today: date
    act: Act
    held: tuple[Held, ...] = ()


def submit(db: Session, project: Project, on: date, desk: Desk) -> list[Lack]:
    """Hands the project in, or in again after a supplement: its hints are recorded, the centre's clock starts
    on the day `on` that it came in. Returns what it lacks, which does not keep it. Raises RefusedError,
    ProjectError.
    """
    event = "resubmit" if project.state == ProjectState.INCOMPLETE else "submit"
    may(project, event, desk.act)
    returned = [("the return", row.started_on) for row in clocks(db, project) if row.article == SUPPLEMENT]
    in_order("the submission", on, desk.today, [("the last submission", project.submitted_on), *returned])
    budget = [(line.name, line.fen) for line in lines(db, project)]
    if of_budget(project, [fen for _name, fen in budget]) == ["sum"]:
        check_sum(project, budget)
    found = pointed_out(db, project, desk.policy, on, desk.held)
    step(db, project, event, desk.act, submitted_on=on, submitted_by=desk.act.actor, hints=found)
    if found:
        append(db, desk.act.now, Entry(desk.act.actor, "project.hinted", subject(project), None, found))
    arrived = replace(desk, today=on)
    end_clocks(db, project, arrived, SUPPLEMENT)
    begin(db, project, arrived, ACCEPT, f"受理或退回补正{called(project)}的审核材料")
    return lacking(db, project)


def called(project: Project) -> str:
    return f"{project.department.name}“{project.name}”项目"


def send_back(db: Session, project: Project, desk: Desk) -> list[Lack]:
    """Returns the project to its department (待补正) with what is missing, and starts its clock. Raises
    RefusedError, ProjectError when nothing is missing and no reason is given.
    """
    may(project, "return", desk.act)
    lacks = lacking(db, project)
    why = "；".join(part for part in (listed(lacks), desk.act.reason) if part)
    if not why:
        raise ProjectError(f"project {project.id} lacks nothing: to return it, say why (-m)")
    step(db, project, "return", desk.act)
    said = [lack.name for lack in lacks]
    append(db, desk.act.now, Entry(desk.act.actor, "project.lacks", subject(project), None, said))
    end_clocks(db, project, desk, ACCEPT)
    to_supply(db, project, desk, f"补正{called(project)}的审核材料：{why}")
    return lacks


def accept(db: Session, project: Project, desk: Desk) -> None:
    """Takes the project into the review. Raises RefusedError, with what is missing when it is not complete,
    and with its hints until the reviewer says what he found on them.
    """
    may(project, "accept", desk.act)
    if lacks := lacking(db, project):
        raise RefusedError(
            f"project {project.id} is not complete, it lacks {listed(lacks)}: `rightsizer project return "
            f"{project.id}`"
        )
    if project.hints and not desk.act.reason:
        told = "\n".join(hint_line(hint) for hint in project.hints)
        raise RefusedError(f"project {project.id} has hints: say with -m what you found on them\n{told}")
    step(db, project, "accept", desk.act, accepted_on=desk.today)
    end_clocks(db, project, desk, ACCEPT)


def hint_line(hint: Mapping[str, Any]) -> str:
    """A hint on one line, as it is kept."""
    return f"{hint['kind']}: {hint['text']} {'; '.join(hint['others'])}"


def withdraw(db: Session, project: Project, desk: Desk) -> None:
    """Takes the project back, as long as its work has not begun. Raises RefusedError."""
    step(db, project, "withdraw", desk.act, ended_on=desk.today)
    end_clocks(db, project, desk, ACCEPT, SUPPLEMENT)


def may(project: Project, event: str, act: Act) -> None:
    """Raises RefusedError where the state, the person or what is known so far forbid the event."""
    allowed(PROJECT, project, subject(project), event, act)


def step(db: Session, project: Project, event: str, act: Act, **values: object) -> None:
    """Moves the project; days, numbers and sums of the step stand in the journal beside it."""
    move(db, PROJECT, [(project, subject(project))], event, act, **values)
    facts = {key: value for key, value in values.items() if key not in UNTOLD}
    if facts:
        append(db, act.now, Entry(act.actor, "project.facts", subject(project), None, facts))


def to_supply(db: Session, project: Project, desk: Desk, title: str) -> None:
    begin(db, project, desk, SUPPLEMENT, title)


def begin(db: Session, project: Project, desk: Desk, article: str, title: str) -> None:
    """Starts the clock of the article: one a round, so that those that were met stay."""
    rounds = sum(row.article == article for row in clocks(db, project))
    name = subject(project) if not rounds else f"{subject(project)}/{rounds + 1}"
    department = project.department_id if article == SUPPLEMENT else None  # accepting is the centre's
    days = desk.policy.supplement if article == SUPPLEMENT else desk.policy.accept
    clock = Clock(name, desk.today, department, shortened(title))
    start(db, desk.known, matter(project), [clock], Term(article, days), desk.act)


def shortened(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


def matter(project: Project) -> str:
    """How the journal names the project's clocks."""
    return f"{subject(project)} {project.name}"


def clocks(db: Session, project: Project) -> list[Deadline]:
    """Every deadline of the project, the oldest first."""
    name = subject(project)
    mine = or_(Deadline.subject == name, Deadline.subject.startswith(f"{name}/"))
    return list(db.scalars(select(Deadline).where(mine).order_by(Deadline.id)))


def end_clocks(db: Session, project: Project, desk: Desk, *articles: str) -> None:
    rows = [row for row in clocks(db, project) if row.article in articles]
    meet(db, matter(project), rows, desk.today, desk.act)
