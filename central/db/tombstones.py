"""Tombstones beside the database: restoring an older copy of it brings nobody back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from central.db.models import FIRST_OFFICE, Tombstone

_NOTED = "tombstones to be written"


@dataclass(frozen=True, slots=True)
class Grave:
    """One line of the file: who was forgotten, when, why, and by which office. No more is kept of
    anybody."""

    citizen: UUID
    erased_at: datetime
    reason: str
    office: int
    """Its id; lines of the time when a server had one do not say it."""


class TombstoneFile:
    """Lines are only ever added, and are on the disk before their transaction is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def follow(self, sessions: sessionmaker[Session]) -> None:
        """Write down every tombstone that ``sessions`` commit, whoever set it."""
        event.listen(sessions, "after_flush", _note)
        event.listen(sessions, "before_commit", self._write)

    def read(self) -> list[Grave]:
        """Every tombstone ever set here; a line torn by a power cut is passed over.

        Raises :class:`OSError`.
        """
        try:
            lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        return [grave for line in lines if (grave := _grave(line))]

    def _write(self, session: Session) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        if noted := session.info.pop(_NOTED, None):
            self._append(noted)

    def _append(self, tombstones: Iterable[Tombstone]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(self._path, flags, 0o600), "ab") as file:
            # Each with a line break before it: the file may end in half a line.
            file.write("".join(f"\n{_line(each)}" for each in tombstones).encode("ascii"))
            file.flush()
            os.fsync(file.fileno())


def _note(session: Session, _context: object) -> None:
    new = [each for each in session.new if isinstance(each, Tombstone)]
    session.info.setdefault(_NOTED, []).extend(new)


def _line(tombstone: Tombstone) -> str:
    at = tombstone.erased_at.astimezone(UTC).isoformat()
    who = {"citizen": str(tombstone.citizen), "office": tombstone.office_id}
    return json.dumps(who | {"at": at, "reason": tombstone.reason})


def _grave(line: str) -> Grave | None:
    try:
        told: dict[str, Any] = json.loads(line)
        at = datetime.fromisoformat(told["at"])
        who, office = UUID(told["citizen"]), int(told.get("office", FIRST_OFFICE))
        return Grave(who, at, str(told["reason"]), office) if at.tzinfo else None
    except (ValueError, KeyError, TypeError):
        return None
