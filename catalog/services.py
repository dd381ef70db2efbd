"""Service items and their papers (art. 26): kept, linked to entries; which need not be asked for on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from catalog.errors import CatalogError
from catalog.names import clean, key
from catalog.papers import Provider, by_paper, demanded
from catalog.reference import laws
from catalog.service_tables import Paper, ServiceItem
from catalog.states import CENTRE, OWNERS
from catalog.tables import Entry, Version, VersionState
from catalog.wanted import may, offer
from store.journal import Entry as Said
from store.journal import append
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.papers import Match
    from catalog.service_file import PaperRow
    from store.workflow import Act

KEEPERS = OWNERS | CENTRE


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Needless:
    """A paper that is still asked for on paper although an entry can provide it."""

    paper: Paper
    match: Match


def import_papers(db: Session, rows: Sequence[PaperRow], act: Act) -> Imported:
    """The papers of every named item are those of the sheet from now on; links by word stay where the sheet
    has none. Again: does nothing. Raises CatalogError, RefusedError, with nothing changed.
    """
    departments = dict(db.execute(select(Department.name, Department.id)).all())
    departments |= dict(db.execute(select(Department.code, Department.id)).all())
    entries = dict(db.execute(select(Entry.resource_code, Entry.id)).all())
    check_known(rows, departments, entries)
    items: dict[tuple[int, str], list[PaperRow]] = {}
    for row in rows:
        items.setdefault((departments[row.department], key(row.service)), []).append(row)
    known = {
        (item.department_id, item.name_key): item
        for item in db.scalars(select(ServiceItem).options(selectinload(ServiceItem.papers)))
    }
    done = [put(db, same, papers, known.get(same), entries, act) for same, papers in items.items()]
    return Imported(done.count("added"), done.count("changed"), done.count("unchanged"))


def check_known(rows: Sequence[PaperRow], departments: dict[str, int], entries: dict[str, int]) -> None:
    faults = [
        f"{row.place}: no department {row.department!r}" for row in rows if row.department not in departments
    ]
    faults += [
        f"{row.place}: no entry {row.entry!r}" for row in rows if row.entry and row.entry not in entries
    ]
    if faults:
        more = f"; and {len(faults) - 10} more" if len(faults) > 10 else ""
        raise CatalogError(f"nothing was stored: {'; '.join(faults[:10])}{more}")


def put(
    db: Session,
    same: tuple[int, str],
    rows: Sequence[PaperRow],
    item: ServiceItem | None,
    entries: dict[str, int],
    act: Act,
) -> str:
    """One item with its papers: `added`, `changed` or `unchanged`."""
    new = item is None
    if item is None:
        item = ServiceItem(department_id=same[0], name=clean(rows[0].service), name_key=same[1], papers=[])
    may(item, KEEPERS, act, f"service item {item.name}")
    before = facts(item)
    linked = {paper.name_key: paper.entry_id for paper in item.papers}
    wanted = {
        key(row.paper): {
            "position": position,
            "name": row.paper,
            "on_paper": row.on_paper,
            "basis": row.basis,
            "entry_id": entries[row.entry] if row.entry else linked.get(key(row.paper)),
        }
        for position, row in enumerate(rows)
    }
    held = {paper.name_key: paper for paper in item.papers}
    item.papers = [held.get(name) or Paper(name_key=name) for name in wanted]
    for paper in item.papers:
        for name, value in wanted[paper.name_key].items():
            setattr(paper, name, value)
    after = facts(item)
    if not new and before == after:
        return "unchanged"
    db.add(item)
    db.flush()
    append(db, act.now, Said(act.actor, "service.import", f"service {item.id}", before, after, act.reason))
    return "added" if new else "changed"


def facts(item: ServiceItem) -> list[list[object]]:
    return [[p.name, p.on_paper, p.basis, p.entry_id] for p in item.papers]


def link(db: Session, number: int, code: str | None, act: Act) -> Paper:
    """Says which entry provides a paper; None: none any more."""
    paper = db.get(Paper, number)
    if paper is None:
        raise CatalogError(f"no paper {number}: `rightsizer service-item list` shows them")
    may(paper.service, KEEPERS, act, f"paper {number}")
    before, entry = paper.entry_id, offer(db, code).entry if code is not None else None
    paper.entry = entry
    db.flush()
    after = paper.entry_id
    append(db, act.now, Said(act.actor, "service.link", f"paper {number}", before, after, act.reason))
    return paper


def papers(db: Session, department: str | None = None) -> list[Paper]:
    """Every paper with its item and department, in their order."""
    wanted = (
        select(Paper)
        .join(Paper.service)
        .join(ServiceItem.department)
        .options(joinedload(Paper.service).joinedload(ServiceItem.department), joinedload(Paper.entry))
        .order_by(Department.name, ServiceItem.name, Paper.position)
    )
    if department is not None:
        wanted = wanted.where((Department.name == department) | (Department.code == department))
    return list(db.scalars(wanted))


def needless(db: Session, today: date, department: str | None = None) -> list[Needless]:
    """Papers that are still asked for on paper, that no law demands, and that the catalog can provide."""
    known = laws(db)
    asked = [
        paper
        for paper in papers(db, department)
        if paper.on_paper and not demanded(paper.basis, known, today)
    ]
    found = by_paper([(paper.name, paper.entry_id) for paper in asked], providers(db))
    matched = [(paper, found[paper.name, paper.entry_id]) for paper in asked]
    return [Needless(paper, match) for paper, match in matched if match is not None]


def providers(db: Session) -> list[Provider]:
    """What is published, with whose it is."""
    public = (
        select(Entry.id, Entry.resource_code, Version.title, Department.name, Version.share_type)
        .join(Version.entry)
        .join(Department, Department.id == Entry.department_id)
        .where(Version.state == VersionState.PUBLISHED)
        .order_by(Entry.resource_code)
    )
    return [
        Provider(number, code, title or "", name, share_type or "")
        for number, code, title, name, share_type in db.execute(public).all()
    ]
