"""Filings: proposed amendments, accepted versions of cards, yearly campaigns and confirmations (art. 10)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "filing_campaign",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_filing_campaign")),
    )
    op.create_table(
        "filing_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_filing_confirmation_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_confirmation")),
        sa.UniqueConstraint("filing_id", "year", name=op.f("uq_filing_confirmation_filing_id_year")),
    )
    with op.batch_alter_table("filing_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filing_confirmation_filing_id"), ["filing_id"], unique=False)

    op.create_table(
        "filing_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("submitted_by", sa.String(length=200), nullable=True),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_filing_version_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_version")),
        sa.UniqueConstraint("filing_id", "number", name=op.f("uq_filing_version_filing_id_number")),
    )
    with op.batch_alter_table("filing_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filing_version_filing_id"), ["filing_id"], unique=False)

    with op.batch_alter_table("filing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposed", sa.Text(), nullable=True))
