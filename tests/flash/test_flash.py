"""flash.sh on small images: what it refuses, what it writes, what it finds later."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.provision.bundle import Bundle
from kiosk.provision.layout import SECTOR, Table
from scripts.flash import card_writer, medium
from scripts.flash.__main__ import main
from scripts.flash.boot_files import BootFiles
from scripts.flash.device import Computer
from tests.flash.conftest import MB, Desk, make_bundle, make_image


def edit(desk: Desk, old: str, new: str) -> None:
    text = desk.site.read_text("utf-8")
    assert old in text
    desk.site.write_text(text.replace(old, new), "utf-8")


def unsigned(desk: Desk) -> None:
    edit(desk, "[central]", f'[updates]\nkey = "{"ab" * 32}"\n[central]')


def first_sector(card: Path) -> bytes:
    """Not the whole of it: the file is 3.6 GB of mostly nothing."""
    with card.open("rb") as file:
        return file.read(SECTOR)


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def image_of(desk: Desk, content: bytes) -> None:
    desk.image.write_bytes(content)
    desk.image.with_name("raspios.img.xz.sha256").unlink()


REFUSALS: dict[str, tuple[Callable[[Desk], object], tuple[str, ...], str]] = {
    "image not there": (lambda desk: desk.image.unlink(), (), "raspios.img.xz"),
    "image changed": (lambda desk: flip(desk.image, 5000), (), "does not match its hash"),
    "no hash": (lambda d: d.image.with_name("raspios.img.xz.sha256").unlink(), (), "--sha256"),
    "wrong hash": (lambda _: None, ("--sha256", "0" * 64), "does not match its hash"),
    "bundle not there": (lambda desk: desk.bundle.unlink(), (), "no kiosk bundle"),
    "bundle is something else": (lambda d: d.bundle.write_bytes(b"x" * 9000), (), "damaged"),
    "bundle cut short": (lambda d: d.bundle.write_bytes(d.bundle.read_bytes()[:90000]), (), "cut"),
    "bundle changed": (lambda desk: flip(desk.bundle, 500_000), (), "does not match its hash"),
    "bundle not signed": (unsigned, (), "not signed"),
    "site not TOML": (lambda desk: edit(desk, "[kiosk]", "[kiosk"), (), "line 5"),
    "unknown key": (lambda desk: edit(desk, "hostname", "host"), (), "line 2"),
    "bad hostname": (lambda desk: edit(desk, "kiosk-1", "Kiosk 1"), (), "line 2"),
    "bad key": (lambda desk: edit(desk, "ssh-ed25519", "my key"), (), "line 3"),
    "short Wi-Fi password": (lambda desk: edit(desk, "mat-khau-wifi", "ngan"), (), "8 to 63"),
    "settings not there": (lambda desk: edit(desk, "config.toml", "x.toml"), (), "line 6"),
    "settings not TOML": (lambda d: (d.folder / "config.toml").write_text("[x"), (), "config"),
    "the release before": (
        lambda desk: make_image(desk.image, names=(), release="12 (bookworm)"),
        (),
        "This system has Python 3.11, the bundle needs 3.13",
    ),
    "bad token": (lambda desk: edit(desk, "token-0123", "không "), (), "enrolment_token"),
    "file exists": (lambda desk: (desk.folder / "card.img").touch(), (), "card.img"),
    "card too small": (lambda _: None, ("--size", "2G"), "at least"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses(desk: Desk, capsys: pytest.CaptureFixture[str], case: str) -> None:
    prepare, more, said = REFUSALS[case]
    prepare(desk)
    output = desk.folder / "card.img"
    existed = output.exists()
    assert main(desk.arguments("--output", str(output), *more)) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown
    if output.exists() and not existed:
        assert first_sector(output) == bytes(SECTOR), "never a card with a table"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0" * MB, "no partition table"),
        (b"\0" * 510 + b"\x55\xaa", "not laid out as Raspberry Pi OS"),
        (
            b"\0" * 450 + b"\xee" + b"\0" * 59 + b"\x55\xaa",
            "GPT",
        ),
        (b"\xfd7zXZ\0" + b"\0" * 100, "cannot be read"),
    ],
)
def test_refuses_what_is_no_raspberry_image(
    desk: Desk, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    image_of(desk, content)
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    arguments = desk.arguments("--output", str(desk.folder / "card.img"), "--sha256", digest)
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_needs_mtools(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(desk.folder))
    assert main(desk.arguments("--output", "card.img")) == 2
    assert "apt-get install mtools" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[], ["/dev/sdx"], ["--image", "a", "--bundle", "b", "--config", "c"]],
)
def test_says_what_is_missing(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


@pytest.fixture
def card(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Path:
    path = desk.folder / "card.img"
    status = main(desk.arguments("--output", str(path)))
    assert status == 0, capsys.readouterr().err
    return path


def test_a_card(card: Path) -> None:
    with card.open("rb") as file:
        table = Table.parse(file.read(SECTOR))
    boot, root, bundle = table.partitions
    assert table.boot_code[440:444] == b"KIOS", "PARTUUID must survive"
    assert root.size > 8 * MB
    with card.open("rb") as file:
        file.seek(root.start)
        assert file.read(5 * MB) == bytes(range(256)) * (5 * MB // 256)
        assert b"VERSION_CODENAME=trixie" in file.read(4096)
    with Bundle.open(card, bundle.start) as on_card:
        on_card.verify()
    files = BootFiles(card, boot.start)
    assert b"instance-id: kiosk-" in files.read("meta-data")
    assert files.read("cmdline.txt").startswith(b"console=tty1 root=PARTUUID=534f494b-02 rootwait ")
    assert b"resize" not in files.read("cmdline.txt")
    assert b"init=" not in files.read("cmdline.txt")
    user_data = files.read("user-data").decode()
    assert user_data.startswith("#cloud-config\n")
    told = json.loads(user_data.removeprefix("#cloud-config\n"))
    assert told["timezone"] == "Asia/Ho_Chi_Minh"
    assert told["locale"] == "vi_VN.UTF-8"
    assert "token-0123456789abcdef" not in user_data
    assert files.read("kiosk/site/enrolment-token") == b"token-0123456789abcdef"
    assert "Một cửa" in json.loads(files.read("network-config"))["wifis"]["wlan0"]["access-points"]


def test_two_cards_are_two_instances(desk: Desk) -> None:
    seen: set[bytes] = set()
    for name in ("one.img", "two.img"):
        path = desk.folder / name
        assert main(desk.arguments("--output", str(path))) == 0
        with path.open("rb") as file:
            boot = Table.parse(file.read(SECTOR)).partitions[0]
        seen.add(BootFiles(path, boot.start).read("meta-data"))
    assert len(seen) == 2


def test_firstrun_where_there_is_no_cloud_init(desk: Desk) -> None:
    make_image(desk.image, names=())
    path = desk.folder / "card.img"
    assert main(desk.arguments("--output", str(path))) == 0
    with path.open("rb") as file:
        boot = Table.parse(file.read(SECTOR)).partitions[0]
    files = BootFiles(path, boot.start)
    assert b"systemd.run=/boot/firmware/firstrun.sh" in files.read("cmdline.txt")
    script = files.read("firstrun.sh").decode()
    assert "echo kiosk-1 >/etc/hostname" in script
    assert "psk=mat-khau-wifi" in script
    assert files.read("user-data") == b""


def test_verify(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--verify", str(card)]) == 0
    assert "as it was written" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["bundle", "root", "boot"])
def test_verify_finds_a_flipped_byte(
    card: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    with card.open("rb") as file:
        boot, root, bundle = Table.parse(file.read(SECTOR)).partitions
    if where == "boot":
        BootFiles(card, boot.start).write({"cmdline.txt": b"other\n"})
    else:
        flip(card, {"bundle": bundle.start + 400_000, "root": root.start + 777}[where])
    assert main(["--verify", str(card)]) in (1, 2)
    assert capsys.readouterr().out == ""


def test_verify_of_a_half_written_card(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with card.open("rb") as file:
        boot = Table.parse(file.read(SECTOR)).partitions[0]
    BootFiles(card, boot.start).write({"kiosk/complete.json": b""})
    assert main(["--verify", str(card)]) == 2
    assert "not written to the end" in capsys.readouterr().err


def test_read_back_finds_a_byte_the_card_did_not_keep(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.folder / "card.img"
    sync = medium.Medium.sync

    def forgetful(card: medium.Medium) -> None:
        sync(card)
        flip(path, 40 * MB)

    monkeypatch.setattr(medium.Medium, "sync", forgetful)
    assert main(desk.arguments("--output", str(path))) == 1
    assert "does not hold what was written (at megabyte" in capsys.readouterr().err
    assert first_sector(path) == bytes(SECTOR), "no table on a bad card"


def test_the_table_is_written_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at any stage before the last, the card has no table."""
    path = desk.folder / "card.img"
    stages: list[str] = []

    def stopped(what: str, total: int) -> Callable[[int], None]:
        stages.append(what)
        assert first_sector(path) == bytes(SECTOR), what
        return lambda _: None

    monkeypatch.setattr("scripts.flash.__main__._show", stopped)
    assert main(desk.arguments("--output", str(path))) == 0
    assert stages == ["image", "boot files", "bundle", "read back"]


