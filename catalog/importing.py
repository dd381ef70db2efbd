"""A sheet of the form into the register (art. 16): new drafts, changed drafts, new versions of what is
public.

Looking and writing are two steps; the second is in the caller's transaction. The same file again changes
nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from catalog.content import facts_of, tidy
from catalog.entries import STANDING, New, add, check_owner, edit, revise
from catalog.knowledge import Knowledge
from catalog.metadata import Metadata
from catalog.names import key
from catalog.reference import SHORTEST
from catalog.rules import check
from catalog.tables import Entry, Version, VersionState
from store.parts import parts
from store.workflow import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from catalog.sheet_entry import Reading, SheetEntry
    from store.workflow import Act

GONE = VersionState.DISCARDED


class Deed(StrEnum):
    ADD = "added"
    EDIT = "changed"
    REVISE = "new versions"
    NOTHING = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to become of one entry of a sheet. `entry`: the one that it is about, None for a new one."""

    deed: Deed
    row: SheetEntry
    class_code: str
    department: int
    metadata: Metadata
    entry: Entry | None = None


class Known:
    """The entries that a sheet may be about: by their codes, and by department and title."""

    def __init__(self, db: Session, rows: Sequence[SheetEntry]) -> None:
        whole = select(Version).join(Entry, (Entry.id == Version.entry_id) & (Entry.newest == Version.number))
        whole = whole.options(
            selectinload(Version.items), selectinload(Version.basis), joinedload(Version.entry)
        )
        self.of_codes: dict[str, Version] = {}
        self.of_titles: dict[tuple[int, str], list[Version]] = {}
        codes = dict.fromkeys(row.code for row in rows if row.code)
        titles = dict.fromkeys(key(row.said.get("title") or "") for row in rows)
        for part in parts(codes):
            for version in db.scalars(whole.where(Entry.resource_code.in_(part))):
                self.of_codes[version.entry.resource_code] = version
        for part in parts(titles):
            same = whole.where(Version.title_key.in_(part), Version.state != GONE)
            for version in db.scalars(same):
                self.of_titles.setdefault((version.department_id, version.title_key or ""), []).append(
                    version
                )


def plan(db: Session, found: Reading, act: Act) -> list[Planned]:
    """What the good entries would do; those that cannot be done become problems of the reading."""
    rows = found.good
    known = Known(db, rows)
    steps = (planned(known, found, row, act) for row in rows)
    return [step for step in steps if step is not None]


def planned(known: Known, found: Reading, row: SheetEntry, act: Act) -> Planned | None:
    try:
        version = match(known, row)
    except MismatchError as error:
        found.refuse(row, error.column, str(error))
        return None
    department = row.department or 0
    try:
        check_owner(act, department)
    except RefusedError as error:
        found.refuse(row, "provider_name", f"a department of one's own: {error}")
        return None
    if version is None:
        return fresh(found, row, department)
    facts = facts_of(version)
    becomes = tidy(row.metadata(facts))
    deed = Deed.NOTHING if becomes == facts else changing(version)
    if deed is None:
        said = (
            f"no change: {version.entry.resource_code} is in {version.state}; have it returned or withdraw it"
        )
        found.refuse(row, "title", said)
        return None
    return Planned(deed, row, version.entry.class_code, department, becomes, version.entry)


class MismatchError(ValueError):
    """A row does not fit the entry that it names. `column`: where that stands."""

    def __init__(self, column: str, said: str) -> None:
        super().__init__(said)
        self.column = column


def match(known: Known, row: SheetEntry) -> Version | None:
    """The entry of the row: by its code, else by department and title. Raises MismatchError."""
    same = known.of_titles.get((row.department or 0, key(row.said.get("title") or "")), [])
    if row.code is None and len(same) > 1:
        codes = ", ".join(version.entry.resource_code for version in same)
        raise MismatchError("resource_code", f"one of {codes}: the department has several of this title")
    version = known.of_codes.get(row.code) if row.code else (same[0] if same else None)
    if row.code and version is None:
        other = f"; this title is {same[0].entry.resource_code}" if same else ""
        raise MismatchError("resource_code", f"a code of the register, or none for a new entry{other}")
    if version is None:
        return None
    entry = version.entry
    if entry.department_id != row.department:
        raise MismatchError("provider_name", f"the department of {entry.resource_code}, which stays")
    if row.class_code not in {None, entry.class_code}:
        raise MismatchError(
            "class_1", f"the class {entry.class_code} of {entry.resource_code}, which never changes"
        )
    return version


def changing(version: Version) -> Deed | None:
    """How its newest version may be changed."""
    if version.state == VersionState.DRAFT:
        return Deed.EDIT
    return Deed.REVISE if version.state in {*STANDING, GONE} else None


def fresh(found: Reading, row: SheetEntry, department: int) -> Planned | None:
    if row.class_code is None or len(row.class_code) < SHORTEST:
        found.refuse(
            row, "class_3", "a class (类, 项 and 目) that a new entry stands in, to be given its code"
        )
        return None
    return Planned(Deed.ADD, row, row.class_code, department, tidy(row.metadata(Metadata())))


def carry_out(db: Session, steps: Sequence[Planned], today: date, act: Act) -> None:
    """Writes what was planned: one journal entry for each resource. Raises CatalogError, RefusedError."""
    for step in steps:
        if step.entry is None:
            continue
        if step.deed is Deed.REVISE:
            revise(db, step.entry, today, act)
        if step.deed in {Deed.REVISE, Deed.EDIT}:
            edit(db, step.entry, step.metadata, act)
    new = (step for step in steps if step.deed is Deed.ADD)
    for part in parts(New(step.department, step.class_code, step.metadata) for step in new):
        add(db, part, today, act)


def counts(steps: Sequence[Planned]) -> dict[Deed, int]:
    done = Counter(step.deed for step in steps)
    return {deed: done[deed] for deed in Deed}


def incomplete(db: Session, steps: Sequence[Planned], today: date) -> Iterator[tuple[Planned, list[str]]]:
    """What the rules find in the entries that change: drafts may have it, submitting them may not."""
    known = Knowledge(db, today)
    for step in steps:
        if step.deed is Deed.NOTHING:
            continue
        code = step.entry.resource_code if step.entry is not None else None
        context = known.context(step.department, step.class_code, code, step.metadata)
        problems = check(step.metadata, context)
        if problems:
            yield step, [str(problem) for problem in problems]
