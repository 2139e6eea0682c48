"""Requests under the law, consents that end, how long things are kept, when a device was seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table and add the columns."""
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("office_id", sa.Integer(), sa.ForeignKey("office.id"), nullable=False),
        sa.Column("citizen", sa.Uuid(), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True), index=True),
        sa.Column("closed_by", sa.Integer(), sa.ForeignKey("user_account.id")),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reason", sa.String(300), nullable=False),
    )
    with op.batch_alter_table("office") as office:
        office.add_column(
            sa.Column("name", sa.String(200), nullable=False, server_default=sa.text("''"))
        )
        office.add_column(sa.Column("retention", sa.JSON()))
    op.add_column("consent", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("possible_duplicate", sa.Column("settled_at", sa.DateTime(timezone=True)))
    op.add_column("device", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.create_index("ix_citizen_masked_name", "citizen", ["masked_name"])
