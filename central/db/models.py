"""Central's tables.

``event`` says what was received, once each and without what is personal; the other tables are
projections of it. They hold no foreign keys among each other because events of different kiosks,
or after a retry, arrive in any order. ``position`` is the order of arrival and the cursor of
every list. What identifies a citizen is sealed with a key that is not in the database.
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
    LargeBinary,
    String,
    TypeDecorator,
    UniqueConstraint,
    column,
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
COUNTED = {"sqlite_autoincrement": True}
"""A position is never used twice, or a reader's cursor would pass a row by."""


class Role(StrEnum):
    """Whom a token speaks for."""

    KIOSK = "kiosk"
    OFFICE = "office"


FIRST_OFFICE = 1
"""Id of the office every database begins with, which runs the server (ADR 42)."""


class Office(Base):
    """Kiosks that share citizens, fields and secrets, and the stream of what they are told."""

    __tablename__ = "office"
    __table_args__ = (
        Index(
            "one_office_a_name",
            "name",
            unique=True,
            sqlite_where=column("name") != "",
            postgresql_where=column("name") != "",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Empty until somebody gives it one."""
    settings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As :class:`wire.OfficeSettings`; None: each kiosk's own."""
    retention: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As :class:`central.services.retention.Retention`; None: the default."""
    stream: Mapped[UUID]
    """Another one: kiosks read the changes from the start."""
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of the newest change. Counted up under this row's lock, so that changes become visible in
    the order of their positions."""
    closed_at: Mapped[datetime | None]
    """Nobody of it is let in since; None: it is open."""


class Device(Base):
    """A kiosk, or software of the office."""

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("office_id", "name", name="one_device_a_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    """What a kiosk calls itself when it signs."""
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    name: Mapped[str] = mapped_column(String(64))
    """As the people of its office call it: another office may have one of the same name."""
    role: Mapped[str] = mapped_column(String(16))
    """A :class:`Role`."""
    token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the office's software."""
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """A kiosk's, Ed25519."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    closed_with_office: Mapped[bool] = mapped_column(server_default=false(), default=False)
    """It was revoked because its office was closed, and is let in again with it."""
    seen_at: Mapped[datetime | None]
    """When it last asked for something, give or take a minute."""
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of its newest event stored; a kiosk with a new database starts again at 1."""
    duplicates: Mapped[int] = mapped_column(default=0)
    """Events it delivered more than once."""


class EnrolmentToken(Base):
    """Lets one kiosk in, once."""

    __tablename__ = "enrolment_token"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    name: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime]
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Of whoever used it."""


class SpentJti(Base):
    """A signed request that was received, until it would be too old anyway."""

    __tablename__ = "spent_jti"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    jti: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class StoredEvent(Base):
    """An event as it was received, without what is personal."""

    __tablename__ = "event"
    __table_args__ = COUNTED

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class TicketState(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    """Its holder does something in between, and will be served without waiting again."""
    ABSENT = "absent"
    DONE = "done"


class Ticket(Base):
    """A number a kiosk gave to someone."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ticket_queue", "office_id", "day", "state", "rank_at"),
        COUNTED,
    )

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    number: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(String(32))
    """For which it waits; another than its number says after a transfer."""
    priority: Mapped[str] = mapped_column(String(32), server_default="")
    """Class of those who are served first; empty: everybody else."""
    day: Mapped[date]
    citizen: Mapped[UUID | None] = mapped_column(index=True)
    match: Mapped[str] = mapped_column(String(16), server_default="")
    """How their kiosk recognised them, a :data:`wire.MatchClass`; empty: it does not say."""
    way: Mapped[str] = mapped_column(String(16))
    issued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    """For the first time."""
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    state: Mapped[str] = mapped_column(String(16), default=TicketState.WAITING)
    """A :class:`TicketState`."""
    queued_at: Mapped[datetime]
    """Since when it waits: issued, or sent back into the queue."""
    rank_at: Mapped[datetime]
    """The earliest of those waiting is next: see :mod:`central.services.policy`."""
    counter_id: Mapped[int | None]
    """Waiting: the only counter that may call it. Else: the one that called it last."""


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


