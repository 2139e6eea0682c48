"""Citizens who may be one person, or one of whom holds the other's card. Nobody is merged here:
staff are told of each pair, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.templates import Template
from wire import PossibleDuplicate


def note(
    db: Database,
    citizen: str,
    other: str,
    reason: Literal["same_face", "same_number"],
    now: datetime,
) -> None:
    """Tell staff of a pair, unless they were told of it or one of the two is not known."""
    first, second = sorted((citizen, other))
    new = db.execute(
        "INSERT OR IGNORE INTO possible_duplicate (first, second, reason)"
        " SELECT ?1, ?2, ?4 WHERE ?1 <> ?2 AND EXISTS (SELECT 1 FROM citizen WHERE id = ?3)",
        (first, second, other, reason),
    )
    if new:
        event = PossibleDuplicate(first=UUID(first), second=UUID(second), reason=reason)
        outbox.append(db, event, now)


def same_person(
    db: Database, holders: Sequence[str], template: Template | None, alike: Sequence[str] | None
) -> str | None:
    """Who of ``holders``, citizens whose card has one number, the new face is; ``None`` when it
    is none of them, and the number another face's.

    ``alike`` are citizens whose faces are near enough to be the same person's; ``None`` when
    nobody compared. A holder whose face cannot be compared contradicts nothing.
    """
    if template is None or alike is None:
        return next(iter(holders), None)
    near = [one for one in holders if one in alike]
    unknown = [one for one in holders if not _is_known_by(db, one, template.model)]
    return next(iter(near + unknown), None)


def _is_known_by(db: Database, citizen: str, model: str) -> bool:
    row = db.row("SELECT 1 FROM template WHERE citizen = ? AND model = ?", (citizen, model))
    return row is not None
