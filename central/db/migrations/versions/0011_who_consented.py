"""Who consented for a child, what was compared with a card, and why two may be one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns. Of earlier rows nobody knows: they say what was so for most."""
    for name, length in (("index", 64), ("name", 100), ("birth", 10)):
        op.add_column("consent", sa.Column(f"representative_{name}", sa.String(length)))
    op.add_column(
        "consent", sa.Column("assent", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("citizen", sa.Column("evidence", sa.JSON()))
    op.add_column(
        "possible_duplicate",
        sa.Column("reason", sa.String(16), nullable=False, server_default="same_face"),
    )
