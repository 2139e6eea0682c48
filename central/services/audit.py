"""The audit log: who looked at whose data or changed what. Added to, and nothing else.

Each row is sealed together with the seal before it (HMAC-SHA-256, with a key that is not in the
database), so that a row cannot be changed, removed or put in between unnoticed by somebody who
has only the database. Whoever also has the key file could make a new chain: each new seal goes to
the log as well, which an office keeps elsewhere, and :func:`verify` can be told one.

All offices of a server have one chain. Each row names the office it concerns, whose administrators
and managers may read it.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from central.db.accounts import AuditHead, AuditRow
from central.db.keys import Keys
from central.db.models import FIRST_OFFICE

_log = logging.getLogger(__name__)

_HEAD = 1
_STEP = 1000
_LONGEST_SUBJECT = 64
"""Characters; a device's name alone may have as many."""
REMOVED = "audit.removed"
"""The action of a row that says up to where older rows were removed, and the seal there."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold. ``reason``: ``changed missing head anchor``."""

    position: int
    reason: str


def record(
    session: Session,
    keys: Keys,
    now: datetime,
    office: int | None,
    actor: str,
    action: str,
    subject: str = "",
    **detail: str | int | bool | None,
) -> AuditRow:
    """Add a row, with ids and counts only: never a name, a number or what was searched for.

    ``office``: id of the one it concerns; None: the server. Rows are added one after the other:
    the last thing to do in a transaction, because others wait for its end.
    """
    head = _locked(session)
    row = AuditRow(
        position=head.position + 1,
        at=now.astimezone(UTC),
        actor=actor,
        action=action,
        subject=subject[:_LONGEST_SUBJECT],
        detail=detail,
        office_id=office,
    )
    row.seal = _seal(_key(keys), head.seal, row)
    session.add(row)
    head.position, head.seal = row.position, row.seal
    session.flush()
    _log.info("audit %d %s", row.position, row.seal)
    return row


def verify(
    session: Session, keys: Keys, anchor: tuple[int, str] | None = None
) -> tuple[int, Broken | None]:
    """How many rows hold, and where the chain breaks first, if it does.

    ``anchor``: a position and the seal it had, from the log or from paper: shows that nobody has
    made a new chain since.
    """
    head = session.get_one(AuditHead, _HEAD)
    end = head.position, head.seal
    key, count, position = _key(keys), 0, head.removed
    seal = _seal_at_removal(session, head.removed)
    for row in _rows(session, head.removed):
        if row.position != position + 1:
            return count, Broken(position + 1, "missing")
        if not hmac.compare_digest(_seal(key, seal, row), row.seal):
            return count, Broken(row.position, "changed")
        count, position, seal = count + 1, row.position, row.seal
        if anchor and anchor[0] == position and anchor[1] != seal:
            return count, Broken(position, "anchor")
    if end != (position, seal):
        return count, Broken(position + 1, "head")
    if anchor and anchor[0] > position:
        return count, Broken(anchor[0], "anchor")
    return count, None


def head_of(session: Session) -> str:
    """The newest row and its seal, as ``POSITION:SEAL``."""
    head = session.get_one(AuditHead, _HEAD)
    return f"{head.position}:{head.seal}"


def concerns(office: int) -> ColumnElement[bool]:
    """Condition: a row that the office may read. What concerns the server, and what was done to
    other offices, is read by the one that runs it."""
    mine = AuditRow.office_id == office
    if office != FIRST_OFFICE:
        return mine
    return mine | AuditRow.office_id.is_(None) | AuditRow.subject.like("office:%")


def remove_before(
    session: Session, keys: Keys, before: Mapping[int, datetime], now: datetime, actor: str
) -> int:
    """Remove rows older than ``before``, which says it by office, and say so in a new row; how
    many. The chain is shortened from its beginning, so that a row nobody would keep stays while an
    older one is kept for another office."""
    head = _locked(session)
    of = func.coalesce(AuditRow.office_id, FIRST_OFFICE)
    too_old = or_(
        *(
            (AuditRow.at < moment) & of.in_([each for each in before if before[each] == moment])
            for moment in set(before.values())
        )
    )
    kept = select(AuditRow.position).where(~too_old).order_by(AuditRow.position).limit(1)
    last = (session.scalar(kept) or head.position + 1) - 1
    row = session.get(AuditRow, last)
    if row is None:
        return 0
    count = last - head.removed
    record(session, keys, now, None, actor, REMOVED, up_to=last, seal=row.seal)
    head.removed = last
    session.flush()
    session.execute(delete(AuditRow).where(AuditRow.position <= last))
    return count


def _locked(session: Session) -> AuditHead:
    return session.get_one(AuditHead, _HEAD, with_for_update=True, populate_existing=True)


def _rows(session: Session, after: int) -> Iterator[AuditRow]:
    """Rows after a position, in their order, a page at a time."""
    while page := session.scalars(
        select(AuditRow).where(AuditRow.position > after).order_by(AuditRow.position).limit(_STEP)
    ).all():
        yield from page
        after = page[-1].position
        session.expunge_all()


def _seal_at_removal(session: Session, removed: int) -> str:
    """The seal the oldest row left was added to: said by a row of the chain itself."""
    if not removed:
        return ""
    said = select(AuditRow).where(AuditRow.action == REMOVED).order_by(AuditRow.position.desc())
    row = session.scalar(said.limit(1))
    return str(row.detail["seal"]) if row and row.detail.get("up_to") == removed else ""


def _key(keys: Keys) -> bytes:
    return keys.derived("audit")


def _seal(key: bytes, before: str, row: AuditRow) -> str:
    at = row.at.astimezone(UTC).isoformat()
    said = [before, row.position, at, row.actor, row.action, row.subject, row.detail]
    if row.office_id is not None:  # as rows were sealed before there were several
        said.append(row.office_id)
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), sha256).hexdigest()
