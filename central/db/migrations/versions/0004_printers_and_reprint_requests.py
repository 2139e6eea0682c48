"""What kiosks' printers say of themselves, and papers the staff want again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "reprint_request",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ticket", sa.Uuid(), nullable=False, index=True),
        sa.Column("device_id", sa.Integer(), sa.ForeignKey("device.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("reprint_open", "reprint_request", ["device_id", "done_at"])
    op.create_table(
        "printer",
        sa.Column("device_id", sa.Integer(), sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