def test_a_signed_bundle_is_taken(desk: Desk) -> None:
    key = Ed25519PrivateKey.generate()
    make_bundle(desk.bundle, key.sign)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    edit(desk, "[central]", f'[updates]\nkey = "{public}"\n[central]')
    assert main(desk.arguments("--output", str(desk.folder / "card.img"))) == 0


class Sys:
    """A /sys and a /proc with one disk, ``sdz``, with one partition."""

    def __init__(self, folder: Path) -> None:
        self.computer = Computer(folder / "sys", folder / "proc")
        self.block = folder / "sys/class/block"
        for name, dev in (("sdz", "8:96"), ("sdz/sdz1", "8:97")):
            self.write(f"{name}/dev", dev)
        self.write("sdz1/dev", "8:97")
        self.write("sdz1/partition", "1")
        self.write("sdz/size", str(64 << 21))
        self.write("sdz/ro", "0")
        self.write("sdz/removable", "1")
        self.write("sdz/device/model", "SD Reader")
        self.proc("self/mountinfo", "")
        self.proc("swaps", "Filename Type Size Used Priority\n")

    def write(self, name: str, value: str) -> None:
        path = self.block / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")

    def proc(self, name: str, value: str) -> None:
        path = self.computer.proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value)


def mount(where: str, dev: str = "8:97", source: str = "/dev/sdz1") -> str:
    return f"25 1 {dev} / {where} rw,relatime shared:1 - ext4 {source} rw\n"


