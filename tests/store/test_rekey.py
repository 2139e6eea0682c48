"""A new key: everything is there under it, and nothing opens under the old one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clock import Reading
from kiosk.config import PrivacySettings, StoreSettings
from kiosk.errors import KeyMismatch, StoreError
from kiosk.idcard.document import IdentityDocument
from kiosk.store import rekey
from kiosk.store.citizens import Citizens
from kiosk.store.database import Database
from kiosk.store.keys import key_for, load_key, new_key_file
from kiosk.store.rekey import rotate_key
from kiosk.store.templates import Template

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def store(tmp_path: Path, document: IdentityDocument, template: Template) -> StoreSettings:
    settings = StoreSettings(path=tmp_path / "kiosk.db", key_file=tmp_path / "kiosk.key")
    with Database.open(settings.path, key_for(settings)) as db:
        citizens = Citizens(db, PrivacySettings(), lambda: Reading(NOW))
        citizens.enrol(document, "2026-01", template)
    return settings


def number_of(store: StoreSettings) -> str:
    with Database.open(store.path, key_for(store)) as db:
        [row] = db.rows("SELECT id, number FROM citizen")
        return db.sealing.open(row["number"], row["id"], "number")


def test_the_key_is_changed(store: StoreSettings, document: IdentityDocument) -> None:
    old = load_key(store.key_file)
    assert rotate_key(store, NOW) == 1
    assert load_key(store.key_file) != old
    assert number_of(store) == document.number
    with pytest.raises(KeyMismatch):
        Database.open(store.path, old)
    assert {each.name for each in store.path.parent.iterdir()} >= {"kiosk.db", "kiosk.key"}
    assert not list(store.path.parent.glob("kiosk.db.before-key-*"))


def test_a_power_cut_before_the_last_step(
    store: StoreSettings, document: IdentityDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rekey.os, "replace", cut)
        with pytest.raises(KeyboardInterrupt):
            rotate_key(store, NOW)
    assert new_key_file(store.key_file).exists()
    assert number_of(store) == document.number
    assert not new_key_file(store.key_file).exists()


def test_not_while_somebody_has_it_open(store: StoreSettings) -> None:
    old = load_key(store.key_file)
    with Database.open(store.path, old), pytest.raises(StoreError) as fault:
        rotate_key(store, NOW)
    assert fault.value.key == "store_in_use"
    assert load_key(store.key_file) == old
