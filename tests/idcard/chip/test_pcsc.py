"""A virtual card on the real pcscd, and what ``kiosk card`` makes of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from queue import Queue
from threading import Thread
from time import monotonic

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from kiosk.commands.card import app
from kiosk.errors import CardError
from kiosk.idcard.chip import files
from kiosk.idcard.chip.access import AccessNumber, ZoneKey
from kiosk.idcard.chip.expiry import zone_keys
from kiosk.idcard.chip.issuing import VirtualIssuer
from kiosk.idcard.chip.passive import Authenticity, TrustStore
from kiosk.idcard.chip.pcsc import inserted_card, readers
from kiosk.idcard.chip.reader import WaitingReader
from kiosk.idcard.chip.reading import LONGEST_S, ChipReading, read_chip
from kiosk.idcard.chip.virtual import Abilities, VirtualChip
from kiosk.idcard.chip.vpcd import PORT, VirtualReader
from kiosk.idcard.mrz import parse
from kiosk.idcard.synthetic import synthetic

scard = pytest.importorskip(
    "smartcard.scard", reason="pyscard is not installed: uv sync --extra card"
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ISSUER = VirtualIssuer(NOW)
TRUST = TrustStore([ISSUER.authority])
PORTRAIT = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 60
"""As large as a card's, 15 kB."""
ABILITIES = {"pace": Abilities(), "bac": Abilities(pace=None)}


@pytest.fixture(autouse=True, scope="module")
def _daemon() -> Iterator[None]:
    """pcscd with its virtual reader: the one that runs already, or one of our own."""
    program = shutil.which("pcscd") or "/usr/sbin/pcscd"
    if not Path(program).exists() or not Path("/etc/reader.conf.d/vpcd").exists():
        pytest.skip("pcscd or vsmartcard-vpcd is not installed")
    if _listens():
        yield
        return
    if os.geteuid() != 0:
        pytest.skip("pcscd does not run, and only root can start it")
    command = [program, "--foreground"]
    said = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    if "--disable-polkit" in said.stdout + said.stderr:  # from 2.0 on; where no polkit runs, nobody
        command.append("--disable-polkit")  # would be let in
    with subprocess.Popen(command, stdout=subprocess.PIPE) as daemon:
        give_up = monotonic() + 10
        while not _listens():
            assert monotonic() < give_up, "pcscd did not start"
        yield
        daemon.terminate()


def _listens() -> bool:
    """Whether the virtual reader waits for a card. Asking is connecting, which it takes for one."""
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", PORT)) == 0


class Leaving:
    """A chip whose holder lifts it after so many commands."""

    def __init__(self, chip: VirtualChip, commands: int) -> None:
        self.chip, self.reset, self._left = chip, chip.reset, commands
        self.lift: Callable[[], None] = lambda: None

    def transmit(self, command: bytes) -> bytes:
        self._left -= 1
        if self._left < 0:
            self.lift()
        return self.chip.transmit(command)


def _wait_for_the_next_look() -> None:
    """pcscd looks at its readers every 0.4 s. A card that was lifted while it was read, and laid
    down again before that, it never takes for another."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    empty = [(name, scard.SCARD_STATE_EMPTY) for name in readers()]
    scard.SCardGetStatusChange(context, 900, empty)
    scard.SCardReleaseContext(context)


@contextmanager
def on_the_reader(chip: VirtualChip | Leaving | Garbling) -> Iterator[None]:
    """``chip`` on the virtual reader; inside, pcscd has seen it."""
    with VirtualReader() as there:
        if isinstance(chip, Leaving):
            chip.lift = there.close
        serving = Thread(target=there.serve, args=(chip,))
        serving.start()
        _wait_for_a_card(present=True)
        yield
        there.close()
        serving.join()
        _wait_for_a_card(present=False)


def _wait_for_a_card(*, present: bool) -> None:
    """Until pcscd has noticed."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    reader = next(name for name in readers() if "Virtual" in name)
    wanted = scard.SCARD_STATE_PRESENT if present else scard.SCARD_STATE_EMPTY
    state = scard.SCARD_STATE_UNAWARE
    while not state & wanted:
        failed, [(_, state, _)] = scard.SCardGetStatusChange(context, 10_000, [(reader, state)])
        assert not failed, "pcscd noticed nothing"
    scard.SCardReleaseContext(context)


def chip_of(name: str) -> VirtualChip:
    return VirtualChip(synthetic(5), PORTRAIT, ISSUER, ABILITIES[name])


def read(key: AccessNumber | ZoneKey, trust: TrustStore = TRUST) -> ChipReading:
    card = inserted_card("Virtual")
    assert card is not None
    try:
        return read_chip(card, key, trust, NOW, monotonic)
    finally:
        card.close()


@pytest.mark.parametrize("name", ABILITIES)
def test_all_groups_are_read_within_the_time_a_hand_holds_still(name: str) -> None:
    chip = chip_of(name)
    with on_the_reader(chip):
        reading = read(ZoneKey.of(parse(chip.zone)))
    assert reading.verdict.authenticity is Authenticity.VERIFIED
    assert reading.genuine
    assert (reading.document.number, reading.portrait) == (synthetic(5).number, PORTRAIT)


@pytest.mark.parametrize("commands", [1, 12])
def test_a_card_that_is_lifted_is_said_to_be(commands: int) -> None:
    began = monotonic()
    with on_the_reader(Leaving(chip_of("pace"), commands)), pytest.raises(CardError) as gone:
        read(AccessNumber("123456"))
    _wait_for_the_next_look()
    assert gone.value.key == "chip_removed"
    assert monotonic() - began < 2 * LONGEST_S


