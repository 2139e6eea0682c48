"""The tables of those who work with central: users, their sessions, and the audit log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from central.db.models import Base, BigKey


class UserRole(StrEnum):
    """What somebody may do here. Nobody has two: each page names the roles it is for."""

    OFFICER = "officer"
    """Serves at a counter."""
    MANAGER = "manager"
    """Answers for the office: reads its figures, decides what citizens ask for."""
    ADMINISTRATOR = "administrator"
    """Looks after devices, users and settings, and sees no citizen."""
    DISPLAY = "display"
    """A screen on the wall."""


class User(Base):
    """Somebody who can sign in. Never deleted, or the audit log would name nobody."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    name: Mapped[str] = mapped_column(String(64), unique=True)
    """What they sign in with, in lower case."""
    full_name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(16))
    """A :class:`UserRole`."""
    password: Mapped[str] = mapped_column(String(200))
    """Argon2id, with its parameters."""
    must_change: Mapped[bool]
    """Somebody else chose the password."""
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Secret of the second factor (RFC 6238), sealed for :attr:`uid`; None without one."""
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """Time step of the last code used: a code is good once."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One code that is good once in place of the second factor."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """HMAC-SHA256; see :mod:`central.services.recovery`."""
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser that is signed in."""

    __tablename__ = "web_session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(43))
    code_given: Mapped[bool]
    """The second factor was shown."""
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """Whatever happens; idle sessions end earlier."""


class SignInTries(Base):
    """Tries to sign in under one name, or from one address."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A digest: names typed wrongly may be passwords."""
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class AuditRow(Base):
    """Who did what to whose data. Rows are only ever added; each seals the one before."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_subject", "subject", "position"),
        Index("audit_office", "office_id", "position"),
    )

    position: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64), index=True)
    """``user:ID``, ``device:ID`` or ``command:NAME``."""
    action: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(64))
    """``citizen:UUID``, ``user:ID``, ``device:NAME`` …; empty when there is none."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Ids and counts, nothing personal."""
    office_id: Mapped[int | None]
    """Whom it concerns; None: the server, or a row of the time when it had one office."""
    seal: Mapped[str] = mapped_column(String(64))
    """Of this row and the seal before it; see :mod:`central.services.audit`."""


class AuditHead(Base):
    """The newest row's seal, and how far the oldest rows were removed. Locked by whoever adds."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(String(64))
    removed: Mapped[int] = mapped_column(BigInteger)
    """Rows up to here were removed because they were old enough."""
