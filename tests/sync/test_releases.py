"""Fetching a release from central: over nights and power cuts, and nothing of it is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
import requests

from central.services import releases as published
from kiosk.errors import KioskError, ProvisionError, SyncError
from kiosk.provision import update
from kiosk.provision.bundle import Bundle, Manifest
from kiosk.provision.machine import ThisMachine
from kiosk.provision.signature import is_signed
from kiosk.provision.slot_file import WHOLE, SlotFile
from kiosk.provision.slots import Slots
from kiosk.provision.update import Update
from kiosk.sync import releases
from kiosk.sync.client import Client
from kiosk.sync.releases import Fetching, withdrawn_in
from tests.publishing import PUBLIC, SYSTEM, bundle
from tests.sync.conftest import NOON, Server
from wire import Release, Releases

DEVICE = UUID(int=7)
PIECE = 16 << 10


@dataclass
class Kiosk:
    """Release 1.0 in slot a, and what it fetches."""

    folder: Path
    central: releases.Source

    def __post_init__(self) -> None:
        self.install("a", Manifest("1.0", 100, "arm64", "3.13", SYSTEM, 6, {}))
        self.slots.write(Slots(good="a"))

    @property
    def slots(self) -> SlotFile:
        return SlotFile(self.folder / "slots")

    @property
    def fetched(self) -> Path:
        return self.folder / "updates"

    @property
    def fetching(self) -> Fetching:
        return Fetching(self.fetched, self.slots, self.central, DEVICE, lambda: True)

    @property
    def update(self) -> Update:
        return Update(
            ThisMachine(),
            self.folder,
            trusts=lambda bundle: is_signed(bundle, PUBLIC),
            health=lambda _: True,
            issued=lambda _: None,
            withdrawn=withdrawn_in(self.fetched),
        )

    def install(self, slot: str, manifest: Manifest) -> None:
        at = self.folder / "slots" / slot
        at.mkdir(parents=True)
        (at / "manifest.json").write_bytes(manifest.render())
        (at / WHOLE).touch()

    def refusal(self) -> ProvisionError | None:
        """Root's answer to the one bundle that was fetched."""
        (path,) = self.fetched.glob("*.bundle")
        with Bundle.open(path) as opened:
            return update.refusal(self.update, opened)

    def files(self) -> dict[str, int]:
        """By suffix, in bytes."""
        found = (*self.fetched.glob("*.part"), *self.fetched.glob("*.bundle"))
        return {path.suffix: path.stat().st_size for path in found}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "_PIECE", PIECE)


@pytest.fixture
def publish(server: Server, tmp_path: Path) -> Callable[..., Release]:
    """Publish a bundle at the real server, let out to everybody."""

    def make(version: str = "2.0", built: int = 200, **more: object) -> Release:
        made = bundle(tmp_path / version, version, built, **more)  # pyright: ignore[reportArgumentType]
        release = published.take_in(tmp_path / "releases", made)
        with server.database.writing() as session:
            published.publish(session, release, NOON)
            published.stage(session, version, 100)
        return release

    return make


@pytest.fixture
def kiosk(tmp_path: Path, client: Client) -> Kiosk:
    return Kiosk(tmp_path / "data", client)


