"""Releases for kiosks: which there are and how far each has been let out. Their bundles are files
(:mod:`central.services.releases`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.db.models import Base


class PublishedRelease(Base):
    """One bundle, as :class:`wire.Release` describes it."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("version", "arch", name="one_bundle_for_each_machine"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(80))
    built: Mapped[int] = mapped_column(BigInteger)
    arch: Mapped[str] = mapped_column(String(16))
    python: Mapped[str] = mapped_column(String(16))
    system: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    percentage: Mapped[int]
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
