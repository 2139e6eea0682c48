"""The storage card died, a new one is in the kiosk: everything it needs comes down from central."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from central.db.models import FIRST_OFFICE
from central.services.lifecycle import close, make, reopen
from central.services.offices import settle
from kiosk import config
from kiosk.clock import Reading
from kiosk.config import Settings, SyncSettings
from kiosk.errors import SyncError
from kiosk.idcard.synthetic import synthetic
from kiosk.store.changes import hear_from_the_beginning
from kiosk.store.database import Database
from kiosk.store.office import with_office
from kiosk.store.records import Records
from kiosk.store.templates import Template
from kiosk.store.tombstones import is_buried
from kiosk.sync.client import Client, enrol_device
from kiosk.sync.exchange import Exchanger
from tests.sync.conftest import NOON, Server
from wire import DeviceEnrolled, OfficeSettings

SHIPPED = config.load(Path(__file__).parents[2] / "config.toml")


class Card:
    """What a kiosk has on its storage card."""

    def __init__(self, folder: Path, server: Server, name: str, office: int = FIRST_OFFICE) -> None:
        folder.mkdir()
        sync = SyncSettings(url=server.url, device_file=folder / "device.json")
        self.settings = SHIPPED.model_copy(update={"sync": sync})
        self.db = Database.open(folder / "kiosk.db", "5a" * 32)
        self.records = Records(self.db, self.settings, lambda: Reading(NOON))
        token = server.invitation(name, office)
        enrol_device(sync, token, lambda: Reading(NOON), self._keep)

    def _keep(self, answer: DeviceEnrolled) -> None:
        for secret in answer.secrets:
            self.db.secrets.keep(secret)
        hear_from_the_beginning(self.db)

    def exchange(self) -> None:
        with closing(Client(self.settings.sync, lambda: Reading(NOON))) as client:
            citizens = self.records.citizens
            exchanger = Exchanger(self.db, citizens, client, lambda: NOON)
            while exchanger.once().more:
                pass

    def enrol(self, number: int) -> str:
        vector = np.random.default_rng(number).normal(size=8).astype("<f4").tobytes()
        template = Template(vector, "m", 0.9)
        return self.records.citizens.enrol(synthetic(number), "2026-01", template)

    def recognised(self) -> dict[str, np.ndarray]:
        names, vectors = self.records.citizens.gallery("m")
        return dict(zip(names, vectors, strict=True))

    def offered(self) -> Settings:
        return with_office(self.db, self.settings)


def test_a_new_card_knows_what_the_old_one_did(server: Server, tmp_path: Path) -> None:
    field = {"id": "ho_tich", "prefix": "A", "name": {"vi": "Hộ tịch mới"}}
    offered = OfficeSettings.model_validate({"fields": [field | {"examples": {"vi": "chữ"}}]})
    old, other = Card(tmp_path / "old", server, "K1"), Card(tmp_path / "other", server, "K2")
    with server.database.writing() as session:
        settle(session, FIRST_OFFICE, offered)
    stays, goes = old.enrol(1), old.enrol(2)
    elsewhere = other.enrol(3)
    old.records.tickets.issue("ho_tich", stays, "hand")
    for card in (old, other, old):
        card.exchange()
    old.records.citizens.erase(goes)
    old.exchange()
    known, shown = old.recognised(), old.offered()
    assert known.keys() == {stays, elsewhere}
    old.db.close()

    new = Card(tmp_path / "new", server, "K1")
    assert new.recognised() == {}
    new.exchange()
    assert new.recognised().keys() == known.keys()
    for citizen, vector in new.recognised().items():
        np.testing.assert_allclose(vector, known[citizen], atol=1e-5)
    assert is_buried(new.db, goes)
    assert new.records.citizens.greeting(stays) is not None
    assert new.records.citizens.with_number(synthetic(1).number) == stays
    assert new.offered().fields == shown.fields
    assert new.offered().fields[0].name.vi == "Hộ tịch mới"
    queue = new.records.tickets.queue("ho_tich")
    assert queue is not None
    assert queue.ahead == 1
    new.db.close()
    other.db.close()


def test_a_new_card_goes_on_counting_where_the_old_one_was(server: Server, tmp_path: Path) -> None:
    """Two people must not hold the same number on one day."""
    old = Card(tmp_path / "old", server, "K1")
    for field in ("ho_tich", "ho_tich", "dat_dai"):
        old.records.tickets.issue(field, None, "touch")
    old.exchange()
    old.db.close()
    new = Card(tmp_path / "new", server, "K1")
    new.exchange()
    given = [
        new.records.tickets.issue(field, None, "touch").number
        for field in ("ho_tich", "dat_dai", "chung_thuc")
    ]
    assert given == ["A003", "B002", "C001"]
    new.exchange()
    assert new.records.tickets.issue("ho_tich", None, "touch").number == "A004"


def test_numbers_of_another_day_do_not_count(server: Server, tmp_path: Path) -> None:
    old = Card(tmp_path / "old", server, "K1")
    old.records.tickets.issue("ho_tich", None, "touch")
    old.exchange()
    old.db.close()
    new = Card(tmp_path / "new", server, "K1")
    new.exchange()
    tomorrow = Reading(NOON + timedelta(days=1))
    tickets = Records(new.db, new.settings, lambda: tomorrow).tickets
    assert tickets.issue("ho_tich", None, "touch").number == "A001"


def test_a_kiosk_of_an_office_that_was_closed_comes_back_with_the_key_it_has(
    server: Server, tmp_path: Path, expected_warnings: list[str]
) -> None:
    """It forgets everybody meanwhile, and the office's secrets with them."""
    expected_warnings += ["revoked this kiosk"]
    with server.database.writing() as session:
        office = make(session, "Phường bên").id
    card = Card(tmp_path / "card", server, "K1", office)
    stays = card.enrol(1)
    card.exchange()
    known = card.recognised()
    with server.database.writing() as session:
        close(session, office, NOON)
    with pytest.raises(SyncError, match="revoked"):
        card.exchange()
    assert card.recognised() == {}
    card.records.tickets.issue("ho_tich", None, "touch")  # goes on, and is told of later
    with server.database.writing() as session:
        reopen(session, office)
    card.exchange()
    np.testing.assert_allclose(card.recognised()[stays], known[stays], atol=1e-5)
    assert card.records.citizens.with_number(synthetic(1).number) == stays
    card.db.close()
