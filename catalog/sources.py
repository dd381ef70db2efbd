"""One number, one source (art. 18): items that several departments collect, and whose is the source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from catalog.entries import version_of
from catalog.errors import CatalogError
from catalog.matters import SourceClaim
from catalog.names import clean
from catalog.reference import synonyms
from catalog.rules import standing_for
from catalog.tables import DataItem, Entry, Version, VersionState
from config.roles import Role
from store.journal import Entry as Said
from store.journal import append
from store.parts import parts
from store.tables import Department
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from store.workflow import Act

LOOKED_AT = (VersionState.FILED, VersionState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Use:
    """How a department writes an item, and in how many of its entries."""

    name: str
    data_type: str | None
    department: str
    entries: int


@dataclass(frozen=True, slots=True)
class Place:
    """One entry that collects an item."""

    department: str
    resource_code: str
    title: str | None
    name: str
    data_type: str | None
    source: bool


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An item that several departments collect. `key` stands for it and its synonyms; `source`: the
    department that was set as its source, None when nobody is.
    """

    key: str
    uses: tuple[Use, ...]
    source: str | None

    @property
    def departments(self) -> tuple[str, ...]:
        return tuple(sorted({use.department for use in self.uses}))

    @property
    def entries(self) -> int:
        return sum(use.entries for use in self.uses)

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(sorted({use.data_type or "?" for use in self.uses}))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({use.name for use in self.uses}))


def duplicates(db: Session) -> list[Duplicate]:
    """Items of filed and published entries that two or more departments collect; most departments first."""
    known, owners = synonyms(), dict(claims(db))
    held: dict[str, set[int]] = {}
    names: dict[str, set[str]] = {}
    pairs = (
        select(DataItem.name_key, Version.department_id)
        .join(Version, Version.id == DataItem.version_id)
        .where(Version.state.in_(LOOKED_AT))
        .distinct()
    )
    for name, department in db.execute(pairs).all():
        same = known.get(name, name)
        held.setdefault(same, set()).add(department)
        names.setdefault(same, set()).add(name)
    twice = [same for same, departments in held.items() if len(departments) > 1]
    found = uses(db, [name for same in twice for name in names[same]])
    made = [
        Duplicate(same, tuple(use for name in sorted(names[same]) for use in found[name]), owners.get(same))
        for same in twice
    ]
    return sorted(made, key=lambda one: (-len(one.departments), one.key))


def uses(db: Session, names: Iterable[str]) -> dict[str, list[Use]]:
    """Who collects items of these keys, by key."""
    held = (DataItem.name_key, DataItem.name, DataItem.data_type, Department.name)
    wanted = (
        select(*held, func.count(Version.entry_id.distinct()))
        .join(Version, Version.id == DataItem.version_id)
        .join(Department, Department.id == Version.department_id)
        .where(Version.state.in_(LOOKED_AT))
        .group_by(*held)
        .order_by(Department.name, DataItem.name)
    )
    found: dict[str, list[Use]] = {}
    for part in parts(dict.fromkeys(names)):
        for same, name, kind, department, entries in db.execute(
            wanted.where(DataItem.name_key.in_(part))
        ).all():
            found.setdefault(same, []).append(Use(name, kind, department, entries))
    return found


def places(db: Session, item: str) -> list[Place]:
    """Every filed or published entry that collects an item, under whichever of its names."""
    same = standing_for(item, synonyms())
    names = {same, *(name for name, first in synonyms().items() if first == same)}
    held = (
        Department.name,
        Entry.resource_code,
        Version.title,
        DataItem.name,
        DataItem.data_type,
        DataItem.source,
    )
    wanted = (
        select(*held)
        .join(Version, Version.id == DataItem.version_id)
        .join(Entry, Entry.id == Version.entry_id)
        .join(Department, Department.id == Version.department_id)
        .where(Version.state.in_(LOOKED_AT), DataItem.name_key.in_(names))
        .order_by(Department.name, Entry.resource_code, DataItem.position)
    )
    return [Place(*row) for row in db.execute(wanted).all()]


def claims(db: Session) -> list[tuple[str, str]]:
    """Item's key, and the department that is its source."""
    wanted = select(SourceClaim.key, Department.name).join(SourceClaim.department).order_by(SourceClaim.key)
    return [(item, name) for item, name in db.execute(wanted).all()]


def check_centre(act: Act) -> None:
    if not {Role.OPERATOR, Role.REVIEWER} & act.roles:
        raise RefusedError(f"that is for the centre's operators and reviewers; {act.actor} is neither")


def claim(db: Session, item: str, entry: Entry, today: date, act: Act) -> SourceClaim:
    """Makes the entry's department the source of an item that the entry holds.

    Raises CatalogError when another is, or the entry does not hold it; RefusedError.
    """
    check_centre(act)
    same = standing_for(item, synonyms())
    held = [row.name for row in version_of(db, entry).items]
    if same not in {standing_for(name, synonyms()) for name in held}:
        has = ", ".join(held) or "no items"
        raise CatalogError(f"{entry.resource_code} does not hold {item!r}; it has {has}")
    before = db.scalar(select(SourceClaim).where(SourceClaim.key == same))
    if before is not None and before.entry_id == entry.id:
        return before
    if before is not None:
        now = f"{before.department.name} ({before.entry.resource_code})"
        raise CatalogError(
            f"{now} is the source of {before.name} already: one number has one source; "
            "`rightsizer catalog source end` it first"
        )
    row = SourceClaim(
        key=same,
        name=clean(item)[:200],
        department_id=entry.department_id,
        entry_id=entry.id,
        set_on=today,
        set_by=act.actor,
    )
    db.add(row)
    db.flush()
    append(db, act.now, Said(act.actor, "source.set", row.name, None, entry.resource_code, act.reason))
    return row


def unclaim(db: Session, item: str, act: Act) -> SourceClaim:
    """Nobody is the source of the item any more. Raises CatalogError, RefusedError."""
    check_centre(act)
    same = standing_for(item, synonyms())
    row = db.scalar(select(SourceClaim).where(SourceClaim.key == same))
    if row is None:
        raise CatalogError(f"{item!r} has no source: `rightsizer catalog source list` shows those that have")
    code = row.entry.resource_code
    db.delete(row)
    append(db, act.now, Said(act.actor, "source.end", row.name, code, None, act.reason))
    return row
