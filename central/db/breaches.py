"""The tables of breaches of personal data: the file an office keeps of each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from central.db.models import Base


class Breach(Base):
    """Personal data got, or may have got, where it must not. Never deleted by itself: the law wants
    the file for five years at least."""

    __tablename__ = "breach"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    discovered_at: Mapped[datetime]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    """The data was open to others between these."""
    scope: Mapped[str] = mapped_column(String(80))
    """``all``, ``device:ID`` or ``user:ID``."""
    what: Mapped[str] = mapped_column(String(2000))
    measures: Mapped[str] = mapped_column(String(2000))
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reported_at: Mapped[datetime | None]
    """The authority was told."""


class BreachedPerson(Base):
    """Whose data was concerned, as it was when the breach was noted. It stays when the citizen is
    forgotten: an id that names nobody any more."""

    __tablename__ = "breached_person"

    breach_id: Mapped[int] = mapped_column(ForeignKey("breach.id"), primary_key=True)
    citizen: Mapped[UUID] = mapped_column(primary_key=True)
    data: Mapped[str] = mapped_column(String(64))
    """Some of ``identity masked template visits``, with spaces between."""
    erased: Mapped[bool]
    """They were forgotten before the breach was noted."""
