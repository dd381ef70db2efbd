"""What the catalog refers to: classes, laws, synonyms. They come along as data; the city imports its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from catalog.errors import CatalogError
from catalog.legal import LawFacts
from catalog.names import clean, item_key, law_key
from catalog.tables import ClassNode, Law
from config.document import Document, read
from store.journal import Entry as Said
from store.journal import append

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from store.workflow import Act

DATA = Path(__file__).parent / "data"
CLASS = re.compile(r"[1-3](\d{2}(\d{3}(\d+)?)?)?")
SHORTEST = 6  # digits of a class that may hold entries: 类, 项 and 目
LAW_WIDTH = 200


class ClassLine(Document):
    code: str
    name: str


class ClassFile(Document):
    classes: list[ClassLine]


class LawLine(Document):
    name: str
    repealed_on: date | None = None
    replaced_by: str | None = None


class LawFile(Document):
    laws: list[LawLine]


class SynonymFile(Document):
    synonyms: list[list[str]]


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    unchanged: int


def shipped_classes() -> list[ClassLine]:
    return read(DATA / "classes.yml", ClassFile).classes


@cache
def shipped_laws() -> tuple[LawLine, ...]:
    return tuple(read(DATA / "laws.yml", LawFile).laws)


@cache
def synonyms() -> Mapping[str, str]:
    """The key of an item -> the key that stands for it and its synonyms."""
    groups = read(DATA / "synonyms.yml", SynonymFile).synonyms
    return {item_key(name): item_key(names[0]) for names in groups for name in names}


def laws(db: Session) -> dict[str, LawFacts]:
    """By law_key: those that come along, and the city's, which take their place."""
    lines = [LawFacts(line.name, line.repealed_on, line.replaced_by) for line in shipped_laws()]
    own = [LawFacts(row.name, row.repealed_on, row.replaced_by) for row in db.scalars(select(Law))]
    return {law_key(law.name): law for law in (*lines, *own)}


def import_laws(db: Session, lines: Iterable[LawLine], act: Act) -> Imported:
    """Adds laws or changes what is known of them; all or none. Again: does nothing."""
    rows = {row.key: row for row in db.scalars(select(Law))}
    added = changed = unchanged = 0
    for line in lines:
        name = clean(line.name).strip("《》")
        if not law_key(name) or len(name) > LAW_WIDTH:
            raise CatalogError(f"{line.name!r} is no law's name of at most {LAW_WIDTH} characters")
        row, facts = rows.get(law_key(name)), (name, line.repealed_on, line.replaced_by)
        if row is None:
            row = rows[law_key(name)] = Law(key=law_key(name))
            db.add(row)
            added += 1
        elif (row.name, row.repealed_on, row.replaced_by) == facts:
            unchanged += 1
        else:
            changed += 1
        row.name, row.repealed_on, row.replaced_by = facts
    return told(db, "catalog.laws", Imported(added, changed, unchanged), act)


def import_classes(db: Session, lines: Iterable[ClassLine], act: Act) -> Imported:
    """Adds classes or renames them; all or none. Raises CatalogError for a code without its parent."""
    rows = {row.code: row for row in db.scalars(select(ClassNode))}
    added = changed = unchanged = 0
    for line in sorted(lines, key=lambda line: (len(line.code), line.code)):
        code, name = line.code.strip(), clean(line.name)
        if CLASS.fullmatch(code) is None or len(code) > 32 or not name:
            raise CatalogError(
                f"{code!r} {name!r}: a class is 类 (1-3), 项 (2 digits), 目 (3), 细目, and its name"
            )
        above = parent(code, rows)
        if above is None and len(code) > 1:
            raise CatalogError(f"the class {code} {name} has no parent: import {code[: cut(code)]} before it")
        row = rows.get(code)
        if row is None:
            rows[code] = row = ClassNode(code=code, name=name, parent=above)
            db.add(row)
            db.flush()
            added += 1
        elif row.name == name:
            unchanged += 1
        else:
            row.name = name
            changed += 1
    return told(db, "catalog.classes", Imported(added, changed, unchanged), act)


def cut(code: str) -> int:
    """How many digits the parent's code has, at least."""
    return 1 if len(code) <= 3 else 3 if len(code) <= SHORTEST else SHORTEST


def parent(code: str, known: Iterable[str]) -> str | None:
    """The longest known class above it, which is at least its 目, 项 or 类."""
    above = [other for other in known if code.startswith(other) and cut(code) <= len(other) < len(code)]
    return max(above, key=len, default=None)


def told(db: Session, what: str, done: Imported, act: Act) -> Imported:
    if done.added or done.changed:
        after = {"added": done.added, "changed": done.changed}
        append(db, act.now, Said(act.actor, f"{what}.imported", what, None, after, act.reason))
    return done


def holding(db: Session, code: str) -> ClassNode:
    """The class that an entry may stand in. Raises CatalogError for none, and for one that is too wide."""
    row = db.get(ClassNode, code)
    if row is None:
        raise CatalogError(f"no class {code!r}: `rightsizer catalog classes list` shows them, `import` adds")
    if len(code) < SHORTEST:
        raise CatalogError(f"{code} {row.name} is too wide: an entry stands in a 目 or 细目 below it")
    return row
