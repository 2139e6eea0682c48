"""Consents: one active for each purpose, and the proof of those that have ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from uuid6 import uuid7

from kiosk.idcard.document import IdentityDocument
from kiosk.store.database import Database, stamp
from kiosk.store.sqlcipher import Row
from wire import CardEvidence, ConsentGiven, MaskedPerson, Representative, number_index

Purpose = Literal["recognise", "keep_identity"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed to on one visit, and by whom."""

    purposes: tuple[Purpose, ...] = ("recognise", "keep_identity")
    representative: IdentityDocument | None = None
    """Whose card was shown to consent for a child; ``None``: the citizen consents."""
    assent: bool = False
    """The child agreed as well."""
    evidence: CardEvidence = CardEvidence()  # noqa: RUF009 -- frozen

    def represented(self, key: bytes) -> Representative | None:
        """The representative as they are kept: to be found by whoever has their number."""
        if self.representative is None:
            return None
        masked = MaskedPerson(
            name=self.representative.masked_name, birth=self.representative.birth_masked
        )
        index = number_index(key, self.representative.number)
        return Representative(number_index=index, masked=masked)


def after_all(db: Database, citizen: str, now: datetime) -> datetime:
    """``now``, or just after the citizen's newest consent on record: it may have been given where
    the clock was right, and what is agreed to now counts although the clock here is late."""
    row = db.row("SELECT max(given_at) newest FROM consent WHERE citizen = ?", (citizen,))
    if row is None or row["newest"] is None:
        return now
    return max(now, datetime.fromisoformat(row["newest"]) + timedelta(milliseconds=1))


def renew(
    db: Database, citizen: str, version: str, now: datetime, agreement: Agreement
) -> tuple[ConsentGiven, ...]:
    """The consents of ``agreement``, given now to text ``version``. Earlier ones end, and with
    them the template."""
    _end_all_but(db, citizen, (), now)
    by = agreement.represented(db.secrets.number().key)
    given = tuple(
        ConsentGiven(
            consent=uuid7(),
            purpose=purpose,
            version=version,
            given_at=now,
            representative=by,
            assent=agreement.assent,
        )
        for purpose in agreement.purposes
    )
    for consent in given:
        _insert(db, citizen, consent)
    return given


def follow(db: Database, citizen: str, given: Iterable[ConsentGiven], now: datetime) -> bool:
    """Only these are active from now on, the newest for each purpose; whether one of them is to
    be recognised. A consent that has ended here stays ended."""
    newest = _by_purpose(given)
    _end_all_but(db, citizen, [str(one.consent) for one in newest.values()], now)
    for consent in newest.values():
        _insert(db, citizen, consent)
    return "recognise" in _active(db, citizen)


def active(db: Database, citizen: str) -> list[ConsentGiven]:
    """What a citizen consents to now."""
    rows = db.rows("SELECT * FROM consent WHERE citizen = ? AND ended_at IS NULL", (citizen,))
    return [_given(row) for row in rows]


def same_active(db: Database, citizen: str, given: Iterable[ConsentGiven]) -> bool:
    """Whether exactly these are active."""
    theirs = {purpose: str(one.consent) for purpose, one in _by_purpose(given).items()}
    return theirs == _active(db, citizen)


def _by_purpose(given: Iterable[ConsentGiven]) -> dict[str, ConsentGiven]:
    return {one.purpose: one for one in sorted(given, key=lambda one: one.given_at)}


def _active(db: Database, citizen: str) -> dict[str, str]:
    rows = db.rows(
        "SELECT purpose, id FROM consent WHERE citizen = ? AND ended_at IS NULL", (citizen,)
    )
    return {row["purpose"]: row["id"] for row in rows}


def _end_all_but(db: Database, citizen: str, kept: Iterable[str], now: datetime) -> None:
    for consent in set(_active(db, citizen).values()) - set(kept):
        db.execute("UPDATE consent SET ended_at = ? WHERE id = ?", (stamp(now), consent))


def _given(row: Row) -> ConsentGiven:
    masked = {"name": row["representative_name"], "birth": row["representative_birth"]}
    by = {"number_index": row["representative_index"], "masked": masked}
    return ConsentGiven.model_validate(
        {
            "consent": row["id"],
            "purpose": row["purpose"],
            "version": row["version"],
            "given_at": row["given_at"],
            "representative": by if row["representative_index"] else None,
            "assent": bool(row["assent"]),
        }
    )


def _insert(db: Database, citizen: str, consent: ConsentGiven) -> None:
    by = consent.representative
    db.execute(
        "INSERT OR IGNORE INTO consent (id, citizen, purpose, version, given_at,"
        " representative_index, representative_name, representative_birth, assent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            str(consent.consent),
            citizen,
            consent.purpose,
            consent.version,
            stamp(consent.given_at),
            by and by.number_index,
            by and by.masked.name,
            by and by.masked.birth,
            int(consent.assent),
        ),
    )
