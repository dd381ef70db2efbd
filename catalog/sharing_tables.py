"""The tables of sharing (art. 23): requests of departments for data of others, and the log of its use."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.tables import Entry
from store.tables import Base, Department, JsonText


class ShareState(StrEnum):
    """草稿, 规范性审核, 待答复, 中心协调; 同意, 部分同意, 不同意; 使用中; 到期, 收回, 取消."""

    DRAFT = "draft"
    FORMAT_REVIEW = "format_review"
    AWAITING_ANSWER = "awaiting_answer"
    COORDINATION = "coordination"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    IN_USE = "in_use"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


UNDER_WAY = (ShareState.FORMAT_REVIEW, ShareState.AWAITING_ANSWER, ShareState.COORDINATION)
USABLE = (ShareState.GRANTED, ShareState.PARTLY_GRANTED, ShareState.IN_USE)
IN_HAND = text("state IN ('format_review', 'awaiting_answer', 'coordination')")


class ShareRequest(Base):
    """A department asks another for the data of an entry. `department_id`: who has it and answers,
    `asker_id`: who asks. `scope`: names of data items, empty where the entry names none. `peak` a minute,
    `mean` a day and `hours` are those of an interface. `granted_*` is what the answer says.
    """

    __tablename__ = "catalog_share"
    __table_args__ = (
        Index(
            "uq_catalog_share_under_way",
            "asker_id",
            "entry_id",
            unique=True,
            sqlite_where=IN_HAND,
            postgresql_where=IN_HAND,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(24), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    entry_id: Mapped[int] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    duty: Mapped[str] = mapped_column(Text)
    scope: Mapped[Any] = mapped_column(JsonText)
    term_from: Mapped[date]
    term_to: Mapped[date]
    peak: Mapped[int | None]
    mean: Mapped[int | None]
    hours: Mapped[str | None] = mapped_column(String(100))
    created_on: Mapped[date]
    asked_by: Mapped[str] = mapped_column(String(200))
    submitted_on: Mapped[date | None]
    received_on: Mapped[date | None]
    coordinated_on: Mapped[date | None]
    coordinated_for: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    answered_by: Mapped[str | None] = mapped_column(String(200))
    refusal: Mapped[str | None] = mapped_column(String(16))
    answer: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    granted_scope: Mapped[Any] = mapped_column(JsonText)
    granted_from: Mapped[date | None]
    granted_to: Mapped[date | None] = mapped_column(index=True)
    ended_on: Mapped[date | None]
    entry: Mapped[Entry] = relationship()
    department: Mapped[Department] = relationship(foreign_keys=[department_id])
    asker: Mapped[Department] = relationship(foreign_keys=[asker_id])


class ShareUse(Base):
    """A line of the log of use. `violation`: what about it is not as it was granted; None: as granted."""

    __tablename__ = "catalog_share_use"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("catalog_share.id"), index=True)
    used_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(Text)
    records: Mapped[int] = mapped_column(BigInteger)
    recorded_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(200))
    violation: Mapped[str | None] = mapped_column(Text)
    request: Mapped[ShareRequest] = relationship()
