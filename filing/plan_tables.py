"""The tables of plans (art. 6) and of supervision (art. 5, first paragraph; arts. 31 to 33)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.tables import Base, Department, UtcTime


class PlanKind(StrEnum):
    DEVELOPMENT = "development"  # 发展规划
    YEARLY = "yearly"  # 年度工作计划


class PlanState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


YEARLY = text("kind = 'yearly'")


class Plan(Base):
    """A plan; `year` is that of a yearly plan (one a year), or a development plan's first."""

    __tablename__ = "plan"
    __table_args__ = (
        Index("uq_plan_yearly", "year", unique=True, sqlite_where=YEARLY, postgresql_where=YEARLY),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    drafted_on: Mapped[date]
    drafted_by: Mapped[str] = mapped_column(String(200))
    approval_number: Mapped[str | None] = mapped_column(String(80))
    approved_on: Mapped[date | None]
    published_on: Mapped[date | None]


class PlanTask(Base):
    """A task of a plan, its owner and day. `progress` 0..100 percent."""

    __tablename__ = "plan_task"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date]
    progress: Mapped[int] = mapped_column(default=0, server_default="0")
    done_on: Mapped[date | None]
    department: Mapped[Department] = relationship()
    plan: Mapped[Plan] = relationship()


class SupervisionKind(StrEnum):
    TRAINING = "training"  # 培训
    INSPECTION = "inspection"  # 检查
    FINDING = "finding"  # 检查发现的问题
    AWARD = "award"  # 表彰


class Supervision(Base):
    """What was recorded of a department; a training may be everybody's (no department). Never changed: a
    mistaken one is revoked, with a reason in the journal. `enrolled` and `attended` are people of a training.
    """

    __tablename__ = "supervision"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    held_on: Mapped[date] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str | None] = mapped_column(Text)
    enrolled: Mapped[int | None]
    attended: Mapped[int | None]
    made_by: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_on: Mapped[date | None]
    department: Mapped[Department | None] = relationship()
