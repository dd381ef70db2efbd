"""What is handed in with a project: papers, the lines of its budget, data items (art. 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from filing.money import yuan
from filing.names import plain
from filing.project_states import CENTRE, FINANCE
from filing.project_tables import DESIGN, BudgetLine, Direction, PaperKind, ProjectDataItem, ProjectPaper
from filing.projects import ProjectError, check_writer, subject, touched
from filing.tables import Project, ProjectState
from filing.writers import WRITERS
from store.journal import Entry
from store.workflow import RefusedError, Step, barred

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.roles import Role
    from store.workflow import Act

WITH_DEPARTMENT = (*DESIGN, PaperKind.FORM)  # papers that change only while it is with the department
OF_CENTRE = (PaperKind.MINUTES, PaperKind.OPINION, PaperKind.APPROVAL)  # a department does not replace these


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept: the name it came with, the name of its copy, its SHA-256, its bytes."""

    name: str
    kept: str
    sha256: str
    size: int


def papers(db: Session, project: Project) -> list[ProjectPaper]:
    """The papers that count, in the order of the regulation."""
    wanted = select(ProjectPaper).where(
        ProjectPaper.project_id == project.id, ProjectPaper.replaced_on.is_(None)
    )
    order = list(PaperKind)
    return sorted(db.scalars(wanted), key=lambda paper: (order.index(PaperKind(paper.kind)), paper.id))


def hand_in(
    db: Session, project: Project, kind: PaperKind, file: File, today: date, act: Act
) -> list[ProjectPaper]:
    """Adds a paper; an earlier one of its kind is replaced. Returns those of other kinds that are the same
    file, to be pointed out; the same again changes nothing. Raises ProjectError, RefusedError.
    """
    check_hander(project, kind, act)
    if file.size <= 0:
        raise ProjectError(f"{file.name}: the file is empty (0 bytes): hand in the paper itself")
    known = papers(db, project)
    same = [paper for paper in known if paper.sha256 == file.sha256]
    twins = [paper for paper in same if paper.kind != kind]
    if len(twins) < len(same):
        return twins
    replaced = [paper for paper in known if paper.kind == kind and kind != PaperKind.OTHER]
    for paper in replaced:
        paper.replaced_on = today
    db.flush()
    row = ProjectPaper(
        project_id=project.id,
        kind=kind,
        name=file.name,
        sha256=file.sha256,
        size=file.size,
        kept=file.kept,
        added_on=today,
        added_by=act.actor,
    )
    db.add(row)
    before = [told(paper) for paper in replaced] or None
    entry = Entry(act.actor, "project.paper", subject(project), before, told(row), act.reason)
    touched(db, project, entry, act)
    return twins


def told(paper: ProjectPaper) -> dict[str, object]:
    return {"kind": str(paper.kind), "name": paper.name, "sha256": paper.sha256, "size": paper.size}


def check_hander(project: Project, kind: PaperKind, act: Act) -> None:
    if kind in WITH_DEPARTMENT:
        check_writer(project, act)
        return
    if (why := barred(Step("", handers(kind)), project, act)) is not None:
        raise RefusedError(f"project {project.id}: cannot hand in {kind}: {why}")
    if project.state == ProjectState.WITHDRAWN:
        raise RefusedError(f"project {project.id} is withdrawn: nothing is handed in any more")


def handers(kind: PaperKind) -> frozenset[Role]:
    if kind in OF_CENTRE:
        return CENTRE
    return FINANCE if kind == PaperKind.BUDGET else WRITERS | CENTRE


def has(db: Session, project: Project, kind: PaperKind) -> bool:
    return any(paper.kind == kind for paper in papers(db, project))


def lines(db: Session, project: Project) -> list[BudgetLine]:
    wanted = select(BudgetLine).where(BudgetLine.project_id == project.id)
    return list(db.scalars(wanted.order_by(BudgetLine.id)))


def set_lines(db: Session, project: Project, wanted: Sequence[tuple[str, int]], act: Act) -> bool:
    """The lines of the budget, all of them anew: (name, fen), which must make the total where one is named;
    else they are the total. Returns False when they are so already. Raises ProjectError, RefusedError.
    """
    check_writer(project, act)
    check_sum(project, wanted)
    before = {line.name: line.fen for line in lines(db, project)}
    after = dict(wanted)
    total = sum(after.values())
    if before == after and project.budget_fen == total:
        return False
    for line in lines(db, project):
        db.delete(line)
    db.flush()
    db.add_all(BudgetLine(project_id=project.id, name=name, fen=fen) for name, fen in wanted)
    project.budget_fen = total
    entry = Entry(act.actor, "project.budget_lines", subject(project), before or None, after, act.reason)
    touched(db, project, entry, act)
    return True


def check_sum(project: Project, wanted: Sequence[tuple[str, int]]) -> None:
    if not wanted:
        raise ProjectError("no budget line: name at least one")
    names = [plain(name) for name, _fen in wanted]
    if len(set(names)) < len(names):
        raise ProjectError("a budget line stands twice: give each its own name")
    total = sum(fen for _name, fen in wanted)
    if project.budget_fen is not None and total != project.budget_fen:
        raise ProjectError(
            f"project {project.id}: the budget lines make {yuan(total)} yuan, the total is "
            f"{yuan(project.budget_fen)}: correct a line, or the total (`project edit {project.id} --budget`)"
        )


def items(db: Session, project: Project) -> list[ProjectDataItem]:
    wanted = select(ProjectDataItem).where(ProjectDataItem.project_id == project.id)
    return list(db.scalars(wanted.order_by(ProjectDataItem.direction.desc(), ProjectDataItem.id)))


def add_items(
    db: Session, project: Project, direction: Direction, wanted: Sequence[tuple[str, str | None]], act: Act
) -> int:
    """Data items (name, catalog code) that the project makes or needs. Returns how many are new or have
    another code. Raises RefusedError.
    """
    check_writer(project, act)
    known = {plain(item.name): item for item in items(db, project) if item.direction == direction}
    told_: dict[str, str | None] = {}
    for name, code in wanted:
        row = known.get(plain(name))
        if row is None:
            row = known[plain(name)] = ProjectDataItem(
                project_id=project.id, direction=direction, name=name, code=code
            )
            db.add(row)
        elif code is None or row.code == code:
            continue
        row.code = code
        told_[name] = code
    if told_:
        said = {"direction": str(direction), "items": told_}
        touched(db, project, Entry(act.actor, "project.data", subject(project), None, said, act.reason), act)
    return len(told_)


def remove_items(db: Session, project: Project, names: Sequence[str], act: Act) -> int:
    """Raises ProjectError for one that is not there, RefusedError."""
    check_writer(project, act)
    found = {plain(item.name): item for item in items(db, project)}
    missing = [name for name in names if plain(name) not in found]
    if missing:
        raise ProjectError(f"project {project.id} has no data item {', '.join(missing)}")
    for name in names:
        db.delete(found[plain(name)])
    entry = Entry(act.actor, "project.data_removed", subject(project), list(names), None, act.reason)
    touched(db, project, entry, act)
    return len(names)


def counted(db: Session) -> dict[int, int]:
    """Project -> how many of the five parts it has."""
    wanted = (
        select(ProjectPaper.project_id, func.count(func.distinct(ProjectPaper.kind)))
        .where(ProjectPaper.kind.in_(DESIGN), ProjectPaper.replaced_on.is_(None))
        .group_by(ProjectPaper.project_id)
    )
    return {number: int(count) for number, count in db.execute(wanted)}
