"""PostgreSQL's limits: nobody waits for ever for a server, a lock or a process that is gone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from store.fitting import check_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@contextmanager
def begun(engine: Engine) -> Iterator[Session]:
    """A writing transaction within these limits, whose texts are looked at before they are sent."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        event.listen(db, "before_flush", check_texts)
        if engine.dialect.name == "postgresql":
            bounded(db)
        yield db
