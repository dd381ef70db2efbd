"""Applications written and corrected by a department (art. 12): what they ask for, and what stands behind."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.application_states import EDITABLE
from filing.application_tables import Application, ApplicationKind, ApplicationLine, ApplicationState
from filing.secrecy import marked
from filing.tables import Filing, Project
from filing.writers import check_writer
from store.journal import Entry, append
from store.tables import Department, Machine
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from store.workflow import Act


class ApplicationError(ValueError):
    """What is asked for cannot be: which application, why, and what to do."""


class NoApplicationError(LookupError):
    """There is no application of that number."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as it is written: so many machines of a size (GiB), or one machine that is to get that size."""

    role: str
    vcpus: float
    memory_gib: float
    system_disk_gib: float = 0.0
    data_disk_gib: float = 0.0
    count: int = 1
    os: str | None = None
    domestic: bool = False
    machine: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an application says beside its lines; None leaves what is there."""

    project_id: int | None = None
    filing_id: int | None = None
    zone: str | None = None
    term_from: date | None = None
    term_to: date | None = None
    public_ips: int | None = None
    bandwidth_mbps: float | None = None
    backup: str | None = None
    description: str | None = None
    go_live_on: date | None = None
    users: int | None = None
    protection_level: int | None = None
    contact: str | None = None
    phone: str | None = None
    paper: str | None = None

    def said(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written on a day. No lines: those there stay."""

    today: date
    facts: Facts
    asked: Sequence[Asked] = ()


def add(db: Session, department: Department, system: str, draft: Draft, act: Act) -> Application:
    """A draft for new machines. Raises RefusedError, ApplicationError."""
    check_writer(act, department.id)
    row = Application(
        department=department,
        kind=ApplicationKind.NEW,
        state=ApplicationState.DRAFT,
        system=system,
        created_on=draft.today,
    )
    return written(db, row, draft, act)


def written(db: Session, row: Application, draft: Draft, act: Act) -> Application:
    """Fills and keeps a new one."""
    with db.no_autoflush:
        fill(db, row, draft)
    db.add(row)
    db.flush()
    append(db, act.now, Entry(act.actor, "application.added", str(row.id), None, told(row), act.reason))
    return row


def edit(db: Session, row: Application, draft: Draft, act: Act) -> bool:
    """Corrects a draft, or one that was returned; lines, where any are given, replace those there. Returns
    whether anything changed. Raises RefusedError, ApplicationError.
    """
    check_writer(act, row.department_id)
    if row.state not in EDITABLE:
        raise RefusedError(
            f"application {row.id} is {row.state}: only a draft or a returned one can be edited"
        )
    before = told(row)
    if draft.asked:
        row.lines.clear()
        db.flush()
    fill(db, row, draft)
    row.version += 1
    db.flush()
    if (after := told(row)) == before:
        return False
    append(db, act.now, Entry(act.actor, "application.edited", str(row.id), before, after, act.reason))
    return True


def check_open(row: Application, draft: Draft) -> None:
    """Raises ApplicationError for a mark of secrecy, without a word of the content."""
    lines = (text for line in draft.asked for text in asdict(line).values())
    if marked([row.system, *asdict(draft.facts).values(), *lines]):
        raise ApplicationError(
            "an application that touches state secrets (涉密) does not belong here: nothing was stored; it "
            "goes the way of the secrecy law (art. 2)"
        )


def fill(db: Session, row: Application, draft: Draft) -> None:
    check_open(row, draft)
    for name, value in draft.facts.said().items():
        setattr(row, name, value)
    project = db.get(Project, row.project_id) if row.project_id is not None else None
    filing = db.get(Filing, row.filing_id) if row.filing_id is not None else None
    check_owner(row, "project", row.project_id, project)
    check_owner(row, "filing", row.filing_id, filing)
    row.project, row.filing = project, filing
    check_days(row)
    if draft.asked and row.kind == ApplicationKind.RELEASE:
        raise ApplicationError("a release asks for no machines: --line is for new and changed ones")
    for number, line in enumerate(draft.asked, 1):
        row.lines.append(made(db, row, number, line))


