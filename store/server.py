"""PostgreSQL's limits: nobody waits for ever for a server, a lock or a process that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FROZEN = 20  # seconds after which the server rolls back the write of a process that does not go on
# A server that is gone is noticed within half a minute, not after hours.
CONNECTING = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def bounded(db: Session) -> None:
    """Limits of a writing transaction: for the lock that it waits for, and for others that wait for it."""
    db.execute(text("SET LOCAL lock_timeout = '10s'"))
    db.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{FROZEN}s'"))
