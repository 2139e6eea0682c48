"""The outbox keeps order, forgets only what is acknowledged, and is held up by nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from kiosk.store import outbox
from kiosk.store.database import Database
from wire import VisitEnded


def visit() -> VisitEnded:
    return VisitEnded(visit=uuid4(), outcome="left", recognised=False)


def test_events_come_out_as_they_went_in(db: Database, clock: Any) -> None:
    bodies = [visit() for _ in range(5)]
    seqs = [outbox.append(db, body, clock()) for body in bodies]
    assert seqs == [1, 2, 3, 4, 5]
    first, *_ = events = outbox.pending(db, 4)
    assert [event.body for event in events] == bodies[:4]
    assert [event.seq for event in events] == seqs[:4]
    assert first.at == clock()
    assert first.id.version == 7


def test_an_acknowledged_seq_is_never_used_again(db: Database, clock: Any) -> None:
    for expected in (1, 2, 3):
        assert outbox.append(db, visit(), clock()) == expected
        outbox.acknowledge(db, [event.id for event in outbox.pending(db, 10)])
    assert outbox.pending(db, 10) == []


def test_acknowledging_what_is_not_here_does_nothing(db: Database, clock: Any) -> None:
    outbox.append(db, visit(), clock())
    outbox.acknowledge(db, [uuid4()])
    assert len(outbox.pending(db, 10)) == 1


def test_a_parked_event_is_kept_aside_with_its_reason(db: Database, clock: Any) -> None:
    for _ in range(2):
        outbox.append(db, visit(), clock())
    poison, good = outbox.pending(db, 10)
    outbox.park(db, poison.id, "body.visit: wrong")
    assert outbox.pending(db, 10) == [good]
    parked = db.rows("SELECT id, parked FROM outbox WHERE parked IS NOT NULL")
    assert [tuple(row) for row in parked] == [(str(poison.id), "body.visit: wrong")]


def test_a_row_that_no_longer_fits_the_contract_holds_up_nothing(
    db: Database, clock: Any, expected_warnings: list[str]
) -> None:
    expected_warnings.append("does not fit the contract")
    for _ in range(2):
        outbox.append(db, visit(), clock())
    ids = [event.id for event in outbox.pending(db, 10)]
    db.execute('UPDATE outbox SET body = \'{"kind": "of_old"}\' WHERE seq = 1')
    assert [event.id for event in outbox.pending(db, 10)] == [ids[1]]
    (row,) = db.rows("SELECT id, parked FROM outbox WHERE parked IS NOT NULL")
    assert UUID(row["id"]) == ids[0]
    assert row["parked"] == "contract: union_tag_invalid"
