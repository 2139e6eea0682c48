"""The office's clock, with the database for a memory: a process that is killed forgets nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from kiosk.clock import Anchor, OfficeClock, Sight, look_at_clocks
from kiosk.errors import StoreError
from kiosk.store.database import Database, stamp

_log = logging.getLogger(__name__)


def office_clock(db: Database, look: Callable[[], Sight] = look_at_clocks) -> OfficeClock:
    """The clock of the office whose records are in ``db``.

    Not to be read inside a transaction. Raises :class:`StoreError`.
    """
    return OfficeClock(look, _anchor(db), _newest(db), lambda anchor: _keep(db, anchor))


def _anchor(db: Database) -> Anchor | None:
    row = db.row("SELECT * FROM clock")
    if row is None:
        return None
    moment = datetime.fromisoformat(row["moment"])
    return Anchor(moment, row["uptime"], row["boot"], bool(row["certain"]))


def _newest(db: Database) -> datetime | None:
    """The newest moment on record, in the order it was recorded: a wrong one is set right."""
    row = db.row("SELECT issued_at FROM ticket ORDER BY seq DESC LIMIT 1")
    anchor = _anchor(db)
    known = [anchor.moment] if anchor else []
    if row is not None:
        known.append(datetime.fromisoformat(row["issued_at"]))
    return max(known, default=None)


def _keep(db: Database, anchor: Anchor) -> None:
    _log.info(
        "The clock is %s", "right" if anchor.certain else "not set yet: its date may be wrong"
    )
    try:
        db.execute(
            "INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?, ?)",
            (stamp(anchor.moment), anchor.uptime, anchor.boot, int(anchor.certain)),
        )
    except StoreError as error:  # a full disk: the time is told all the same
        _log.error("%s", error.both())
