"""Nothing lost, doubled, reordered or brought back, whatever happens to an office."""

from __future__ import annotations

import gc
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from central.api import kiosk as central_api
from central.services import citizens as central_citizens
from central.services import ingest as central_ingest
from kiosk.store import outbox, tombstones
from kiosk.store.database import Database
from kiosk.sync.exchange import Exchanger
from tests.simulation import oracle
from tests.simulation.office import ACTS, Act, Office, history
from tests.simulation.shorten import shortened
from tests.store.numbering import MEMORY, Crash

FIRST = int(os.environ.get("SIMULATION_FIRST_SEED", "0"))
SEEDS = int(os.environ.get("SIMULATION_SEEDS", "120"))
LENGTH = int(os.environ.get("SIMULATION_ACTS", "8"))

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _faults_are_logged(expected_warnings: list[str]) -> None:
    expected_warnings += [
        "Central has revoked this kiosk",
        "citizens erased earlier",
        "templates cannot be used",
        "A kiosk is ahead of this database",
        "cannot be read or written|disk is full",
    ]


@pytest.fixture(autouse=True)
def _garbage_is_left() -> Generator[None]:
    """A quarter of a history's time would go into looking for it: :func:`tidied` looks seldom."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def tidied(seeds: Iterable[int]) -> Generator[int]:
    for count, seed in enumerate(seeds):
        if count % 20 == 0:
            gc.collect()
        yield seed


def run(seed: int, acts: list[Act]) -> Counter[str]:
    """Live through a history and judge it. Raises :class:`AssertionError`, or whatever broke."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        office = Office(seed, Path(folder))
        try:
            office.live(acts)
            oracle.check(office)
            tally = office.happened + office.network.happened + office.central.happened
            return sum((kiosk.happened for kiosk in office.kiosks), tally)
        finally:
            office.close()


def fails(seed: int, acts: list[Act]) -> bool:
    try:
        run(seed, acts)
    except Exception:  # noqa: BLE001 -- a planted mistake may break anything
        return True
    return False


def judged(seed: int) -> Counter[str] | str:
    """What happened; or, when it should not have, what it takes to see it again."""
    acts = history(seed, LENGTH)
    try:
        return run(seed, acts)
    except Exception as error:  # noqa: BLE001 -- whatever broke is told
        trace = shortened(acts, lambda fewer: fails(seed, fewer))
        lines = [f"seed {seed}, SIMULATION_ACTS={LENGTH}: {error!r}"]
        lines += [*traceback.format_tb(error.__traceback__)[-2:], "it takes:"]
        return "\n".join([*lines, *(f"  {act.name} ({act.seed})" for act in trace)])


def test_nothing_is_lost_doubled_or_brought_back() -> None:
    tried: Counter[str] = Counter()
    failures: list[str] = []
    began = time.process_time()
    for seed in tidied(range(FIRST, FIRST + SEEDS)):
        match judged(seed):
            case str(failure):
                print(failure, flush=True)  # noqa: T201 -- hours before the end
                failures.append(failure)
            case tally:
                tried += tally
    took = time.process_time() - began
    print(f"{SEEDS} histories of {LENGTH}, {took:.0f} s:", dict(tried))  # noqa: T201 -- shown with -s
    assert not failures, "\n".join(failures)
    if SEEDS >= 300:  # a few may miss one
        must = {*ACTS, "crash", "central died over a request", "disk full", "copy put back"}
        must |= {"log torn", "new card", "answer lost", "answer cut", "repeated", "portal"}
        must |= {"central's log torn", "central's disk is full"}
        assert must <= set(tried), must - set(tried)


# ── the simulator can fail: mistakes somebody might make ──────────────────────────────────────

Patch = Callable[[pytest.MonkeyPatch], None]


def acknowledged_before_it_is_committed(patch: pytest.MonkeyPatch) -> None:
    """Central answers, then commits: a kill in between loses what the kiosk has let go."""
    right = central_api.deliver

    def deliver(*asked: Any) -> Any:
        said: list[Any] = []
        ingest = central_api.ingest

        def noted(*given: Any, **more: Any) -> Any:
            said.append(ingest(*given, **more))
            return said[0]

        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(central_api, "ingest", noted)
            try:
                return right(*asked)
            except Crash:
                if not said:
                    raise
                return central_api.as_json(said[0])

    patch.setattr(central_api, "deliver", deliver)


def popped_and_not_put_back(patch: pytest.MonkeyPatch) -> None:
    """A batch leaves the queue when it is sent."""
    right = outbox.pending

    def pending(db: Database, limit: int, limit_bytes: int | None = None) -> Any:
        events = right(db, limit, limit_bytes)
        outbox.acknowledge(db, [event.id for event in events])
        return events

    patch.setattr(outbox, "pending", pending)


def ordered_by_time(patch: pytest.MonkeyPatch) -> None:
    """The queue is read in the order of the clock, which jumps."""
    right = outbox.pending

    def pending(db: Database, limit: int, limit_bytes: int | None = None) -> Any:
        return sorted(right(db, limit, limit_bytes), key=lambda event: event.at)

    patch.setattr(outbox, "pending", pending)


def tombstone_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """Central erases and tells no kiosk."""
    right = central_citizens.tell

    def tell(session: Any, office: Any, kind: Any, ref: str = "") -> None:
        if not (ref and central_citizens.is_buried(session, central_citizens.UUID(ref))):
            right(session, office, kind, ref)

    patch.setattr(central_citizens, "tell", tell)


def deleted_before_it_is_acknowledged(patch: pytest.MonkeyPatch) -> None:
    """Sent is taken for arrived."""
    right = Exchanger._push  # pyright: ignore[reportPrivateUsage]

    def push(self: Any) -> Any:
        events = outbox.pending(self._db, 200)
        try:
            return right(self)
        finally:
            outbox.acknowledge(self._db, [event.id for event in events])

    patch.setattr(Exchanger, "_push", push)


def not_one_transaction(patch: pytest.MonkeyPatch) -> None:
    """What belongs together is committed one after the other."""
    patch.setattr(Database, "transaction", lambda _db: nullcontext())


def every_delivery_counts(patch: pytest.MonkeyPatch) -> None:
    """Central does not ask whether it has an event already."""
    patch.setattr(central_ingest, "_known", lambda _session, _batch: set())


def copy_put_back_as_it_was(patch: pytest.MonkeyPatch) -> None:
    """A copy takes the database's place with whoever was in it; nobody asks who was erased."""
    patch.setattr(tombstones, "replay", lambda _db, _now: 0)
    patch.setattr(tombstones, "await_server", lambda _db, _now: None)


MISTAKES = [
    acknowledged_before_it_is_committed,
    popped_and_not_put_back,
    ordered_by_time,
    tombstone_not_passed_on,
    deleted_before_it_is_acknowledged,
    not_one_transaction,
    every_delivery_counts,
    copy_put_back_as_it_was,
]
PATIENCE = 400
"""Histories until a mistake must have been found."""


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_is_found(
    mistake: Patch, monkeypatch: pytest.MonkeyPatch, expected_warnings: list[str]
) -> None:
    expected_warnings.append(".*")
    mistake(monkeypatch)
    for seed in tidied(range(PATIENCE)):
        acts = history(seed, 16)
        if fails(seed, acts):
            print(f"{mistake.__name__}: seed {seed}")  # noqa: T201 -- shown with -s
            return
    pytest.fail(f"{PATIENCE} histories did not notice")