class Stub:
    """Central as it may be: ``chunks`` is what it hands out, whatever is asked for."""

    def __init__(
        self, release: Release, chunks: Callable[[int], Iterator[bytes]], *withdrawn: str
    ) -> None:
        self.release, self._chunks, self.withdrawn = release, chunks, withdrawn
        self.asked_from: list[int] = []

    def releases(self, arch: str) -> Releases:
        assert arch == "arm64"
        return Releases(offered=(self.release,), withdrawn=self.withdrawn)

    @contextmanager
    def bundle(self, sha256: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        assert sha256 == self.release.sha256
        self.asked_from.append(start)
        yield start, self._chunks(start)


def pieces(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 4096):
        yield content[at : at + 4096]


@pytest.fixture
def made(tmp_path: Path) -> tuple[Release, bytes]:
    """A release let out to everybody, and its bundle."""
    path = bundle(tmp_path / "x")
    release = published.take_in(tmp_path / "taken", path)
    return release.model_copy(update={"percentage": 100}), path.read_bytes()


# ── from the real server ──────────────────────────────────────────────────────────────────────


def test_a_release_comes_whole_and_root_takes_it(
    kiosk: Kiosk, publish: Callable[..., Release]
) -> None:
    publish("1.5", 150)
    release = publish()
    seen: list[float] = []
    assert replace(kiosk.fetching, progress=seen.append).run() == release.model_copy(
        update={"percentage": 100}
    )
    assert kiosk.files() == {".bundle": release.bytes}
    assert seen == sorted(seen)
    assert seen[-1] <= 1
    assert kiosk.refusal() is None
    assert kiosk.fetching.run(), "it lies there: nothing is fetched twice"


def test_goes_on_where_it_was_cut_off(kiosk: Kiosk, publish: Callable[..., Release]) -> None:
    release = publish()
    office = iter([True, False])
    assert replace(kiosk.fetching, is_quiet=lambda: next(office)).run() is None
    there = kiosk.files()[".part"]
    assert PIECE <= there < release.bytes
    received: list[float] = []
    assert replace(kiosk.fetching, progress=received.append).run()
    assert received[0] * release.bytes >= there + PIECE
    assert kiosk.refusal() is None


def test_only_whom_it_was_let_out_to(
    kiosk: Kiosk, publish: Callable[..., Release], server: Server
) -> None:
    publish("1.5", 150)
    publish()
    with server.database.writing() as session:
        published.stage(session, "2.0", 0)
    fetched = kiosk.fetching.run()
    assert fetched is not None
    assert fetched.version == "1.5"
    with server.database.writing() as session:
        published.stage(session, "2.0", 100)
    newer = kiosk.fetching.run()
    assert newer is not None
    assert newer.version == "2.0"
    assert kiosk.files() == {".bundle": newer.bytes}, "the one before it is of no use any more"


def test_a_server_that_lost_the_file(
    kiosk: Kiosk, publish: Callable[..., Release], tmp_path: Path
) -> None:
    release = publish()
    published.bundle_path(tmp_path / "releases", release.sha256).unlink()
    with pytest.raises(SyncError) as fault:
        kiosk.fetching.run()
    assert fault.value.fields["status"] == requests.codes.not_found


# ── whatever a server may send ────────────────────────────────────────────────────────────────


def test_a_line_that_breaks_off_keeps_what_came(
    tmp_path: Path, made: tuple[Release, bytes]
) -> None:
    release, content = made

    def broken(start: int) -> Iterator[bytes]:
        yield from pieces(content[start : start + 40_000])
        raise SyncError("sync_unreachable", url="x", reason="Broken")

    kiosk = Kiosk(tmp_path / "data", central := Stub(release, broken))
    for _ in range(2):
        with pytest.raises(SyncError):
            kiosk.fetching.run()
    kiosk.central = Stub(release, lambda start: pieces(content[start:]))
    assert kiosk.fetching.run()
    assert central.asked_from == [0, 40_000]
    assert kiosk.central.asked_from == [80_000]
    assert kiosk.refusal() is None


def test_an_answer_that_ends_early_is_gone_on_from(
    tmp_path: Path, made: tuple[Release, bytes]
) -> None:
    release, content = made
    kiosk = Kiosk(tmp_path / "data", Stub(release, lambda at: pieces(content[at : at + 50_000])))
    assert kiosk.fetching.run() is None
    assert kiosk.files() == {".part": 50_000}


@pytest.mark.parametrize("what", ["other bytes", "too many"])
def test_anything_else_than_was_announced_is_thrown_away(
    tmp_path: Path, made: tuple[Release, bytes], what: str
) -> None:
    release, content = made
    sent = content + b"x" * 100_000 if what == "too many" else b"x" * len(content)
    kiosk = Kiosk(tmp_path / "data", Stub(release, lambda start: pieces(sent[start:])))
    with pytest.raises(ProvisionError) as fault:
        kiosk.fetching.run()
    assert fault.value.key == "update_garbled"
    assert not kiosk.files()


def test_what_is_no_bundle_root_refuses(tmp_path: Path) -> None:
    path = tmp_path / "evil"
    path.write_bytes(b"\x7fELF" * 9000)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    release = Release(version="9", built=900, arch="arm64", python="3.13", system=SYSTEM,
                      bytes=36_000, sha256=digest, percentage=100)  # fmt: skip
    kiosk = Kiosk(tmp_path / "data", Stub(release, lambda at: pieces(path.read_bytes()[at:])))
    assert kiosk.fetching.run()
    with pytest.raises(KioskError):
        kiosk.refusal()


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    tmp_path: Path, made: tuple[Release, bytes]
) -> None:
    release, content = made
    kiosk = Kiosk(tmp_path / "data", central := Stub(release, lambda at: pieces(content[at:])))
    with pytest.raises(ProvisionError) as fault:
        replace(kiosk.fetching, free=lambda _: 3 * release.bytes).run()
    assert fault.value.key == "update_space"
    assert fault.value.both()
    assert not central.asked_from


