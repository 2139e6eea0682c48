"""Papers that did not come, papers asked for again, and printers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services import papers
from central.services.devices import revoke_device

MakeIssued = Callable[..., dict[str, Any]]
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)


def ticket_id(seq: int) -> str:
    return str(UUID(int=1000 + seq))


def event(seq: int, **body: object) -> dict[str, Any]:
    at = (NOON + timedelta(seconds=seq)).isoformat()
    return {"id": str(UUID(int=5000 + seq)), "seq": seq, "at": at, "body": body}


def printed(
    seq: int, ticket: int, outcome: str, reason: str = "", **more: object
) -> dict[str, Any]:
    return event(
        seq,
        kind="ticket_printed",
        ticket=ticket_id(ticket),
        outcome=outcome,
        reason=reason,
        **more,
    )


def tell(kiosk: Any, *events: dict[str, Any]) -> None:
    answer = kiosk.post("events", json={"events": list(events)}).json()
    assert (len(answer["stored"]), answer["refused"]) == (len(events), [])


# ── tickets without paper ─────────────────────────────────────────────────────────────────────


def test_whoever_may_have_no_paper_is_listed_until_they_are_called(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    tell(
        kiosk,
        *(issued(seq) for seq in (1, 2, 3)),
        issued(4, day="2026-03-01"),
        printed(11, 1, "failed", "printer_paper_out"),
        printed(12, 2, "printed"),
        printed(13, 3, "uncertain", "printer_interrupted"),
        printed(14, 4, "failed"),
    )
    listed = desk.items("tickets/without-paper")
    assert [(t["number"], t["printed"], t["print_reason"]) for t in listed] == [
        ("C001", "failed", "printer_paper_out"),
        ("C003", "uncertain", "printer_interrupted"),
    ]
    page = desk.get("tickets/without-paper", limit=1).json()
    assert [t["number"] for t in page["items"]] == ["C001"]
    rest = desk.get("tickets/without-paper", limit=1, after=page["next"]).json()
    assert [t["number"] for t in rest["items"]] == ["C003"]
    assert desk.post("fields/civil/next").json()["number"] == "C001"
    assert [t["number"] for t in desk.items("tickets/without-paper")] == ["C003"]


def test_a_ticket_nobody_said_anything_about_is_listed_after_a_while(
    kiosk: Any, database: Database, issued: MakeIssued
) -> None:
    tell(kiosk, issued(1))
    day = NOON.date()
    with database.reading() as session:
        soon, later = (
            papers.without_paper(session, 1, day, NOON + timedelta(minutes=minutes), 0, 9)
            for minutes in (1, 3)
        )
        assert soon == []
        assert [ticket.number for ticket in later] == ["C001"]


# ── reprints ──────────────────────────────────────────────────────────────────────────────────


def test_a_reprint_is_heard_of_until_a_paper_marked_as_one_came(
    kiosk: Any, call: Any, desk: Any, issued: MakeIssued
) -> None:
    other = call(Role.KIOSK)
    tell(kiosk, issued(1), printed(2, 1, "uncertain", "printer_paper_out"))
    asked = desk.post(f"tickets/{ticket_id(1)}/reprint").json()
    assert desk.post(f"tickets/{ticket_id(1)}/reprint").json() == asked
    wanted = [{"id": asked["id"], "ticket": ticket_id(1)}]
    for _ in range(2):
        assert kiosk.get("changes").json()["reprints"] == wanted
    assert other.get("changes").json()["reprints"] == []
    [listed] = desk.items("tickets/without-paper")
    assert listed["reprint_asked_at"] == asked["asked_at"]

    tell(kiosk, printed(3, 1, "printed", again=True))
    assert kiosk.get("changes").json()["reprints"] == []
    assert desk.items("tickets/without-paper") == []
    [ticket] = desk.items("tickets")
    assert (ticket["printed"], ticket["reprinted"]) == ("printed", True)
    assert ticket["reprint_asked_at"] is None
    assert desk.post(f"tickets/{ticket_id(1)}/reprint").json()["id"] != asked["id"]


def test_a_reprint_that_failed_can_be_asked_for_again(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    tell(kiosk, issued(1), printed(2, 1, "failed"))
    first = desk.post(f"tickets/{ticket_id(1)}/reprint").json()
    tell(kiosk, printed(3, 1, "failed", "printer_paper_out", again=True))
    assert kiosk.get("changes").json()["reprints"] == []
    [listed] = desk.items("tickets/without-paper")
    assert (listed["print_reason"], listed["reprint_asked_at"]) == ("printer_paper_out", None)
    assert desk.post(f"tickets/{ticket_id(1)}/reprint").json()["id"] != first["id"]


def test_a_first_papers_fate_does_not_settle_a_reprint(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    tell(kiosk, issued(1))
    desk.post(f"tickets/{ticket_id(1)}/reprint")
    tell(kiosk, printed(2, 1, "uncertain"))
    assert len(kiosk.get("changes").json()["reprints"]) == 1


def test_nobody_waits_for_a_paper_for_half_a_day(
    kiosk: Any, desk: Any, database: Database, issued: MakeIssued
) -> None:
    tell(kiosk, issued(1))
    old = desk.post(f"tickets/{ticket_id(1)}/reprint").json()
    later = NOON + papers.WORTH_PRINTING + timedelta(seconds=1)
    with database.writing() as session:
        [wanted] = papers.reprints_for(session, 1, NOON)
        assert papers.reprints_for(session, 1, later) == ()
        assert str(wanted.id) == old["id"]
        assert str(papers.ask_reprint(session, 1, UUID(ticket_id(1)), later).id) != old["id"]


def test_a_ticket_nobody_has_is_not_printed_again(desk: Any) -> None:
    assert desk.post(f"tickets/{UUID(int=9)}/reprint").status_code == 404
    assert desk.post("tickets/C001/reprint").status_code == 422


# ── printers ──────────────────────────────────────────────────────────────────────────────────


def state(seq: int, state: str, reason: str = "", at: datetime = NOON) -> dict[str, Any]:
    told = event(seq, kind="printer_changed", state=state, reason=reason)
    return told | {"at": at.isoformat()}


def test_a_kiosks_last_word_on_its_printer_counts(kiosk: Any, desk: Any) -> None:
    assert desk.get("printers").json() == []
    tell(kiosk, state(1, "unknown", "printer_silent"), state(2, "bad", "printer_paper_out"))
    [printer] = desk.get("printers").json()
    assert (printer["state"], printer["reason"]) == ("bad", "printer_paper_out")
    assert printer["since"] == "2026-03-02T05:00:00Z"


@pytest.mark.parametrize(
    ("seq", "minutes", "heard"),
    [(6, 0, "ok"), (6, -9, "ok"), (4, -1, "bad"), (4, 0, "bad"), (1, 5, "ok")],
    ids=["later", "the clock went back", "late", "late, at once", "a new database"],
)
def test_words_that_come_in_another_order(
    kiosk: Any, desk: Any, seq: int, minutes: int, heard: str
) -> None:
    tell(kiosk, state(5, "bad", "printer_cover_open"))
    tell(kiosk, state(seq, "ok", at=NOON + timedelta(minutes=minutes)))
    [printer] = desk.get("printers").json()
    assert printer["state"] == heard


def test_a_kiosk_out_of_service_has_no_printer(kiosk: Any, desk: Any, database: Database) -> None:
    tell(kiosk, state(1, "ok"))
    [printer] = desk.get("printers").json()
    with database.writing() as session:
        revoke_device(session, FIRST_OFFICE, printer["kiosk"], NOON)
    assert desk.get("printers").json() == []
