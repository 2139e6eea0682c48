"""Face templates: turned by the office's secret where they lie, as they were made in memory."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kiosk.store import outbox
from kiosk.store.database import Database, stamp
from kiosk.store.protection import protect, recover
from kiosk.store.sqlcipher import Row
from wire import ProtectedTemplate, TemplateIssued

_log = logging.getLogger(__name__)

Embedding = NDArray[np.float32]

_USABLE = (
    "FROM template JOIN citizen ON citizen.id = template.citizen"
    " JOIN consent ON consent.citizen = template.citizen"
    " AND purpose = 'recognise' AND ended_at IS NULL"
    " WHERE model = :model AND last_visit > :horizon"
    " AND NOT EXISTS (SELECT 1 FROM tombstones_awaited)"
)
"""Under an active consent, not expired, and no tombstones still to be heard of."""


@dataclass(frozen=True, slots=True)
class Template:
    """A face template as the embedding made it."""

    vector: bytes = field(repr=False)
    """Little-endian float32."""
    model: str
    """Which embedding made it; templates of two models cannot be compared."""
    quality: float
    """0 … 1."""

    def __post_init__(self) -> None:
        if not self.vector or len(self.vector) % 4:
            raise ValueError(f"{len(self.vector)} bytes are no template")


@dataclass(frozen=True, slots=True)
class GalleryChanges:
    """What became of the gallery since a cursor."""

    cursor: int
    """Where to ask from next."""
    changes: list[tuple[str, Embedding | None]] = field(repr=False)
    """Citizens whose template came or went, each once, oldest first: the template to compare
    from now on, (d,), or ``None`` for none."""


def protected(db: Database, template: Template) -> ProtectedTemplate:
    """``template`` turned by the secret in force. Raises :class:`StoreError`."""
    secret = db.secrets.template()
    turned = protect(_matrix([template.vector]), secret.key, template.model)
    return ProtectedTemplate.of(template.model, secret.id, turned.tobytes(), template.quality)


def keep(db: Database, citizen: str, template: ProtectedTemplate, now: datetime) -> None:
    """Put ``template`` in place of what the citizen had."""
    db.execute("DELETE FROM template WHERE citizen = ?", (citizen,))
    db.execute(
        "INSERT INTO template (citizen, model, secret, vector, quality, created_at, shared)"
        " VALUES (?, ?, ?, ?, ?, ?, 1)",
        (
            citizen,
            template.model,
            template.secret,
            template.vector,
            template.quality,
            stamp(now),
        ),
    )


def keep_from_central(
    db: Database, citizen: str, template: ProtectedTemplate | None, now: datetime
) -> None:
    """Know a citizen by ``template`` from now on, or by none.

    One that cannot be used here, because its secret is not here, does not replace one that can:
    whoever holds the secret sends it again under the newest.
    """
    ours = db.row("SELECT * FROM template WHERE citizen = ?", (citizen,))
    if template is None:
        db.execute("DELETE FROM template WHERE citizen = ?", (citizen,))
    elif ours is None or not (_same(ours, template) or _only_ours_is_usable(db, ours, template)):
        keep(db, citizen, template, now)


def gallery(db: Database, model: str, horizon: str) -> tuple[list[str], NDArray[np.float32]]:
    """Citizens last here after ``horizon`` and their templates of ``model``, (n, d), as they
    were made, in order of citizen; (0, 0) when there is none."""
    rows = db.rows(
        f"SELECT template.citizen, model, secret, vector {_USABLE}",
        {"model": model, "horizon": horizon},
    )
    found = sorted(_recovered(db, rows), key=lambda each: each[0])
    if not found:
        return [], np.zeros((0, 0), np.float32)
    return [citizen for citizen, _ in found], np.stack([vector for _, vector in found])


def gallery_changes(db: Database, model: str, horizon: str, after: int) -> GalleryChanges:
    """What :func:`gallery` would give otherwise than when ``after`` was the cursor."""
    changed = db.rows(
        "SELECT position, citizen FROM gallery_change WHERE position > ? ORDER BY position",
        (after,),
    )
    if not changed:
        return GalleryChanges(after, [])
    rows = db.rows(
        f"SELECT template.citizen, model, secret, vector {_USABLE} AND template.citizen IN"  # noqa: S608 -- ours
        " (SELECT citizen FROM gallery_change WHERE position > :after)",
        {"model": model, "horizon": horizon, "after": after},
    )
    known = dict(_recovered(db, rows))
    changes = [(row["citizen"], known.get(row["citizen"])) for row in changed]
    return GalleryChanges(changed[-1]["position"], changes)


def gallery_cursor(db: Database) -> int:
    """Where to ask from for changes after now."""
    row = db.row("SELECT max(position) newest FROM gallery_change")
    return row["newest"] or 0 if row else 0


def reissue(db: Database, limit: int, now: datetime) -> int:
    """Turn at most ``limit`` templates by the secret in force that another one turned; how many
    of those whose secret is here are left.

    Can be stopped and gone on with at any time. When none are left, secrets that no template is
    turned by are forgotten. Raises :class:`StoreError`.
    """
    newest = db.secrets.template()
    other = {row["secret"] for row in db.rows("SELECT DISTINCT secret FROM template")}
    old = sorted(each for each in other - {newest.id} if db.secrets.get(each))
    if not old:
        db.secrets.drop_unused(other)
        return 0
    marks = ", ".join("?" * len(old))
    with db.transaction():
        rows = db.rows(
            f"SELECT * FROM template WHERE secret IN ({marks}) LIMIT ?",  # noqa: S608 -- marks
            (*old, limit),
        )
        shared = {row["citizen"]: bool(row["shared"]) for row in rows}
        quality = {row["citizen"]: row["quality"] for row in rows}
        models = {row["citizen"]: row["model"] for row in rows}
        for citizen, vector in _recovered(db, rows):
            turned = protected(db, Template(vector.tobytes(), models[citizen], quality[citizen]))
            db.execute(
                "UPDATE template SET secret = ?, vector = ? WHERE citizen = ?",
                (turned.secret, turned.vector, citizen),
            )
            if shared[citizen]:
                outbox.append(db, TemplateIssued(citizen=UUID(citizen), template=turned), now)
        left = db.rows(
            f"SELECT count(*) FROM template WHERE secret IN ({marks})",  # noqa: S608 -- marks
            old,
        )
    return left[0][0]


def _recovered(db: Database, rows: Iterable[Row]) -> Iterator[tuple[str, Embedding]]:
    """Citizens and their templates as they were made; those whose secret is not here are left
    out."""

    def kind(row: Row) -> tuple[str, str, int]:
        return row["model"], row["secret"], len(row["vector"])

    for (model, secret_id, _), group in groupby(sorted(rows, key=kind), kind):
        turned = list(group)
        secret = db.secrets.get(secret_id)
        if secret is None:
            _log.warning(
                "%d templates cannot be used: office secret %s is not here", len(turned), secret_id
            )
            continue
        vectors = recover(_matrix([row["vector"] for row in turned]), secret.key, model)
        yield from zip((row["citizen"] for row in turned), vectors, strict=True)


def _matrix(vectors: Sequence[bytes]) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1).astype(np.float32)


def _same(ours: Row, theirs: ProtectedTemplate) -> bool:
    return (ours["model"], ours["secret"], ours["vector"]) == (
        theirs.model,
        theirs.secret,
        theirs.vector,
    )


def _only_ours_is_usable(db: Database, ours: Row, theirs: ProtectedTemplate) -> bool:
    held = (db.secrets.get(ours["secret"]), db.secrets.get(theirs.secret))
    return ours["model"] == theirs.model and held[0] is not None and held[1] is None
