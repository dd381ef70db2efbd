"""Departments, systems and machines as the city knows them, with the history of size, owner and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import select

from store.journal import Entry, append
from store.tables import Department, Machine, MachineChange, System, Trait

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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


def import_departments(db: Session, rows: Iterable[DepartmentRow], actor: str, now: datetime) -> Imported:
    """Adds departments and brings known ones (by code) up to date; one journal entry for each that
    changes.
    """
    known = {row.code: row for row in db.scalars(select(Department))}
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
    append(db, now, *entries)
    return Imported(added, len(entries) - added, unchanged)


def import_machines(db: Session, rows: Sequence[MachineRow], actor: str, now: datetime) -> Imported:
    """Adds machines and brings known ones up to date, with history of size and owner; all rows or none.

    Departments are named by code or by name. Raises UnknownDepartmentError.
    """
    departments = {key: row for row in db.scalars(select(Department)) for key in (row.code, row.name)}
    unknown = {row.department: row for row in reversed(rows) if row.department not in departments}
    if unknown:
        raise UnknownDepartmentError(list(reversed(unknown.values())))
    systems = {(row.department_id, row.name): row for row in db.scalars(select(System))}
    machines = {row.name: row for row in db.scalars(select(Machine))}
    entries, added, unchanged = [], 0, 0
    for row in rows:
        said = facts(db, row, departments, systems)
        found = machines.get(row.machine)
        if found is None:
            found = machines[row.machine] = Machine(name=row.machine)
            update(found, said)
            db.add(found)
            added += 1
            entries.append(Entry(actor, "machine.added", row.machine, None, readable(row)))
        elif before := remember(db, found, said, now):
            entries.append(Entry(actor, "machine.changed", row.machine, before, readable(row)))
        else:
            unchanged += 1
    db.flush()
    append(db, now, *entries)
    return Imported(added, len(entries) - added, unchanged)


def facts(
    db: Session, row: MachineRow, departments: dict[str, Department], systems: dict[tuple[int, str], System]
) -> dict[str, object]:
    """What a row says, as columns of Machine; systems that are new to a department are made."""
    said = {name: value for name, value in fields(row).items() if value is not None}
    said.pop("machine")
    department = departments.get(str(said.pop("department", "")))
    system = said.pop("system", None)
    if department is not None:
        said["department_id"] = department.id
        if system is not None:
            key = (department.id, str(system))
            if key not in systems:
                systems[key] = System(department_id=department.id, name=key[1])
                db.add(systems[key])
                db.flush()
            said["system_id"] = systems[key].id
    return said


def remember(db: Session, machine: Machine, said: dict[str, object], now: datetime) -> dict[str, object]:
    """Applies what was said; changes of size and owner become history. Returns the values before."""
    size = {name: getattr(machine, name) for name in SIZES}
    owner = owner_of(machine)
    before = update(machine, said)
    after = {name: getattr(machine, name) for name in SIZES}
    if size != after:
        db.add(MachineChange(machine_id=machine.id, at=now, trait=Trait.SIZE, before=size, after=after))
    if "department_id" in before:
        db.flush()
        db.refresh(machine, ["department"])
        db.add(
            MachineChange(
                machine_id=machine.id, at=now, trait=Trait.OWNER, before=owner, after=owner_of(machine)
            )
        )
    return {name: str(value) if value is not None else None for name, value in before.items()}


def create_machines(db: Session, names: Iterable[str], source: str, actor: str, now: datetime) -> int:
    """Makes machines that measurements name and the register does not have; returns how many."""
    known = set(db.scalars(select(Machine.name)))
    fresh = sorted(set(names) - known)
    for name in fresh:
        db.add(Machine(name=name, source=source))
    append(db, now, *[Entry(actor, "machine.added", name, None, {"source": source}) for name in fresh])
    return len(fresh)


def note_source(db: Session, names: Iterable[str], source: str, now: datetime) -> None:
    """Keeps where each machine's measurements come from; another source than before becomes history."""
    wanted = set(names)
    for machine in db.scalars(select(Machine).where(Machine.source.is_distinct_from(source))):
        if machine.name in wanted:
            db.add(
                MachineChange(
                    machine_id=machine.id, at=now, trait=Trait.SOURCE, before=machine.source, after=source
                )
            )
            machine.source = source


def unknown_machines(db: Session, names: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(db.scalars(select(Machine.name))))


def sizes(db: Session) -> pa.Table:
    """Every machine with its ordered size: machine, vcpus, memory_gib, disk_gib (null = unknown), by name."""
    rows = db.execute(
        select(Machine.name, Machine.vcpus, Machine.memory_gib, Machine.disk_gib).order_by(Machine.name)
    ).all()
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
    return {name: str(value) for name, value in fields(row).items() if value is not None}


def update(row: Department | Machine, said: dict[str, object]) -> dict[str, object]:
    """Sets what differs; returns the values that stood there before."""
    before = {name: getattr(row, name) for name, value in said.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, said[name])
    return before


def owner_of(machine: Machine) -> str | None:
    return machine.department.name if machine.department is not None else None
