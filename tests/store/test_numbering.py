"""Numbers: never lost, doubled or skipped in silence, whatever happens to the office."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kiosk.clock import Reading, Sight
from kiosk.store import clock as store_clock
from kiosk.store import numbers, tickets
from kiosk.store.database import Database
from kiosk.store.sqlcipher import IntegrityError
from kiosk.store.tickets import Tickets
from tests.store import numbering, verdict
from tests.store.numbering import MEMORY, Kiosk, Office, Paper

FIRST = int(os.environ.get("NUMBERING_FIRST_SEED", "0"))
SEEDS = int(os.environ.get("NUMBERING_SEEDS", "300"))
ACTS = int(os.environ.get("NUMBERING_ACTS", "14"))


@contextmanager
def history(seed: int) -> Iterator[Office]:
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        office = Office(seed, Path(folder))
        try:
            yield office
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
        finally:
            office.close()


def run(seed: int) -> Counter[str]:
    with history(seed) as office:
        office.live(ACTS)
        verdict.check(office)
        return verdict.tally(office)


def run_all() -> Counter[str]:
    return sum((run(seed) for seed in range(FIRST, FIRST + SEEDS)), Counter())


@pytest.mark.slow
def test_numbers_survive_any_history() -> None:
    tried = run_all()
    print(dict(tried))  # noqa: T201 -- shown with -s
    assert set(tried) == {
        "a day went on over night",
        "a late clock began a day",
        "a set clock began a day",
        "crash",
        "field full",
        "log torn",
        "printed after a crash",
        "reprint",
    }


@pytest.mark.slow
@pytest.mark.parametrize("power", [False, True], ids=["killed", "unplugged"])
def test_a_crash_at_every_single_step(power: bool) -> None:
    for step in range(1, 200):
        with history(seed=step) as office:
            kiosk = office.kiosks[0]
            kiosk.visit("civil", "")
            kiosk.note()
            with kiosk.may_crash(step, power=power):
                kiosk.visit("civil", "")
                kiosk.ask_reprint()
                kiosk.reprint()
            kiosk.visit("civil", "")
            kiosk.restart()
            verdict.check(office)
            if not kiosk.happened["crash"]:
                return
    pytest.fail("there is no end to the steps")


# ── the test can fail: mistakes somebody might make ───────────────────────────────────────────

Patch = Callable[[pytest.MonkeyPatch], None]


def counter_in_memory(patch: pytest.MonkeyPatch) -> None:
    """The next number is remembered by the process instead of looked up."""
    counters: dict[Any, int] = {}

    def following(
        db: Any, series: Any, field: str, priority: str, letters: str, office: Any
    ) -> int:
        series = (id(db), series.index, field, priority)
        counters[series] = counters.get(series, office.lane + 1 - office.lanes) + office.lanes
        return counters[series]

    patch.setattr(tickets, "next_sequence", following)


def counter_beside_the_tickets(patch: pytest.MonkeyPatch) -> None:
    """The counter lives in a file of its own: it goes on although the ticket was never stored."""
    counters: dict[Any, int] = {}

    def following(
        db: Any, series: Any, field: str, priority: str, letters: str, office: Any
    ) -> int:
        series = (db.path.parent, office.lane, series.index, field, priority)
        counters[series] = counters.get(series, office.lane + 1 - office.lanes) + office.lanes
        return counters[series]

    patch.setattr(tickets, "next_sequence", following)


def lanes_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Kiosks of one office all count 1, 2, 3."""
    right = numbers.next_sequence
    patch.setattr(
        tickets,
        "next_sequence",
        lambda db, series, field, priority, letters, office: right(
            db, series, field, priority, letters, office.model_copy(update={"lane": 0, "lanes": 1})
        ),
    )


def number_after_paper(patch: pytest.MonkeyPatch) -> None:
    """Paper first, then the database."""

    def visit(kiosk: Kiosk, field: str, priority: str) -> None:
        if kiosk.records.tickets.availability(field) == "full":
            return
        kiosk.papers.append(Paper("none", "?", again=False, at=kiosk.world.now))
        ticket = kiosk.records.tickets.issue(field, None, "hand", priority=priority)
        kiosk.papers[-1] = replace(kiosk.papers[-1], ticket=ticket.id, number=ticket.number)
        kiosk.issued[ticket.id] = ticket
        kiosk.records.tickets.begin_print(ticket.id)
        kiosk.records.tickets.record_print(ticket.id, "printed")

    patch.setattr(Kiosk, "visit", visit)


def not_one_transaction(patch: pytest.MonkeyPatch) -> None:
    """Ticket and event are committed one after the other."""
    patch.setattr(Database, "transaction", lambda _db: nullcontext())


def system_clock(patch: pytest.MonkeyPatch) -> None:
    """The system clock is asked, whatever it says."""

    def office_clock(_db: Database, look: Callable[[], Sight]) -> Callable[[], Reading]:
        return lambda: Reading(look().wall, look().trusted, look().boot)

    patch.setattr(numbering, "office_clock", office_clock)


def midnight_by_the_system_clock(patch: pytest.MonkeyPatch) -> None:
    """Another date, another day: what nearly everybody writes."""
    system_clock(patch)
    patch.setattr(
        numbers,
        "night_has_passed",
        lambda last, now, zone: (
            now.moment.astimezone(zone).date() != last.issued_at.astimezone(zone).date()
        ),
    )


def clock_forgets(patch: pytest.MonkeyPatch) -> None:
    """A process that is started again believes the system clock anew."""
    patch.setattr(store_clock, "_anchor", lambda _db: None)


def set_clock_proves_a_night(patch: pytest.MonkeyPatch) -> None:
    """A clock that was just set is compared with one that was late."""
    right = numbers.night_has_passed
    patch.setattr(
        numbers,
        "night_has_passed",
        lambda last, now, zone: right(
            replace(last, certain=last.certain or now.certain), now, zone
        ),
    )


def sending_not_noted(patch: pytest.MonkeyPatch) -> None:
    """Nobody writes down that bytes are about to go out."""
    patch.setattr(Tickets, "begin_print", lambda _tickets, _ticket: None)


def reprint_done_is_not_noted(patch: pytest.MonkeyPatch) -> None:
    """A request stays due after its paper came out."""
    patch.setattr(Tickets, "_settle_reprints", lambda _tickets, _ticket, _now: None)


MISTAKES = [
    counter_in_memory,
    counter_beside_the_tickets,
    lanes_forgotten,
    number_after_paper,
    not_one_transaction,
    system_clock,
    midnight_by_the_system_clock,
    clock_forgets,
    set_clock_proves_a_night,
    sending_not_noted,
    reprint_done_is_not_noted,
]


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_is_found(
    mistake: Patch, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[str]
) -> None:
    expected_warnings.append("does not fit the contract")  # before 1970
    mistake(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)) as found:
        run_all()
    print(found.value, *found.value.__notes__)  # noqa: T201 -- shown with -s
