"""Tables of the queue: how an office calls, its counters, and every call.

An office's tickets are called one at a time, under the lock of its :class:`OfficeQueue` row: two
counters never get one ticket, and announcements become visible in the order of their positions.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped, mapped_column

from central.db.models import COUNTED, Base, BigKey


class Outcome(StrEnum):
    """How a call ended."""

    SERVED = "served"
    INCOMPLETE = "incomplete"
    """Something is missing: the citizen comes again."""
    ELSEWHERE = "elsewhere"
    """Not this office's business."""
    ABSENT = "absent"
    HELD = "held"
    TRANSFERRED = "transferred"


class OfficeQueue(Base):
    """How an office calls. Whoever changes its queue locks this row first."""

    __tablename__ = "queue"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As :class:`central.services.policy.QueuePolicy`; None: the default."""
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of the newest announcement."""


class Counter(Base):
    """Where citizens are served."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("office_id", "label", name="one_counter_a_label"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    label: Mapped[str] = mapped_column(String(8))
    """As it stands over the counter and is called out: ``3``, ``5A``."""
    fields: Mapped[list[str]] = mapped_column(JSON)
    """Ids of those it can be opened for; none: all of them."""
    retired_at: Mapped[datetime | None]
    """Not used any more; old calls keep naming it."""


class CounterSession(Base):
    """A counter is open, by one officer, for some fields."""

    __tablename__ = "counter_session"
    __table_args__ = (
        Index("counter_session_office", "office_id", "closed_at"),
        Index(
            "one_session_a_counter",
            "counter_id",
            unique=True,
            sqlite_where=column("closed_at").is_(None),
            postgresql_where=column("closed_at").is_(None),
        ),
        Index(
            "one_session_an_officer",
            "officer_id",
            unique=True,
            sqlite_where=column("closed_at").is_(None),
            postgresql_where=column("closed_at").is_(None),
        ),
        COUNTED,
    )

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    officer_id: Mapped[int]
    """The user's."""
    fields: Mapped[list[str]] = mapped_column(JSON)
    """Ids of those it calls now."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Call(Base):
    """A ticket was called and served: one row for each time it left the queue. Times of waiting
    (``called_at - queued_at``) and of service are read from here."""

    __tablename__ = "call"
    __table_args__ = (
        Index("call_day", "office_id", "day", "called_at"),
        Index("call_field", "office_id", "field", "ended_at"),
        COUNTED,
    )

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    ticket: Mapped[UUID] = mapped_column(index=True)
    day: Mapped[date]
    field: Mapped[str] = mapped_column(String(32))
    """For which it was called; a transferred ticket had another before."""
    priority: Mapped[str] = mapped_column(String(32))
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("counter.id"))
    """None: called by the office's own software, which says nothing of counters."""
    session_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("counter_session.position"), index=True
    )
    queued_at: Mapped[datetime]
    called_at: Mapped[datetime]
    recalls: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    """The citizen stood at the counter."""
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    """An :class:`Outcome`."""


class Announcement(Base):
    """Said and shown in the hall, once: a call or a recall."""

    __tablename__ = "announcement"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ticket: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(12))
    counter: Mapped[str] = mapped_column(String(8))
    """The counter's label; empty: the office's own software called."""
    again: Mapped[bool]
    at: Mapped[datetime]
