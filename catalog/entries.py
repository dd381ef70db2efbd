"""Entries: added with their codes, edited while they are drafts, revised as new versions (art. 16)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import joinedload

from catalog.content import basis_rows, columns, facts_of, fill, item_rows, refuse_unkept, tidy
from catalog.errors import CatalogError
from catalog.reference import holding
from catalog.tables import DataItem, Entry, ShareBasis, Version, VersionState
from config.roles import Role
from store.journal import Entry as Said
from store.journal import append
from store.parts import parts
from store.tables import Department
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.metadata import Metadata
    from store.workflow import Act

WIDTH = 6  # digits of the number within a class, filled up with zeros
ALIKE = {"render_nulls": True}  # rows with other gaps are still of one statement
STANDING = (VersionState.PUBLISHED, VersionState.OFFLINE)


@dataclass(frozen=True, slots=True)
class New:
    """An entry that is to be made."""

    department_id: int
    class_code: str
    metadata: Metadata


def check_owner(act: Act, department_id: int) -> None:
    """Editors write for their own department, operators for all. Raises RefusedError."""
    if Role.OPERATOR in act.roles or (Role.EDITOR in act.roles and act.department_id == department_id):
        return
    if Role.EDITOR in act.roles:
        raise RefusedError(f"{act.actor} edits the catalog of another department")
    raise RefusedError(f"that is for editors of the department and operators; {act.actor} is neither")


def add(db: Session, new: Sequence[New], today: date, act: Act) -> list[Entry]:
    """Makes entries, each with a draft; all or none. Codes follow each other without a gap in every class.

    Raises CatalogError, RefusedError.
    """
    drafts = [(one, tidy(one.metadata)) for one in new]
    for one, metadata in drafts:
        check_owner(act, one.department_id)
        refuse_unkept(metadata)
    if not drafts:
        return []
    names = departments(db, {one.department_id for one in new})
    last = {code: highest(db, holding(db, code).code) for code in sorted({one.class_code for one in new})}
    made = []
    for one, _metadata in drafts:
        last[one.class_code] += 1
        made.append(numbered(one, last[one.class_code], today))
    db.add_all(made)
    db.flush()
    told = [
        columns(metadata, names[entry.department_id], entry.resource_code)
        for entry, (_one, metadata) in zip(made, drafts, strict=True)
    ]
    rows = [begun(entry, 1, today, act) | said for entry, said in zip(made, told, strict=True)]
    stored(db, rows, [metadata for _one, metadata in drafts])
    said = [Said(act.actor, "entry.add", entry.resource_code, None, None, act.reason) for entry in made]
    append(db, act.now, *said)
    return made


def departments(db: Session, numbers: Iterable[int]) -> dict[int, str]:
    found = select(Department.id, Department.name)
    return {
        n: name
        for part in parts(numbers)
        for n, name in db.execute(found.where(Department.id.in_(part))).all()
    }


def highest(db: Session, class_code: str) -> int:
    return db.scalar(select(func.max(Entry.seq)).where(Entry.class_code == class_code)) or 0


def numbered(one: New, seq: int, today: date) -> Entry:
    return Entry(
        department_id=one.department_id,
        class_code=one.class_code,
        seq=seq,
        resource_code=f"{one.class_code}/{seq:0{WIDTH}}",
        newest=1,
        created_on=today,
    )


def begun(entry: Entry, number: int, today: date, act: Act) -> dict[str, Any]:
    """The columns of a new draft, beside what it says."""
    return {
        "entry_id": entry.id,
        "department_id": entry.department_id,
        "number": number,
        "state": VersionState.DRAFT,
        "created_on": today,
        "changed_at": act.now,
    }


def stored(db: Session, rows: Sequence[dict[str, Any]], said: Sequence[Metadata]) -> None:
    """New versions with their items and basis, many in one statement: a sheet brings thousands."""
    made = insert(Version).returning(Version.id, sort_by_parameter_order=True)
    ids = db.scalars(made, rows, execution_options=ALIKE).all()
    for table, lines in ((DataItem, item_rows), (ShareBasis, basis_rows)):
        held = [
            line | {"version_id": number}
            for number, metadata in zip(ids, said, strict=True)
            for line in lines(metadata)
        ]
        if held:
            db.execute(insert(table), held, execution_options=ALIKE)


def found(db: Session, code: str) -> Entry:
    """The entry of a resource code. Raises CatalogError."""
    wanted = select(Entry).options(joinedload(Entry.department)).where(Entry.resource_code == code.strip())
    entry = db.scalar(wanted)
    if entry is None:
        raise CatalogError(f"no entry {code!r}: `rightsizer catalog search` and `catalog list` show them")
    return entry


def version_of(db: Session, entry: Entry, number: int | None = None) -> Version:
    """A version by its number; the newest one. Raises CatalogError."""
    wanted = select(Version).where(Version.entry_id == entry.id, Version.number == (number or entry.newest))
    version = db.scalar(wanted)
    if version is None:
        raise CatalogError(f"{entry.resource_code} has no version {number}")
    return version


def subject(entry: Entry, version: Version) -> str:
    """How the journal names a version: 307003/000012 v2."""
    return f"{entry.resource_code} v{version.number}"


def edit(db: Session, entry: Entry, metadata: Metadata, act: Act) -> list[str]:
    """Writes the draft anew; returns the keys of what changed. Raises CatalogError, RefusedError."""
    check_owner(act, entry.department_id)
    version = version_of(db, entry)
    if version.state != VersionState.DRAFT:
        how = "revise it" if version.state in STANDING else "have it returned or withdraw it"
        raise RefusedError(f"{subject(entry, version)} is {version.state}: only a draft is edited; {how}")
    metadata = tidy(metadata)
    refuse_unkept(metadata)
    before, after = asdict(facts_of(version)), asdict(metadata)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return []
    if version.items and "items" in changed:
        version.items = []
        db.flush()
    if version.basis and "basis" in changed:
        version.basis = []
        db.flush()
    fill(version, metadata, entry.department.name, entry.resource_code)
    version.changed_at, version.version = act.now, version.version + 1
    was, becomes = ({name: facts[name] for name in changed} for facts in (before, after))
    append(db, act.now, Said(act.actor, "entry.edit", subject(entry, version), was, becomes, act.reason))
    return changed


def revise(db: Session, entry: Entry, today: date, act: Act) -> Version:
    """A new draft of what is published or offline; the old one stays until the new one is published."""
    check_owner(act, entry.department_id)
    newest = version_of(db, entry)
    if newest.state not in {*STANDING, VersionState.DISCARDED}:
        raise RefusedError(f"{subject(entry, newest)} is {newest.state} already: edit or end that one first")
    number = (db.scalar(select(func.max(Version.number)).where(Version.entry_id == entry.id)) or 0) + 1
    metadata = facts_of(newest)
    told = columns(metadata, entry.department.name, entry.resource_code)
    stored(db, [begun(entry, number, today, act) | told], [metadata])
    entry.newest = number
    version = version_of(db, entry)
    append(db, act.now, Said(act.actor, "entry.revise", subject(entry, version), None, None, act.reason))
    return version


def record_data(db: Session, entry: Entry, on: date, today: date, act: Act) -> None:
    """The newest day of its data (art. 19). Raises CatalogError for a day to come, RefusedError."""
    check_owner(act, entry.department_id)
    if on > today:
        raise CatalogError(f"{on} is to come: the newest data of {entry.resource_code} cannot be of then")
    before, entry.last_data_on = entry.last_data_on, on
    append(db, act.now, Said(act.actor, "entry.data", entry.resource_code, before, on, act.reason))
