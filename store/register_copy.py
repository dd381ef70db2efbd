"""A copy of the register while others write it, and what stands in one: the proof that it can be restored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from store.copies import BackupError
from store.database import check_sqlite_file, revision
from store.journal import head, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

PAGES = 4096  # copied at a time: 16 MiB


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in a register: its schema, rows by table, and the journal's length and head."""

    schema: str
    counts: dict[str, int]
    entries: int
    head: str


def copy_sqlite(source: Path, target: Path, progress: Callable[[str, int, int], None]) -> None:
    """One state of the register at `source` as a file of its own; nobody who writes waits for it."""

    def advance(_status: int, remaining: int, total: int) -> None:
        progress("register", total - remaining, total)

    reading = sqlite3.connect(
        f"file:{quote(str(source))}?mode=ro", uri=True, timeout=10, isolation_level=None
    )
    writing = sqlite3.connect(target, isolation_level=None)
    try:
        reading.execute("BEGIN")  # in a transaction the copy never begins anew when somebody writes
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES, progress=advance)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, which can be read where nothing is written
    finally:
        writing.close()
        reading.close()


def facts_of_copy(path: Path) -> Facts:
    """Reads the whole copy, and changes nothing. Raises BackupError when it is not sound, StoreError when it
    is no register.
    """
    check_sqlite_file(path)
    where = f"file:{quote(str(path))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(where, uri=True))
    try:
        with Session(engine) as db:
            found = db.scalar(text("PRAGMA integrity_check(1)"))
            if found != "ok":
                raise BackupError(f"{path} is not sound ({found}): take another backup")
            return facts(db, str(path))
    except DatabaseError as error:
        raise BackupError(f"{path} is not sound ({error.orig}): take another backup") from error
    finally:
        engine.dispose()


def facts(db: Session, shown: str) -> Facts:
    """Raises BackupError when the journal's chain is broken."""
    entries, broken = verify(db)
    if broken is not None:
        raise BackupError(f"the journal of {shown} is not sound: {broken}")
    connection = db.connection()
    counts = {
        name: int(db.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0)  # noqa: S608  (names of our own schema)
        for name in sorted(inspect(connection).get_table_names())
        if name != "alembic_version"
    }
    return Facts(revision(connection) or "none", counts, entries, head(db))


def is_empty(engine: Engine) -> bool:
    """Has the database no tables yet?"""
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()
