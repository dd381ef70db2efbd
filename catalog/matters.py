"""The tables of what happens to entries: changes of the law (art. 17), sources and tickets (art. 18),
objections.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.tables import Entry
from store.tables import Base, Deadline, Department


class ChangeKind(StrEnum):
    """Art. 17: 法律、法规做出修改, 管理职能发生变化."""

    LAW = "law"
    FUNCTION = "function"


class ChangeEvent(Base):
    """A law was changed, or a department's functions were: its entries are to be updated."""

    __tablename__ = "catalog_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(300))
    happened_on: Mapped[date]
    recorded_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    affected: Mapped[list[Affected]] = relationship(order_by="Affected.id")


class Affected(Base):
    """An entry that an event makes update. `deadline`: the clock that runs for it, which events that fall
    together share: the earliest counts. `met_on` and `met_because`: updated by a version, or settled by word.
    """

    __tablename__ = "catalog_affected"
    __table_args__ = (UniqueConstraint("event_id", "entry_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("catalog_event.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"))
    met_on: Mapped[date | None]
    met_because: Mapped[str | None] = mapped_column(String(200))
    entry: Mapped[Entry] = relationship()
    deadline: Mapped[Deadline] = relationship()


class SourceClaim(Base):
    """Which department is the source of an item, in which entry (一数一源). `key`: of it and its synonyms."""

    __tablename__ = "catalog_source"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"))
    set_on: Mapped[date]
    set_by: Mapped[str] = mapped_column(String(200))
    entry: Mapped[Entry] = relationship()
    department: Mapped[Department] = relationship()


class TicketKind(StrEnum):
    """校核: is the value right? 纠错: it is wrong, mend it."""

    VERIFY = "verify"
    CORRECT = "correct"


class TicketState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Ticket(Base):
    """Who uses data asks its source to verify or correct it (多元校核). `department_id`: who answers."""

    __tablename__ = "catalog_ticket"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    item: Mapped[str | None] = mapped_column(String(200))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    raised_for: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    raised_by: Mapped[str] = mapped_column(String(200))
    raised_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(200))
    answered_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    entry: Mapped[Entry] = relationship()
    department: Mapped[Department] = relationship(foreign_keys=[department_id])


class ObjectionKind(StrEnum):
    """数据异议: 目录纠错; 申请异议 (时长, 意见); 使用异议 (服务, 质量)."""

    CATALOG = "catalog"
    DELAY = "delay"
    OPINION = "opinion"
    SERVICE = "service"
    QUALITY = "quality"


class ObjectionState(StrEnum):
    """待审核, 处理中, 已处理, 已评价; 不予受理."""

    PENDING = "pending"
    IN_HAND = "in_hand"
    HANDLED = "handled"
    RATED = "rated"
    REFUSED = "refused"


class Objection(Base):
    """What somebody holds against an entry, an answer or the service. `subject`: the matter, such as a
    request for sharing. `department_id`: who deals with it. `score` (1 to 5) and `solved` are the word of
    the one who objected.
    """

    __tablename__ = "catalog_objection"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    subject: Mapped[str | None] = mapped_column(String(64))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    raised_for: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    raised_by: Mapped[str] = mapped_column(String(200))
    raised_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    taken_by: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[str | None] = mapped_column(Text)
    handled_on: Mapped[date | None]
    score: Mapped[int | None]
    solved: Mapped[bool | None]
    ended_on: Mapped[date | None]
    entry: Mapped[Entry] = relationship()
    department: Mapped[Department] = relationship(foreign_keys=[department_id])
