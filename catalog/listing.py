"""The public catalog in short, held in memory between two changes of the register: for lists, counts, orders.

50,000 entries take about 20 MB; texts are searched in the database.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from catalog.package import organization_name
from catalog.public import OPEN, slug
from catalog.tables import ClassNode, Entry, Version
from store.tables import Department, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

EARLY = date.min


@dataclass(frozen=True, slots=True)
class Brief:
    """A public entry in short. `organization`, `group`: names as CKAN has them."""

    id: int
    name: str
    title: str
    organization: str
    group: str
    format: str
    open_type: str
    issued: date
    modified: date


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest first. `departments`: name -> code, title; `groups`: name -> title. `stamp`: the newest
    entry of the journal that it knows of.
    """

    stamp: int
    briefs: Sequence[Brief]
    departments: Mapping[str, tuple[str, str]]
    groups: Mapping[str, str]
    packages: Mapping[str, int]
    by_name: Mapping[str, Brief]


class Shelf:
    """Has the listing of the state that a session sees: made anew when the journal went on."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: Listing | None = None

    def listing(self, db: Session) -> Listing:
        """Every change of an entry, a department or a class is in the journal."""
        stamp = db.scalar(select(func.max(JournalEntry.id))) or 0
        with self.lock:
            if self.kept is None or self.kept.stamp != stamp:
                self.kept = listed(db, stamp)
            return self.kept


def listed(db: Session, stamp: int) -> Listing:
    asked = (
        select(
            Version.id,
            Entry.resource_code,
            Version.title,
            Version.department_id,
            Entry.class_code,
            Version.format_type,
            Version.open_type,
            Version.published_on,
            Version.went_public_on,
            Entry.last_data_on,
        )
        .join(Entry, Entry.id == Version.entry_id)
        .where(OPEN)
        .order_by(Entry.class_code, Entry.seq)
    )
    houses = {
        n: (code, name)
        for n, code, name in db.execute(select(Department.id, Department.code, Department.name)).all()
    }
    names = {n: organization_name(code) for n, (code, _name) in houses.items()}
    briefs = []
    for number, code, title, owner, group, form, opening, published, public, data in db.execute(asked):
        issued = published or public or EARLY
        changed = max(issued, public or EARLY, data or EARLY)
        briefs.append(
            Brief(
                number,
                slug(code),
                title or "",
                names[owner],
                group,
                form or "",
                opening or "",
                issued,
                changed,
            )
        )
    briefs.sort(key=lambda brief: brief.modified, reverse=True)  # stable: by code within a day
    packages = Counter(brief.organization for brief in briefs)
    departments = {names[n]: house for n, house in houses.items() if names[n] in packages}
    held = {brief.group for brief in briefs}
    groups = {code: name for code, name in db.execute(select(ClassNode.code, ClassNode.name)) if code in held}
    return Listing(stamp, briefs, departments, groups, packages, {brief.name: brief for brief in briefs})


FACETS: Mapping[str, Callable[[Brief], str]] = {
    "organization": lambda brief: brief.organization,
    "groups": lambda brief: brief.group,
    "res_format": lambda brief: brief.format.upper(),
    "open_type": lambda brief: brief.open_type,
}


def counted(briefs: Iterable[Brief], field: str) -> Counter[str]:
    """How many of them have which value; what has none is not counted."""
    found = Counter(map(FACETS[field], briefs))
    del found[""]
    return found