def check_owner(row: Application, noun: str, number: int | None, found: Project | Filing | None) -> None:
    """Raises ApplicationError for a project or filing that is not there, or is another department's."""
    if number is not None and found is None:
        raise ApplicationError(f"there is no {noun} {number}: `rightsizer {noun} list`")
    if found is not None and found.department_id != row.department.id:
        owner = f"{found.department.name}, not of {row.department.name}"
        raise ApplicationError(f"{noun} {number} ({found.name}) is of {owner}")


def check_days(row: Application) -> None:
    start, end, live = row.term_from, row.term_to, row.go_live_on
    if start is not None and end is not None and end <= start:
        raise ApplicationError(f"the term ends on {end}, which is not after its start on {start}")
    if live is not None and end is not None and live > end:
        raise ApplicationError(f"to go live on {live} is after the end of the term on {end}")


def made(db: Session, row: Application, number: int, asked: Asked) -> ApplicationLine:
    """The line, checked. Raises ApplicationError."""
    for name in ("count", "vcpus", "memory_gib"):
        if not (isfinite(value := getattr(asked, name)) and value > 0):
            raise ApplicationError(f"line {number} ({asked.role}): {name} is {value:g}, it must be above 0")
    disks = asked.system_disk_gib, asked.data_disk_gib
    if not all(isfinite(disk) and disk >= 0 for disk in disks) or sum(disks) <= 0:
        raise ApplicationError(f"line {number} ({asked.role}): system and data disk together must be above 0")
    facts = asdict(asked)
    name = facts.pop("machine")
    machine = owned(db, row.department, [name])[0] if name is not None else None
    if machine is not None and asked.count != 1:
        raise ApplicationError(f"line {number}: one machine ({name}) gets the size, not {asked.count}")
    return ApplicationLine(number=number, machine=machine, **facts)


def owned(db: Session, department: Department, names: Sequence[str]) -> list[Machine]:
    """The machines, all of the department and not released. Raises ApplicationError."""
    found = {row.name: row for row in db.scalars(select(Machine).where(Machine.name.in_(names)))}
    for name in names:
        machine = found.get(name)
        if machine is None or machine.department_id != department.id:
            raise ApplicationError(f"{name} is no machine of {department.name}: `rightsizer inventory list`")
        if machine.released_on is not None:
            raise ApplicationError(f"{name} was released on {machine.released_on}")
    return [found[name] for name in names]


def found(db: Session, number: int) -> Application:
    """Raises NoApplicationError."""
    whole = select(Application).where(Application.id == number).options(joinedload(Application.department))
    row = db.scalar(whole)
    if row is None:
        raise NoApplicationError(f"there is no application {number}: `rightsizer application list`")
    return row


def told(row: Application) -> dict[str, object]:
    """What is written, for the journal."""
    facts = {name: getattr(row, name) for name in Facts.__dataclass_fields__}
    facts |= {"kind": row.kind, "department": row.department.name, "system": row.system}
    return {
        **{name: value for name, value in facts.items() if value is not None},
        "lines": [line_json(line) for line in row.lines],
    }


def line_json(line: ApplicationLine) -> dict[str, object]:
    names = ("number", "role", "count", "vcpus", "memory_gib", "system_disk_gib", "data_disk_gib")
    facts: dict[str, object] = {name: getattr(line, name) for name in names}
    facts |= {"os": line.os, "domestic": line.domestic}
    return facts | {"machine": line.machine.name if line.machine is not None else None}


def granted(line: ApplicationLine) -> dict[str, float]:
    """The size that its machines get: as approved, else as asked for."""
    disk = line.system_disk_gib + line.data_disk_gib
    return {
        "vcpus": line.vcpus if line.approved_vcpus is None else line.approved_vcpus,
        "memory_gib": line.memory_gib if line.approved_memory_gib is None else line.approved_memory_gib,
        "disk_gib": disk if line.approved_disk_gib is None else line.approved_disk_gib,
    }
