"""What belongs to a project: papers, budget lines, data items, the rounds of its review (arts. 8 and 9)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from filing.tables import Project
from store.tables import Base


class PaperKind(StrEnum):
    """The five parts of the preliminary design (art. 8), and the papers of the later steps."""

    FEASIBILITY = "feasibility"
    SHARING = "sharing"
    SECURITY = "security"
    CLOUD = "cloud"
    ESTIMATE = "estimate"
    FORM = "form"
    INVESTMENT = "investment"
    MINUTES = "minutes"
    OPINION = "opinion"
    APPROVAL = "approval"
    BUDGET = "budget"
    ACCEPTANCE = "acceptance"
    OTHER = "other"


DESIGN = (
    PaperKind.FEASIBILITY,
    PaperKind.SHARING,
    PaperKind.SECURITY,
    PaperKind.CLOUD,
    PaperKind.ESTIMATE,
)
PAPERS = {
    PaperKind.FEASIBILITY: "项目可行性研究",
    PaperKind.SHARING: "信息资源共享分析",
    PaperKind.SECURITY: "信息安全分析",
    PaperKind.CLOUD: "云平台资源需求分析",
    PaperKind.ESTIMATE: "投资概算",
    PaperKind.FORM: "审核表",
    PaperKind.INVESTMENT: "投资审批文件",
    PaperKind.MINUTES: "评审会议纪要",
    PaperKind.OPINION: "审核意见",
    PaperKind.APPROVAL: "批准文件",
    PaperKind.BUDGET: "预算安排文件",
    PaperKind.ACCEPTANCE: "验收文件",
    PaperKind.OTHER: "其他材料",
}
CURRENT = text("replaced_on IS NULL")


class ProjectPaper(Base):
    """A file of a project. `kept`: the name of its copy. A later file of its kind replaces it."""

    __tablename__ = "project_paper"
    __table_args__ = (
        Index(
            "uq_project_paper_current",
            "project_id",
            "kind",
            "sha256",
            unique=True,
            sqlite_where=CURRENT,
            postgresql_where=CURRENT,
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    kept: Mapped[str] = mapped_column(String(255))
    added_on: Mapped[date]
    added_by: Mapped[str] = mapped_column(String(200))
    replaced_on: Mapped[date | None]


class BudgetLine(Base):
    """One line of the estimate; together they make the total."""

    __tablename__ = "project_budget_line"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    fen: Mapped[int] = mapped_column(BigInteger)


class Direction(StrEnum):
    PRODUCED = "produced"
    NEEDED = "needed"


class ProjectDataItem(Base):
    """A data item that the project will make or needs; `code`: of the catalog entry, where it has one."""

    __tablename__ = "project_data_item"
    __table_args__ = (UniqueConstraint("project_id", "direction", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    direction: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(80))


class Conclusion(StrEnum):
    """What an expert votes for, and what the panel concludes: 通过, 修改后复审, 不通过."""

    PASS = "pass"  # noqa: S105  (a vote)
    REVISE = "revise"
    FAIL = "fail"


class ReviewRound(Base):
    """A meeting of the panel (评审委员会) on a project. `fee_fen`: what the panel costs (评审费用)."""

    __tablename__ = "project_review"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    number: Mapped[int]
    meeting_on: Mapped[date]
    fee_fen: Mapped[int | None] = mapped_column(BigInteger)
    conclusion: Mapped[str | None] = mapped_column(String(16))
    opinion: Mapped[str | None] = mapped_column(Text)
    concluded_on: Mapped[date | None]
    project: Mapped[Project] = relationship()
    experts: Mapped[list[Expert]] = relationship(back_populates="round", order_by="Expert.id")


class Expert(Base):
    """A member of a panel. `declared_on`: the day of his word on his interests; `conflict` excludes him."""

    __tablename__ = "project_expert"
    __table_args__ = (UniqueConstraint("round_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("project_review.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(200))
    declared_on: Mapped[date | None]
    conflict: Mapped[str | None] = mapped_column(Text)
    score: Mapped[float | None]
    vote: Mapped[str | None] = mapped_column(String(16))
    opinion: Mapped[str | None] = mapped_column(Text)
    round: Mapped[ReviewRound] = relationship(back_populates="experts")
