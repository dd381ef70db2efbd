"""The tables of notices: items, deliveries, tasks for the operator, the channels, the numbers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.tables import Base, Department, JsonText, UtcTime


class Sequence(Base):
    """The last number given out of a prefix and year: numbers have no gaps."""

    __tablename__ = "sequence"
    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Notice(Base):
    """A notice to one department. `content` is what its letters are made of, sealed by `sha256`.

    A following notice (reminder, 催办, withdrawal) names its `parent`; its parent, kind and level are there
    once. `receipt` says how the day of receipt is known: accepted by the mail server, or recorded by hand.
    """

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("parent_id", "kind", "level"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(80), unique=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    level: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime] = mapped_column(UtcTime)
    issued_on: Mapped[date]
    issued_by: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    received_on: Mapped[date | None]
    receipt: Mapped[str | None] = mapped_column(String(16))
    proof: Mapped[str | None] = mapped_column(String(400))
    content: Mapped[str] = mapped_column(Text, deferred=True)
    department: Mapped[Department] = relationship()


class NoticeMatter(Base):
    """A deadline that a notice of matters listed: with the end that it had then, and the n of its n-th 催办
    (0: reminded, or mentioned while provisional). Once for each end and level.
    """

    __tablename__ = "notice_matter"
    __table_args__ = (UniqueConstraint("deadline_id", "due_on", "level"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"), index=True)
    due_on: Mapped[date | None]
    level: Mapped[int]


class ItemState(StrEnum):
    """Of a machine in a notice."""

    ISSUED = "issued"
    RECEIVED = "received"
    OBJECTED = "objected"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    ADOPTED = "adopted"
    DECLINED = "declined"


ENDED = (ItemState.DONE, ItemState.WITHDRAWN, ItemState.DECLINED)
ALIVE = text("state NOT IN ('done', 'withdrawn', 'declined')")


class Outcome(StrEnum):
    """What the collectors see of an adjustment."""

    UNCHANGED = "unchanged"
    DONE = "done"
    PARTIAL = "partial"
    REVERTED = "reverted"
    WRONG_DIRECTION = "wrong_direction"
    GONE = "gone"


class Item(Base):
    """A machine in a first notice. `before` and `advised` are its sizes (vcpus, memory_gib, disk_gib) then.

    `promised` and `realised` are yuan a month; `realised` is what the seen size saves. `outcome` is what was
    seen last, on `seen_on`; `told_by` the notice that told the department of a withdrawal. At most one living
    item a machine and kind.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("notice_id", "machine_id"),
        Index("uq_item_alive", "machine_id", "kind", unique=True, sqlite_where=ALIVE, postgresql_where=ALIVE),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("finding.id"), index=True)
    machine: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1)
    before: Mapped[Any] = mapped_column(JsonText)
    advised: Mapped[Any] = mapped_column(JsonText)
    promised: Mapped[float | None]
    realised: Mapped[float | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    seen_on: Mapped[date | None]
    done_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    regret_on: Mapped[date | None]
    told_by: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    notice: Mapped[Notice] = relationship(foreign_keys=[notice_id])


class DeliveryState(StrEnum):
    """`unknown`: the connection was lost after the final dot, the server may have it."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
    HELD = "held"


class Delivery(Base):
    """One mail to one recipient, its bytes fixed before the first try: a notice's, or a word to the
    operator (`notice_id` None).

    `copy` counts how often the notice was sent to the recipient anew; `role`: to, copy (抄送), operator.
    `next_at`: when it may be tried (again); of a leased one: when the lease ends. `made_at`: since when it is
    tried; an operator's retry begins anew.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "recipient", "copy"),
        Index("ix_delivery_due", "state", "next_at", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(254))
    copy: Mapped[int] = mapped_column(default=0)
    role: Mapped[str] = mapped_column(String(8))
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)  # how often the server may have it
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UtcTime)
    last_code: Mapped[int | None]
    last_text: Mapped[str | None] = mapped_column(String(500))
    mime: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    notice: Mapped[Notice | None] = relationship()

    @property
    def about(self) -> str:
        """The notice's number, for people."""
        return self.notice.number if self.notice is not None else "the operator's mail"


class Task(Base):
    """Something that only the operator can do; one open task a kind and subject."""

    __tablename__ = "task"
    __table_args__ = (
        Index(
            "uq_task_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closed_by: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[str | None] = mapped_column(Text)


class Channel(Base):
    """Whether mails (`mail`) and notices (`issue`) may go out now. `until` None: until an operator's word.

    `machines` and `departments` are the size of the batch that was held, or released.
    """

    __tablename__ = "channel"
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    failures: Mapped[int] = mapped_column(default=0)
    machines: Mapped[int] = mapped_column(default=0)
    departments: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(Text)
