"""Papers asked for again, and what a crash left of the first ones."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk import config
from kiosk.errors import StoreError
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.records import Records
from kiosk.store.tickets import IssuedTicket, Tickets
from wire import TicketPrinted

SETTINGS = config.load(Path(__file__).parents[2] / "config.toml")


def printed(tickets: Tickets, outcome: str = "printed") -> IssuedTicket:
    ticket = tickets.issue("civil", None, "touch", language="en")
    tickets.begin_print(ticket.id)
    tickets.record_print(ticket.id, outcome)  # pyright: ignore[reportArgumentType]
    return ticket


def reprints(db: Database, ticket: IssuedTicket) -> int:
    return db.rows("SELECT reprints FROM ticket WHERE id = ?", (ticket.id,))[0][0]


def test_a_reprint_is_due_once_and_done_when_bytes_move(db: Database, tickets: Tickets) -> None:
    ticket = printed(tickets)
    assert tickets.ask_reprint(ticket.id, "request") == ticket
    assert tickets.reprints_due() == [ticket]
    assert tickets.reprints_due() == []
    tickets.begin_print(ticket.id)
    tickets.record_print(ticket.id, "printed", again=True)
    tickets.ask_reprint(ticket.id, "request")  # central repeats itself
    assert tickets.reprints_due() == []
    assert reprints(db, ticket) == 1
    event = outbox.pending(db, 10)[-1].body
    assert isinstance(event, TicketPrinted)
    assert (event.outcome, event.again) == ("printed", True)


def test_a_crash_before_the_first_byte_leaves_it_due(
    db: Database, tickets: Tickets, office: Any, fields: Any, clock: Any
) -> None:
    ticket = printed(tickets)
    tickets.ask_reprint(ticket.id)
    assert tickets.reprints_due() == [ticket]
    after = Tickets(db, office, fields, clock.read)
    assert after.reprints_due() == [ticket]
    after.begin_print(ticket.id)
    assert Tickets(db, office, fields, clock.read).reprints_due() == []


def test_a_reprint_that_never_began_is_not_tried_for_ever(tickets: Tickets) -> None:
    ticket = printed(tickets, "failed")
    tickets.ask_reprint(ticket.id)
    assert tickets.reprints_due() == [ticket]
    tickets.record_print(ticket.id, "failed", "printer_paper_out", again=True)
    assert tickets.reprints_due() == []
    tickets.ask_reprint(ticket.id)
    assert tickets.reprints_due() == [ticket]


def test_two_impatient_people_get_one_paper(db: Database, tickets: Tickets) -> None:
    ticket = printed(tickets, "uncertain")
    tickets.ask_reprint(ticket.id)
    tickets.ask_reprint(ticket.number)
    assert tickets.reprints_due() == [ticket]
    tickets.begin_print(ticket.id)
    assert db.rows("SELECT * FROM reprint WHERE begun_at IS NULL") == []


def test_a_reprint_waits_for_the_first_paper(tickets: Tickets) -> None:
    ticket = tickets.issue("civil", None, "touch")
    tickets.ask_reprint(ticket.id)
    assert tickets.reprints_due() == []
    tickets.begin_print(ticket.id)
    tickets.record_print(ticket.id, "printed")
    assert tickets.reprints_due() == []  # the request was for a paper, and there is one


def test_a_number_means_its_newest_ticket(tickets: Tickets, clock: Any) -> None:
    printed(tickets)
    clock.advance(days=1)
    today = printed(tickets)
    assert tickets.ask_reprint("C001") == today
    assert today.language == "en"


def test_a_number_nobody_has_is_a_sentence(tickets: Tickets) -> None:
    with pytest.raises(StoreError, match="C777") as unknown:
        tickets.ask_reprint("C777")
    assert unknown.value.key == "ticket_unknown"


# ── after a crash ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def records(db: Database, clock: Any) -> Records:
    return Records(db, SETTINGS, clock.read)


def paper(db: Database, ticket: IssuedTicket) -> tuple[str, str]:
    row = db.row("SELECT printing, print_reason FROM ticket WHERE id = ?", (ticket.id,))
    assert row is not None
    return row["printing"], row["print_reason"]


def test_a_ticket_a_crash_kept_from_the_printer_is_printed_now(
    db: Database, records: Records, clock: Any
) -> None:
    ticket = records.tickets.issue("ho_tich", None, "hand", language="en")
    clock.advance(seconds=600)
    assert records.resume() == [ticket]
    assert paper(db, ticket) == ("queued", "")


def test_a_citizen_who_waited_too_long_has_gone_to_the_staff(
    db: Database, records: Records, clock: Any
) -> None:
    ticket = records.tickets.issue("ho_tich", None, "hand")
    clock.advance(seconds=601)
    assert records.resume() == []
    assert paper(db, ticket) == ("failed", "restart")


@pytest.mark.parametrize(
    ("before", "after", "boot", "wanted"),
    [
        (True, True, "second", True),
        (False, False, "first", True),
        (False, False, "second", False),
        (True, False, "second", False),
        (False, True, "first", False),
    ],
)
def test_a_ticket_of_unknown_age_is_not_printed(
    records: Records, clock: Any, before: bool, after: bool, boot: str, wanted: bool
) -> None:
    clock.certain = before
    records.tickets.issue("ho_tich", None, "hand")
    clock.certain, clock.boot = after, boot
    assert bool(records.resume()) is wanted


@pytest.mark.parametrize("again", [False, True])
def test_a_paper_that_may_be_out_is_left_to_the_staff(
    db: Database, records: Records, again: bool
) -> None:
    ticket = records.tickets.issue("ho_tich", None, "hand")
    records.tickets.begin_print(ticket.id)
    if again:
        records.tickets.record_print(ticket.id, "uncertain")
        records.tickets.begin_print(ticket.id)
    assert records.resume() == []
    assert paper(db, ticket) == ("uncertain", "restart")
    event = outbox.pending(db, 10)[-1].body
    assert isinstance(event, TicketPrinted)
    assert event.again is again
    assert records.resume() == []


def test_how_old_an_unfinished_ticket_is(tickets: Tickets, clock: Any) -> None:
    tickets.issue("civil", None, "touch")
    clock.advance(seconds=90)
    [left] = tickets.unfinished()
    assert (left.sending, left.again, left.age) == (False, False, timedelta(seconds=90))
