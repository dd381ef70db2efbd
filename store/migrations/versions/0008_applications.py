"""Cloud applications and platforms; the day on which a machine was released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:

    op.create_table(
        "platform",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("address", sa.String(length=255), nullable=True),
        sa.Column("systems", sa.Text(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("unauthorised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_platform_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint("department_id", "name", name=op.f("uq_platform_department_id_name")),
    )
    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_platform_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_platform_state"), ["state"], unique=False)

    op.create_table(
        "platform_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_platform_note_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_note")),
    )
    with op.batch_alter_table("platform_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_platform_note_platform_id"), ["platform_id"], unique=False)

    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("filing_id", sa.Integer(), nullable=True),
        sa.Column("of_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=16), nullable=True),
        sa.Column("term_from", sa.Date(), nullable=True),
        sa.Column("term_to", sa.Date(), nullable=True),
        sa.Column("public_ips", sa.Integer(), nullable=True),
        sa.Column("bandwidth_mbps", sa.Double(), nullable=True),
        sa.Column("backup", sa.String(length=200), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("go_live_on", sa.Date(), nullable=True),
        sa.Column("users", sa.Integer(), nullable=True),
        sa.Column("protection_level", sa.Integer(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("paper", sa.String(length=300), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(length=200), nullable=True),
        sa.Column("admin_on", sa.Date(), nullable=True),
        sa.Column("admin_by", sa.String(length=200), nullable=True),
        sa.Column("technical_on", sa.Date(), nullable=True),
        sa.Column("technical_by", sa.String(length=200), nullable=True),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("receipt", sa.String(length=300), nullable=True),
        sa.Column("running_on", sa.Date(), nullable=True),
        sa.Column("take_back_on", sa.Date(), nullable=True),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("statement", sa.String(length=300), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_application_department_id")
        ),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_application_filing_id")),
        sa.ForeignKeyConstraint(["of_id"], ["application.id"], name=op.f("fk_application_of_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_application_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_filing_id"), ["filing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_of_id"), ["of_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_state"), ["state"], unique=False)

    op.create_table(
        "application_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("machine_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("vcpus", sa.Double(), nullable=False),
        sa.Column("memory_gib", sa.Double(), nullable=False),
        sa.Column("system_disk_gib", sa.Double(), nullable=False),
        sa.Column("data_disk_gib", sa.Double(), nullable=False),
        sa.Column("os", sa.String(length=80), nullable=True),
        sa.Column("domestic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("approved_vcpus", sa.Double(), nullable=True),
        sa.Column("approved_memory_gib", sa.Double(), nullable=True),
        sa.Column("approved_disk_gib", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_line_application_id")
        ),
        sa.ForeignKeyConstraint(["machine_id"], ["machine.id"], name=op.f("fk_application_line_machine_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_line")),
        sa.UniqueConstraint(
            "application_id", "number", name=op.f("uq_application_line_application_id_number")
        ),
    )
    with op.batch_alter_table("application_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_application_line_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_application_line_machine_id"), ["machine_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_line_role"), ["role"], unique=False)

    op.create_table(
        "application_machine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("machine_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_machine_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["application_line.id"], name=op.f("fk_application_machine_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["machine_id"], ["machine.id"], name=op.f("fk_application_machine_machine_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_machine")),
        sa.UniqueConstraint(
            "application_id", "machine_id", name=op.f("uq_application_machine_application_id_machine_id")
        ),
    )
    with op.batch_alter_table("application_machine", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_machine_line_id"), ["line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_application_machine_machine_id"), ["machine_id"], unique=False)

    with op.batch_alter_table("machine", schema=None) as batch_op:
        batch_op.add_column(sa.Column("released_on", sa.Date(), nullable=True))
