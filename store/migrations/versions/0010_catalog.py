"""The data catalog: classes, laws, entries and their versions; events, sources, tickets, objections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "catalog_class",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_catalog_class")),
    )
    with op.batch_alter_table("catalog_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_class_parent"), ["parent"], unique=False)

    op.create_table(
        "catalog_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_event")),
    )
    op.create_table(
        "catalog_law",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("repealed_on", sa.Date(), nullable=True),
        sa.Column("replaced_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_law")),
        sa.UniqueConstraint("key", name=op.f("uq_catalog_law_key")),
    )
    op.create_table(
        "catalog_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("class_code", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("resource_code", sa.String(length=48), nullable=False),
        sa.Column("newest", sa.Integer(), server_default="1", nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("last_data_on", sa.Date(), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_code"], ["catalog_class.code"], name=op.f("fk_catalog_entry_class_code")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_entry_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_entry")),
        sa.UniqueConstraint("class_code", "seq", name=op.f("uq_catalog_entry_class_code_seq")),
        sa.UniqueConstraint("resource_code", name=op.f("uq_catalog_entry_resource_code")),
    )
    with op.batch_alter_table("catalog_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_entry_department_id"), ["department_id"], unique=False)

    op.create_table(
        "catalog_affected",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("deadline_id", sa.Integer(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("met_because", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_catalog_affected_deadline_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_affected_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["catalog_event.id"], name=op.f("fk_catalog_affected_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_affected")),
        sa.UniqueConstraint("event_id", "entry_id", name=op.f("uq_catalog_affected_event_id_entry_id")),
    )
    with op.batch_alter_table("catalog_affected", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_affected_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "catalog_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("raised_for", sa.Integer(), nullable=True),
        sa.Column("raised_by", sa.String(length=200), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.String(length=200), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("handled_on", sa.Date(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_objection_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_objection_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["raised_for"], ["department.id"], name=op.f("fk_catalog_objection_raised_for")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_objection")),
    )
    with op.batch_alter_table("catalog_objection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_catalog_objection_department_id"), ["department_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_catalog_objection_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_objection_state"), ["state"], unique=False)

    op.create_table(
        "catalog_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_source_department_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_source_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_source")),
        sa.UniqueConstraint("key", name=op.f("uq_catalog_source_key")),
    )
    with op.batch_alter_table("catalog_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_source_department_id"), ["department_id"], unique=False)

    op.create_table(
        "catalog_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("raised_for", sa.Integer(), nullable=True),
        sa.Column("raised_by", sa.String(length=200), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_ticket_department_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_ticket_entry_id")),
        sa.ForeignKeyConstraint(["raised_for"], ["department.id"], name=op.f("fk_catalog_ticket_raised_for")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_ticket")),
    )
    with op.batch_alter_table("catalog_ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_ticket_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_ticket_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_ticket_state"), ["state"], unique=False)

    op.create_table(
        "catalog_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("title_key", sa.String(length=200), nullable=True),
        sa.Column("provider_unit", sa.String(length=200), nullable=True),
        sa.Column("abstract", sa.Text(), nullable=True),
        sa.Column("format_class", sa.String(length=16), nullable=True),
        sa.Column("format_type", sa.String(length=64), nullable=True),
        sa.Column("format_other", sa.Text(), nullable=True),
        sa.Column("share_type", sa.String(length=16), nullable=True),
        sa.Column("share_condition", sa.Text(), nullable=True),
        sa.Column("share_mode_class", sa.String(length=16), nullable=True),
        sa.Column("share_mode_type", sa.String(length=16), nullable=True),
        sa.Column("use_requirement", sa.Text(), nullable=True),
        sa.Column("open_type", sa.String(length=16), nullable=True),
        sa.Column("open_condition", sa.Text(), nullable=True),
        sa.Column("update_period", sa.String(length=16), nullable=True),
        sa.Column("period_other", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("secret_flag", sa.String(length=8), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("related_codes", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("went_public_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_catalog_version_department_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["catalog_entry.id"], name=op.f("fk_catalog_version_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_catalog_version_entry_id_number")),
    )
    with op.batch_alter_table("catalog_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_catalog_version_department_id_state", ["department_id", "state"], unique=False
        )
        batch_op.create_index(
            "uq_catalog_version_published",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        )
        batch_op.create_index(
            "uq_catalog_version_title",
            ["department_id", "title_key"],
            unique=True,
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        )
        batch_op.create_index(
            "uq_catalog_version_working",
            ["entry_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'department_review', 'centre_review', 'filed')"),
            postgresql_where=sa.text("state IN ('draft', 'department_review', 'centre_review', 'filed')"),
        )

    op.create_table(
        "catalog_basis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["catalog_version.id"], name=op.f("fk_catalog_basis_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_basis")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_catalog_basis_version_id_position")),
    )
    op.create_table(
        "catalog_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("data_type", sa.String(length=16), nullable=True),
        sa.Column("length", sa.String(length=16), nullable=True),
        sa.Column("source", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["catalog_version.id"], name=op.f("fk_catalog_item_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_item")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_catalog_item_version_id_position")),
    )
    with op.batch_alter_table("catalog_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_item_name_key"), ["name_key"], unique=False)