def test_a_wrong_key() -> None:
    with on_the_reader(chip_of("pace")), pytest.raises(CardError) as refused:
        read(AccessNumber("000000"))
    assert refused.value.key == "chip_key"


class Garbling:
    """A chip whose answers are changed on the way, from the ``first`` on."""

    def __init__(self, chip: VirtualChip, first: int, change: Callable[[bytes], bytes]) -> None:
        self.reset = chip.reset
        self._chip, self._left, self._change = chip, first, change

    def transmit(self, command: bytes) -> bytes:
        self._left -= 1
        answer = self._chip.transmit(command)
        return self._change(answer) if self._left < 0 else answer


@pytest.mark.parametrize("first", [3, 12])
@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer[:-3] if len(answer) > 5 else answer,
        lambda answer: answer[:-2] + bytes(60) + answer[-2:],
    ],
    ids=["truncated", "oversized"],
)
def test_an_answer_of_the_wrong_size_ends_it(first: int, change: Callable[[bytes], bytes]) -> None:
    with on_the_reader(Garbling(chip_of("pace"), first, change)):
        began = monotonic()
        with pytest.raises(CardError) as refused:
            read(AccessNumber("123456"))
        assert monotonic() - began < LONGEST_S
    _wait_for_the_next_look()
    # pcscd itself may give up on such a card: to the kiosk that is one that is gone.
    assert refused.value.key in ("chip_garbled", "chip_refused", "chip_removed")


def test_a_chip_that_never_answers_is_left() -> None:
    with on_the_reader(Garbling(chip_of("pace"), 3, lambda _answer: b"")):
        began = monotonic()
        with pytest.raises(CardError) as refused:
            read(AccessNumber("123456"))
        assert monotonic() - began < LONGEST_S + 0.5
        assert refused.value.key in ("chip_slow", "chip_removed")
    _wait_for_the_next_look()


@pytest.mark.parametrize("name", ABILITIES)
def test_a_forged_security_object_fails(name: str) -> None:
    chip = chip_of(name)
    ours = chip.files[files.SECURITY_OBJECT]
    chip.files[files.SECURITY_OBJECT] = ours[:-4] + bytes(4)
    with on_the_reader(chip):
        verdict = read(ZoneKey.of(parse(chip.zone))).verdict
    assert (verdict.authenticity, verdict.reason) == (Authenticity.FAILED, "signature")


def test_a_revoked_signer_fails() -> None:
    trust = TrustStore([ISSUER.authority], [ISSUER.revocations(ISSUER.signer)])
    with on_the_reader(chip_of("pace")):
        verdict = read(AccessNumber("123456"), trust).verdict
    assert (verdict.authenticity, verdict.reason) == (Authenticity.FAILED, "signer_revoked")


def test_the_kiosks_reader_opens_a_chip_by_what_the_code_on_the_front_says() -> None:
    """Born 1990 and issued 2022: the card is good until 40, and with that its chip opens."""
    holder = replace(synthetic(5), date_of_birth="1990-05-17", issued="2022-08-01")
    chip = VirtualChip(holder, PORTRAIT, ISSUER, ABILITIES["bac"], expires=date(2030, 5, 17))
    said: Queue[ChipReading | CardError] = Queue()
    waiting = WaitingReader(
        lambda: inserted_card("Virtual"),
        TRUST,
        lambda: NOW,
        progress=lambda _share: None,
        read=said.put,
        refused=lambda error, _final: said.put(error),
    )
    waiting.read(zone_keys(holder, NOW.date()))
    with on_the_reader(chip):
        reading = said.get(timeout=3 * LONGEST_S)
    waiting.close()
    assert isinstance(reading, ChipReading)
    assert reading.document.number == holder.number


def test_a_reader_without_a_card() -> None:
    assert any("Virtual" in name for name in readers())
    assert inserted_card("no such reader") is None
    done = CliRunner().invoke(app, ["read", "--can", "123456", "--reader", "no such reader"])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1


def test_the_command_says_what_is_on_the_reader(tmp_path: Path) -> None:
    today = VirtualIssuer(datetime.now(UTC))
    chip = VirtualChip(synthetic(5), PORTRAIT, today)
    (tmp_path / "virtual.pem").write_bytes(today.authority.public_bytes(Encoding.PEM))
    with on_the_reader(chip):
        trusted = CliRunner().invoke(app, ["read", "--can", "123456", "--trust", str(tmp_path)])
        unknown = CliRunner().invoke(app, ["read", "--mrz", "-"], input=chip.zone)
        wrong = CliRunner().invoke(app, ["read", "--can", "111111"])
    assert (trusted.exit_code, unknown.exit_code, wrong.exit_code) == (0, 3, 2)
    said = json.loads(trusted.stdout)
    assert (said["authenticity"], said["genuine"], said["source"]) == ("verified", True, "chip")
    assert said["number"] == synthetic(5).number
    assert json.loads(unknown.stdout)["authenticity"] == "issuer_unknown"
    assert wrong.stdout == ""


@pytest.mark.parametrize(
    "arguments", [[], ["--can", "123456", "--mrz", "-"], ["--can", "12345"]], ids=str
)
def test_what_opens_a_chip_has_to_be_said(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["read", *arguments]).exit_code == 2
