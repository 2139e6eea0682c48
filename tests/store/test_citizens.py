"""Citizens who asked to be remembered, the law's conditions, and being forgotten."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from pydantic import ValidationError

from kiosk.idcard.document import IdentityDocument
from kiosk.store import outbox
from kiosk.store.citizens import Citizens, Greeting
from kiosk.store.consents import Agreement
from kiosk.store.database import Database
from kiosk.store.sqlcipher import IntegrityError
from kiosk.store.templates import Template
from kiosk.store.tickets import Tickets
from wire import (
    CitizenEnrolled,
    CitizenErased,
    MaskedPerson,
    PossibleDuplicate,
    TicketIssued,
    number_index,
)

INSERT_TEMPLATE = (
    "INSERT INTO template VALUES (?, 'm', '0123456789abcdef', x'00000000', 0.5, '2026-03-02', 1)"
)


@pytest.fixture
def citizen(citizens: Citizens, document: IdentityDocument, template: Template) -> str:
    return citizens.enrol(document, "2026-01", template)


def test_an_enrolment_is_whole(
    db: Database, citizens: Citizens, citizen: str, document: IdentityDocument, clock: Any
) -> None:
    (event,) = outbox.pending(db, 10)
    assert isinstance(event.body, CitizenEnrolled)
    assert str(event.body.citizen) == citizen
    assert event.body.identity.number == document.number
    assert event.body.identity.name == document.name
    assert [(given.purpose, given.version) for given in event.body.consents] == [
        ("recognise", "2026-01"),
        ("keep_identity", "2026-01"),
    ]
    assert {given.given_at for given in event.body.consents} == {clock()}
    ids, matrix = citizens.gallery("test-model")
    assert ids == [citizen]
    np.testing.assert_allclose(matrix, np.full((1, 4), 0.5), atol=1e-6)


def test_the_template_leaves_the_kiosk_turned_only(
    db: Database, citizens: Citizens, citizen: str, template: Template
) -> None:
    [event] = outbox.pending(db, 10)
    assert isinstance(event.body, CitizenEnrolled)
    sent = event.body.template
    assert sent is not None
    assert (sent.model, sent.secret) == ("test-model", db.secrets.template().id)
    assert sent.vector == db.rows("SELECT vector FROM template")[0][0] != template.vector
    assert event.body.masked == MaskedPerson(name="TRẦN T** T** N**", birth="19**")
    assert citizens.gallery("test-model")[0] == [citizen]


def test_staff_hear_once_of_two_citizens_who_look_alike(
    db: Database,
    citizens: Citizens,
    citizen: str,
    document: IdentityDocument,
    template: Template,
) -> None:
    other = dataclasses.replace(document, number="001190054321")
    looks_like = [citizen, "gone in the meantime"]
    second = citizens.enrol(other, "2026-01", template, looks_like)
    again = citizens.enrol(other, "2026-01", template, [*looks_like, second])
    assert again == second
    told = [e.body for e in outbox.pending(db, 10) if isinstance(e.body, PossibleDuplicate)]
    [pair] = told
    assert [str(pair.first), str(pair.second)] == sorted((citizen, second))
    citizens.erase(citizen)
    assert db.rows("SELECT * FROM possible_duplicate") == []
    assert [e.body.kind for e in outbox.pending(db, 10)] == ["citizen_enrolled"] * 2 + [
        "citizen_erased"
    ]


def test_a_greeting_is_masked(citizens: Citizens, citizen: str) -> None:
    assert citizens.greeting(citizen) == Greeting("TRẦN T** T** N**", "19**")
    assert citizens.greeting("nobody") is None


def test_a_second_enrolment_replaces_the_first(
    db: Database, citizens: Citizens, citizen: str, document: IdentityDocument
) -> None:
    moved = dataclasses.replace(document, address="Số 5 Phố Khác, Huế")
    fresh = Template(np.full(4, -0.5, "<f4").tobytes(), "test-model", 0.9)
    assert citizens.enrol(moved, "2026-02", fresh) == citizen
    ids, matrix = citizens.gallery("test-model")
    assert (ids, matrix[0, 0]) == ([citizen], pytest.approx(-0.5))
    sealed = db.rows("SELECT address FROM citizen")[0][0]
    assert db.sealing.open(sealed, citizen, "address") == "Số 5 Phố Khác, Huế"
    consents = db.rows("SELECT version, ended_at IS NULL FROM consent ORDER BY version, id")
    assert [tuple(row) for row in consents] == [("2026-01", 0)] * 2 + [("2026-02", 1)] * 2


def test_one_number_with_another_face_is_somebody_else_until_staff_say_who(
    db: Database, citizens: Citizens, citizen: str, document: IdentityDocument
) -> None:
    stranger = Template(np.full(4, -0.5, "<f4").tobytes(), "test-model", 0.9)
    second = citizens.enrol(document, "2026-01", stranger, alike=[])
    assert second != citizen
    assert citizens.gallery("test-model")[0] == sorted([citizen, second])
    told = [e.body for e in outbox.pending(db, 10) if isinstance(e.body, PossibleDuplicate)]
    assert [({str(t.first), str(t.second)}, t.reason) for t in told] == [
        ({citizen, second}, "same_number")
    ]
    # Each of the two is known again by the face that belongs to it, and nobody is told twice.
    assert citizens.enrol(document, "2026-01", stranger, alike=[second]) == second
    assert citizens.enrol(document, "2026-01", stranger, alike=[citizen]) == citizen
    assert len(citizens.possible_duplicates()) == 1


def test_a_number_known_without_a_face_may_get_one(
    citizens: Citizens, document: IdentityDocument, template: Template
) -> None:
    only_kept = Agreement(purposes=("keep_identity",))
    citizen = citizens.enrol(document, "2026-01", None, agreement=only_kept)
    assert citizens.gallery("test-model")[0] == []
    assert citizens.with_number(document.number) == citizen
    assert citizens.enrol(document, "2026-01", template, alike=[]) == citizen


def test_who_consented_for_a_child_can_be_shown_and_not_read(
    db: Database, citizens: Citizens, document: IdentityDocument, template: Template
) -> None:
    mother = dataclasses.replace(document, number="001180000001", name="Lê Thị Hà")
    agreement = Agreement(representative=mother, assent=True)
    citizens.enrol(document, "2026-01", template, agreement=agreement)
    [event] = outbox.pending(db, 10)
    assert isinstance(event.body, CitizenEnrolled)
    by = event.body.consents[0].representative
    assert by is not None
    assert (by.masked.name, event.body.consents[0].assent) == ("LÊ T** H**", True)
    assert by.number_index == number_index(db.secrets.number().key, mother.number)
    kept = " ".join(str(value) for row in db.rows("SELECT * FROM consent") for value in row)
    assert by.number_index in kept
    assert mother.number not in kept


def test_the_ward_of_today_goes_beside_the_address(
    db: Database, citizens: Citizens, document: IdentityDocument, template: Template
) -> None:
    address = "Số 5, phường Vạn Phúc, quận Hà Đông, Hà Nội"
    citizens.enrol(dataclasses.replace(document, address=address), "2026-01", template)
    [event] = outbox.pending(db, 10)
    assert isinstance(event.body, CitizenEnrolled)
    assert event.body.identity.address == address
    assert event.body.identity.ward is not None
    assert event.body.identity.ward.name == "Phường Hà Đông"


def test_another_models_templates_are_not_compared(citizens: Citizens, citizen: str) -> None:
    ids, matrix = citizens.gallery("another-model")
    assert (ids, matrix.shape) == ([], (0, 0))


def test_a_document_outside_the_contract_leaves_nothing(
    db: Database, citizens: Citizens, document: IdentityDocument, template: Template
) -> None:
    with pytest.raises(ValidationError):
        citizens.enrol(dataclasses.replace(document, number="12"), "2026-01", template)
    assert db.rows("SELECT * FROM citizen") == []


@pytest.mark.parametrize("vector", [b"", b"\0\0\0"])
def test_what_is_no_template_leaves_nothing(
    db: Database, citizens: Citizens, document: IdentityDocument, vector: bytes
) -> None:
    with pytest.raises(ValueError, match="no template"):
        citizens.enrol(document, "2026-01", Template(vector, "m", 0.5))
    for table in ("citizen", "consent", "template", "outbox"):
        assert db.rows(f"SELECT * FROM {table}") == []  # noqa: S608


def test_no_template_without_consent(db: Database, citizen: str) -> None:
    db.execute("DELETE FROM consent")
    assert db.rows("SELECT * FROM template") == []
    with pytest.raises(IntegrityError, match="no template without an active consent"):
        db.execute(INSERT_TEMPLATE, (citizen,))


def test_consent_to_keep_data_is_not_consent_to_recognise(db: Database, citizen: str) -> None:
    db.execute("DELETE FROM consent WHERE purpose = 'recognise'")
    with pytest.raises(IntegrityError, match="no template without an active consent"):
        db.execute(INSERT_TEMPLATE, (citizen,))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent SET ended_at = '2026-03-02' WHERE purpose = 'recognise'",
        "DELETE FROM consent WHERE purpose = 'recognise'",
        "DELETE FROM citizen",
    ],
)
def test_the_template_goes_with_the_consent(
    db: Database, citizens: Citizens, citizen: str, change: str
) -> None:
    db.execute(change)
    assert db.rows("SELECT * FROM template") == []
    assert citizens.gallery("test-model")[0] == []
    assert citizen


def test_ending_the_other_consent_keeps_the_template(
    citizens: Citizens, db: Database, citizen: str
) -> None:
    db.execute("UPDATE consent SET ended_at = '2026-03-02' WHERE purpose = 'keep_identity'")
    assert citizens.gallery("test-model")[0] == [citizen]


def test_a_template_cannot_be_given_to_someone_else(db: Database, citizen: str) -> None:
    with pytest.raises(IntegrityError, match="belongs to one citizen"):
        db.execute("UPDATE template SET citizen = 'other' WHERE citizen = ?", (citizen,))


def test_one_active_consent_per_purpose(db: Database, citizen: str) -> None:
    with pytest.raises(IntegrityError, match="UNIQUE"):
        db.execute(
            "INSERT INTO consent (id, citizen, purpose, version, given_at)"
            " VALUES ('x', ?, 'recognise', 'v', '2026-03-02')",
            (citizen,),
        )


def test_forgetting_erases_everything_here(
    db: Database, citizens: Citizens, tickets: Tickets, citizen: str
) -> None:
    tickets.issue("civil", citizen, "hand", match="card")
    citizens.erase(citizen)
    for table in ("citizen", "consent", "template"):
        assert db.rows(f"SELECT * FROM {table}") == []  # noqa: S608
    assert db.rows("SELECT citizen FROM ticket")[0][0] is None
    ticket, erased = [event.body for event in outbox.pending(db, 10)]
    assert isinstance(ticket, TicketIssued)
    assert ticket.citizen is None
    assert erased == CitizenErased(citizen=UUID(citizen), reason="asked")


def test_retention_counts_from_the_last_visit(
    db: Database, citizens: Citizens, citizen: str, clock: Any
) -> None:
    clock.advance(days=100)
    citizens.touch(citizen)
    clock.advance(days=179)
    assert citizens.gallery("test-model")[0] == [citizen]
    assert citizens.expire() == []
    clock.advance(days=1)
    assert citizens.gallery("test-model")[0] == []
    assert citizens.expire() == [citizen]
    assert citizens.greeting(citizen) is None
    assert db.rows("SELECT * FROM template") == []
    [event] = outbox.pending(db, 10)
    assert event.body == CitizenErased(citizen=UUID(citizen), reason="expired")
