"""Citizens who asked to be remembered: identity, consents, face template, and being forgotten.

A citizen is enrolled here, from a card, or is known because another kiosk of the office enrolled
them; then only what a screen may show is here. This module logs nothing, and no error it raises
holds anything personal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from uuid6 import uuid7

from kiosk.clock import Reading
from kiosk.config import PrivacySettings
from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.places import ward_today
from kiosk.store import consents, duplicates, outbox, sealing, templates, tombstones
from kiosk.store.consents import Agreement
from kiosk.store.database import Database, Value, stamp
from kiosk.store.templates import GalleryChanges, Template
from kiosk.store.tombstones import Tombstone
from wire import (
    CitizenEnrolled,
    CitizenForgotten,
    CitizenKnown,
    ConsentGiven,
    IdentityData,
    MaskedPerson,
    WardToday,
    number_index,
)


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


_AT_ONCE = 200
"""Numbers indexed anew in one step."""


class Citizens:
    """The citizens this kiosk knows. Every method is whole or nothing, by itself or inside a
    caller's transaction, and raises :class:`StoreError` when it cannot be."""

    def __init__(
        self, db: Database, privacy: PrivacySettings, clock: Callable[[], Reading]
    ) -> None:
        self._db = db
        self._kept = timedelta(days=privacy.template_days)
        self._clock = clock

    # ── known ─────────────────────────────────────────────────────────────────────────────────

    def enrol(
        self,
        document: IdentityDocument,
        consent_version: str,
        template: Template | None,
        lookalikes: Sequence[str] = (),
        *,
        alike: Sequence[str] | None = None,
        agreement: Agreement = Agreement(),  # noqa: B008 -- a frozen value
    ) -> str:
        """Remember the holder of ``document``; their citizen id.

        Called only after the consents of ``agreement`` were given; without one to be recognised
        there is no ``template``. Identity, consents, template and events are committed together.
        Someone already known keeps their id; data, consents and template are replaced, unless
        the number is known with another face: then this is somebody else until staff say who.
        ``lookalikes`` are citizens whose faces this template cannot be told from, ``alike``
        those near enough to be the same person (``None``: nobody compared). Staff hear of each
        pair once. Raises :class:`pydantic.ValidationError` for a document outside the contract.
        """
        now, identity = self._clock(), identity_of(document)
        masked = MaskedPerson(name=document.masked_name, birth=document.birth_masked)
        turned = template and templates.protected(self._db, template)
        with self._db.transaction():
            holders = self._with_number(identity.number)
            citizen = duplicates.same_person(self._db, holders, template, alike) or str(uuid7())
            self._keep_identity(citizen, identity, masked, now)
            at = consents.after_all(self._db, citizen, now.moment)
            given = consents.renew(self._db, citizen, consent_version, at, agreement)
            if turned:
                templates.keep(self._db, citizen, turned, now.moment)
            event = CitizenEnrolled(
                citizen=UUID(citizen),
                identity=identity,
                consents=given,
                masked=masked,
                template=turned,
                evidence=agreement.evidence,
            )
            outbox.append(self._db, event, at)
            for other in set(holders) - {citizen}:
                duplicates.note(self._db, citizen, other, "same_number", now.moment)
            for other in lookalikes:
                duplicates.note(self._db, citizen, other, "same_face", now.moment)
        return citizen

    def with_number(self, number: str) -> str | None:
        """The citizen whose card has this number, as far as this kiosk knows; of several the
        oldest."""
        return next(iter(self._with_number(number)), None)

    def consents(self, citizen: str) -> list[ConsentGiven]:
        """The consents of a citizen that are in force."""
        return consents.active(self._db, citizen)

    def learn(self, known: CitizenKnown) -> None:
        """Know a citizen as central does.

        Nothing of somebody who was erased is kept; central is told again that they were. What
        central says is passed over while it has still to hear of an enrolment made here: it
        will say it anew.
        """
        citizen, now = str(known.citizen), self._clock().moment
        with self._db.transaction():
            if tombstones.is_buried(self._db, citizen):
                tombstones.tell_central(self._db, citizen, "asked", now)
            elif not self._enrolment_unsent(citizen):
                self._keep_masked(citizen, known)
                recognisable = consents.follow(self._db, citizen, known.consents, now)
                template = known.template if recognisable else None
                templates.keep_from_central(self._db, citizen, template, now)

    def greeting(self, citizen_id: str) -> Greeting | None:
        """How to greet a citizen, or None when they are not known (any more)."""
        row = self._db.row(
            "SELECT masked_name, masked_birth FROM citizen WHERE id = ?", (citizen_id,)
        )
        return Greeting(row["masked_name"], row["masked_birth"]) if row else None

    def touch(self, citizen_id: str) -> None:
        """Note a visit: retention counts from the last one."""
        now = self._clock()
        self._db.execute(
            "UPDATE citizen SET last_visit = max(last_visit, ?), dated = ? WHERE id = ?",
            (stamp(now.moment), int(now.certain), citizen_id),
        )

    def demographics(self) -> dict[str, Demographics]:
        """Sex and decade of birth of every citizen, by id."""
        rows = self._db.rows("SELECT id, sex, decade FROM citizen")
        return {row["id"]: Demographics(row["sex"] or "", row["decade"]) for row in rows}

    def possible_duplicates(self) -> list[tuple[str, str]]:
        """Pairs of citizens whose faces cannot be told apart, as staff were told."""
        rows = self._db.rows("SELECT first, second FROM possible_duplicate ORDER BY first, second")
        return [(row["first"], row["second"]) for row in rows]

    # ── forgotten ─────────────────────────────────────────────────────────────────────────────

    def erase(self, citizen: str, reason: Literal["asked", "expired"] = "asked") -> bool:
        """Forget a citizen for good, here and, as soon as central hears of it, everywhere;
        ``False`` when that was done before."""
        now = self._clock().moment
        return bool(tombstones.bury(self._db, [Tombstone(citizen, now, reason)], now))

    def bury(self, forgotten: CitizenForgotten) -> None:
        """Forget a citizen for good, because central says so."""
        buried = Tombstone(str(forgotten.citizen), forgotten.erased_at, "central")
        tombstones.bury(self._db, [buried], self._clock().moment)

    def expire(self, limit: int = 50) -> list[str]:
        """Erase citizens whose last visit is too long ago, at most ``limit``; their ids.

        While the date is not certain nobody is erased. Visits of that time are counted from
        when it is: they were never earlier than they say, but may have been later.
        """
        now = self._clock()
        if not now.certain or not self._may_expire(now.moment):
            return []
        with self._db.transaction():
            self._db.execute(
                "UPDATE citizen SET last_visit = max(last_visit, ?), dated = 1 WHERE dated = 0",
                (stamp(now.moment),),
            )
            rows = self._db.rows(
                "SELECT id FROM citizen WHERE last_visit <= ? LIMIT ?",
                (self._horizon(now.moment), limit),
            )
            expired = [Tombstone(row["id"], now.moment, "expired") for row in rows]
            return tombstones.bury(self._db, expired, now.moment)

    def replay_tombstones(self) -> None:
        """Erase whom the file of tombstones names, and this database, perhaps an older copy,
        does not."""
        tombstones.replay(self._db, self._clock().moment)

    def clear(self) -> None:
        """Know nobody any more, without a word to anybody: this kiosk was revoked."""
        self._db.execute("DELETE FROM citizen")

    # ── compared ──────────────────────────────────────────────────────────────────────────────

    def gallery(self, model: str) -> tuple[list[str], NDArray[np.float32]]:
        """Citizen ids and templates (n, d) of ``model`` under an active consent, not expired.

        (0, 0) when there is none.
        """
        return templates.gallery(self._db, model, self._horizon())

    def gallery_cursor(self) -> int:
        """To be read before :meth:`gallery`: what changes later comes after it."""
        return templates.gallery_cursor(self._db)

    def gallery_changes(self, model: str, after: int) -> GalleryChanges:
        """Whose template of ``model`` came or went after the cursor ``after``, whoever did it."""
        return templates.gallery_changes(self._db, model, self._horizon(), after)

    def reissue(self, limit: int = 50) -> int:
        """Bring at most ``limit`` templates and indices of numbers under the office secrets in
        force; how many are left. To be called until none are, whenever a secret was issued."""
        now = self._clock().moment
        left = self._index_numbers(limit)
        return left + templates.reissue(self._db, limit, now)

    def _horizon(self, now: datetime | None = None) -> str:
        return stamp((now or self._clock().moment) - self._kept)

    def _may_expire(self, now: datetime) -> bool:
        row = self._db.row(
            "SELECT EXISTS (SELECT 1 FROM citizen WHERE last_visit <= ?)"
            " OR EXISTS (SELECT 1 FROM citizen WHERE dated = 0) due",
            (self._horizon(now),),
        )
        return row is not None and bool(row["due"])

    def _enrolment_unsent(self, citizen: str) -> bool:
        row = self._db.row(
            "SELECT 1 FROM outbox WHERE body ->> '$.citizen' = ?"
            " AND body ->> '$.kind' = 'citizen_enrolled' AND parked IS NULL",
            (citizen,),
        )
        return row is not None

    def _keep_identity(
        self, citizen: str, identity: IdentityData, masked: MaskedPerson, now: Reading
    ) -> None:
        secret = self._db.secrets.number()
        said = identity.model_dump(mode="json")
        values: dict[str, Value] = {
            "id": citizen,
            "number_index": number_index(secret.key, identity.number),
            "number_secret": secret.id,
            "masked_name": masked.name,
            "masked_birth": masked.birth,
            "sex": identity.sex,
            "decade": _decade(identity),
            "issued": said["issued"],
            "source": identity.source,
            "last_visit": stamp(now.moment),
            "dated": int(now.certain),
        }
        for column in sealing.COLUMNS:
            text = said[column]
            values[column] = self._db.sealing.seal(text, citizen, column) if text else None
        self._upsert(values)

    def _with_number(self, number: str) -> list[str]:
        """Citizens with one number, the oldest first: every kiosk takes the same."""
        while self._index_numbers(_AT_ONCE):  # a secret was issued since
            pass
        index = number_index(self._db.secrets.number().key, number)
        rows = self._db.rows("SELECT id FROM citizen WHERE number_index = ? ORDER BY id", (index,))
        return [row["id"] for row in rows]

    def _keep_masked(self, citizen: str, known: CitizenKnown) -> None:
        ours = self._db.row("SELECT last_visit FROM citizen WHERE id = ?", (citizen,))
        visit = stamp(known.last_visit)
        values: dict[str, Value] = {
            "id": citizen,
            "masked_name": known.masked.name,
            "masked_birth": known.masked.birth,
            "sex": known.sex,
            "decade": known.decade,
            "number_index": known.number_index,
            "number_secret": None,
            "last_visit": max(visit, ours["last_visit"]) if ours else visit,
        }
        if not consents.same_active(self._db, citizen, known.consents):
            # Another kiosk has read the card since: what was read here may be out of date.
            values |= dict.fromkeys((*sealing.COLUMNS, "issued", "source"))
        self._upsert(values)

    def _upsert(self, values: dict[str, Value]) -> None:
        columns = ", ".join(values)
        marks = ", ".join(f":{column}" for column in values)
        changes = ", ".join(f"{column} = excluded.{column}" for column in values)
        self._db.execute(
            f"INSERT INTO citizen ({columns}) VALUES ({marks})"  # noqa: S608 -- names of our own
            f" ON CONFLICT (id) DO UPDATE SET {changes}",
            values,
        )

    def _index_numbers(self, limit: int) -> int:
        """Index at most ``limit`` numbers that are here under the secret in force; how many are
        left."""
        secret = self._db.secrets.number()
        other = "number IS NOT NULL AND number_secret IS NOT ?"
        if self._db.row(f"SELECT 1 FROM citizen WHERE {other}", (secret.id,)) is None:  # noqa: S608 -- ours
            return 0
        with self._db.transaction():
            rows = self._db.rows(
                f"SELECT id, number FROM citizen WHERE {other} LIMIT ?",  # noqa: S608 -- ours
                (secret.id, limit),
            )
            for row in rows:
                number = self._db.sealing.open(row["number"], row["id"], "number")
                self._db.execute(
                    "UPDATE citizen SET number_index = ?, number_secret = ? WHERE id = ?",
                    (number_index(secret.key, number), secret.id, row["id"]),
                )
            left = self._db.rows(f"SELECT count(*) FROM citizen WHERE {other}", (secret.id,))  # noqa: S608 -- ours
        return left[0][0]


def identity_of(document: IdentityDocument) -> IdentityData:
    """What central is told of a card: verbatim, and beside the address the ward of today.

    Raises :class:`pydantic.ValidationError` for a document outside the contract.
    """
    ward = ward_today(document.address)
    return IdentityData(
        number=document.number,
        old_number=document.old_number,
        name=document.name,
        date_of_birth=document.date_of_birth,
        sex=document.sex,
        address=document.address,
        issued=date.fromisoformat(document.issued) if document.issued else None,
        source=document.source,
        ward=ward and WardToday(code=ward.code, name=ward.name, province=ward.province),
        warnings=document.warnings,
    )


def _decade(identity: IdentityData) -> str:
    return f"{identity.date_of_birth[:3]}0s"
