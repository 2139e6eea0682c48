"""Breaches of personal data, and whom each concerned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "breach",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("office_id", sa.Integer(), sa.ForeignKey("office.id"), nullable=False),
        sa.Column("discovered_at", moment, nullable=False),
        sa.Column("begun_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("what", sa.String(2000), nullable=False),
        sa.Column("measures", sa.String(2000), nullable=False),
        sa.Column("noted_at", moment, nullable=False),
        sa.Column("noted_by", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("reported_at", moment),
    )
    op.create_table(
        "breached_person",
        sa.Column("breach_id", sa.Integer(), sa.ForeignKey("breach.id"), primary_key=True),
        sa.Column("citizen", sa.Uuid(), primary_key=True),
        sa.Column("data", sa.String(64), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
    )
