"""Finding entries, and what the whole catalog holds (总目录, art. 16), among tens of thousands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select

from catalog.codes import TABLES
from catalog.freshness import WORDS, Freshness, freshness
from catalog.names import clean, key
from catalog.tables import Entry, Version, VersionState
from store.tables import Department

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `words` all occur; `public`: only what the public catalog has, as it has it."""

    words: str = ""
    department: str | None = None
    state: str | None = None
    class_code: str | None = None
    share_type: str | None = None
    open_type: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in a list: the version that is shown, and when its data is from."""

    resource_code: str
    title: str
    department: str
    state: str
    number: int
    published: int | None
    share_type: str | None
    open_type: str | None
    format_class: str | None
    update_period: str | None
    last_data_on: date | None
    published_on: date | None


Asked = Select[*tuple[Any, ...]]
FACTS: tuple[Any, ...] = (
    Entry.resource_code,
    Version.title,
    Department.name,
    Version.state,
    Version.number,
    Entry.published,
    Version.share_type,
    Version.open_type,
    Version.format_class,
    Version.update_period,
    Entry.last_data_on,
    Version.published_on,
)


def search(db: Session, wanted: Wanted, limit: int | None = None) -> list[Line]:
    """Entries by code, at most `limit`."""
    found = narrowed(select(*FACTS), wanted).order_by(Entry.class_code, Entry.seq).limit(limit)
    return [Line(*row) for row in db.execute(found).all()]


def count(db: Session, wanted: Wanted) -> int:
    return db.scalar(narrowed(select(func.count(Version.id)), wanted)) or 0


def narrowed(asked: Asked, wanted: Wanted) -> Asked:
    number = Entry.published if wanted.public else Entry.newest
    found = (
        asked.select_from(Version)
        .join(Entry, (Entry.id == Version.entry_id) & (Version.number == number))
        .join(Department, Department.id == Version.department_id)
    )
    if wanted.public:
        found = found.where(Version.state == VersionState.PUBLISHED)
    elif wanted.state is not None:
        found = found.where(Version.state == wanted.state)
    for name in ("share_type", "open_type"):
        if getattr(wanted, name) is not None:
            found = found.where(getattr(Version, name) == getattr(wanted, name))
    if wanted.department is not None:
        named = or_(Department.name == wanted.department, Department.code == wanted.department)
        found = found.where(named)
    if wanted.class_code is not None:
        found = found.where(Entry.class_code.startswith(wanted.class_code, autoescape=True))
    for word in clean(wanted.words).split():
        if key(word):
            found = found.where(Version.search.contains(key(word), autoescape=True))
    return found


@dataclass(frozen=True, slots=True)
class Total:
    """The 总目录 in numbers: of the published entries, and how many are on their way."""

    entries: int
    in_work: int
    items: int
    parts: dict[str, dict[str, int]]


def total(db: Session, today: date) -> Total:
    """Counted by department, way of sharing, opening, format and freshness."""
    lines = search(db, Wanted(public=True))
    words = {name: Counter[str]() for name in ("department", "share_type", "open_type", "format_class")}
    fresh: Counter[str] = Counter()
    for line in lines:
        for name, counter in words.items():
            value = getattr(line, name)
            table = TABLES.get(name)
            counter[(table.word(value) if table else value) or "?"] += 1
        fresh[WORDS[freshness(line.update_period, line.last_data_on, today)]] += 1
    parts = {name: dict(counter.most_common()) for name, counter in words.items()}
    return Total(len(lines), in_work(db), items(db), {**parts, "freshness": dict(fresh.most_common())})


def in_work(db: Session) -> int:
    ended = (VersionState.PUBLISHED, VersionState.OFFLINE, VersionState.SUPERSEDED, VersionState.DISCARDED)
    return db.scalar(select(func.count(Version.id)).where(Version.state.not_in(ended))) or 0


def items(db: Session) -> int:
    from catalog.tables import DataItem

    held = select(func.count(DataItem.id)).join(Version, Version.id == DataItem.version_id)
    return db.scalar(held.where(Version.state == VersionState.PUBLISHED)) or 0


def stale(db: Session, today: date) -> list[Line]:
    """Published entries whose data is older than their period promises."""
    return [
        line
        for line in search(db, Wanted(public=True))
        if freshness(line.update_period, line.last_data_on, today) == Freshness.STALE
    ]
