"""What is damaged in a register on disk: read through once, every page, every index, every text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, inspect, text
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.database import Register


def damage(register: Register) -> str | None:
    """What SQLite finds when it reads the whole file, None when nothing; a server looks after itself.

    Raises DatabaseError when it cannot even be read.
    """
    if register.engine.dialect.name != "sqlite":
        return None
    with register.read() as db:
        found: str | None = db.scalar(text("PRAGMA integrity_check(1)"))
        return noise(db) if found == "ok" else found


def noise(db: Session) -> str | None:
    """A text that is none any more: SQLite's own check does not look into values."""
    for table in sorted(inspect(db.connection()).get_table_names()):
        columns = inspect(db.connection()).get_columns(table)
        texts = [f'"{column["name"]}"' for column in columns if not isinstance(column["type"], LargeBinary)]
        try:
            rows = db.execute(text(f'SELECT {", ".join(texts)} FROM "{table}"'))  # noqa: S608  (our own names)
            for _row in rows.yield_per(1000):
                pass
        except OperationalError as error:
            return f"{table}: {' '.join(str(error.orig).split())[:80]}"
    return None