DEVICES: dict[str, tuple[Callable[[Sys], object], str]] = {
    "the system's own disk": (lambda sys: sys.proc("self/mountinfo", mount("/")), "flash_system"),
    "its boot": (lambda sys: sys.proc("self/mountinfo", mount("/boot")), "flash_system"),
    "mounted": (lambda s: s.proc("self/mountinfo", mount("/media/the\\040card")), "flash_mounted"),
    "mounted under another name": (
        lambda sys: sys.proc("self/mountinfo", mount("/mnt", "0:45", "/dev/sdz1")),
        "flash_mounted",
    ),
    "swap": (lambda s: s.proc("swaps", "Filename\n/dev/sdz1 partition 9 0 -2\n"), "flash_system"),
    "LVM on it": (lambda sys: sys.write("sdz1/holders/dm-0", ""), "flash_mounted"),
    "read-only": (lambda sys: sys.write("sdz/ro", "1"), "flash_read_only"),
    "no card in it": (lambda sys: sys.write("sdz/size", "0"), "flash_empty_reader"),
}


@pytest.mark.parametrize("case", DEVICES)
def test_refuses_the_device(tmp_path: Path, case: str) -> None:
    from kiosk.errors import ProvisionError

    prepare, key = DEVICES[case]
    sys = Sys(tmp_path)
    prepare(sys)
    with pytest.raises(ProvisionError) as refused:
        sys.computer.described(Path("/dev/sdz"))
    assert refused.value.key == key
    assert refused.value.both()


def test_refuses_a_partition(tmp_path: Path) -> None:
    from kiosk.errors import ProvisionError

    with pytest.raises(ProvisionError, match="not the whole card"):
        Sys(tmp_path).computer.described(Path("/dev/sdz1"))


def test_takes_a_free_card(tmp_path: Path) -> None:
    device = Sys(tmp_path).computer.described(Path("/dev/sdz"))
    assert device.words == "/dev/sdz  SD Reader  68.7 GB"


def test_refuses_what_is_no_device(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(desk.arguments(str(desk.site))) == 2
    assert "not a block device" in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["", "n", "no", "maybe"])
def test_asks(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    sys = Sys(desk.folder / "computer")
    device = sys.computer.described(Path("/dev/sdz"))
    monkeypatch.setattr(Computer, "device", lambda *_: device)

    def write(*_: object) -> None:
        raise AssertionError("nothing may be written")

    monkeypatch.setattr(card_writer, "write", write)
    assert main(desk.arguments("/dev/sdz"), sys.computer, lambda _: answer) == 3
    said = capsys.readouterr().err
    assert "SD Reader" in said
    assert "68.7 GB" in said