# ── what a kiosk makes of it ──────────────────────────────────────────────────────────────────


@pytest.fixture
def stubbed(tmp_path: Path, made: tuple[Release, bytes]) -> Kiosk:
    """A kiosk whose central offers one good release."""
    release, content = made
    return Kiosk(tmp_path / "data", Stub(release, lambda start: pieces(content[start:])))


def test_nothing_is_fetched_in_opening_hours(stubbed: Kiosk) -> None:
    assert replace(stubbed.fetching, is_quiet=lambda: False).run() is None
    assert not stubbed.files()


@pytest.mark.parametrize("more", [{"built": 100}, {"arch": "amd64"}, {"system": "1" * 64}])
def test_what_does_not_fit_is_not_fetched(
    tmp_path: Path, made: tuple[Release, bytes], more: dict[str, object]
) -> None:
    central = Stub(made[0].model_copy(update=more), lambda _: iter(()))
    assert Kiosk(tmp_path / "data", central).fetching.run() is None
    assert not central.asked_from


def test_a_withdrawn_release_is_dropped_fetched_or_staged(
    stubbed: Kiosk, made: tuple[Release, bytes], tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings.append("was withdrawn and is not installed")
    assert stubbed.fetching.run()
    stubbed.install("b", Manifest("2.0", 200, "arm64", "3.13", SYSTEM, 6, {}))
    stubbed.slots.write(Slots(good="a", staged="b"))
    stubbed.central = Stub(made[0], lambda _: iter(()), "2.0")
    assert stubbed.fetching.run() is None
    assert not stubbed.files()
    assert update.staged(stubbed.update) is None
    assert stubbed.slots.read() == Slots(good="a")
    with Bundle.open(bundle(tmp_path / "on a stick")) as opened:
        error = update.refusal(stubbed.update, opened)
    assert error is not None
    assert error.key == "update_withdrawn"


def test_a_release_that_waits_is_not_staged_again(stubbed: Kiosk, tmp_path: Path) -> None:
    stubbed.install("b", Manifest("2.0", 200, "arm64", "3.13", SYSTEM, 6, {}))
    stubbed.slots.write(Slots(good="a", staged="b"))
    with Bundle.open(bundle(tmp_path / "same")) as opened:
        error = update.refusal(stubbed.update, opened)
    assert error is not None
    assert error.key == "update_waits"
    with Bundle.open(bundle(tmp_path / "newer", "3.0", 300)) as opened:
        assert update.refusal(stubbed.update, opened) is None


def test_signed_by_somebody_else_it_is_fetched_and_refused(stubbed: Kiosk) -> None:
    stubbed.fetching.run()
    stranger = replace(stubbed.update, trusts=lambda bundle: is_signed(bundle, "0" * 64))
    (path,) = stubbed.fetched.glob("*.bundle")
    with Bundle.open(path) as opened:
        error = update.refusal(stranger, opened)
    assert error is not None
    assert error.key == "bundle_unsigned"
