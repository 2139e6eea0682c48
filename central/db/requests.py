"""The table of what citizens ask for under the law."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from central.db.models import Base


class RequestKind(StrEnum):
    """What a citizen may ask for."""

    ACCESS = "access"
    """To see what is kept."""
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    """To be recognised no more."""
    DELETION = "deletion"


class RequestOutcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    REFUSED = "refused"


class PrivacyRequest(Base):
    """One request, with its deadlines. It outlives the citizen's data: the office must be able to
    show what it did."""

    __tablename__ = "privacy_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    citizen: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """A :class:`RequestKind`."""
    received_at: Mapped[datetime]
    received_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    answer_by: Mapped[datetime]
    """The citizen is told by then that it was received and what happens."""
    due_at: Mapped[datetime]
    """It is carried out by then."""
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[str | None] = mapped_column(String(16))
    """A :class:`RequestOutcome`."""
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Why it was refused, as the citizen was told."""
