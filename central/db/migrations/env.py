"""Run by Alembic inside the transaction :mod:`central.db.engine` opened."""

from __future__ import annotations

from alembic import context

from central.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
