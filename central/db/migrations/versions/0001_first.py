"""Devices, events, and the tables projected from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _devices_and_events()
    _tickets()
    _citizens()
    _visits()


def _devices_and_events() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        _time("created_at"),
        _time("revoked_at", nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
    )
    op.create_table(
        "event",
        _position(),
        sa.Column("id", sa.Uuid(), nullable=False, unique=True),
        _device(),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        _time("at"),
        _time("received_at"),
        sa.Column("body", sa.JSON(), nullable=False),
        sqlite_autoincrement=True,
    )


def _tickets() -> None:
    op.create_table(
        "ticket",
        _position(),
        sa.Column("id", sa.Uuid(), nullable=False, unique=True),
        _device(),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False, unique=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("citizen", sa.Uuid()),
        sa.Column("way", sa.String(16), nullable=False),
        _time("issued_at"),
        _time("called_at", nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ticket_queue", "ticket", ["day", "field", "called_at", "issued_at"])
    op.create_table(
        "ticket_print",
        sa.Column("ticket", sa.Uuid(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        _time("at"),
    )


def _citizens() -> None:
    op.create_table(
        "citizen",
        _position(),
        sa.Column("id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("number", sa.String(12), nullable=False, index=True),
        sa.Column("old_number", sa.String(9)),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("date_of_birth", sa.String(10), nullable=False),
        sa.Column("sex", sa.String(1)),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("issued", sa.Date()),
        sa.Column("source", sa.String(8), nullable=False),
        _time("enrolled_at"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("citizen", sa.Uuid(), nullable=False, index=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        _time("given_at"),
    )


def _visits() -> None:
    op.create_table(
        "visit",
        _position(),
        sa.Column("id", sa.Uuid(), nullable=False, unique=True),
        _device(),
        _time("ended_at"),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("recognised", sa.Boolean(), nullable=False),
        sa.Column("approach_to_ticket_s", sa.Double()),
        sqlite_autoincrement=True,
    )


def _position() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("position", kind, primary_key=True)


def _device() -> sa.Column[int]:
    return sa.Column("device_id", sa.Integer(), sa.ForeignKey("device.id"), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
