"""Projects: papers, budget lines, data items, reviews; the name of a project that is over is free again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "project_budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_budget_line_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_budget_line")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_project_budget_line_project_id_name")),
    )
    with op.batch_alter_table("project_budget_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_budget_line_project_id"), ["project_id"], unique=False)

    op.create_table(
        "project_data_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_data_item_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_data_item")),
        sa.UniqueConstraint(
            "project_id", "direction", "name", name=op.f("uq_project_data_item_project_id_direction_name")
        ),
    )
    with op.batch_alter_table("project_data_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_data_item_project_id"), ["project_id"], unique=False)

    op.create_table(
        "project_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.String(length=255), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_paper_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_paper")),
    )
    with op.batch_alter_table("project_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_paper_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            "uq_project_paper_current",
            ["project_id", "kind", "sha256"],
            unique=True,
            sqlite_where=sa.text("replaced_on IS NULL"),
            postgresql_where=sa.text("replaced_on IS NULL"),
        )

    op.create_table(
        "project_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=True),
        sa.Column("conclusion", sa.String(length=16), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("concluded_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_review_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_review")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_project_review_project_id_number")),
    )
    with op.batch_alter_table("project_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_review_project_id"), ["project_id"], unique=False)

    op.create_table(
        "project_expert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("conflict", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("vote", sa.String(length=16), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["project_review.id"], name=op.f("fk_project_expert_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_expert")),
        sa.UniqueConstraint("round_id", "name", name=op.f("uq_project_expert_round_id_name")),
    )
    with op.batch_alter_table("project_expert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_expert_round_id"), ["round_id"], unique=False)

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("system_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("performance", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("security_level", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("contact", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("phone", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("planned_start", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("planned_end", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("budgeted_fen", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("hints", sa.Text(), server_default="[]", nullable=False))
        batch_op.drop_constraint(batch_op.f("uq_project_department_id_name"), type_="unique")
        batch_op.create_index(
            "uq_project_pending",
            ["department_id", "name"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('withdrawn', 'failed', 'completed')"),
            postgresql_where=sa.text("state NOT IN ('withdrawn', 'failed', 'completed')"),
        )
