"""A kiosk that was used, and lost: what can be read off its card without the key.

The folder goes through what a kiosk's goes through: people enrolled, sent to central, erased,
copied, put back, migrated, damaged and saved, the queue exported. Every file of it is searched for
what the cards said and for the templates, as they were made and as they are kept, in any encoding.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kiosk import config
from kiosk.clock import Reading
from kiosk.commands import outbox as outbox_commands
from kiosk.config import Settings, SyncSettings
from kiosk.errors import SyncError
from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.synthetic import synthetic
from kiosk.store import backup, database
from kiosk.store.database import Database
from kiosk.store.keys import key_for
from kiosk.store.records import Records
from kiosk.store.salvage import damaged_files, open_or_salvage
from kiosk.store.templates import Template
from kiosk.sync.client import Client, enrol_device
from kiosk.sync.exchange import Exchanger
from tests.sync.conftest import Server
from wire import DeviceEnrolled

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
KEY = "8f" + "5a" * 31
SHIPPED = Path(__file__).parents[2] / "config.toml"
PEOPLE = [synthetic(number) for number in range(3)]
_WINDOW = 16
"""Bytes of a template, four numbers, that are taken for a trace of it."""


def face(number: int) -> Template:
    vector = np.random.default_rng(number).normal(size=192).astype("<f4")
    return Template((vector / np.linalg.norm(vector)).tobytes(), "m", 0.9)


def written(document: IdentityDocument) -> set[bytes]:
    """What the card said, in the encodings it might be found in."""
    words = [document.number, document.name, document.masked_name, document.address]
    plain = {word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le")}
    return plain | {shifted for word in words for shifted in _base64(word.encode())}


def numbers(vector: bytes) -> set[bytes]:
    """Pieces of a template from its two ends and the middle: their bytes, as base64 and
    hexadecimal, and as numbers in a text."""
    pieces = [vector[at:][:_WINDOW] for at in (0, len(vector) // 8 * 4, len(vector) - _WINDOW)]
    text = {repr(float(each)).encode() for each in np.frombuffer(b"".join(pieces), "<f4")}
    encoded = {shifted for piece in pieces for shifted in _base64(piece)}
    return {*pieces, *text, *encoded, *(piece.hex().encode() for piece in pieces)}


def _base64(content: bytes) -> Iterator[bytes]:
    """As it looks inside a longer text, wherever in it ``content`` begins."""
    for before in range(3):
        whole = b64encode(bytes(before) + content)
        yield whole[4 if before else 0 : -4]


def traces(folder: Path, secrets: set[bytes]) -> list[tuple[str, bytes]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [
        (file.name, secret)
        for file in files
        for content in [file.read_bytes()]
        for secret in secrets
        if secret in content
    ]


class Used:
    """A kiosk's data folder, and what must not be read in it."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self.secrets = {KEY.encode(), bytes.fromhex(KEY), *_base64(bytes.fromhex(KEY))}
        for number, person in enumerate(PEOPLE):
            self.secrets |= written(person) | numbers(face(number).vector)

    def open(self) -> Database:
        return Database.open(self.settings.store.path, key_for(self.settings.store))

    def records(self, db: Database) -> Records:
        return Records(db, self.settings, lambda: Reading(NOW))

    def enrol(self, db: Database, number: int) -> str:
        citizen = self.records(db).citizens.enrol(PEOPLE[number], "2026-01", face(number))
        self.records(db).tickets.issue(self.settings.fields[0].id, citizen, "hand")
        [row] = db.rows("SELECT vector FROM template WHERE citizen = ?", (citizen,))
        self.secrets |= numbers(row["vector"])
        return citizen

    def is_clean(self) -> None:
        assert traces(self.folder, self.secrets) == []


@pytest.fixture
def used(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Used:
    credentials = tmp_path_factory.mktemp("credentials")  # systemd's, in memory
    (credentials / "kiosk-key").write_text(KEY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "config.toml").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("KIOSK_CONFIG", str(folder / "config.toml"))
    settings = config.load(folder / "config.toml")
    sync = SyncSettings(url=server.url, device_file=folder / "var" / "device.json")
    return Used(folder, settings.model_copy(update={"sync": sync}))


@pytest.fixture
def journal(used: Used) -> Iterator[None]:
    """Everything that anybody logs, in the folder."""
    root = logging.getLogger()
    handler, level = logging.FileHandler(used.folder / "journal"), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


@pytest.mark.slow
@pytest.mark.usefixtures("journal")
def test_nothing_of_anybody_can_be_read_off_a_used_card(
    used: Used, server: Server, expected_warnings: list[str]
) -> None:
    expected_warnings += ["erased from this database", "amaged", "revoked this kiosk"]
    path, sync = used.settings.store.path, used.settings.sync
    with used.open() as db:

        def keep(answer: DeviceEnrolled) -> None:
            for secret in answer.secrets:
                db.secrets.keep(secret)

        enrol_device(sync, server.invitation("K1"), lambda: Reading(NOW), keep)
        first = used.enrol(db, 0)
        used.enrol(db, 1)
        used.is_clean()  # the log is not folded in yet
        exchange(used, db)
        used.enrol(db, 2)  # central is not told of this one yet
        backup.copy_to(db, KEY, used.folder / "copy")
        CliRunner().invoke(outbox_commands.app, ["export", str(used.folder / "export")])
        assert (used.folder / "export").read_text(encoding="utf-8").count("\n") == 2
        used.records(db).citizens.erase(first)
        used.is_clean()
    backup.restore(used.folder / "copy", path, KEY, NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "outdated_version", lambda _connection: 1)
        used.open().close()
    assert list(path.parent.glob("*.before-v1"))
    used.is_clean()
    damage(path)
    open_or_salvage(path, KEY).close()
    assert damaged_files(path)
    with used.open() as db:
        server.revoke("K1")
        with pytest.raises(SyncError, match="revoked"):
            exchange(used, db)
    used.is_clean()
    assert len([file for file in used.folder.rglob("*") if file.is_file()]) > 8


def exchange(used: Used, db: Database) -> None:
    with closing(Client(used.settings.sync, lambda: Reading(NOW))) as central:
        citizens = used.records(db).citizens
        Exchanger(db, citizens, central, lambda: NOW).once()


def damage(path: Path) -> None:
    """Spoil a page of templates."""
    with Database.open(path, KEY) as db:
        [row] = db.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'template'")
    content = bytearray(path.read_bytes())
    content[(row["rootpage"] - 1) * 4096 + 200] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_the_search_finds_words(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "log").write_bytes(f"seen: {PEOPLE[0].name}!".encode(encoding))
    assert traces(tmp_path, written(PEOPLE[0]))


@pytest.mark.parametrize("before", range(3))
def test_the_search_finds_what_is_encoded(tmp_path: Path, before: int) -> None:
    vector = face(0).vector
    file = tmp_path / "trace"
    for content in (
        b64encode(bytes(before) + PEOPLE[0].number.encode() + b"tail"),
        b64encode(bytes(before) + vector),
        bytes(before) + vector[376:408],
        vector.hex().encode(),
        str(np.frombuffer(vector, "<f4").tolist()).encode(),
    ):
        file.write_bytes(content)
        assert traces(tmp_path, written(PEOPLE[0]) | numbers(vector))
