"""What a register on SQLite needs once a day.

Pages that emptied rows leave are used again by the next ones, so the file does not grow; VACUUM, which would
give them back, writes the whole file anew while everybody waits, and is not done.
"""

from __future__ import annotations

from contextlib import closing, suppress
from sqlite3 import OperationalError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.database import Register


def upkeep(register: Register) -> None:
    """Refreshes what the planner knows, and writes the log back into the file, which shortens it. Where
    others are in the way it is left for another day.
    """
    if register.engine.dialect.name != "sqlite":
        return
    with closing(register.engine.raw_connection()) as connection, suppress(OperationalError):
        cursor = connection.cursor()
        cursor.execute("PRAGMA optimize")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
