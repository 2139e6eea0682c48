"""How the kiosk recognised a ticket's citizen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; of earlier tickets nobody said."""
    op.add_column("ticket", sa.Column("match", sa.String(16), nullable=False, server_default=""))
