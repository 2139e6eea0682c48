"""The loop: what it sends, settles and survives, over a real connection where it matters."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kiosk.clock import Reading
from kiosk.config import (
    Bilingual,
    FieldOfBusiness,
    Office,
    PrivacySettings,
    Settings,
    StoreSettings,
    SyncSettings,
)
from kiosk.errors import SyncError
from kiosk.store import outbox
from kiosk.store.changes import Cursor
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.store.tickets import Queue, Tickets
from kiosk.sync.client import Client, enrol_device
from kiosk.sync.exchange import BATCH, Central, Exchanger
from kiosk.sync.service import LONGEST_WAIT_S, Pace, keep_exchanging, run
from wire import Ack, Changes, Event, FieldStatus, Refusal, VisitEnded

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
WORD = Bilingual(vi="chữ")
NOTHING_NEW = Changes(as_of=NOON, last_seq=0, fields=())
AWAY = SyncError("sync_unreachable", url="https://central", reason="ConnectTimeout")


class Scripted:
    """A central that answers pushes with a function, and fails when told to."""

    def __init__(self, answer: Callable[[Sequence[Event]], Ack]) -> None:
        self.answer = answer
        self.pushed: list[list[int]] = []

    def push(self, events: Sequence[Event], cursor: Cursor) -> Ack:
        self.pushed.append([event.seq for event in events])
        return self.answer(events)

    def changes(self, cursor: Cursor) -> Changes:
        return NOTHING_NEW


def taken(events: Sequence[Event]) -> Ack:
    return Ack(stored=tuple(event.id for event in events), duplicates=0)


def away(events: Sequence[Event]) -> Ack:
    raise AWAY


def fill(db: Database, count: int) -> None:
    with db.transaction():
        for _ in range(count):
            visit = VisitEnded(visit=uuid4(), outcome="left", recognised=False)
            outbox.append(db, visit, NOON)


def exchanging(db: Database, central: Central) -> Exchanger:
    citizens = Citizens(db, PrivacySettings(), lambda: Reading(NOON))
    return Exchanger(db, citizens, central, lambda: NOON)


def test_a_ticket_reaches_central_and_the_count_comes_back(
    db: Database, tickets: Tickets, client: Client, server: Any
) -> None:
    for _ in range(3):
        tickets.issue("civil", None, "hand")
    exchanging(db, client).once()
    assert server.stats().tickets == 3
    assert outbox.pending(db, 10) == []
    assert tickets.queue("civil") == Queue(3, 15)
    assert tickets.issue("civil", None, "hand").ahead == 3
    exchanging(db, client).once()
    assert tickets.issue("civil", None, "hand").ahead == 4


def test_what_is_new_comes_with_the_answer_and_is_not_asked_for_again(
    db: Database, tickets: Tickets
) -> None:
    class Telling(Scripted):
        def changes(self, cursor: Cursor) -> Changes:
            raise AssertionError("asked twice")

    tickets.issue("civil", None, "hand")
    waiting = FieldStatus(field="civil", waiting=7)
    told = NOTHING_NEW.model_copy(update={"fields": (waiting,), "last_seq": 1})
    central = Telling(lambda events: taken(events).model_copy(update={"changes": told}))
    exchanging(db, central).once()
    assert outbox.pending(db, 10) == []
    assert tickets.issue("civil", None, "hand").ahead == 7


def test_an_answer_lost_on_the_way_doubles_nothing(
    db: Database, tickets: Tickets, client: Client, server: Any
) -> None:
    tickets.issue("civil", None, "hand")

    def lose_the_answer(events: Sequence[Event]) -> Ack:
        client.push(events, Cursor())
        raise AWAY

    with pytest.raises(SyncError):
        exchanging(db, Scripted(lose_the_answer)).once()
    assert len(outbox.pending(db, 10)) == 1
    exchanging(db, client).once()
    assert outbox.pending(db, 10) == []
    stats = server.stats()
    assert (stats.events, stats.duplicates, stats.tickets) == (1, 1, 1)


def test_a_refused_event_is_parked_and_the_others_go_on(
    db: Database, expected_warnings: list[str]
) -> None:
    expected_warnings.append("Central refuses event")
    fill(db, 3)

    def refuse_second(events: Sequence[Event]) -> Ack:
        first, second, third = events
        refusal = Refusal(id=second.id, reason="body: wrong")
        return Ack(stored=(first.id, third.id), duplicates=0, refused=(refusal,))

    exchanging(db, Scripted(refuse_second)).once()
    assert outbox.pending(db, 10) == []
    assert [row["parked"] for row in db.rows("SELECT parked FROM outbox")] == ["body: wrong"]


def test_an_answer_cannot_settle_what_was_not_sent(
    db: Database, expected_warnings: list[str]
) -> None:
    fill(db, BATCH + 5)
    unsent = outbox.pending(db, BATCH + 5)[BATCH:]

    def overreach(_events: Sequence[Event]) -> Ack:
        refused = (Refusal(id=unsent[0].id, reason="no"),)
        return Ack(stored=tuple(e.id for e in unsent[1:]), duplicates=0, refused=refused)

    exchange = exchanging(db, Scripted(overreach)).once()
    assert len(outbox.pending(db, 1000)) == BATCH + 5
    assert not exchange.more  # no progress: wait, do not spin


def test_what_central_says_nothing_of_is_sent_again(db: Database) -> None:
    fill(db, 2)
    silent = Scripted(lambda _events: Ack(stored=(), duplicates=0))
    exchanging(db, silent).once()
    exchanging(db, silent).once()
    assert silent.pushed == [[1, 2], [1, 2]]


def waits(times: int) -> tuple[list[float], Callable[[float], bool]]:
    """A wait that takes no time and says stop after ``times`` of them."""
    seen: list[float] = []

    def wait(seconds: float) -> bool:
        seen.append(seconds)
        return len(seen) == times

    return seen, wait


def test_a_backlog_is_drained_without_waiting(db: Database) -> None:
    fill(db, 2 * BATCH + 1)
    central = Scripted(taken)
    seen, wait = waits(3)
    keep_exchanging(exchanging(db, central), Pace(5, random.Random(1)), wait)
    assert [len(push) for push in central.pushed] == [BATCH, BATCH, 1]
    assert [seq for push in central.pushed for seq in push] == list(range(1, 2 * BATCH + 2))
    assert seen == [0, 0, 5]


def test_central_may_be_away_for_long(
    db: Database, caplog: pytest.LogCaptureFixture, expected_warnings: list[str]
) -> None:
    expected_warnings.append("cannot be reached")
    fill(db, 1)
    central = Scripted(away)
    seen, wait = waits(40)
    keep_exchanging(exchanging(db, central), Pace(5, random.Random(1)), wait)
    assert len([r for r in caplog.records if r.levelname == "WARNING"]) == 1
    assert 5 <= seen[0] <= 10 <= seen[1] <= 20 <= seen[2] <= 40
    assert all(LONGEST_WAIT_S / 2 <= pause <= LONGEST_WAIT_S for pause in seen[3:])
    assert len(set(seen)) == len(seen)  # jitter: kiosks do not return in step

    central.answer = taken
    _, wait = waits(1)
    keep_exchanging(exchanging(db, central), Pace(5, random.Random(1)), wait)
    assert outbox.pending(db, 10) == []


def test_success_ends_the_back_off() -> None:
    pace = Pace(5, random.Random(1))
    for _ in range(10):
        pace.after_failure()
    assert pace.after_success(more=False) == 5
    assert pace.after_failure() <= 10


def test_a_kiosk_enrolled_later_needs_no_restart(
    db: Database, server: Any, settings: SyncSettings, expected_warnings: list[str]
) -> None:
    expected_warnings.append("is not enrolled")
    fill(db, 1)
    seen: list[float] = []

    def wait(seconds: float) -> bool:
        if not seen:
            enrol_device(settings, server.invitation("K1"), lambda: Reading(NOON))
        seen.append(seconds)
        return len(seen) == 2

    with closing(Client(settings, lambda: Reading(NOON))) as client:
        keep_exchanging(exchanging(db, client), Pace(5, random.Random(1)), wait)
    assert outbox.pending(db, 10) == []


def kiosk_settings(folder: Path, sync: SyncSettings) -> Settings:
    return Settings(
        office=Office(name=WORD, unit=WORD),
        fields=(FieldOfBusiness(id="civil", prefix="C", name=WORD, examples=WORD),),
        store=StoreSettings(path=folder / "own.db", key_file=folder / "own.key"),
        sync=sync,
    )


def test_the_service_ends_when_told(server: Any, settings: SyncSettings, tmp_path: Path) -> None:
    enrol_device(settings, server.invitation("K1"), lambda: Reading(NOON))
    everything = kiosk_settings(tmp_path, settings)
    with Database.open(everything.store.path, key_for(everything.store)) as db:
        fill(db, 1)
    stop = threading.Event()
    stop.set()
    run(everything, stop.wait)
    assert server.stats().events == 1


def test_without_a_server_the_service_waits_to_be_told(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    run(kiosk_settings(tmp_path, SyncSettings()), stop.wait)
