"""Texts fit their columns before they are sent: SQLite would keep what PostgreSQL refuses, and a register
that moves from the one to the other would break on it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import String

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapper, Session

# What a source of measurements calls a machine is kept as it is, with all that is written about it: one odd
# name must not cost the others their day.
MEASURED = frozenset({"machine", "finding", "item", "task", "delivery", "journal"})


class TextError(ValueError):
    """A text that no register keeps: too long for its column, or no text at all."""


def check_texts(db: Session, *_more: object) -> None:
    """Listens to a session before it flushes. Raises TextError."""
    for row in (*db.new, *db.dirty):
        if row.__tablename__ in MEASURED:
            continue
        for name, longest in columns(row.__mapper__):
            value = vars(row).get(name)
            if isinstance(value, str):
                check_text(f"{row.__tablename__}.{name}", value, longest)


@cache
def columns(table: Mapper[object]) -> tuple[tuple[str, int | None], ...]:
    """The columns of text, by attribute, and how many characters each holds (None: any number)."""
    return tuple(
        (attribute.key, column.type.length)
        for attribute in table.column_attrs
        for column in attribute.columns[:1]
        if isinstance(column.type, String)
    )


def check_text(name: str, value: str, longest: int | None) -> None:
    if longest is not None and len(value) > longest:
        raise TextError(f"{name}: {len(value):,} characters, at most {longest} are kept")
    if "\0" in value or not (value.isascii() or encodes(value)):
        raise TextError(f"{name}: it holds characters that are no text")


def encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a character, as a broken file or terminal gives
        return False
    return True
