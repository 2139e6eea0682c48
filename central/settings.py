"""What a central server can be told, and the defaults when it is told nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from central.logs import LogFormat


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one server."""

    database: str = "sqlite:///var/central.db"
    """SQLAlchemy URL."""
    key_file: Path | None = None
    """What opens the sealed columns, and the offices' secrets; None: beside the database."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """The offices' time zone (IANA name): decides which day is today."""
    connections: int = 10
    """To PostgreSQL, at most so many at once by each worker."""
    releases: Path = Path("var/releases")
    """Folder of the bundles kiosks may fetch; shared by every server of this database."""
    log_format: LogFormat = "text"
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    """Networks that may read ``/metrics``."""

    def to_environment(self) -> dict[str, str]:
        """For a worker process: what :func:`from_environment` reads there."""
        return {
            "CENTRAL_DATABASE": self.database,
            "CENTRAL_KEY_FILE": str(self.key_file or ""),
            "CENTRAL_TIMEZONE": self.timezone,
            "CENTRAL_CONNECTIONS": str(self.connections),
            "CENTRAL_RELEASES": str(self.releases),
            "CENTRAL_LOG_FORMAT": self.log_format,
            "CENTRAL_METRICS_FROM": ",".join(self.metrics_from),
        }


def from_environment() -> Settings:
    """As :meth:`Settings.to_environment` wrote them."""
    said, default = os.environ, Settings()
    return replace(
        default,
        database=said.get("CENTRAL_DATABASE") or default.database,
        key_file=Path(said["CENTRAL_KEY_FILE"]) if said.get("CENTRAL_KEY_FILE") else None,
        timezone=said.get("CENTRAL_TIMEZONE") or default.timezone,
        connections=int(said.get("CENTRAL_CONNECTIONS") or default.connections),
        releases=Path(said.get("CENTRAL_RELEASES") or default.releases),
        log_format="json" if said.get("CENTRAL_LOG_FORMAT") == "json" else "text",
        metrics_from=tuple(filter(None, said.get("CENTRAL_METRICS_FROM", "").split(","))),
    )