class DeviceHealth(Base):
    """How a device found itself last."""

    __tablename__ = "device_health"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    release: Mapped[str] = mapped_column(String(32))
    worst: Mapped[str] = mapped_column(String(8))
    """A :data:`wire.HealthLevel`."""
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Each as :class:`wire.CheckedPart`."""


class Citizen(Base):
    """Someone who asked to be remembered."""

    __tablename__ = "citizen"
    __table_args__ = COUNTED

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    identity: Mapped[bytes]
    """:class:`wire.IdentityData` as JSON, sealed."""
    column_key: Mapped[str] = mapped_column(String(16), index=True)
    """Id of the key that sealed it."""
    number_index: Mapped[str] = mapped_column(String(64), index=True)
    number_secret: Mapped[str] = mapped_column(String(16), index=True)
    """Id of the office secret that made the index."""
    masked_name: Mapped[str | None] = mapped_column(String(100), index=True)
    """None for someone of whom kiosks are not told: enrolled by an earlier release."""
    masked_birth: Mapped[str | None] = mapped_column(String(10))
    sex: Mapped[str | None] = mapped_column(String(1))
    decade: Mapped[str] = mapped_column(String(5))
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As :class:`wire.CardEvidence`: what was compared when they were enrolled."""
    enrolled_at: Mapped[datetime]
    last_visit: Mapped[datetime]
    told_visit: Mapped[datetime]
    """The last visit kiosks were told of."""


class FaceTemplate(Base):
    """A citizen's face template, turned by an office secret that is not in the database."""

    __tablename__ = "template"

    citizen: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(64))
    secret: Mapped[str] = mapped_column(String(16))
    """Id of the office secret that turned it."""
    vector: Mapped[bytes]
    """Little-endian float32."""
    quality: Mapped[float]


class Tombstone(Base):
    """A citizen who was forgotten and must never be known again, whatever arrives later."""

    __tablename__ = "tombstone"

    citizen: Mapped[UUID] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    erased_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(16))


class StreamedChange(Base):
    """That something is to be told to the office's kiosks. What exactly is read from the tables
    when they ask: each thing stands once in the stream, where it changed last."""

    __tablename__ = "change"
    __table_args__ = (UniqueConstraint("office_id", "kind", "ref", name="each_thing_once"),)

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    """``citizen office secret``."""
    ref: Mapped[str] = mapped_column(String(36))
    """The citizen's id, the secret's purpose."""


class Consent(Base):
    """Proof of one consent. It outlives the citizen's data: the law asks for proof."""

    __tablename__ = "consent"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    citizen: Mapped[UUID] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    representative_index: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the number of whoever consented for a child; None: the citizen did. The number itself is
    not kept: see :meth:`central.db.keys.Keys.indices_of_representative`."""
    representative_secret: Mapped[str | None] = mapped_column(String(16))
    """Id of the newest number secret the index depends on; None: an older one."""
    representative_name: Mapped[str | None] = mapped_column(String(100))
    """Masked, as ``representative_birth``."""
    representative_birth: Mapped[str | None] = mapped_column(String(10))
    assent: Mapped[bool] = mapped_column(server_default=false(), default=False)
    """A child from the age of 7 agreed as well."""


class DuplicatePair(Base):
    """Two citizens whom a kiosk cannot tell apart: twins, parent and child, or one person
    enrolled twice. Each pair once, whichever kiosk says so."""

    __tablename__ = "possible_duplicate"
    __table_args__ = (UniqueConstraint("first", "second", name="one_row_a_pair"), COUNTED)

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    first: Mapped[UUID]
    second: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(16), server_default="same_face")
    """``same_face same_number``."""
    noted_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """Staff found that they are two people."""


class Visit(Base):
    """One visit, without a name."""

    __tablename__ = "visit"
    __table_args__ = COUNTED

    position: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    ended_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))
    recognised: Mapped[bool]
    approach_to_ticket_s: Mapped[float | None]
