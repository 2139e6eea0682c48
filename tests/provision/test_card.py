"""The card from inside, and the steps of the first boot that need no real machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import ProvisionError
from kiosk.provision import first_boot
from kiosk.provision.bundle import Manifest
from kiosk.provision.card import Card, for_years
from kiosk.provision.console import Console, without_marks
from kiosk.provision.steps import STEPS, Context, Step
from scripts.bundle import pack
from tests.provision.conftest import FolderMachine
from tests.publishing import bundle

BOOT = "/boot/firmware"


@pytest.fixture
def card(machine: FolderMachine) -> Card:
    folder = machine.path(BOOT) / "kiosk"
    (folder / "site").mkdir(parents=True)
    (folder / "complete.json").write_text(json.dumps({"data_start": 4 << 30}))
    machine.answers["findmnt"] = "/dev/mmcblk0p2\n"
    return Card.find(machine)


def test_partitions_of_a_card(card: Card) -> None:
    assert str(card.disk) == "/dev/mmcblk0"
    assert str(card.bundle) == "/dev/mmcblk0p3"
    assert str(card.partition(4)) == "/dev/mmcblk0p4"
    assert card.data_start() == 4 << 30


def test_partitions_of_a_disk(machine: FolderMachine, card: Card) -> None:
    machine.answers["findmnt"] = "/dev/vda2\n"
    assert str(Card.find(machine).bundle) == "/dev/vda3"
    assert not card.in_container


def test_a_half_written_card_says_so(machine: FolderMachine, card: Card, tmp_path: Path) -> None:
    (card.folder / "complete.json").unlink()
    with pytest.raises(ProvisionError) as half:
        first_boot.run(machine, console(tmp_path), lambda: None, ())
    assert half.value.key == "sd_incomplete"
    assert "Thẻ nhớ này ghi chưa xong" in half.value.both()


def test_secrets_are_wiped(card: Card) -> None:
    token = card.site / "enrolment-token"
    token.write_bytes(b"secret-token")
    (card.boot / "network-config").write_text("password")
    kept = card.folder / "kept"
    kept.hardlink_to(token)
    card.wipe_site()
    assert not card.site.exists()
    assert kept.read_bytes() == bytes(12), "overwritten, not only unlinked"
    assert (card.boot / "network-config").read_bytes() == b""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "console=tty1 root=PARTUUID=1-02 rootwait ds=nocloud;i=kiosk-1",
            "console=tty1 root=PARTUUID=1-02 rootwait ro init=/x",
        ),
        (
            "root=/dev/x rw resize quiet systemd.run=/a systemd.run_success_action=reboot "
            "systemd.unit=kernel-command-line.target init=/old",
            "root=/dev/x ro init=/x",
        ),
    ],
)
def test_the_command_line_for_years(before: str, after: str) -> None:
    assert " ".join(for_years(before.split(), "/x")) == after


def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "no-screen")


@pytest.mark.parametrize(
    ("arch", "python", "key"),
    [
        ("arm64", "Python 3.13.5", None),
        ("armhf", "Python 3.13.5", "bundle_arch"),
        ("arm64", "Python 3.11.2", "bundle_system"),
    ],
)
def test_a_system_the_bundle_is_not_for(
    machine: FolderMachine, tmp_path: Path, arch: str, python: str, key: str | None
) -> None:
    machine.answers = {"dpkg": f"{arch}\n", "python3 --version": f"{python}\n"}
    (tmp_path / "boot/kiosk").mkdir(parents=True)
    card = Card(tmp_path / "boot", None, None, bundle(tmp_path / "x.bundle"))
    check = next(step for step in STEPS if step.name == "check")
    if key is None:
        check.do(Context(machine, card), lambda _: None)
        assert card.is_checked()
        return
    with pytest.raises(ProvisionError) as error:
        check.do(Context(machine, card), lambda _: None)
    assert error.value.key == key
    assert not card.is_checked()


def test_a_package_that_a_power_cut_left_half_unpacked_is_unpacked_again(
    machine: FolderMachine, tmp_path: Path
) -> None:
    contents: dict[str, pack.Content] = {
        "debs/cage_1_arm64.deb": b"", "debs/libx_2_arm64.deb": b"", "debs/wanted.txt": b"cage\n",
    }  # fmt: skip
    members = {name: pack.member(name, content) for name, content in contents.items()}
    path = tmp_path / "x.bundle"
    pack.write(path, Manifest("1", 1, "arm64", "3.13", "0" * 64, 6, members), contents, None)
    (machine.path("/usr/lib/kiosk")).mkdir(parents=True)
    machine.answers["dpkg-query"] = (
        "base ok installed\nlibx reinstreq unpacked\nlater ok unpacked\n"
    )
    machine.fails = {"dpkg --configure"}  # what is unpacked lacks what is not yet
    packages = next(step for step in STEPS if step.name == "packages")
    packages.do(Context(machine, Card(tmp_path, None, None, path)), lambda _: None)
    assert packages.done(Context(machine, Card(tmp_path, None, None, path)))
    unpacked = [line for line in machine.ran if "--unpack" in line]
    assert [Path(line.split()[-1]).name for line in unpacked] == ["libx_2_arm64.deb"]
    assert machine.ran[-1].endswith("install --fix-broken --no-install-recommends cage")


def test_steps_that_are_through_are_not_done_again(
    machine: FolderMachine, card: Card, tmp_path: Path
) -> None:
    del card
    did: list[str] = []

    def step(name: str, done: bool) -> Step:
        def do(_: Context, share: Callable[[float], None]) -> None:
            share(0.5)
            did.append(name)

        return Step(name, lambda _: done, do)

    steps = (step("check", True), step("volume", False), step("seal", False))
    first_boot.run(machine, console(tmp_path), lambda: did.append("restart"), steps)
    assert did == ["volume", "seal", "restart"]


def test_marks_are_left_out_where_the_console_has_none() -> None:
    assert without_marks("Đang cài đặt, xin chờ … Lấy số") == "Dang cai dat, xin cho … Lay so"


def test_a_power_cut_while_wiping_loses_no_settings(
    machine: FolderMachine, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.chown", lambda *_: None)
    settings = next(step for step in STEPS if step.name == "settings")
    context = Context(machine, card)
    for folder in ("/data/etc", "/data/state", "/etc"):
        machine.path(folder).mkdir(parents=True)
    (card.site / "config.toml").write_bytes(b"[office]\n")
    (card.site / "enrolment-token").write_bytes(b"token")

    def cut(_: Card) -> None:
        (card.site / "config.toml").write_bytes(bytes(9))  # wiped, and not removed yet
        raise KeyboardInterrupt

    wipe = Card.wipe_site
    monkeypatch.setattr(Card, "wipe_site", cut)
    with pytest.raises(KeyboardInterrupt):
        settings.do(context, lambda _: None)
    monkeypatch.setattr(Card, "wipe_site", wipe)
    key = machine.path("/data/etc/kiosk-key").read_bytes()
    assert not settings.done(context)
    settings.do(context, lambda _: None)
    assert settings.done(context)
    assert machine.path("/data/etc/config.toml").read_bytes() == b"[office]\n"
    assert machine.path("/data/state/enrolment-token").read_bytes() == b"token"
    assert machine.path("/data/etc/kiosk-key").read_bytes() == key


def test_the_root_is_made_read_only_by_the_mark_alone() -> None:
    """Without it a start through overlay-init would forget, each time, that it was the last."""
    script = (Path(__file__).parents[2] / "systemd/provision/overlay-init").read_text("utf-8")
    assert "[ -e /usr/lib/kiosk/sealed ] && mount_over" in script
