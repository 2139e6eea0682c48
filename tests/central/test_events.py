"""``POST /v1/events`` over a real connection: once each, in any order, whatever is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event

from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.services.offices import settle
from tests.central.conftest import postgresql_only
from tests.central.queueing import settings

Event = dict[str, Any]
MakeIssued = Callable[..., Event]


def printed(seq: int, of: int, outcome: str) -> Event:
    body = {"kind": "ticket_printed", "ticket": str(UUID(int=1000 + of)), "outcome": outcome}
    return {"id": str(UUID(int=seq)), "seq": seq, "at": "2026-03-02T05:10:00Z", "body": body}


def enrolled(seq: int, name: str, at: str) -> Event:
    consent = {
        "consent": str(UUID(int=5000 + seq)),
        "purpose": "recognise",
        "version": "2026-01",
        "given_at": at,
    }
    body = {
        "kind": "citizen_enrolled",
        "citizen": str(UUID(int=9)),
        "identity": {
            "number": "001190012345",
            "name": name,
            "date_of_birth": "1990",
            "source": "qr",
        },
        "consents": [consent],
    }
    return {"id": str(UUID(int=seq)), "seq": seq, "at": at, "body": body}


def deliver(kiosk: Any, *events: Event) -> dict[str, Any]:
    answer = kiosk.post("events", json={"events": events})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_pair_that_looks_alike_is_listed_once_whichever_kiosk_says_so(
    kiosk: Any, desk: Any
) -> None:
    pair = {"first": str(UUID(int=1)), "second": str(UUID(int=2))}
    swapped = {"first": pair["second"], "second": pair["first"]}
    for seq, ids in enumerate((pair, pair, swapped), start=1):
        body = {"kind": "possible_duplicate", **ids}
        at = f"2026-03-02T05:1{seq}:00Z"
        deliver(kiosk, {"id": str(UUID(int=seq)), "seq": seq, "at": at, "body": body})
    (listed,) = desk.items("duplicates")
    assert {key: listed[key] for key in pair} == pair
    assert listed["noted_at"] == "2026-03-02T05:11:00Z"


def test_an_event_is_stored_once_however_often_it_comes(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    event = issued(1)
    assert deliver(kiosk, event) == {"stored": [event["id"]], "duplicates": 0, "refused": []}
    again = {"stored": [event["id"], event["id"]], "duplicates": 2, "refused": []}
    assert deliver(kiosk, event, event) == again
    assert desk.get("stats").json() == {"events": 1, "duplicates": 2, "tickets": 1, "citizens": 0}
    (stored,) = desk.items("events")
    assert (stored["id"], stored["seq"]) == (event["id"], 1)
    assert stored["body"] == event["body"] | {"citizen": None, "match": "", "priority": ""}
    (ticket,) = desk.items("tickets")
    assert (ticket["number"], ticket["field"], ticket["printed"]) == ("C001", "civil", None)
    assert ticket["issued_at"] == "2026-03-02T05:00:01Z"


def test_one_batch_may_hold_the_same_event_twice(kiosk: Any, desk: Any, issued: MakeIssued) -> None:
    assert deliver(kiosk, issued(1), issued(1))["duplicates"] == 1
    assert len(desk.items("events")) == 1


def test_the_same_batch_arriving_at_once_is_stored_once(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    batch = [issued(seq) for seq in range(1, 51)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: deliver(kiosk, *batch), range(4)))
    assert all(len(answer["stored"]) == 50 for answer in answers)
    stats = desk.get("stats").json()
    assert (stats["events"], stats["tickets"], stats["duplicates"]) == (50, 50, 150)


def test_paper_may_be_heard_of_before_its_ticket(kiosk: Any, desk: Any, issued: MakeIssued) -> None:
    deliver(kiosk, printed(3, of=1, outcome="printed"))
    deliver(kiosk, printed(2, of=1, outcome="uncertain"))
    deliver(kiosk, issued(1))
    (ticket,) = desk.items("tickets")
    assert (ticket["printed"], ticket["reprinted"]) == ("printed", False)
    again = printed(4, of=1, outcome="uncertain")
    deliver(kiosk, again | {"body": again["body"] | {"again": True}})
    (ticket,) = desk.items("tickets")
    assert (ticket["printed"], ticket["reprinted"]) == ("uncertain", True)


def test_a_later_enrolment_wins_whatever_the_order(kiosk: Any, desk: Any) -> None:
    deliver(kiosk, enrolled(2, "Tên Sau", "2026-03-02T06:00:00Z"))
    deliver(kiosk, enrolled(1, "Tên Trước", "2026-03-02T05:00:00+00:00"))
    (citizen,) = desk.items("citizens")
    assert citizen["name"] == "Tên Sau"
    assert desk.get("stats").json()["citizens"] == 1


def test_visits_are_listed(kiosk: Any, desk: Any) -> None:
    body = {"kind": "visit_ended", "visit": str(UUID(int=7)), "outcome": "ticket"}
    body |= {"recognised": True, "approach_to_ticket_s": 4.5}
    at = "2026-03-02T12:00:00+07:00"
    deliver(kiosk, {"id": str(UUID(int=1)), "seq": 1, "at": at, "body": body})
    (visit,) = desk.items("visits")
    assert (visit["outcome"], visit["recognised"], visit["approach_to_ticket_s"]) == (
        "ticket",
        True,
        4.5,
    )
    assert visit["ended_at"] == "2026-03-02T05:00:00Z"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"body": {"kind": "unheard_of"}}, "body: union_tag_invalid"),
        ({"seq": 0}, "seq: greater_than_equal"),
        ({"seq": 2**60}, "seq: less_than_equal"),
        ({"at": "2026-03-02T05:00:00"}, "at: timezone_aware"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at: greater_than_equal"),
    ],
)
def test_a_bad_event_is_refused_alone(
    kiosk: Any, desk: Any, issued: MakeIssued, change: Event, reason: str
) -> None:
    bad = issued(2) | change
    answer = deliver(kiosk, issued(1), bad, issued(3))
    assert answer["stored"] == [issued(1)["id"], issued(3)["id"]]
    assert answer["refused"] == [{"id": bad["id"], "reason": reason}]
    assert [ticket["number"] for ticket in desk.items("tickets")] == ["C001", "C003"]


def test_a_refusal_does_not_repeat_what_was_sent(kiosk: Any) -> None:
    bad = enrolled(1, "Tên Riêng Tư" * 20, "2026-03-02T05:00:00Z")
    (refusal,) = deliver(kiosk, bad)["refused"]
    assert refusal["reason"] == "body.citizen_enrolled.identity.name: string_too_long"


def test_a_text_with_a_nul_in_it_is_refused_and_the_others_are_taken(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    bad = printed(2, of=1, outcome="failed")
    bad["body"]["reason"] = "cover\0open"
    answer = deliver(kiosk, issued(1), bad, enrolled(3, "Nguyễn\0", "2026-03-02T05:00:00Z"))
    assert [no["reason"] for no in answer["refused"]] == [
        "body.ticket_printed.reason: value_error",
        "body.citizen_enrolled.identity.name: value_error",
    ]
    assert len(desk.items("tickets")) == 1


def test_an_event_that_contradicts_another_is_refused(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    other = issued(2, ticket=issued(1)["body"]["ticket"])
    answer = deliver(kiosk, issued(1), other, issued(3))
    assert [no["id"] for no in answer["refused"]] == [other["id"]]
    assert len(answer["stored"]) == 2
    assert len(desk.items("events")) == len(desk.items("tickets")) == 2


def test_a_contradiction_from_a_kiosk_that_is_ahead_is_refused_and_the_stream_begins_anew(
    kiosk: Any, issued: MakeIssued, expected_warnings: list[str]
) -> None:
    expected_warnings.append("ahead of this database")
    stream = kiosk.get("changes").json()["stream"]
    other = issued(2, ticket=issued(1)["body"]["ticket"])
    ahead = {"stream": stream, "after": 99}
    answer = kiosk.post("events", params=ahead, json={"events": [issued(1), other]}).json()
    assert [no["id"] for no in answer["refused"]] == [other["id"]]
    assert answer["changes"]["stream"] != stream
    assert answer["changes"]["cursor"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"events": []}',
        b'{"events": [{}]}',
        b'{"events": [{"id": "x"}]}',
        b'{"events": ' + b"[" * 100_000,
        b'{"events": [{"id": "00000000-0000-0000-0000-000000000001", "seq": 1e999}]}',
    ],
)
def test_what_is_no_batch_is_not_taken(kiosk: Any, desk: Any, body: bytes) -> None:
    answer = kiosk.post("events", data=body)
    assert answer.status_code in (200, 422)
    assert answer.status_code == 422 or answer.json()["stored"] == []
    assert desk.get("stats").json()["events"] == 0


def test_a_batch_of_more_than_200_is_not_taken(kiosk: Any, issued: MakeIssued) -> None:
    batch = [issued(seq) for seq in range(1, 202)]
    assert kiosk.post("events", json={"events": batch}).status_code == 422


def test_the_largest_lawful_batch_fits(kiosk: Any) -> None:
    consents = [
        {
            "consent": str(UUID(int=index)),
            "purpose": "keep_identity",
            "version": "v" * 32,
            "given_at": "2026-03-02T05:00:00Z",
        }
        for index in range(2)
    ]
    batch = []
    for seq in range(1, 201):
        event = enrolled(seq, "ỹ" * 100, "2026-03-02T05:00:00Z")
        event["body"]["identity"]["address"] = "ỹ" * 300
        event["body"]["consents"] = consents
        batch.append(event)
    body = json.dumps({"events": batch}, ensure_ascii=True)
    assert kiosk.post("events", data=body).status_code == 200


def test_an_endless_body_is_cut_off(kiosk: Any) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * 65536

    assert kiosk.post("events", data=endless()).status_code == 413


@postgresql_only
def test_a_sync_costs_nine_statements(kiosk: Any, issued: MakeIssued, database: Database) -> None:
    """With the one that lets the kiosk in, and without BEGIN and COMMIT. What a city needs of a
    server grows with each: docs/scale.md."""
    with database.writing() as session:
        settle(session, FIRST_OFFICE, settings())
    cursor = {"after": 0}
    for seq in (1, 2):
        asked: list[str] = []
        with _heard(asked):
            answer = kiosk.post("events", params=cursor, json={"events": [issued(seq)]}).json()
        cursor = {"stream": answer["changes"]["stream"], "after": answer["changes"]["cursor"]}
    assert len(asked) == 9, "\n".join(asked)


@contextmanager
def _heard(asked: list[str]) -> Iterator[None]:
    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(" ".join(statement.split())[:60])

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
