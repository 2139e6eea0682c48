"""Updates: what is refused, what happens when the new release works and when it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kiosk import __version__
from kiosk.errors import ProvisionError
from kiosk.provision import release, select, snapshot, update
from kiosk.provision.bundle import Bundle, Manifest
from kiosk.provision.slot_file import WHOLE, SlotFile
from kiosk.provision.slots import Slots
from kiosk.provision.update import Update
from scripts.bundle import pack
from tests.provision.conftest import FolderMachine

NOW = Manifest("1.0", 100, "arm64", "3.13", "0" * 64, 6, {})


@dataclass
class Kiosk:
    """A kiosk with release 1.0 in slot a."""

    machine: FolderMachine
    data: Path
    trusted: bool = True
    well: bool = True
    issued: list[int | None] = field(default_factory=lambda: [7, 7])

    def __post_init__(self) -> None:
        self.release("a", NOW)
        (self.data / "state").mkdir(parents=True)
        (self.data / "state/kiosk.db").write_bytes(b"old schema")
        self.slots.write(Slots(good="a"))

    @property
    def slots(self) -> SlotFile:
        return SlotFile(self.data / "slots")

    @property
    def update(self) -> Update:
        numbers = iter(self.issued)
        return Update(
            self.machine,
            self.data,
            trusts=lambda _: self.trusted,
            health=lambda _: self.well,
            issued=lambda _: next(numbers),
        )

    def release(self, slot: str, manifest: Manifest) -> None:
        folder = self.data / "slots" / slot
        (folder / "units").mkdir(parents=True)
        (folder / "units/kiosk.service").write_text(f"# {manifest.version}\n")
        (folder / "manifest.json").write_bytes(manifest.render())
        (folder / WHOLE).touch()

    def stage(self, schema: int = 6) -> None:
        self.release("b", Manifest("2.0", 200, "arm64", "3.13", "0" * 64, schema, {}))
        self.slots.write(Slots(good="a", staged="b"))

    @property
    def unit(self) -> str:
        return self.machine.path("/run/systemd/system/kiosk.service").read_text().strip()

    @property
    def database(self) -> bytes:
        return (self.data / "state/kiosk.db").read_bytes()


@pytest.fixture
def kiosk(machine: FolderMachine, tmp_path: Path) -> Kiosk:
    return Kiosk(machine, tmp_path / "data")


def bundle(
    tmp_path: Path,
    version: str = "2.0",
    built: int = 200,
    arch: str = "arm64",
    python: str = "3.13",
    system: str = "0" * 64,
) -> Path:
    path = tmp_path / "new.bundle"
    pack.write(path, Manifest(version, built, arch, python, system, 6, {}), {}, None)
    return path


REFUSED: dict[str, dict[str, object]] = {
    "bundle_arch": {"arch": "amd64"},
    "update_older": {"built": 100},
    "update_bad": {"version": "1.5-bad"},
    "update_needs_card": {"system": "1" * 64},
}


@pytest.mark.parametrize("key", REFUSED)
def test_refuses(kiosk: Kiosk, tmp_path: Path, key: str) -> None:
    kiosk.slots.write(Slots(good="a", bad=("1.5-bad",)))
    with Bundle.open(bundle(tmp_path, **REFUSED[key])) as new:  # pyright: ignore[reportArgumentType]
        error = update.refusal(kiosk.update, new)
    assert error is not None
    assert error.key == key
    assert error.both()


def test_refuses_what_nobody_signed(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.trusted = False
    with (
        Bundle.open(bundle(tmp_path)) as new,
        pytest.raises(ProvisionError, match="not signed"),
    ):
        update.stage(kiosk.update, new, lambda _: None)
    assert kiosk.slots.read() == Slots(good="a")


def test_a_power_cut_while_staging_leaves_the_old_release(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.stage()

    def cut(_: object, slot: Path, *__: object) -> None:
        (slot / WHOLE).unlink(missing_ok=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(release, "install", cut)
    newer = bundle(tmp_path, "3.0", 300)
    with Bundle.open(newer) as new, pytest.raises(KeyboardInterrupt):
        update.stage(kiosk.update, new, lambda _: None)
    assert kiosk.slots.read() == Slots(good="a")


def test_the_new_release_stays_when_it_works(kiosk: Kiosk) -> None:
    kiosk.stage(schema=7)
    assert update.switch(kiosk.update)
    assert kiosk.slots.read() == Slots(good="b")
    assert kiosk.unit == "# 2.0"
    assert not (kiosk.data / "state/before-update").exists()


def test_the_old_release_is_back_when_it_does_not(
    kiosk: Kiosk, expected_warnings: list[str]
) -> None:
    expected_warnings.append("does not work, going back")
    kiosk.stage()
    kiosk.well = False
    assert not update.switch(kiosk.update)
    assert kiosk.slots.read() == Slots(good="a", bad=("2.0",))
    assert kiosk.unit == "# 1.0"
    assert kiosk.machine.ran[-1].startswith("systemctl --no-block start kiosk.target")


@pytest.mark.parametrize(
    ("issued", "database"),
    [([7, 7], b"old schema"), ([7, None], b"old schema"), ([7, 8], b"new schema")],
)
def test_the_database_goes_back_unless_a_number_was_given_out(
    kiosk: Kiosk, issued: list[int | None], database: bytes, expected_warnings: list[str]
) -> None:
    expected_warnings.append("does not work, going back")
    kiosk.stage(schema=7)
    kiosk.issued, kiosk.well = issued, False
    one = kiosk.update
    moved = Update(one.machine, one.data, one.trusts, lambda _: spoil(kiosk), one.issued)
    assert not update.switch(moved)
    assert kiosk.database == database


def spoil(kiosk: Kiosk) -> bool:
    (kiosk.data / "state/kiosk.db").write_bytes(b"new schema")
    (kiosk.data / "state/kiosk.db-wal").write_bytes(b"new log")
    return False


def test_a_release_says_which_build_it_is(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.release("b", Manifest("2.0+1700000000.abcdef01", 200, "arm64", "3.13", "0" * 64, 6, {}))
    assert release.running(kiosk.slots.path("b")) == "2.0+1700000000.abcdef01"
    assert release.running(tmp_path) == __version__


def test_nothing_staged(kiosk: Kiosk) -> None:
    with pytest.raises(ProvisionError) as nothing:
        update.switch(kiosk.update)
    assert nothing.value.key == "update_nothing"


def test_a_start_with_a_release_on_trial_has_somebody_decide(kiosk: Kiosk) -> None:
    kiosk.stage()
    kiosk.slots.write(Slots(good="a", trial="b"))
    assert select.select(kiosk.machine, kiosk.data) == "b"
    assert kiosk.slots.read() == Slots(good="a", trial="b", starts=1)
    assert "systemctl --no-block start provision-update.service" in kiosk.machine.ran


def test_the_fourth_start_is_the_old_release_and_its_database(kiosk: Kiosk) -> None:
    kiosk.stage(schema=7)
    snapshot.take(kiosk.data / "state", 7)
    spoil(kiosk)
    kiosk.machine.answers["systemd-run"] = '{"issued": 7}'
    kiosk.slots.write(Slots(good="a", trial="b", starts=3))
    assert select.select(kiosk.machine, kiosk.data) == "a"
    assert kiosk.slots.read() == Slots(good="a", bad=("2.0",))
    assert kiosk.database == b"old schema"
    assert not (kiosk.data / "state/kiosk.db-wal").exists()
