"""Priority classes, and papers that say they are reprints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Everybody so far is of no class, every paper so far a first one."""
    priority = sa.Column("priority", sa.String(32), nullable=False, server_default="")
    op.add_column("ticket", priority)
    again = sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("ticket_print", again)
