"""Counters, calls and announcements; tickets know where they stand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the queue's tables. Tickets called so far count as served."""
    _tickets()
    _counters()
    _calls()


def _tickets() -> None:
    op.drop_index("ticket_queue", "ticket")
    times = ("queued_at", "rank_at")
    with op.batch_alter_table("ticket") as ticket:
        ticket.add_column(sa.Column("office_id", sa.Integer()))
        ticket.add_column(sa.Column("state", sa.String(16)))
        for name in times:
            ticket.add_column(sa.Column(name, sa.DateTime(timezone=True)))
        ticket.add_column(sa.Column("counter_id", sa.Integer()))
    op.execute(
        "UPDATE ticket SET queued_at = issued_at, rank_at = issued_at,"
        " state = CASE WHEN called_at IS NULL THEN 'waiting' ELSE 'done' END,"
        " office_id = (SELECT office_id FROM device WHERE device.id = device_id)"
    )
    with op.batch_alter_table("ticket", table_kwargs={"sqlite_autoincrement": True}) as ticket:
        ticket.alter_column("office_id", existing_type=sa.Integer(), nullable=False)
        ticket.alter_column("state", existing_type=sa.String(16), nullable=False)
        for name in times:
            ticket.alter_column(name, existing_type=sa.DateTime(timezone=True), nullable=False)
        ticket.create_foreign_key("ticket_office", "office", ["office_id"], ["id"])
    op.create_index("ticket_queue", "ticket", ["office_id", "day", "state", "rank_at"])


def _counters() -> None:
    op.create_table(
        "queue",
        _office(primary_key=True),
        sa.Column("policy", sa.JSON()),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO queue (office_id, position) SELECT id, 0 FROM office")
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer(), primary_key=True),
        _office(),
        sa.Column("label", sa.String(8), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        _time("retired_at", nullable=True),
        sa.UniqueConstraint("office_id", "label", name="one_counter_a_label"),
    )
    op.create_table(
        "counter_session",
        _position(),
        _office(),
        sa.Column("counter_id", sa.Integer(), sa.ForeignKey("counter.id"), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        _time("opened_at"),
        _time("closed_at", nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("counter_session_office", "counter_session", ["office_id", "closed_at"])
    is_open: dict[str, Any] = {
        f"{name}_where": sa.text("closed_at IS NULL") for name in ("sqlite", "postgresql")
    }
    for name, key in (
        ("one_session_a_counter", "counter_id"),
        ("one_session_an_officer", "officer_id"),
    ):
        op.create_index(name, "counter_session", [key], unique=True, **is_open)


def _calls() -> None:
    op.create_table(
        "call",
        _position(),
        _office(),
        sa.Column("ticket", sa.Uuid(), nullable=False, index=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("priority", sa.String(32), nullable=False),
        sa.Column("counter_id", sa.Integer(), sa.ForeignKey("counter.id")),
        sa.Column(
            "session_id", sa.BigInteger(), sa.ForeignKey("counter_session.position"), index=True
        ),
        _time("queued_at"),
        _time("called_at"),
        sa.Column("recalls", sa.Integer(), nullable=False),
        _time("started_at", nullable=True),
        _time("ended_at", nullable=True),
        sa.Column("outcome", sa.String(16)),
        sqlite_autoincrement=True,
    )
    op.create_index("call_day", "call", ["office_id", "day", "called_at"])
    op.create_index("call_field", "call", ["office_id", "field", "ended_at"])
    op.create_table(
        "announcement",
        _office(primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("counter", sa.String(8), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        _time("at"),
    )


def _position() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("position", kind, primary_key=True)


def _office(*, primary_key: bool = False) -> sa.Column[int]:
    office = sa.ForeignKey("office.id")
    return sa.Column("office_id", sa.Integer(), office, nullable=False, primary_key=primary_key)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
