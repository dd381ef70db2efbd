"""What the data catalog says to the registers of projects: whether a system's data are published in it (art.
10), and whether the data that a project wants to collect are there already (art. 18).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from catalog.likeness import facts, shared_items
from catalog.reference import synonyms
from catalog.rules import standing_for
from catalog.tables import Entry, Version
from filing.hints import Held
from filing.project_tables import Direction, ProjectDataItem
from filing.scoring import Catalogued, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from filing.evaluation_tables import Evaluation
    from filing.tables import Project


def catalogued(db: Session, row: Evaluation, last: date) -> Catalogued | None:
    """The data items that the project of the system was to produce, and those whose entry, named by its code,
    stood in the department's public catalog on the day `last`. None: there is no project, or none of its
    items names an entry, so that nobody knows what to look at.
    """
    if row.filing.project_id is None:
        return None
    wanted = select(ProjectDataItem).where(
        ProjectDataItem.project_id == row.filing.project_id, ProjectDataItem.direction == Direction.PRODUCED
    )
    items = db.scalars(wanted.order_by(ProjectDataItem.id)).all()
    codes = {item.code.strip() for item in items if item.code is not None}
    if not codes:
        return None
    public = published(db, codes, row.filing.department_id, last)
    found = [
        Resource(item.name, item.code, item.code is not None and item.code.strip() in public)
        for item in items
    ]
    return Catalogued(len(found), sum(each.published for each in found), tuple(found))


def published(db: Session, codes: Iterable[str], department_id: int, on: date) -> set[str]:
    """Those of the codes whose entries of the department had a public version on the day."""
    stood = or_(Version.ended_on.is_(None), Version.ended_on > on)
    wanted = (
        select(Entry.resource_code)
        .join(Version, Version.entry_id == Entry.id)
        .where(Entry.department_id == department_id, Entry.resource_code.in_(list(codes)))
        .where(Version.went_public_on <= on, stood)
    )
    return set(db.scalars(wanted))


def existing(db: Session, project: Project) -> tuple[Held, ...]:
    """Published entries of other departments that hold data items of those that the project would produce,
    under whichever of their names; the most first.
    """
    produced = select(ProjectDataItem.name).where(
        ProjectDataItem.project_id == project.id, ProjectDataItem.direction == Direction.PRODUCED
    )
    known = synonyms()
    wanted = {standing_for(name, known) for name in db.scalars(produced)}
    keys = wanted | {name for name, first in known.items() if first in wanted}
    counts = dict(shared_items(db, sorted(keys)))
    found = [
        Held(code, title, department, counts[code])
        for code, (title, department) in facts(db, list(counts)).items()
        if department != project.department.name
    ]
    return tuple(sorted(found, key=lambda held: (-held.items, held.code)))
