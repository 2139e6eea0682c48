"""Changes down: what a kiosk has not heard of yet, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.keys import Keys
from central.db.models import (
    Citizen,
    Consent,
    Device,
    FaceTemplate,
    Office,
    StreamedChange,
    Ticket,
    Tombstone,
)
from central.services.offices import settings_of
from wire import (
    AnyChange,
    Change,
    CitizenForgotten,
    CitizenKnown,
    ConsentGiven,
    NumbersGiven,
    OfficeChanged,
    ProtectedTemplate,
    SecretIssued,
)

PAGE = 200
"""Changes in one answer; of the largest templates less than 2 MiB."""


class CursorAhead(Exception):
    """A kiosk has heard more than this database ever said: it is an older copy."""


def read_changes(
    session: Session, keys: Keys, office: Office, stream: UUID | None, after: int
) -> tuple[list[Change], int, bool]:
    """At most :data:`PAGE` changes after the cursor ``after`` of ``stream``, the next cursor, and
    whether there are more. Of another stream's cursor: from the start.

    Raises :class:`CursorAhead`.
    """
    if stream != office.stream:
        after = 0
    if after > office.position:
        raise CursorAhead
    rows = _rows(session, office, after)
    page, more = rows[:PAGE], len(rows) > PAGE
    cursor = page[-1].position if more else max([office.position, *(row.position for row in page)])
    return list(_bodies(session, keys, office, page)), cursor, more


def numbers_given(session: Session, device: Device, today: date) -> tuple[NumbersGiven, ...]:
    """How far a kiosk has counted today, and on a day that its clock already calls the next."""
    highest: dict[tuple[str, date], int] = {}
    given = select(Ticket.number, Ticket.day, Ticket.sequence).where(
        Ticket.office_id == device.office_id,
        Ticket.day.between(today, today + timedelta(days=1)),
        Ticket.device_id == device.id,
    )
    for number, day, sequence in session.execute(given):
        series = number.rstrip("0123456789"), day
        highest[series] = max(sequence, highest.get(series, 0))
    return tuple(
        NumbersGiven(letters=letters, day=day, highest=sequence)
        for (letters, day), sequence in sorted(highest.items())
    )


def _rows(session: Session, office: Office, after: int) -> Sequence[StreamedChange]:
    if after == office.position:
        return ()
    return session.scalars(
        select(StreamedChange)
        .where(StreamedChange.office_id == office.id, StreamedChange.position > after)
        .order_by(StreamedChange.position)
        .limit(PAGE + 1)
    ).all()


def _bodies(
    session: Session, keys: Keys, office: Office, page: Sequence[StreamedChange]
) -> Iterator[Change]:
    people = _people(session, [UUID(row.ref) for row in page if row.kind == "citizen"])
    for row in page:
        body: AnyChange | None
        if row.kind == "citizen":
            body = people[UUID(row.ref)]
        elif row.kind == "secret":
            body = SecretIssued(
                secret=keys.secret("template" if row.ref == "template" else "number")
            )
        else:
            settings = settings_of(office)
            body = OfficeChanged(office=settings) if settings else None
        if body is not None:
            yield Change(position=row.position, body=body)


def _people(session: Session, ids: Sequence[UUID]) -> dict[UUID, CitizenKnown | CitizenForgotten]:
    """What to say of each, with one query for each table."""
    if not ids:
        return {}
    templates = session.scalars(select(FaceTemplate).where(FaceTemplate.citizen.in_(ids)))
    faces = {row.citizen: row for row in templates}
    consents: dict[UUID, dict[str, ConsentGiven]] = {}
    given = select(Consent).where(Consent.citizen.in_(ids), Consent.withdrawn_at.is_(None))
    for row in session.scalars(given.order_by(Consent.given_at, Consent.id)):
        # the newest of each purpose is what is left
        consents.setdefault(row.citizen, {})[row.purpose] = _consent(row)
    living = session.scalars(select(Citizen).where(Citizen.id.in_(ids)))
    buried = session.scalars(select(Tombstone).where(Tombstone.citizen.in_(ids)))
    return {
        row.id: _known(row, tuple(consents[row.id].values()), faces.get(row.id)) for row in living
    } | {
        row.citizen: CitizenForgotten(citizen=row.citizen, erased_at=row.erased_at)
        for row in buried
    }


def _known(
    row: Citizen, consents: tuple[ConsentGiven, ...], face: FaceTemplate | None
) -> CitizenKnown:
    template = face and ProtectedTemplate.of(face.model, face.secret, face.vector, face.quality)
    return CitizenKnown.model_validate(
        {
            "citizen": row.id,
            "number_index": row.number_index,
            "masked": {"name": row.masked_name, "birth": row.masked_birth},
            "sex": row.sex,
            "decade": row.decade,
            "consents": consents,
            "template": template,
            "last_visit": row.last_visit,
        }
    )


def _consent(row: Consent) -> ConsentGiven:
    return ConsentGiven.model_validate(
        {
            "consent": row.id,
            "purpose": row.purpose,
            "version": row.version,
            "given_at": row.given_at,
            "representative": _representative(row),
            "assent": row.assent,
        }
    )


def _representative(row: Consent) -> dict[str, Any] | None:
    if row.representative_index is None:
        return None
    masked = {"name": row.representative_name, "birth": row.representative_birth}
    return {"number_index": row.representative_index, "masked": masked}
