"""Central's tables.

``event`` is the truth, stored once each; the other tables are projections of it. They hold no
foreign keys among each other because events of different kiosks, or after a retry, arrive in
any order. ``position`` is the order of arrival and the cursor of every list.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware (UTC) out, also where the database keeps no zone (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As UTC."""
        if value is None or value.tzinfo:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables' registry."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON}  # noqa: RUF012


BigKey = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts only plain INTEGER keys up by itself."""
_COUNTED = {"sqlite_autoincrement": True}
"""A position is never used twice, or a reader's cursor would pass a row by."""


class Role(StrEnum):
    """Whom a token speaks for."""

    KIOSK = "kiosk"
    OFFICE = "office"


class Device(Base):
    """Whoever holds a token: a kiosk, or software of the office."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    """A :class:`Role`."""
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of its newest event stored; a kiosk with a new database starts again at 1."""
    duplicates: Mapped[int] = mapped_column(default=0)
    """Events it delivered more than once."""


class StoredEvent(Base):
    """An event as it was received."""

    __tablename__ = "event"
    __table_args__ = _COUNTED

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class Ticket(Base):
    """A number a kiosk gave to someone."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ticket_queue", "day", "field", "called_at", "issued_at"),
        _COUNTED,
    )

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    number: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(String(32))
    priority: Mapped[str] = mapped_column(String(32), server_default="")
    """Class of those who are served first; empty: everybody else."""
    day: Mapped[date]
    citizen: Mapped[UUID | None]
    way: Mapped[str] = mapped_column(String(16))
    issued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]


class TicketPrint(Base):
    """The last word on a ticket's paper; it may arrive before the ticket."""

    __tablename__ = "ticket_print"

    ticket: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    again: Mapped[bool] = mapped_column(server_default=false())
    """The paper says that it is a reprint."""
    at: Mapped[datetime]


class ReprintRequest(Base):
    """Staff want another paper of a ticket. Its kiosk hears of it until it says that a paper
    marked as a reprint came out, or could not."""

    __tablename__ = "reprint_request"
    __table_args__ = (Index("reprint_open", "device_id", "done_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket: Mapped[UUID] = mapped_column(index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    """The ticket's kiosk."""
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Printer(Base):
    """What a kiosk's printer said last."""

    __tablename__ = "printer"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]


class Citizen(Base):
    """Someone who asked to be remembered."""

    __tablename__ = "citizen"
    __table_args__ = _COUNTED

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(12), index=True)
    old_number: Mapped[str | None] = mapped_column(String(9))
    name: Mapped[str] = mapped_column(String(100))
    date_of_birth: Mapped[str] = mapped_column(String(10))
    sex: Mapped[str | None] = mapped_column(String(1))
    address: Mapped[str] = mapped_column(String(300))
    issued: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(8))
    enrolled_at: Mapped[datetime]


class Consent(Base):
    """Proof of one consent."""

    __tablename__ = "consent"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    citizen: Mapped[UUID] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[datetime]


class DuplicatePair(Base):
    """Two citizens whom a kiosk cannot tell apart: twins, parent and child, or one person
    enrolled twice. Each pair once, whichever kiosk says so."""

    __tablename__ = "possible_duplicate"
    __table_args__ = (UniqueConstraint("first", "second", name="one_row_a_pair"), _COUNTED)

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    first: Mapped[UUID]
    second: Mapped[UUID]
    noted_at: Mapped[datetime]


class Visit(Base):
    """One visit, without a name."""

    __tablename__ = "visit"
    __table_args__ = _COUNTED

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    ended_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    recognised: Mapped[bool]
    approach_to_ticket_s: Mapped[float | None]
