"""Prices of bought data and numbers of records may be larger than 2,147,483,647 (arts. 20, 23)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for table, column, needed in (
        ("catalog_purchase", "price_fen", False),
        ("catalog_share_use", "records", True),
    ):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(
                column, type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=not needed
            )
