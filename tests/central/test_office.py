"""Lists, the queue, and who may ask for what."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services.devices import revoke_device
from tests.central.conftest import sqlite_only

MakeIssued = Callable[..., dict[str, Any]]
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_health_needs_no_token(call: Any) -> None:
    assert call(None).get("health").json() == {"ok": True}


NOBODYS = UUID(int=9)
NO_BUNDLE = "ab" * 32
KIOSK_ONLY = [
    ("GET", "changes"),
    ("POST", "events"),
    ("GET", "releases"),
    ("GET", f"releases/{NO_BUNDLE}"),
]
OFFICE_ONLY = [
    *(("GET", name) for name in ("tickets", "citizens", "duplicates", "visits", "events", "stats")),
    ("GET", "tickets/without-paper"),
    ("GET", "printers"),
    ("POST", f"tickets/{NOBODYS}/reprint"),
    ("POST", "fields/civil/next"),
    ("DELETE", f"citizens/{NOBODYS}"),
]
FOR_ANYBODY = [("GET", "health"), ("POST", "enrolment")]


def test_each_call_is_for_one_role(call: Any) -> None:
    apis = {role: call(role) for role in (None, *Role)}
    for method, path in KIOSK_ONLY + OFFICE_ONLY:
        right = Role.KIOSK if (method, path) in KIOSK_ONLY else Role.OFFICE
        wrong = Role.OFFICE if right is Role.KIOSK else Role.KIOSK

        def status(role: Role | None, method: str = method, path: str = path) -> int:
            return apis[role].call(method, path).status_code

        assert status(None) == 401, path
        assert status(wrong) == 401, path
        assert status(right) in (200, 204, 404, 422), path


def test_every_published_call_is_in_that_list(call: Any) -> None:
    document = call(None).get("../openapi.json").json()
    names = {"field": "civil", "ticket": NOBODYS, "citizen": NOBODYS, "sha256": NO_BUNDLE}
    published = {
        (method.upper(), path.removeprefix("/v1/").format_map(names))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert published == {*KIOSK_ONLY, *OFFICE_ONLY, *FOR_ANYBODY}


def test_the_published_contract_is_the_wires(call: Any) -> None:
    document = call(None).get("../openapi.json").json()
    body = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/Batch"}
    schemas = document["components"]["schemas"]
    assert {"Batch", "Event", "TicketIssued", "CitizenEnrolled", "Ack"} <= schemas.keys()


def test_a_revoked_token_is_refused_from_the_next_request(desk: Any, database: Database) -> None:
    assert desk.get("stats").status_code == 200
    with database.writing() as rows:
        revoke_device(rows, FIRST_OFFICE, "device 1", NOON)
    assert desk.get("stats").status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic eDp5", "Bearer \xff"])
def test_what_is_no_token_is_refused(call: Any, header: str) -> None:
    answer = call(None).call("GET", "stats", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_list_is_read_page_by_page(kiosk: Any, desk: Any, issued: MakeIssued) -> None:
    kiosk.post("events", json={"events": [issued(seq) for seq in range(1, 6)]})
    seen, after = [], 0
    while after is not None:
        page = desk.get("tickets", after=after, limit=2).json()
        seen += [ticket["sequence"] for ticket in page["items"]]
        after = page["next"]
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cursor", [{"after": -1}, {"limit": 0}, {"limit": 1001}])
def test_a_cursor_has_bounds(desk: Any, cursor: dict[str, int]) -> None:
    assert desk.get("events", **cursor).status_code == 422


def test_waiting_goes_up_and_down(kiosk: Any, desk: Any, issued: MakeIssued) -> None:
    def waiting() -> dict[str, int]:
        changes = kiosk.get("changes").json()
        return {field["field"]: field["waiting"] for field in changes["fields"]}

    assert waiting() == {}
    yesterday = issued(4, day="2026-03-01")
    kiosk.post("events", json={"events": [issued(1), issued(2), issued(3, "land"), yesterday]})
    assert waiting() == {"civil": 2, "land": 1}
    called = desk.post("fields/civil/next").json()
    assert (called["number"], called["called_at"]) == ("C001", "2026-03-02T05:00:00Z")
    assert waiting() == {"civil": 1, "land": 1}
    assert desk.post("fields/civil/next").json()["number"] == "C002"
    assert desk.post("fields/civil/next").status_code == 204
    assert waiting() == {"land": 1}


def test_whom_the_office_serves_first_is_called_first(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    first, second = (issued(seq, priority="elderly", number=f"CU00{seq - 2}") for seq in (3, 4))
    kiosk.post("events", json={"events": [issued(1), issued(2), first, second]})
    called = [desk.post("fields/civil/next").json() for _ in range(4)]
    assert [ticket["number"] for ticket in called] == ["CU001", "CU002", "C001", "C002"]
    assert [ticket["priority"] for ticket in called] == ["elderly", "elderly", "", ""]


def test_changes_say_what_they_count(kiosk: Any, call: Any, issued: MakeIssued) -> None:
    other = call(Role.KIOSK)
    assert kiosk.get("changes").json()["last_seq"] == 0
    kiosk.post("events", json={"events": [issued(5), issued(8)]})
    kiosk.post("events", json={"events": [issued(5)]})  # an old answer was lost
    assert kiosk.get("changes").json()["last_seq"] == 8
    assert other.get("changes").json()["last_seq"] == 0


def test_a_kiosk_with_a_new_database_counts_from_the_start(kiosk: Any, issued: MakeIssued) -> None:
    kiosk.post("events", json={"events": [issued(500)]})
    kiosk.post("events", json={"events": [issued(1)]})
    assert kiosk.get("changes").json()["last_seq"] == 1


def test_two_counters_never_get_the_same_ticket(kiosk: Any, desk: Any, issued: MakeIssued) -> None:
    kiosk.post("events", json={"events": [issued(seq) for seq in range(1, 31)]})
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: desk.post("fields/civil/next"), range(36)))
    numbers = [answer.json()["number"] for answer in answers if answer.status_code == 200]
    assert sorted(numbers) == [f"C{sequence:03d}" for sequence in range(1, 31)]


@sqlite_only
def test_a_full_disk_is_a_passing_fault(
    kiosk: Any, desk: Any, issued: MakeIssued, server: Any, expected_warnings: list[str]
) -> None:
    expected_warnings.append("database or disk is full")
    database: Database = server.app.state.server.database

    def limit(pages: int) -> None:
        with database.writing() as rows:
            rows.execute(text(f"PRAGMA max_page_count = {pages}"))

    limit(1)  # SQLite keeps what is there and allows nothing more
    batch = [issued(seq) for seq in range(1, 200)]
    assert kiosk.post("events", json={"events": batch}).status_code == 503
    assert desk.get("stats").json()["events"] == 0
    limit(100_000)
    assert len(kiosk.post("events", json={"events": batch}).json()["stored"]) == 199
