"""The gate for kiosks: every signed request passes it once.

A kiosk that came before is known by its key, so that one statement lets it in: the one that uses
its signature up, which finds nothing if the kiosk was revoked meanwhile. Only then, or for a kiosk
this worker has not seen, is the table read and a reason found.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from central.db.engine import Database
from central.db.models import Device
from central.services.admission import Denial, Signer, named, prove, signer_of, spend
from central.services.devices import SEEN_EVERY, note_seen


class Gate:
    """Lets kiosks in, for the threads of a worker."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Both hold a row for each kiosk at most: who is unknown is not kept.
        self._known: dict[UUID, Signer] = {}
        self._noted: dict[int, datetime] = {}

    def admit(self, token: str, now: datetime) -> Signer:
        """Who signed, once. Raises :class:`Denial`."""
        uid = named(token)
        signer = self._known.get(uid)
        if signer is None or not self._is_spent(token, signer, now):
            return self._looked_up(token, uid, now)
        return signer

    def note(self, signer: Signer, now: datetime) -> None:
        """That it was seen, where what it asks writes nothing itself."""
        last = self._noted.get(signer.device_id)
        if last is not None and abs(now - last) < SEEN_EVERY:
            return
        self._noted[signer.device_id] = now
        with self._database.noting() as session:
            note_seen(session.get_one(Device, signer.device_id), now)

    def _is_spent(self, token: str, signer: Signer, now: datetime) -> bool:
        """False also where a look at the table may tell another thing, or a reason."""
        try:
            proof = prove(token, signer, now)
        except Denial:
            return False
        with self._database.marking() as session:
            return spend(session, proof)

    def _looked_up(self, token: str, uid: UUID, now: datetime) -> Signer:
        with self._database.looking() as session:
            signer = signer_of(session, uid)
        proof = prove(token, signer, now)
        with self._database.marking() as session:
            if not spend(session, proof):
                raise Denial("replayed")
        self._known[uid] = signer
        return signer
