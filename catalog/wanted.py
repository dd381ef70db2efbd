"""What requests have in common: the entry that is asked for as it is published, days and clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from catalog.errors import CatalogError
from catalog.metadata import ItemFacts
from catalog.names import item_key
from catalog.sensitive import is_personal
from catalog.tables import Entry, Version, VersionState
from store.workflow import RefusedError, Step, barred

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.registers import CatalogTerms
    from config.roles import Role
    from config.workdays import Calendar
    from store.workflow import Act


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step on a request needs beside the register: the calendar, the terms, the day."""

    known: Calendar
    terms: CatalogTerms
    today: date


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry and its published version."""

    entry: Entry
    version: Version

    @property
    def named(self) -> str:
        return f"{self.entry.resource_code} {self.version.title}"

    @property
    def where(self) -> str:
        """Where it can be had without asking."""
        return self.version.link or "the exchange platform, which has no link of it yet: ask the department"

    def scope(self, wanted: Sequence[str]) -> list[str]:
        """The names of the wanted items as the entry writes them; all of them when none is named.

        Raises CatalogError for one that it does not have.
        """
        held = {item_key(row.name): row.name for row in self.version.items}
        missing = [name for name in wanted if item_key(name) not in held]
        if missing:
            has = ", ".join(held.values()) or "no items"
            raise CatalogError(f"{self.named} has no item {missing[0]!r}; it has {has}")
        keys = {item_key(name) for name in wanted} or set(held)
        return [name for same, name in held.items() if same in keys]

    def personal(self, names: Sequence[str]) -> list[str]:
        """Those of the named items that are personal data."""
        rows = [row for row in self.version.items if row.name in names]
        return [row.name for row in rows if is_personal(ItemFacts(row.name, personal=row.personal))]


def offer(db: Session, code: str) -> Offer:
    """The entry as the public has it. Raises CatalogError, RefusedError when it is not published."""
    entry = db.scalars(
        select(Entry).where(Entry.resource_code == code).options(joinedload(Entry.department))
    ).first()
    if entry is None:
        raise CatalogError(f"no entry {code!r} in the catalog: its resource code is wanted")
    return of_entry(db, entry)


def of_entry(db: Session, entry: Entry) -> Offer:
    """The same of an entry. Raises RefusedError."""
    version = published(db, entry)
    if version is None:
        raise RefusedError(f"{entry.resource_code} is not published: only what is published can be asked for")
    return Offer(entry, version)


def published(db: Session, entry: Entry) -> Version | None:
    public = Version.entry_id == entry.id, Version.state == VersionState.PUBLISHED
    return db.scalars(select(Version).where(*public).options(selectinload(Version.items))).first()


def may(row: object, roles: frozenset[Role], act: Act, what: str, of: str = "department_id") -> None:
    """For what is no step of a workflow. Raises RefusedError."""
    why = barred(Step("", roles, of=of), row, act)  # type: ignore[arg-type]
    if why is not None:
        raise RefusedError(f"{what}: {why}")


def in_order(what: str, on: date, today: date, before: Iterable[tuple[str, date | None]] = ()) -> date:
    """The day `on`, which has come and is not before those that come first. Raises CatalogError."""
    if on > today:
        raise CatalogError(f"{what} on {on} is to come, today is {today}: record it when it has happened")
    for name, day in before:
        if day is not None and on < day:
            raise CatalogError(f"{what} on {on} is before {name} on {day}: correct the day")
    return on
