"""The contract's edges: what a kiosk may say, and that saying it survives the wire."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wire import (
    Ack,
    Batch,
    Changes,
    CitizenEnrolled,
    ConsentGiven,
    Event,
    IdentityData,
    PossibleDuplicate,
    ProtectedTemplate,
    TicketIssued,
    TicketPrinted,
    VisitEnded,
    number_index,
)

moments = st.datetimes(
    datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(timezone(timedelta(hours=7)))
)
identities = st.builds(
    IdentityData,
    number=st.from_regex(r"\A[0-9]{12}\Z"),
    old_number=st.none() | st.from_regex(r"\A[0-9]{9}\Z"),
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=100),
    date_of_birth=st.dates().map(date.isoformat) | st.just("1950"),
    address=st.text(st.characters(codec="utf-8"), max_size=300),
)
consents = st.lists(st.builds(ConsentGiven, given_at=moments), min_size=1, max_size=3).map(tuple)
bodies = st.one_of(
    st.builds(
        TicketIssued,
        number=st.from_regex(r"\A[A-Z]{1,2}[0-9]{3,6}\Z"),
        reference=st.from_regex(r"\A[A-Z2-7]{16}\Z"),
        field=st.from_regex(r"\A[a-z][a-z0-9_]{0,31}\Z"),
    ),
    st.builds(TicketPrinted),
    st.builds(CitizenEnrolled, identity=identities, consents=consents),
    st.builds(PossibleDuplicate),
    st.builds(VisitEnded),
)
events = st.builds(Event, at=moments, body=bodies)


@given(st.lists(events, min_size=1, max_size=5).map(tuple))
def test_what_is_sent_is_what_arrives(sent: tuple[Event, ...]) -> None:
    batch = Batch(events=sent)
    assert Batch.model_validate_json(batch.model_dump_json()) == batch


@pytest.mark.parametrize("size", [0, 201])
def test_a_batch_has_bounds(size: int) -> None:
    body = VisitEnded(visit=_id(1), outcome="left", recognised=False)
    event = Event(id=_id(1), seq=1, at=datetime(2026, 3, 2, tzinfo=UTC), body=body)
    with pytest.raises(ValidationError):
        Batch(events=(event,) * size)


@pytest.mark.parametrize(
    "approach", [float("nan"), float("inf"), -1.0], ids=["nan", "infinite", "negative"]
)
def test_a_time_that_json_cannot_say_is_refused(approach: float) -> None:
    with pytest.raises(ValidationError):
        VisitEnded(visit=_id(1), outcome="left", recognised=False, approach_to_ticket_s=approach)


@pytest.mark.parametrize(
    "at", [datetime(2026, 3, 2), datetime(1969, 12, 31, tzinfo=UTC), datetime.max]
)
def test_a_time_every_zone_can_say(at: datetime) -> None:
    body = VisitEnded(visit=_id(1), outcome="left", recognised=False)
    with pytest.raises(ValidationError):
        Event(id=_id(1), seq=1, at=at, body=body)


def test_a_consent_is_part_of_every_enrolment() -> None:
    identity = IdentityData(number="001190012345", name="Tên", date_of_birth="1990", source="typed")
    with pytest.raises(ValidationError):
        CitizenEnrolled(citizen=_id(1), identity=identity, consents=())


@pytest.mark.parametrize("model", [Batch, Ack, Changes])
def test_the_contract_can_be_published(model: Any) -> None:
    schema = json.loads(json.dumps(model.model_json_schema()))
    assert "additionalProperties" not in schema  # a newer release may say more


def test_a_newer_side_is_understood_as_far_as_it_goes() -> None:
    at = "2026-03-02T05:00:00Z"
    erased = {"kind": "citizen_forgotten", "citizen": str(_id(1)), "erased_at": at, "why": 1}
    told = {
        "as_of": at,
        "last_seq": 0,
        "fields": [],
        "mood": "good",
        "items": [
            {"position": 4, "body": {"kind": "counter_painted", "colour": "red"}},
            {"position": 5, "body": erased},
        ],
        "cursor": 5,
    }
    changes = Changes.model_validate_json(json.dumps(told))
    assert [(item.position, item.body.kind) for item in changes.items] == [(5, "citizen_forgotten")]
    assert Changes.model_validate(changes.model_dump()) == changes


def test_a_template_is_the_same_bytes_on_the_other_side() -> None:
    template = ProtectedTemplate.of("model", "0" * 16, bytes(range(8)), 0.5)
    assert template.vector == bytes(range(8))
    assert ProtectedTemplate.model_validate_json(template.model_dump_json()) == template
    assert "vector" not in repr(template)
    with pytest.raises(ValidationError):
        ProtectedTemplate.of("model", "0" * 16, b"123", 0.5)


def test_the_blind_index_is_the_same_everywhere() -> None:
    # HMAC-SHA256, RFC 4231 test case 1's key
    assert number_index(b"\x0b" * 20, "001190012345") == (
        hmac.new(b"\x0b" * 20, b"001190012345", "sha256").hexdigest()
    )
    assert number_index(b"a" * 32, "001190012345") != number_index(b"b" * 32, "001190012345")


def _id(number: int) -> Any:
    from uuid import UUID

    return UUID(int=number)
