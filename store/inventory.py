"""Departments, systems and machines as the city knows them, with the history of size, owner and source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import select

from store.journal import Entry, append
from store.tables import Department, Machine, MachineChange, Source, System, Trait

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from store.inventory_file import DepartmentRow, MachineRow

SIZES = ("vcpus", "memory_gib", "disk_gib")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were new, how many changed something, how many said what was known already."""

    added: int
    changed: int
    unchanged: int


class UnknownDepartmentError(LookupError):
    """Machines name departments that the register does not have; `rows` are the first machines that do."""

    def __init__(self, rows: Sequence[MachineRow]) -> None:
        first = ", ".join(f"{row.department!r} (row {row.row}, machine {row.machine})" for row in rows[:5])
        more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
        super().__init__(f"unknown departments: {first}{more}; import the departments file first")
        self.rows = rows


class TakenNameError(ValueError):
    """Two codes claim one department's name."""

    def __init__(self, name: str, codes: tuple[str, str]) -> None:
        super().__init__(
            f"the department {name!r} has the code {codes[0]} already, the file says {codes[1]}: "
            "every department has a name and a code of its own"
        )
        self.name = name
        self.codes = codes


def check_names(known: Mapping[str, Department], rows: Sequence[DepartmentRow]) -> None:
    """Raises TakenNameError when the rows would leave two departments of one name."""
    names = {row.code: row.name for row in known.values()} | {row.code: row.name for row in rows}
    codes: dict[str, str] = {}
    for code, name in names.items():
        if codes.setdefault(name, code) != code:
            raise TakenNameError(name, (codes[name], code))


def import_departments(
    db: Session, rows: Iterable[DepartmentRow], actor: str, now: datetime, reason: str | None = None
) -> Imported:
    """Adds departments and brings known ones (by code) up to date; one journal entry for each that
    changes. Raises TakenNameError.
    """
    known = {row.code: row for row in db.scalars(select(Department))}
    rows = list(rows)
    check_names(known, rows)
    entries, added, unchanged = [], 0, 0
    for row in rows:
        said = {name: value for name, value in fields(row).items() if value is not None}
        found = known.get(row.code)
        if found is None:
            db.add(Department(**said))
            added += 1
            entries.append(Entry(actor, "department.added", row.code, None, said))
        elif before := update(found, said):
            entries.append(Entry(actor, "department.changed", row.code, before, {k: said[k] for k in before}))
        else:
            unchanged += 1
    db.flush()
    append(db, now, *(replace(entry, reason=reason) for entry in entries))
    return Imported(added, len(entries) - added, unchanged)


def import_machines(
    db: Session, rows: Sequence[MachineRow], actor: str, now: datetime, reason: str | None = None
) -> Imported:
    """Adds machines and brings known ones up to date, with history of size and owner; all rows or none.

    Departments are named by code or by name. Raises UnknownDepartmentError.
    """
    departments = {key: row for row in db.scalars(select(Department)) for key in (row.code, row.name)}
    unknown: dict[str, MachineRow] = {}
    for row in rows:
        if row.department not in departments:
            unknown.setdefault(row.department, row)
    if unknown:
        raise UnknownDepartmentError(list(unknown.values()))
    systems = {(row.department_id, row.name): row for row in db.scalars(select(System))}
    machines = {row.name: row for row in db.scalars(select(Machine))}
    entries, added, unchanged = [], 0, 0
    for row in rows:
        found = machines.get(row.machine)
        said = facts(db, row, found, departments, systems)
        if found is None:
            found = machines[row.machine] = Machine(name=row.machine)
            update(found, said)
            db.add(found)
            added += 1
            entries.append(Entry(actor, "machine.added", row.machine, None, readable(row)))
        elif before := remember(db, found, said, now):
            after = {name: plain(said[name]) for name in before}
            entries.append(Entry(actor, "machine.changed", row.machine, before, after))
        else:
            unchanged += 1
    db.flush()
    append(db, now, *(replace(entry, reason=reason) for entry in entries))
    return Imported(added, len(entries) - added, unchanged)


