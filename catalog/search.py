"""Finding entries, and what the whole catalog holds (总目录, art. 16), among tens of thousands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select

from catalog.codes import TABLES
from catalog.freshness import WORDS, freshness, newest_stale
from catalog.names import clean, key
from catalog.tables import Entry, Version, VersionState
from store.parts import parts
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session
    from sqlalchemy.sql.functions import Function


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


def search(db: Session, wanted: Wanted) -> list[Line]:
    """Every entry that is wanted, by code."""
    found = narrowed(db, select(*FACTS), wanted).order_by(Entry.class_code, Entry.seq)
    return [Line(*row) for row in db.execute(found).all()]


def first(db: Session, wanted: Wanted, limit: int) -> tuple[list[Line], int]:
    """The first of them, and how many there are in all: the texts are looked through once."""
    ids = db.scalars(narrowed(db, select(Version.id), wanted).order_by(Entry.class_code, Entry.seq)).all()
    asked = narrowed(db, select(*FACTS), replace(wanted, words="")).order_by(Entry.class_code, Entry.seq)
    lines = [
        Line(*row)
        for part in parts(ids[:limit])
        for row in db.execute(asked.where(Version.id.in_(part))).all()
    ]
    return lines, len(ids)


def count(db: Session, wanted: Wanted) -> int:
    return db.scalar(narrowed(db, select(func.count(Version.id)), wanted)) or 0


def within(db: Session) -> Callable[..., Function[Any]]:
    """Where a text occurs in another. LIKE of SQLite folds every letter: five times slower than this."""
    return func.instr if db.get_bind().dialect.name == "sqlite" else func.strpos


def narrowed(db: Session, asked: Asked, wanted: Wanted) -> Asked:
    found = asked.select_from(Version).join(Entry, Entry.id == Version.entry_id)
    found = found.join(Department, Department.id == Version.department_id)
    if wanted.public:
        found = found.where(Version.state == VersionState.PUBLISHED)
    else:
        found = found.where(Version.number == Entry.newest)
    if wanted.state is not None:
        found = found.where(Version.state == wanted.state)
    for name in ("share_type", "open_type"):
        if getattr(wanted, name) is not None:
            found = found.where(getattr(Version, name) == getattr(wanted, name))
    if wanted.department is not None:
        named = or_(Department.name == wanted.department, Department.code == wanted.department)
        found = found.where(Version.department_id.in_(select(Department.id).where(named)))
    if wanted.class_code is not None:
        found = found.where(Entry.class_code.startswith(wanted.class_code, autoescape=True))
    for word in clean(wanted.words).split():
        if key(word):
            found = found.where(within(db)(Version.search, key(word)) > 0)
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
    public = Version.state == VersionState.PUBLISHED
    columns: dict[str, Any] = {
        "department": Department.name,
        "share_type": Version.share_type,
        "open_type": Version.open_type,
        "format_class": Version.format_class,
    }
    found = {}
    for name, column in columns.items():
        counted = select(column, func.count(Version.id)).select_from(Version).where(public).group_by(column)
        if name == "department":
            counted = counted.join(Department, Department.id == Version.department_id)
        table = TABLES.get(name)
        pairs = [
            ((table.word(value) if table else value) or "?", many)
            for value, many in db.execute(counted).all()
        ]
        found[name] = dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
    found["freshness"] = aged(db, today)
    return Total(sum(found["freshness"].values()), in_work(db), items(db), found)


def aged(db: Session, today: date) -> dict[str, int]:
    """How many published entries are 正常, 过期, 未知."""
    dated = (
        select(Version.update_period, Entry.last_data_on, func.count(Version.id))
        .join(Entry, Entry.id == Version.entry_id)
        .where(Version.state == VersionState.PUBLISHED)
        .group_by(Version.update_period, Entry.last_data_on)
    )
    found: Counter[str] = Counter()
    for period, last, many in db.execute(dated).all():
        found[WORDS[freshness(period, last, today)]] += many
    return dict(found.most_common())


def in_work(db: Session) -> int:
    ended = (VersionState.PUBLISHED, VersionState.OFFLINE, VersionState.SUPERSEDED, VersionState.DISCARDED)
    return db.scalar(select(func.count(Version.id)).where(Version.state.not_in(ended))) or 0


def items(db: Session) -> int:
    from catalog.tables import DataItem

    held = select(func.count(DataItem.id)).join(Version, Version.id == DataItem.version_id)
    return db.scalar(held.where(Version.state == VersionState.PUBLISHED)) or 0


def stale(db: Session, today: date) -> list[Line]:
    """Published entries whose data is older than their period promises."""
    old = [
        and_(Version.update_period == period, Entry.last_data_on <= newest)
        for period, newest in newest_stale(today).items()
    ]
    found = narrowed(db, select(*FACTS), Wanted(public=True)).where(or_(*old))
    return [Line(*row) for row in db.execute(found.order_by(Entry.class_code, Entry.seq)).all()]
