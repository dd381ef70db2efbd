"""The table of yearly evaluations (绩效评价) of filed systems (art. 10, second paragraph)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from filing.tables import Filing
from store.tables import Base, Department, JsonText


class EvaluationState(StrEnum):
    """From the year's sheet to its outcome, and to the end of a project that failed."""

    DUE = "due"
    SCORED = "scored"
    PASSED = "passed"
    RECTIFYING = "rectifying"
    RECTIFYING_APPEALED = "rectifying_appealed"
    RECTIFIED = "rectified"
    RESCORED = "rescored"
    FAILED = "failed"
    FAILED_APPEALED = "failed_appealed"
    MERGING = "merging"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Evaluation(Base):
    """The evaluation of a filed system in a year.

    `rules` are the policy's words when it was opened; `sheet` its lines with points, score, evidence; `total`
    of 100, two digits. `outcomes`: every confirmed one with its day, the newest last. `appeal_until` None: no
    outcome, or the calendar ends before. Finance attests an outcome (会同市财政局).
    """

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("filing_id", "year"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    year: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(24), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    rules: Mapped[Any] = mapped_column(JsonText)
    sheet: Mapped[Any] = mapped_column(JsonText)
    outcomes: Mapped[Any] = mapped_column(JsonText)
    total: Mapped[float | None]
    opened_on: Mapped[date]
    scored_on: Mapped[date | None]
    scored_by: Mapped[str | None] = mapped_column(String(200))
    confirmed_on: Mapped[date | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
    attested_on: Mapped[date | None]
    attested_by: Mapped[str | None] = mapped_column(String(200))
    report: Mapped[str | None] = mapped_column(Text)
    appeal_until: Mapped[date | None]
    appealed_on: Mapped[date | None]
    appeal: Mapped[str | None] = mapped_column(Text)
    appeal_answer: Mapped[str | None] = mapped_column(Text)
    decided_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    department: Mapped[Department] = relationship()
    filing: Mapped[Filing] = relationship()
