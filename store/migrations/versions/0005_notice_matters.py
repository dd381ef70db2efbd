"""Matters of notices: which deadlines were reminded of and urged, for which end, how often."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "notice_matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_notice_matter_deadline_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_matter_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_matter")),
        sa.UniqueConstraint(
            "deadline_id", "due_on", "level", name=op.f("uq_notice_matter_deadline_id_due_on_level")
        ),
    )
    with op.batch_alter_table("notice_matter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_matter_deadline_id"), ["deadline_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_matter_notice_id"), ["notice_id"], unique=False)
