"""The table of issued budget lists (arts. 9 and 10): frozen, numbered without gaps, each with its seal."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.tables import Base, JsonText


class BudgetState(StrEnum):
    ISSUED = "issued"
    ATTESTED = "attested"


class BudgetList(Base):
    """A list as issued: `content` never changes, `sha256` is over its canonical JSON."""

    __tablename__ = "budget_list"
    __table_args__ = (UniqueConstraint("year", "sequence"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    as_of: Mapped[date]
    issued_on: Mapped[date]
    issued_by: Mapped[str] = mapped_column(String(200))
    content: Mapped[Any] = mapped_column(JsonText)
    sha256: Mapped[str] = mapped_column(String(64))
    attested_on: Mapped[date | None]
    attested_by: Mapped[str | None] = mapped_column(String(200))
