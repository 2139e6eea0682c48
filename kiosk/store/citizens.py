"""Citizens who asked to be remembered: identity, consents, face template.

This module logs nothing, and no error it raises holds anything personal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from uuid6 import uuid7

from kiosk.config import PrivacySettings
from kiosk.idcard.document import IdentityDocument
from kiosk.store import outbox
from kiosk.store.database import Database, stamp
from kiosk.store.sqlcipher import Row
from wire import CitizenEnrolled, ConsentGiven, IdentityData, PossibleDuplicate


@dataclass(frozen=True, slots=True)
class Template:
    """A face template to be stored."""

    vector: bytes
    """Little-endian float32."""
    model: str
    """Which embedding made it; templates of two models cannot be compared."""
    quality: float
    """0 … 1."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the screen may show of a recognised citizen."""

    masked_name: str
    masked_birth: str


@dataclass(frozen=True, slots=True)
class Demographics:
    """What the card said about a group a citizen belongs to; empty where it said nothing."""

    sex: str
    """``F`` or ``M``."""
    decade: str
    """Of birth, as ``1980s``."""


class Citizens:
    """The citizens this kiosk knows."""

    def __init__(self, db: Database, privacy: PrivacySettings, now: Callable[[], datetime]) -> None:
        self._db = db
        self._kept = timedelta(days=privacy.template_days)
        self._now = now

    def enrol(
        self,
        document: IdentityDocument,
        consent_version: str,
        template: Template,
        lookalikes: Sequence[str] = (),
    ) -> str:
        """Remember the holder of ``document``; their citizen id.

        Called only after both consents were given. Identity, consents, template and events are
        committed together. Someone already known keeps their id; data, consents and template
        are replaced. ``lookalikes`` are citizens whose faces this template cannot be told from:
        staff hear of each pair once. Raises :class:`StoreError`, and
        :class:`pydantic.ValidationError` for a document outside the contract.
        """
        now = self._now()
        identity = _identity(document)
        with self._db.transaction():
            citizen = self._keep_identity(identity, now)
            consents = self._keep_consents(citizen, consent_version, now)
            self._keep_template(citizen, template, now)
            event = CitizenEnrolled(citizen=UUID(citizen), identity=identity, consents=consents)
            outbox.append(self._db, event, now)
            for other in lookalikes:
                self._note_possible_duplicate(citizen, other, now)
        return citizen

    def gallery(self, model: str) -> tuple[list[str], NDArray[np.float32]]:
        """Citizen ids and templates (n, d) of ``model`` under an active consent, not expired.

        (0, 0) when there is none.
        """
        rows = self._db.rows(
            "SELECT template.citizen, vector FROM template"
            " JOIN consent ON consent.citizen = template.citizen"
            " JOIN citizen ON citizen.id = template.citizen"
            " WHERE model = ? AND purpose = 'recognise' AND ended_at IS NULL AND last_visit > ?"
            " ORDER BY template.citizen",
            (model, self._horizon()),
        )
        if not rows:
            return [], np.zeros((0, 0), np.float32)
        vectors = [np.frombuffer(row["vector"], "<f4").astype(np.float32) for row in rows]
        return [row["citizen"] for row in rows], np.stack(vectors)

    def demographics(self) -> dict[str, Demographics]:
        """Sex and decade of birth of every citizen, by id."""
        rows = self._db.rows("SELECT id, sex, substr(date_of_birth, 1, 3) decade FROM citizen")
        return {row["id"]: Demographics(row["sex"] or "", f"{row['decade']}0s") for row in rows}

    def possible_duplicates(self) -> list[tuple[str, str]]:
        """Pairs of citizens whose faces cannot be told apart, as staff were told."""
        rows = self._db.rows("SELECT first, second FROM possible_duplicate ORDER BY first, second")
        return [(row["first"], row["second"]) for row in rows]

    def greeting(self, citizen_id: str) -> Greeting | None:
        """How to greet a citizen, or None when they are not known (any more)."""
        row = self._db.row("SELECT * FROM citizen WHERE id = ?", (citizen_id,))
        if row is None:
            return None
        document = _document(row)
        return Greeting(document.masked_name, document.birth_masked)

    def touch(self, citizen_id: str) -> None:
        """Note a visit: retention counts from the last one."""
        self._db.execute(
            "UPDATE citizen SET last_visit = ? WHERE id = ?", (stamp(self._now()), citizen_id)
        )

    def forget(self, citizen_id: str) -> None:
        """Erase a citizen from this kiosk, and from what central was not told yet."""
        with self._db.transaction():
            self._db.execute("DELETE FROM citizen WHERE id = ?", (citizen_id,))
            self._db.execute(
                "DELETE FROM outbox WHERE body ->> '$.kind' = 'citizen_enrolled'"
                " AND body ->> '$.citizen' = ?1 OR body ->> '$.kind' = 'possible_duplicate'"
                " AND ?1 IN (body ->> '$.first', body ->> '$.second')",
                (citizen_id,),
            )

    def expire(self) -> list[str]:
        """Erase citizens whose last visit is too long ago; their ids.

        Events still unsent stay: the proof of their consent is kept by central.
        """
        rows = self._db.rows(
            "DELETE FROM citizen WHERE last_visit <= ? RETURNING id", (self._horizon(),)
        )
        return [row["id"] for row in rows]

    def _note_possible_duplicate(self, citizen: str, other: str, now: datetime) -> None:
        first, second = sorted((citizen, other))
        new = self._db.execute(
            "INSERT OR IGNORE INTO possible_duplicate (first, second)"
            " SELECT ?1, ?2 WHERE ?1 <> ?2 AND EXISTS (SELECT 1 FROM citizen WHERE id = ?3)",
            (first, second, other),
        )
        if new:
            event = PossibleDuplicate(first=UUID(first), second=UUID(second))
            outbox.append(self._db, event, now)

    def _horizon(self) -> str:
        return stamp(self._now() - self._kept)

    def _keep_identity(self, identity: IdentityData, now: datetime) -> str:
        values = identity.model_dump(mode="json") | {"id": str(uuid7()), "now": stamp(now)}
        return self._db.rows(
            "INSERT INTO citizen (id, number, old_number, name, date_of_birth, sex, address,"
            " issued, source, last_visit)"
            " VALUES (:id, :number, :old_number, :name, :date_of_birth, :sex, :address,"
            " :issued, :source, :now)"
            " ON CONFLICT (number) DO UPDATE SET old_number = excluded.old_number,"
            " name = excluded.name, date_of_birth = excluded.date_of_birth, sex = excluded.sex,"
            " address = excluded.address, issued = excluded.issued, source = excluded.source,"
            " last_visit = excluded.last_visit"
            " RETURNING id",
            values,
        )[0]["id"]

    def _keep_consents(
        self, citizen: str, version: str, now: datetime
    ) -> tuple[ConsentGiven, ConsentGiven]:
        self._db.execute(
            "UPDATE consent SET ended_at = ? WHERE citizen = ? AND ended_at IS NULL",
            (stamp(now), citizen),
        )
        recognise = ConsentGiven(
            consent=uuid7(), purpose="recognise", version=version, given_at=now
        )
        identity = ConsentGiven(
            consent=uuid7(), purpose="keep_identity", version=version, given_at=now
        )
        for consent in (recognise, identity):
            self._db.execute(
                "INSERT INTO consent (id, citizen, purpose, version, given_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (str(consent.consent), citizen, consent.purpose, version, stamp(now)),
            )
        return recognise, identity

    def _keep_template(self, citizen: str, template: Template, now: datetime) -> None:
        # Ending the earlier consents has deleted an earlier template.
        self._db.execute(
            "INSERT INTO template (citizen, model, vector, quality, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (citizen, template.model, template.vector, template.quality, stamp(now)),
        )


def _identity(document: IdentityDocument) -> IdentityData:
    return IdentityData(
        number=document.number,
        old_number=document.old_number,
        name=document.name,
        date_of_birth=document.date_of_birth,
        sex=document.sex,
        address=document.address,
        issued=date.fromisoformat(document.issued) if document.issued else None,
        source=document.source,
    )


def _document(row: Row) -> IdentityDocument:
    return IdentityDocument(
        number=row["number"],
        name=row["name"],
        date_of_birth=row["date_of_birth"],
        sex=row["sex"],
        address=row["address"],
        source=row["source"],
        old_number=row["old_number"],
        issued=row["issued"],
    )
