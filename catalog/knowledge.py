"""What the rules must know of the register, gathered once for many entries."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.matters import SourceClaim
from catalog.names import key
from catalog.reference import SHORTEST, laws, synonyms
from catalog.rules import Context
from catalog.tables import WORKING, ClassNode, Entry, Version, VersionState
from store.parts import parts
from store.tables import Department, System

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.legal import LawFacts
    from catalog.metadata import Metadata

TAKEN = (
    VersionState.DEPARTMENT_REVIEW,
    VersionState.CENTRE_REVIEW,
    VersionState.FILED,
    VersionState.PUBLISHED,
)


class Knowledge:
    """One state of the register, as of a day; asks each department's titles and systems once."""

    def __init__(self, db: Session, today: date) -> None:
        self.db = db
        self.today = today
        self.of_departments: dict[int, tuple[dict[str, list[str]], frozenset[str]]] = {}

    @cached_property
    def laws(self) -> dict[str, LawFacts]:
        return laws(self.db)

    @cached_property
    def sources(self) -> dict[str, tuple[int, str]]:
        """Item's key -> id and name of the department that is its source."""
        found = select(SourceClaim.key, Department.id, Department.name).join(SourceClaim.department)
        return {item: (number, name) for item, number, name in self.db.execute(found).all()}

    @cached_property
    def classes(self) -> frozenset[str]:
        return frozenset(self.db.scalars(select(ClassNode.code)))

    def department(self, number: int) -> tuple[dict[str, list[str]], frozenset[str]]:
        """Titles on their way or public, with the codes that have them; and the names of its systems."""
        if number not in self.of_departments:
            taken = (
                select(Version.title_key, Entry.resource_code)
                .join(Version.entry)
                .where(Version.department_id == number, Version.state.in_(TAKEN))
            )
            titles: dict[str, list[str]] = {}
            for title, code in self.db.execute(taken).all():
                titles.setdefault(title or "", []).append(code)
            systems = self.db.scalars(select(System.name).where(System.department_id == number))
            self.of_departments[number] = (titles, frozenset(key(name) for name in systems))
        return self.of_departments[number]

    def note(self, entry: Entry, title: str | None) -> None:
        """Takes in that an entry is on its way with a title (its key): those judged later must differ."""
        titles, _systems = self.department(entry.department_id)
        codes = titles.setdefault(title or "", [])
        if entry.resource_code not in codes:
            codes.append(entry.resource_code)

    def existing(self, metadata: Metadata) -> frozenset[str]:
        """Which related codes are of entries that are public or on their way."""
        if not metadata.related_codes:
            return frozenset()
        asked = select(Entry.resource_code).join(Version, Version.entry_id == Entry.id).distinct()
        asked = asked.where(Version.state.in_((*WORKING, VersionState.PUBLISHED)))
        return frozenset(
            code
            for part in parts(dict.fromkeys(metadata.related_codes))
            for code in self.db.scalars(asked.where(Entry.resource_code.in_(part)))
        )

    def context(self, department_id: int, class_code: str, code: str | None, metadata: Metadata) -> Context:
        """For one entry; `code` None while it has none."""
        titles, systems = self.department(department_id)
        title = key(metadata.title or "")
        others = [other for other in titles.get(title, ()) if other != code]
        return Context(
            today=self.today,
            resource_code=code,
            class_known=class_code in self.classes and len(class_code) >= SHORTEST,
            titles={title: others[0]} if others else {},
            systems=systems,
            codes=self.existing(metadata),
            sources={k: name for k, (number, name) in self.sources.items() if number != department_id},
            laws=self.laws,
            synonyms=synonyms(),
        )
