"""The form of the national guide out: the catalog as the importer reads it back, and the empty form."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from catalog.codes import DATA_TYPE
from catalog.content import facts_of
from catalog.errors import CatalogError
from catalog.fields import BY_KEY
from catalog.sheet_book import write_form
from catalog.sheet_cells import READERS, guarded, said, written, written_bases
from catalog.sheet_classes import Tree
from catalog.tables import Entry, Version, VersionState
from catalog.template import ITEMS, KEYS, LEVELS, heading_rows
from store.parts import parts
from store.sheet_out import write_rows
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from catalog.metadata import Metadata
    from store.cells import Cell


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of one department, in one state of their newest version; `public`: the published."""

    department_id: int | None = None
    state: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What a row says besides the metadata."""

    code: str
    class_code: str
    provider: str
    provider_code: str


def export(db: Session, path: Path, wanted: Wanted) -> int:
    """Writes the entries to `path` (.xlsx, .csv), as the importer reads them back. Returns how many.

    Raises CatalogError for another ending.
    """
    ending = path.suffix.lower()
    if ending not in {".xlsx", ".csv"}:
        raise CatalogError(f"{path.name}: a file that ends with .xlsx or .csv")
    numbers = list(db.scalars(chosen(wanted)))
    groups = entries(db, numbers)
    if ending == ".csv":
        rows = (row for group in groups for row in group)
        write_rows(path, chain(heading_rows(), rows))
    else:
        write_form(path, groups, len(numbers))
    return len(numbers)


def chosen(wanted: Wanted) -> Select[int]:
    number = Entry.published if wanted.public else Entry.newest
    found = select(Version.id).join(Entry, (Entry.id == Version.entry_id) & (Version.number == number))
    found = found.where(Version.state != VersionState.DISCARDED)
    if wanted.department_id is not None:
        found = found.where(Version.department_id == wanted.department_id)
    if wanted.state is not None:
        found = found.where(Version.state == wanted.state)
    return found.order_by(Entry.class_code, Entry.seq)


def entries(db: Session, numbers: Sequence[int]) -> Iterator[list[list[Cell]]]:
    """The rows of each version, in the order of `numbers`; at most 500 are held at once."""
    tree = Tree(db)
    departments = {row.id: row for row in db.scalars(select(Department))}
    whole = select(Version).options(
        selectinload(Version.items), selectinload(Version.basis), joinedload(Version.entry)
    )
    for part in parts(numbers):
        found = {version.id: version for version in db.scalars(whole.where(Version.id.in_(part)))}
        for number in part:
            version = found[number]
            owner = departments[version.department_id]
            head = Head(version.entry.resource_code, version.entry.class_code, owner.name, owner.code)
            yield rows_of(head, facts_of(version), tree)
        db.expunge_all()


def rows_of(head: Head, facts: Metadata, tree: Tree) -> list[list[Cell]]:
    """The rows of one entry: one for each of its items, the resource in the first."""
    values: dict[str, Cell] = dict(zip(LEVELS, tree.cells(head.class_code), strict=True))
    values |= {"provider_name": guarded(head.provider), "provider_code": head.provider_code}
    values["resource_code"] = head.code
    for name in READERS:
        values[name] = field_cell(facts, name)
    rows: list[list[Cell]] = [[values.get(name) for name in KEYS]]
    for index, item in enumerate(facts.items):
        if index:
            rows.append([None] * len(KEYS))
        parts_of = (guarded(item.name), DATA_TYPE.word(item.data_type), item.length and guarded(item.length))
        cells = (*parts_of, said(True) if item.source else None, said(item.personal))
        for name, cell in zip(ITEMS, cells, strict=True):
            rows[-1][POSITION[name]] = cell
    return rows


def field_cell(facts: Metadata, name: str) -> Cell:
    if BY_KEY[name].place == "survey":
        return facts.survey.get(name)
    if name == "basis":
        return written_bases(facts.basis)
    if name == "related_codes":
        return "、".join(facts.related_codes) or None
    return written(name, getattr(facts, name))


POSITION = {name: index for index, name in enumerate(KEYS)}
