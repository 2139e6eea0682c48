"""Recovery codes of the second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table. Who has a second factor already makes codes on their account's page."""
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )
