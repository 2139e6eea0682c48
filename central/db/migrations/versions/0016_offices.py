"""Offices that can be closed, device names of an office, audit rows that say whom they concern."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
"""What SQLite's constraints without a name are called while their table is copied."""


def upgrade() -> None:
    """Add the columns; a device's name is unique in its office only."""
    op.add_column("office", sa.Column("closed_at", sa.DateTime(timezone=True)))
    named = sa.text("name <> ''")
    op.create_index(
        "one_office_a_name",
        "office",
        ["name"],
        unique=True,
        sqlite_where=named,
        postgresql_where=named,
    )
    op.add_column(
        "device",
        sa.Column("closed_with_office", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("device", naming_convention=_NAMES if is_sqlite else None) as device:
        device.drop_constraint("uq_device_name" if is_sqlite else "device_name_key", type_="unique")
        device.create_unique_constraint("one_device_a_name", ["office_id", "name"])
    # Not in a batch, with which its table's triggers would go; so SQLite takes no foreign key.
    op.add_column("audit", sa.Column("office_id", sa.Integer()))
    op.create_index("audit_office", "audit", ["office_id", "position"])
