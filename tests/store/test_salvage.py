"""A damaged database is kept, and numbers go on where they were."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import FieldOfBusiness, Office, PrivacySettings
from kiosk.errors import StoreError
from kiosk.idcard.document import IdentityDocument
from kiosk.store import outbox, tombstones
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.salvage import damaged_files, open_or_salvage
from kiosk.store.templates import Template
from kiosk.store.tickets import Tickets

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
PAGE = 4096


@pytest.fixture(autouse=True)
def _faults_are_logged(expected_warnings: list[str]) -> None:
    expected_warnings += ["is damaged", "Saved from", "is kept as"]


def damage(path: Path, first: int, pages: int = 1) -> None:
    """Overwrite pages, counted from 0; page 0 holds what tells the key."""
    content = bytearray(path.read_bytes())
    content[first * PAGE : (first + pages) * PAGE] = b"\x5a" * (pages * PAGE)
    path.write_bytes(content)


def test_every_page_may_be_damaged(
    path: Path,
    key: str,
    office: Office,
    fields: tuple[FieldOfBusiness, ...],
    clock: Any,
    document: IdentityDocument,
    template: Template,
) -> None:
    with Database.open(path, key) as db:
        tickets = Tickets(db, office, fields, clock.read)
        issued = [tickets.issue("civil", None, "touch").number for _ in range(60)]
        Citizens(db, PrivacySettings(), clock.read).enrol(document, "2026-01", template)
    whole = path.read_bytes()
    went_on = staff = 0
    for page in range(1, len(whole) // PAGE, 3):
        path.write_bytes(whole)
        for old in path.parent.glob("kiosk.db.damaged-*"):
            old.unlink()
        damage(path, page)
        try:
            db = open_or_salvage(path, key)
        except StoreError as error:
            assert error.key == "store_damaged"  # noqa: PT017 -- of some pages only
            assert (
                path.read_bytes()[PAGE:]
                == (whole[: page * PAGE] + b"\x5a" * PAGE)[PAGE:] + (whole[(page + 1) * PAGE :])
            )
            staff += 1
            continue
        with db:
            number = Tickets(db, office, fields, clock.read).issue("civil", None, "touch").number
            assert number not in issued
            assert number == "C061"
            seqs = [event.seq for event in outbox.pending(db, 1000)]
            assert seqs == sorted(set(seqs))
            if kept := damaged_files(path):
                went_on += 1
                assert len(kept) == 1
                assert tombstones.awaiting_server(db)
                assert db.rows("SELECT * FROM citizen") == []
    assert went_on > staff


def test_a_whole_database_is_left_alone(path: Path, key: str) -> None:
    open_or_salvage(path, key).close()
    open_or_salvage(path, key).close()
    assert damaged_files(path) == []
