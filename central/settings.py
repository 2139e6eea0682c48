"""What a central server can be told, and the defaults when it is told nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one server."""

    database: str = "sqlite:///var/central.db"
    """SQLAlchemy URL."""
    key_file: Path | None = None
    """What opens the sealed columns, and the offices' secrets; None: beside the database."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """The offices' time zone (IANA name): decides which day is today."""
