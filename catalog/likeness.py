"""Whether the catalog holds the like of what is wanted: by titles and by data items (arts. 18, 20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from catalog.names import item_key, key
from catalog.tables import DataItem, Entry, Version, VersionState
from store.parts import parts
from store.tables import Department

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

TITLES, ITEMS = 0.6, 0.5  # shares in common from which on it is the like
FEWEST = 2  # items in common: one, such as a name, says nothing
SHOWN = 10
COMMON = ("信息", "数据", "资源", "基本", "情况", "目录")


@dataclass(frozen=True, slots=True)
class Like:
    """An entry that holds the like, whose it is, and why it is thought so."""

    code: str
    title: str
    department: str
    why: str


def pairs(title: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a title, without the words that all titles have."""
    text = key(title)
    for word in COMMON:
        text = text.replace(word, "")
    return frozenset(text[i : i + 2] for i in range(len(text) - 1)) or frozenset({text})


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """0 to 1: twice what both have, of all."""
    return 2 * len(one & other) / (len(one) + len(other))


def likes(db: Session, title: str, items: Sequence[str]) -> list[Like]:
    """Published entries with nearly the same title, or with half of the items; the nearest first."""
    score: dict[str, tuple[float, str]] = {}
    wanted = pairs(title)
    public = select(Entry.resource_code, Version.title).join(Version.entry)
    for code, name in db.execute(public.where(Version.state == VersionState.PUBLISHED)).all():
        near = alike(wanted, pairs(name or ""))
        if near >= TITLES:
            score[code] = (near, f"title {near:.0%} alike")
    keys = {item_key(name) for name in items}
    for code, number in shared_items(db, keys):
        part = number / len(keys)
        if number >= FEWEST and part >= ITEMS and part > score.get(code, (0.0, ""))[0]:
            score[code] = (part, f"holds {number} of {len(keys)} items")
    ranked = sorted(score, key=lambda code: (-score[code][0], code))[:SHOWN]
    known = facts(db, ranked)
    return [Like(code, *known[code], score[code][1]) for code in ranked]


def shared_items(db: Session, keys: Iterable[str]) -> list[tuple[str, int]]:
    """How many different items of these every published entry has."""
    counted = (
        select(Entry.resource_code, func.count(func.distinct(DataItem.name_key)))
        .join(Version, Version.id == DataItem.version_id)
        .join(Entry, Entry.id == Version.entry_id)
        .where(Version.state == VersionState.PUBLISHED)
        .group_by(Entry.resource_code)
    )
    total: dict[str, int] = {}
    for part in parts(dict.fromkeys(keys)):
        for code, number in db.execute(counted.where(DataItem.name_key.in_(part))).all():
            total[code] = total.get(code, 0) + number
    return list(total.items())


def facts(db: Session, codes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Title and department by code."""
    asked = (
        select(Entry.resource_code, Version.title, Department.name)
        .join(Version.entry)
        .join(Department, Department.id == Entry.department_id)
        .where(Version.state == VersionState.PUBLISHED, Entry.resource_code.in_(codes))
    )
    return {code: (title or "", name) for code, title, name in db.execute(asked).all()}
