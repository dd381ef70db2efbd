"""Requests for sharing and opening, bought data, service items (arts. 20 to 27)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "catalog_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_service_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_service")),
        sa.UniqueConstraint(
            "department_id", "name_key", name=op.f("uq_catalog_service_department_id_name_key")
        ),
    )
    op.create_table(
        "catalog_open",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("applicant_kind", sa.String(length=16), nullable=False),
        sa.Column("applicant", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=300), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("correction", sa.Text(), nullable=True),
        sa.Column("correction_asked_on", sa.Date(), nullable=True),
        sa.Column("corrected_on", sa.Date(), nullable=True),
        sa.Column("third_party", sa.String(length=200), nullable=True),
        sa.Column("consulted_on", sa.Date(), nullable=True),
        sa.Column("consent", sa.String(length=16), nullable=True),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("extended_until", sa.Date(), nullable=True),
        sa.Column("extension_reason", sa.Text(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("refusal", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("granted_scope", sa.Text(), nullable=False),
        sa.Column("granted_to", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_open_department_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_open_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_open")),
    )
    with op.batch_alter_table("catalog_open", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_open_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_open_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_open_state"), ["state"], unique=False)

    op.create_table(
        "catalog_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_paper_entry_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["catalog_service.id"], name=op.f("fk_catalog_paper_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_paper")),
        sa.UniqueConstraint("service_id", "name_key", name=op.f("uq_catalog_paper_service_id_name_key")),
    )
    with op.batch_alter_table("catalog_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_paper_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "catalog_purchase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=True),
        sa.Column("price_fen", sa.Integer(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("licence_sharing", sa.String(length=16), nullable=True),
        sa.Column("likes", sa.Text(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(length=200), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("contract", sa.String(length=100), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("catalogued_on", sa.Date(), nullable=True),
        sa.Column("shared_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_purchase_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_purchase_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_purchase")),
    )
    with op.batch_alter_table("catalog_purchase", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_catalog_purchase_department_id"), ["department_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_catalog_purchase_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_purchase_state"), ["state"], unique=False)

    op.create_table(
        "catalog_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=False),
        sa.Column("term_to", sa.Date(), nullable=False),
        sa.Column("peak", sa.Integer(), nullable=True),
        sa.Column("mean", sa.Integer(), nullable=True),
        sa.Column("hours", sa.String(length=100), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("coordinated_on", sa.Date(), nullable=True),
        sa.Column("coordinated_for", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("refusal", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("granted_scope", sa.Text(), nullable=False),
        sa.Column("granted_from", sa.Date(), nullable=True),
        sa.Column("granted_to", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["asker_id"], ["department.id"], name=op.f("fk_catalog_share_asker_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_share_department_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_share_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_share")),
    )
    with op.batch_alter_table("catalog_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_share_asker_id"), ["asker_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_share_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_share_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_share_granted_to"), ["granted_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_share_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_catalog_share_under_way",
            ["asker_id", "entry_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('format_review', 'awaiting_answer', 'coordination')"),
            postgresql_where=sa.text("state IN ('format_review', 'awaiting_answer', 'coordination')"),
        )

    op.create_table(
        "catalog_open_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("violation", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["catalog_open.id"], name=op.f("fk_catalog_open_use_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_open_use")),
    )
    with op.batch_alter_table("catalog_open_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_open_use_request_id"), ["request_id"], unique=False)

    op.create_table(
        "catalog_share_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("violation", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["catalog_share.id"], name=op.f("fk_catalog_share_use_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_share_use")),
    )
    with op.batch_alter_table("catalog_share_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_share_use_request_id"), ["request_id"], unique=False)
