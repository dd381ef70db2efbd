"""The table of bought data (购买社会数据, art. 20)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.tables import Entry
from store.tables import Base, Department, JsonText


class PurchaseState(StrEnum):
    """草稿, 待批, 批准, 不批, 已采购, 已入目录, 已共享, 办结, 撤回."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    BOUGHT = "bought"
    CATALOGUED = "catalogued"
    SHARED = "shared"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Sharing(StrEnum):
    """What the licence says of sharing with other departments."""

    ALLOWED = "allowed"
    LIMITED = "limited"
    FORBIDDEN = "forbidden"


class Purchase(Base):
    """Data that a department buys. `items`: names of what it holds; `likes`: codes of entries that hold the
    like, found when it was submitted. Money in fen.
    """

    __tablename__ = "catalog_purchase"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    need: Mapped[str] = mapped_column(Text)
    items: Mapped[Any] = mapped_column(JsonText)
    supplier: Mapped[str | None] = mapped_column(String(200))
    price_fen: Mapped[int | None] = mapped_column(BigInteger)
    licence: Mapped[str | None] = mapped_column(Text)
    licence_sharing: Mapped[str | None] = mapped_column(String(16))
    likes: Mapped[Any] = mapped_column(JsonText)
    created_on: Mapped[date]
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(200))
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decision: Mapped[str | None] = mapped_column(Text)
    bought_on: Mapped[date | None]
    contract: Mapped[str | None] = mapped_column(String(100))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_entry.id"), index=True)
    catalogued_on: Mapped[date | None]
    shared_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    department: Mapped[Department] = relationship()
    entry: Mapped[Entry | None] = relationship()