def facts(
    db: Session,
    row: MachineRow,
    machine: Machine | None,
    departments: dict[str, Department],
    systems: dict[tuple[int, str], System],
) -> dict[str, object]:
    """What a row says, as attributes of Machine; systems that are new to a department are made.

    A machine that goes to another department leaves its system behind.
    """
    said = {name: value for name, value in fields(row).items() if value is not None}
    said.pop("machine")
    department = said["department"] = departments[row.department]
    if row.system is not None:
        key = (department.id, row.system)
        if key not in systems:
            systems[key] = System(department=department, name=row.system)
            db.add(systems[key])
        said["system"] = systems[key]
    elif machine is not None and machine.department is not department:
        said["system"] = None
    return said


def remember(db: Session, machine: Machine, said: dict[str, object], now: datetime) -> dict[str, object]:
    """Applies what was said; changes of size and owner become history. Returns the values before, as JSON."""
    size = {name: getattr(machine, name) for name in SIZES}
    before = {name: plain(value) for name, value in update(machine, said).items()}
    after = {name: getattr(machine, name) for name in SIZES}
    changes: list[tuple[Trait, object, object]] = []
    if size != after:
        changes.append((Trait.SIZE, size, after))
    if "department" in before:
        changes.append((Trait.OWNER, before["department"], plain(machine.department)))
    if changes:
        db.flush()
    for trait, was, becomes in changes:
        db.add(MachineChange(machine_id=machine.id, at=now, trait=trait, before=was, after=becomes))
    return before


def plain(value: object) -> object:
    """A value for people: departments and systems by name, dates as text."""
    if isinstance(value, Department | System):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def create_machines(db: Session, names: Iterable[str], source: str, actor: str, now: datetime) -> int:
    """Makes machines that measurements name and the register does not have; returns how many."""
    known = set(db.scalars(select(Machine.name)))
    fresh = sorted(set(names) - known)
    for name in fresh:
        db.add(Machine(name=name, source=source))
    append(db, now, *[Entry(actor, "machine.added", name, None, {"source": source}) for name in fresh])
    return len(fresh)


def note_source(
    db: Session, names: Iterable[str], source: str, now: datetime, others: Iterable[str] = ()
) -> list[str]:
    """Keeps where each machine's measurements come from; another source than before becomes history.

    A machine that one of the `others`, which measure it now too, came to first stays with it. Returns these
    machines.
    """
    wanted, rivals, shared = set(names), set(others) - {source}, []
    for machine in db.scalars(select(Machine).where(Machine.source.is_distinct_from(source))):
        if machine.name not in wanted:
            continue
        if machine.source in rivals:
            shared.append(machine.name)
            continue
        change = {"before": machine.source, "after": source}
        db.add(MachineChange(machine_id=machine.id, at=now, trait=Trait.SOURCE, **change))
        machine.source = source
    return sorted(shared)


def delivered(db: Session, source: str, newest: datetime) -> None:
    """Notes the newest sample of a source."""
    row = db.get(Source, source)
    if row is None:
        db.add(Source(name=source, newest=newest))
    else:
        row.newest = max(row.newest, newest)


def unknown_machines(db: Session, names: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(db.scalars(select(Machine.name))))


def sizes(db: Session) -> pa.Table:
    """Every machine that was not released, with its ordered size: machine, vcpus, memory_gib,
    disk_gib (null = unknown), by name.
    """
    columns_of = select(Machine.name, Machine.vcpus, Machine.memory_gib, Machine.disk_gib)
    rows = db.execute(columns_of.where(Machine.released_on.is_(None)).order_by(Machine.name)).all()
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    kinds = (pa.string(), pa.float64(), pa.float64(), pa.float64())
    names = ("machine", *SIZES)
    return pa.table({name: pa.array(c, kind) for name, c, kind in zip(names, columns, kinds, strict=True)})


def owners(db: Session) -> dict[str, str | None]:
    """Machine -> name of its department."""
    rows = db.execute(select(Machine.name, Department.name).outerjoin(Machine.department)).all()
    return {row[0]: row[1] for row in rows}


def fields(row: MachineRow | DepartmentRow) -> dict[str, object]:
    """What a row says, without where it stands."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__ if name not in {"sheet", "row"}}


def readable(row: MachineRow) -> dict[str, object]:
    return {name: plain(value) for name, value in fields(row).items() if value is not None}


def update(row: Department | Machine, said: dict[str, object]) -> dict[str, object]:
    """Sets what differs; returns the values that stood there before."""
    before = {name: getattr(row, name) for name, value in said.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, said[name])
    return before
