"""Under which number secret a representative's index was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; empty for earlier rows, which the next new secret is put upon as well."""
    op.add_column("consent", sa.Column("representative_secret", sa.String(16)))
    op.create_index("ix_consent_representative_index", "consent", ["representative_index"])
