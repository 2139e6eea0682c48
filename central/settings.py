"""What a central server can be told, and the defaults when it is told nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one server."""

    database: str = "sqlite:///var/central.db"
    """SQLAlchemy URL."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """The offices' time zone (IANA name): decides which day is today."""
