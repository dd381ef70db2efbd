"""The register of projects: written, changed and found; what is secret never gets in (art. 2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.project_states import EDITABLE, OVER
from filing.secrecy import marked
from filing.tables import Project, ProjectKind, ProjectState
from filing.writers import WRITERS
from store import cells
from store.journal import Entry, append
from store.workflow import RefusedError, Step, barred

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from store.tables import Department
    from store.workflow import Act

NEED = ("vcpus", "memory_gib", "disk_gib")
LEVELS = range(1, 6)  # 等级保护
WRITES = Step("", WRITERS)


class ProjectError(ValueError, LookupError):
    """What was to be done with a project cannot be: what, on which, why, and what to do."""


class SecretError(ProjectError):
    """Raised without a word of the content: it goes into no log, no journal, no message."""

    def __init__(self) -> None:
        super().__init__(
            "a project that touches state secrets (涉密) does not belong here: nothing was stored; it goes "
            "the way of the secrecy law (art. 2)"
        )


@dataclass(frozen=True, slots=True)
class Form:
    """What the 审核表 says of a project; None: not said. Money in fen, sizes as in the inventory.

    A cloud need of three zeros: the project needs no machines.
    """

    name: str | None = None
    kind: ProjectKind | None = None
    basis: str | None = None
    goals: str | None = None
    content: str | None = None
    performance: str | None = None
    system_name: str | None = None
    fund_source: str | None = None
    budget_fen: int | None = None
    fixed_asset: bool | None = None
    vcpus: float | None = None
    memory_gib: float | None = None
    disk_gib: float | None = None
    security_level: int | None = None
    contact: str | None = None
    phone: str | None = None
    planned_start: date | None = None
    planned_end: date | None = None

    def said(self) -> dict[str, object]:
        """The facts that are given, as the table has them."""
        given = {key: value for key, value in asdict(self).items() if value is not None}
        need = {key: given.pop(key) for key in NEED if key in given}
        return {**given, **({"cloud_need": need} if need else {})}


TEXTS = tuple(field.name for field in fields(Form) if "str" in str(field.type))


def subject(project: Project) -> str:
    """How the journal and the deadlines name a project."""
    return f"project:{project.id}"


def found_project(db: Session, number: int) -> Project:
    """Raises ProjectError."""
    project = db.get(Project, number, options=[joinedload(Project.department)])
    if project is None:
        raise ProjectError(f"no project {number}: `rightsizer project list` shows them")
    return project


def folded(form: Form) -> Form:
    """The form with its names as the register keeps names (NFKC, trimmed). Raises ProjectError."""
    return replace(form, name=named(form.name), system_name=named(form.system_name))


def named(text: str | None) -> str | None:
    try:
        return None if text is None else cells.name(text)
    except ValueError as error:
        raise ProjectError(f"the name of a project or its system: {error}") from error


def check_form(form: Form) -> None:
    """Raises ProjectError for what no project can be, SecretError for a mark of secrecy in a text."""
    if marked(getattr(form, key) for key in TEXTS):
        raise SecretError
    if form.security_level is not None and form.security_level not in LEVELS:
        raise ProjectError(f"等保级别 {form.security_level}: 1 to 5")
    if form.planned_start and form.planned_end and form.planned_end < form.planned_start:
        raise ProjectError(f"planned end {form.planned_end} is before the planned start {form.planned_start}")
    for key in NEED:
        value = getattr(form, key)
        if value is not None and not 0 <= value < 1e9:
            raise ProjectError(f"cloud need {key} {value:g}: 0 or more")


def check_writer(project: Project, act: Act) -> None:
    """Raises RefusedError unless the actor writes for the department, and the project is with it."""
    why = barred(WRITES, project, act)
    if why is not None:
        raise RefusedError(f"project {project.id or project.name!r}: cannot be written: {why}")
    if project.state not in EDITABLE:
        raise RefusedError(
            f"project {project.id} is {project.state}: only a draft, or one that was returned, can be changed"
        )


def add(db: Session, department: Department, form: Form, today: date, act: Act) -> Project:
    """A new draft. Raises ProjectError, SecretError, RefusedError."""
    check_form(form)
    form = folded(form)
    if not form.name or form.kind is None:
        raise ProjectError("a project needs its name and its kind")
    if (other := standing(db, department, form.name)) is not None:
        raise ProjectError(
            f"{department.name} has project {other.id} of that name already ({other.state}): "
            f"`rightsizer project edit {other.id}`"
        )
    values = form.said()
    project = Project(
        department_id=department.id,
        state=ProjectState.DRAFT,
        created_on=today,
        **{"cloud_need": {}, **values},
    )
    project.department = department
    check_writer(project, act)
    db.add(project)
    db.flush()
    said = {"department": department.name, **values}
    append(db, act.now, Entry(act.actor, "project.added", subject(project), None, said, act.reason))
    return project


def standing(db: Session, department: Department, name: str) -> Project | None:
    """The project of that name that is not over."""
    wanted = select(Project).where(
        Project.department_id == department.id, Project.name == name, Project.state.not_in(OVER)
    )
    return db.scalar(wanted)


def edit(db: Session, project: Project, form: Form, act: Act) -> bool:
    """Changes what the form says. Returns False when it says nothing new; raises as `add`."""
    check_form(form)
    form = folded(form)
    check_writer(project, act)
    values = form.said()
    if "cloud_need" in values:
        values["cloud_need"] = {**(project.cloud_need or {}), **need_of(form)}
    values = {key: value for key, value in values.items() if getattr(project, key) != value}
    if not values:
        return False
    check_dates(project, form)
    other = standing(db, project.department, form.name) if form.name is not None else None
    if other is not None and other.id != project.id:
        raise ProjectError(f"{project.department.name} has project {other.id} of that name already")
    before = {key: getattr(project, key) for key in values}
    for key, value in values.items():
        setattr(project, key, value)
    touched(
        db, project, Entry(act.actor, "project.edited", subject(project), before, values, act.reason), act
    )
    return True


def need_of(form: Form) -> dict[str, float]:
    return {key: value for key in NEED if (value := getattr(form, key)) is not None}


def check_dates(project: Project, form: Form) -> None:
    start, end = form.planned_start or project.planned_start, form.planned_end or project.planned_end
    if start is not None and end is not None and end < start:
        raise ProjectError(f"planned end {end} is before the planned start {start}")


def touched(db: Session, project: Project, entry: Entry, act: Act) -> None:
    """One change of a project's content: journaled, and its version is another."""
    project.version += 1
    append(db, act.now, entry)
