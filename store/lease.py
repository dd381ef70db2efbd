"""Which of several nodes leads: one row, taken and renewed by the database's own clock.

Its epoch grows with every leader. A leader's writing transactions hold the register's write lock and look at
the row first: one that was frozen while another took over is refused at its next write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, func, insert, literal_column, select, update
from sqlalchemy.orm import Mapped, mapped_column

from store.database import StoreError
from store.tables import Base

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import ColumnElement, CursorResult
    from sqlalchemy.orm import Session

LEADER = "leader"  # the lease of whoever collects, judges and writes letters
SECONDS = {
    "postgresql": "extract(epoch from clock_timestamp())",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}


class Lease(Base):
    """`until`: Unix seconds by the database's clock; over: anybody may take it."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    holder: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    until: Mapped[float]


class DeposedError(StoreError):
    """Another node leads now: nothing of this transaction is written."""

    temporary = True


def database_seconds(db: Session) -> ColumnElement[Any]:
    """What time the database has, in Unix seconds."""
    return literal_column(SECONDS[db.get_bind().dialect.name])


def take(db: Session, holder: str, lasting: timedelta) -> int | None:
    """Takes the lease, or renews it; returns its epoch, or None while another holds it.

    In a writing transaction. A lease that ran out and that nobody took goes on with its epoch.
    """
    now = database_seconds(db)
    until = now + lasting.total_seconds()
    ours = Lease.holder == holder
    taken: CursorResult[Any] = db.execute(  # type: ignore[assignment]
        update(Lease)
        .where(Lease.name == LEADER, ours | (Lease.until <= now))
        .values(epoch=case((ours, Lease.epoch), else_=Lease.epoch + 1), holder=holder, until=until)
    )
    if taken.rowcount == 0:
        if db.scalar(select(func.count()).select_from(Lease)):
            return None
        db.execute(insert(Lease).values(name=LEADER, holder=holder, epoch=1, until=until))
    return db.scalar(select(Lease.epoch).where(Lease.name == LEADER))


def extend(db: Session, holder: str, lasting: timedelta) -> int | None:
    """Renews the lease of its holder; returns its epoch, None when it is another's. Waits for no writer."""
    until = database_seconds(db) + lasting.total_seconds()
    ours = (Lease.name == LEADER) & (Lease.holder == holder)
    epoch: int | None = db.scalar(update(Lease).where(ours).values(until=until).returning(Lease.epoch))
    return epoch


def check(db: Session, holder: str, epoch: int) -> None:
    """Raises DeposedError unless the lease is still this holder's, of this epoch."""
    row = db.execute(select(Lease.holder, Lease.epoch).where(Lease.name == LEADER)).first()
    if row is None or (row.holder, row.epoch) != (holder, epoch):
        now = f"{row.holder} with epoch {row.epoch}" if row is not None else "nobody"
        raise DeposedError(f"{holder} led with epoch {epoch}, now {now} leads: nothing was written")


def release(db: Session, holder: str) -> None:
    """Lets the lease go, so that another node need not wait for its end."""
    db.execute(
        update(Lease).where(Lease.name == LEADER, Lease.holder == holder).values(until=database_seconds(db))
    )
