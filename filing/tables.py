"""The tables of projects and of the filing of systems (arts. 7 to 10). Money is kept in fen (分)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.tables import Base, Department, JsonText, System, UtcTime


class ProjectKind(StrEnum):
    """Art. 7: 开发, 维护, 购买; and 改扩建, which the forms name besides."""

    DEVELOP = "develop"
    MAINTAIN = "maintain"
    PURCHASE = "purchase"
    EXTEND = "extend"


class ProjectState(StrEnum):
    """From the draft to the accepted system; a completed project goes on as a filing."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    PASSED = "passed"
    FAILED = "failed"
    APPROVED_BY_CENTRE = "approved_by_centre"
    REPORTED = "reported"
    APPROVED = "approved"
    BUDGETED = "budgeted"
    RUNNING = "running"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


PENDING = text("state NOT IN ('withdrawn', 'failed', 'completed')")


class Project(Base):
    """A project of a department. The days are those of its papers: the opinion of the centre (审核意见), the
    approval of the city government (批准文号), the arrangement of the budget, start and end of the work.
    `hints`: what was pointed out at the last submission. At most one a department and name that is not over.
    """

    __tablename__ = "project"
    __table_args__ = (
        Index(
            "uq_project_pending",
            "department_id",
            "name",
            unique=True,
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(24), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    basis: Mapped[str | None] = mapped_column(Text)
    goals: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str | None] = mapped_column(Text)
    fund_source: Mapped[str | None] = mapped_column(String(200))
    budget_fen: Mapped[int | None] = mapped_column(BigInteger)
    fixed_asset: Mapped[bool] = mapped_column(default=False, server_default=false())
    cloud_need: Mapped[Any] = mapped_column(JsonText)  # vcpus, memory_gib, disk_gib
    system_name: Mapped[str | None] = mapped_column(String(200))
    performance: Mapped[str | None] = mapped_column(Text)
    security_level: Mapped[int | None]
    contact: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(64))
    planned_start: Mapped[date | None]
    planned_end: Mapped[date | None]
    hints: Mapped[Any] = mapped_column(JsonText, default=list, server_default="[]")
    created_on: Mapped[date]
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(200))
    accepted_on: Mapped[date | None]
    opinion_on: Mapped[date | None]
    opinion_number: Mapped[str | None] = mapped_column(String(80))
    reported_on: Mapped[date | None]
    approved_on: Mapped[date | None]
    approval_number: Mapped[str | None] = mapped_column(String(80))
    budgeted_on: Mapped[date | None]
    budgeted_fen: Mapped[int | None] = mapped_column(BigInteger)
    started_on: Mapped[date | None]
    completed_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    department: Mapped[Department] = relationship()


class FilingState(StrEnum):
    """Of a system in the 全口径备案."""

    UNFILED = "unfiled"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    FILED = "filed"
    AMENDING = "amending"
    DEREGISTERED = "deregistered"


STANDING = text("state <> 'deregistered'")


class Filing(Base):
    """The registration of a deployed system. `card` is its registration card (登记表), by the keys of
    filing.card; `project` the one that built it, where there was one. `found_on`: seen running unfiled by the
    reconciliation. `proposed`: the card of an amendment that waits. At most one a department and name that is
    not deregistered.
    """

    __tablename__ = "filing"
    __table_args__ = (
        Index(
            "uq_filing_standing",
            "department_id",
            "name",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    system_id: Mapped[int | None] = mapped_column(ForeignKey("system.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(24), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    card: Mapped[Any] = mapped_column(JsonText)
    proposed: Mapped[Any] = mapped_column(JsonText, nullable=True)
    found_on: Mapped[date | None]
    submitted_on: Mapped[date | None]
    submitted_by: Mapped[str | None] = mapped_column(String(200))
    filed_on: Mapped[date | None]
    amended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_on: Mapped[date | None]
    department: Mapped[Department] = relationship()
    project: Mapped[Project | None] = relationship()
    system: Mapped[System | None] = relationship()
