"""The key: made once, whole, for its owner's eyes, and never over an existing database."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.config import StoreSettings
from kiosk.errors import StoreError
from kiosk.store.keys import create_key, key_for, load_key


@pytest.fixture
def store(tmp_path: Path) -> StoreSettings:
    return StoreSettings(path=tmp_path / "var" / "kiosk.db", key_file=tmp_path / "var" / "key")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_first_use_makes_a_key_only_its_owner_reads(store: StoreSettings) -> None:
    key = key_for(store)
    assert len(bytes.fromhex(key)) == 32
    assert store.key_file.stat().st_mode & 0o777 == 0o600
    assert key_for(store) == key
    assert list(store.key_file.parent.iterdir()) == [store.key_file]


def test_two_keys_differ(tmp_path: Path) -> None:
    assert create_key(tmp_path / "a") != create_key(tmp_path / "b")


def test_a_lost_key_is_not_replaced_beside_a_database(store: StoreSettings) -> None:
    store.path.parent.mkdir()
    store.path.touch()
    with pytest.raises(StoreError) as fault:
        key_for(store)
    assert fault.value.key == "store_key_missing"
    assert not store.key_file.exists()


def test_an_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    key = create_key(tmp_path / "key")
    with pytest.raises(StoreError) as fault:
        create_key(tmp_path / "key")
    assert fault.value.key == "store_key_exists"
    assert load_key(tmp_path / "key") == key


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o666, 0o660, 0o700])
def test_a_key_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    create_key(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(StoreError) as fault:
        load_key(tmp_path / "key")
    assert fault.value.key == "store_key_mode"


@pytest.mark.parametrize("content", ["", "ab" * 31, "ab" * 33, "xy" * 32, "khoá"])
def test_what_is_not_a_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(StoreError) as fault:
        load_key(path)
    assert fault.value.key == "store_key_malformed"


def test_a_systemd_credential_wins(
    store: StoreSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_for(store)
    (tmp_path / "kiosk-key").write_text("AB" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert key_for(store) == "ab" * 32


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as fault:
        create_key(tmp_path / "file" / "key")
    assert fault.value.key == "store_io"
