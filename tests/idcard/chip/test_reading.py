from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CardError
from kiosk.idcard import mrz
from kiosk.idcard.chip import files, tlv
from kiosk.idcard.chip.access import AccessKey, AccessNumber, ZoneKey
from kiosk.idcard.chip.issuing import VirtualIssuer
from kiosk.idcard.chip.pace import Offer
from kiosk.idcard.chip.passive import Authenticity, TrustStore
from kiosk.idcard.chip.reading import LONGEST_S, ChipReading, read_chip
from kiosk.idcard.chip.virtual import Abilities, VirtualChip
from kiosk.idcard.synthetic import synthetic

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HOLDER = synthetic(5)
PORTRAIT = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8
ISSUER, STRANGER = VirtualIssuer(NOW), VirtualIssuer(NOW)
TRUST = TrustStore([ISSUER.authority])
ZONE = "zone"
CAN = "can"

TRIPLE_DES_PACE = Offer("0.4.0.127.0.7.2.2.4.2.1", 12)
STRONG_PACE = Offer("0.4.0.127.0.7.2.2.4.2.4", 15)
ABILITIES = {
    "pace": Abilities(),
    "pace, strong": Abilities(pace=STRONG_PACE),
    "pace, triple des": Abilities(pace=TRIPLE_DES_PACE),
    "bac": Abilities(pace=None),
    "bac, chip authentication by triple des": Abilities(
        pace=None, chip_authentication="0.4.0.127.0.7.2.2.3.2.1"
    ),
    "signs only": Abilities(chip_authentication=None),
    "proves nothing": Abilities(pace=None, chip_authentication=None, signs=False),
}


def chip_of(
    abilities: Abilities = ABILITIES["pace"], issuer: VirtualIssuer = ISSUER
) -> VirtualChip:
    return VirtualChip(HOLDER, PORTRAIT, issuer, abilities, expires=date(2040, 5, 4))


def key_of(chip: VirtualChip, kind: str) -> AccessKey:
    return ZoneKey.of(mrz.parse(chip.zone)) if kind == ZONE else AccessNumber("123456")


class Touched:
    """A card whose answers are changed on the way, from the ``first`` on."""

    def __init__(self, chip: VirtualChip, first: int, change: Callable[[bytes], bytes]) -> None:
        self._chip, self._left, self._change = chip, first, change

    def transmit(self, command: bytes) -> bytes:
        answer = self._chip.transmit(command)
        self._left -= 1
        return self._change(answer) if self._left < 0 else answer


def read(
    card: VirtualChip | Touched, key: AccessKey, trust: TrustStore = TRUST, at: datetime = NOW
) -> ChipReading:
    return read_chip(card, key, trust, at, clock=lambda: 0.0)


@pytest.mark.parametrize("name", ABILITIES)
@pytest.mark.parametrize("kind", [ZONE, CAN])
def test_every_kind_of_chip_is_read_and_verified(name: str, kind: str) -> None:
    abilities = ABILITIES[name]
    chip = chip_of(abilities)
    if kind == CAN and abilities.pace is None:
        with pytest.raises(CardError, match="three lines"):
            read(chip, key_of(chip, kind))
        return
    reading = read(chip, key_of(chip, kind))
    assert reading.verdict.authenticity is Authenticity.VERIFIED
    offers_proof = abilities.chip_authentication or abilities.signs
    assert reading.genuine is (True if offers_proof else None)
    assert reading.document == replace(HOLDER, source="chip")
    assert reading.portrait == PORTRAIT


def test_what_nobody_has_a_purpose_for_is_not_kept() -> None:
    document = read(chip_of(), AccessNumber("123456")).document
    said = " ".join(str(getattr(document, name)) for name in document.__slots__)
    for passed_over in ("Kinh", "Không", "Cha", "Mẹ"):
        assert passed_over not in said


# ── how it can end otherwise ──────────────────────────────────────────────────────────────────


def test_a_wrong_key_is_said() -> None:
    chip = chip_of()
    with pytest.raises(CardError) as refused:
        read(chip, AccessNumber("654321"))
    assert refused.value.key == "chip_key"
    older = chip_of(ABILITIES["bac"])
    with pytest.raises(CardError) as refused:
        read(older, ZoneKey("000000000", "900101", "400101"))
    assert refused.value.key == "chip_key"


def test_no_trust_store_is_no_verification() -> None:
    verdict = read(chip_of(), AccessNumber("123456"), TrustStore()).verdict
    assert (verdict.authenticity, verdict.reason) == (
        Authenticity.ISSUER_UNKNOWN,
        "issuer_unknown",
    )


def test_an_unknown_issuer_is_not_trusted() -> None:
    chip = chip_of(issuer=STRANGER)
    assert read(chip, AccessNumber("123456")).verdict.authenticity is Authenticity.ISSUER_UNKNOWN


def test_a_revoked_signer_fails() -> None:
    trust = TrustStore([ISSUER.authority], [ISSUER.revocations(ISSUER.signer)])
    verdict = read(chip_of(), AccessNumber("123456"), trust).verdict
    assert (verdict.authenticity, verdict.reason) == (Authenticity.FAILED, "signer_revoked")
    # A list that somebody else signed takes nothing back.
    forged = TrustStore([ISSUER.authority], [STRANGER.revocations(ISSUER.signer)])
    verified = read(chip_of(), AccessNumber("123456"), forged).verdict
    assert verified.authenticity is Authenticity.VERIFIED


def test_a_signer_before_and_after_its_time_fails() -> None:
    for at in (NOW - timedelta(days=800), NOW + timedelta(days=9000)):
        verdict = read(chip_of(), AccessNumber("123456"), TRUST, at).verdict
        assert (verdict.authenticity, verdict.reason) == (Authenticity.FAILED, "signer_expired")


def test_changed_data_fails() -> None:
    chip = chip_of()
    number = HOLDER.number.encode()
    group = chip.files[files.group_file(13)]
    name = HOLDER.name.encode()
    chip.files[files.group_file(13)] = group.replace(name, name[:-1] + b"x")
    assert number in group
    verdict = read(chip, AccessNumber("123456")).verdict
    assert (verdict.authenticity, verdict.reason) == (Authenticity.FAILED, "data_changed")


def test_a_forged_security_object_fails() -> None:
    """Hashes of other data, and the old signature over them."""
    chip = chip_of()
    ours = chip.files[files.SECURITY_OBJECT]
    at = ours.find(bytes.fromhex("0420")) + 10
    chip.files[files.SECURITY_OBJECT] = ours[:at] + bytes([ours[at] ^ 1]) + ours[at + 1 :]
    verdict = read(chip, AccessNumber("123456")).verdict
    assert verdict.authenticity is Authenticity.FAILED


def test_a_signature_of_somebody_else_fails() -> None:
    chip = chip_of()
    ours = chip.files[files.SECURITY_OBJECT]
    chip.files[files.SECURITY_OBJECT] = ours[:-4] + bytes(4)
    verdict = read(chip, AccessNumber("123456")).verdict
    assert (verdict.authenticity, verdict.reason) == (Authenticity.FAILED, "signature")


@pytest.mark.parametrize("named", ["by serial number", "by key"])
def test_a_signer_whose_certificate_is_not_there_is_no_answer(named: str) -> None:
    chip = chip_of()
    wrapped = cms.ContentInfo.load(tlv.only(chip.files[files.SECURITY_OBJECT], 0x77))
    signer = wrapped["content"]["signer_infos"][0]
    if named == "by key":
        signer["sid"] = cms.SignerIdentifier("subject_key_identifier", bytes(20))
    else:
        signer["sid"].chosen["serial_number"] = 99
    chip.files[files.SECURITY_OBJECT] = tlv.encode(0x77, wrapped.dump(force=True))
    with pytest.raises(CardError) as refused:
        read(chip, AccessNumber("123456"))
    assert refused.value.key == "chip_garbled"


def test_a_copy_of_the_files_is_found_out() -> None:
    """All files of a real chip in another one, which has not its secret keys."""
    for name, key in (("pace", "chip_copied"), ("signs only", "copied")):
        copy, real = chip_of(ABILITIES[name]), chip_of(ABILITIES[name])
        copy.files = dict(real.files)
        if key == "chip_copied":
            with pytest.raises(CardError) as refused:
                read(copy, AccessNumber("123456"))
            assert refused.value.key == key
        else:
            reading = read(copy, AccessNumber("123456"))
            assert reading.genuine is False
            assert reading.verdict.reason == key


def removed(_: bytes) -> bytes:
    raise CardError("chip_removed")


@pytest.mark.parametrize("first", [0, 1, 3, 6, 10, 14, 20])
@pytest.mark.parametrize(
    "change",
    [
        removed,
        lambda answer: answer[:-3],
        lambda answer: answer[:1],
        lambda _: b"",
        lambda answer: answer + bytes(300),
        lambda _: b"\x6f\x00",
        lambda answer: bytes(len(answer) - 2) + b"\x90\x00",
        lambda answer: answer[:-2] + bytes(7) + answer[-2:],
    ],
    ids=["removed", "cut", "one byte", "nothing", "oversized", "error", "zeros", "longer"],
)
def test_whatever_happens_on_the_way_ends_in_one_of_the_errors(
    first: int, change: Callable[[bytes], bytes]
) -> None:
    for abilities in (ABILITIES["pace"], ABILITIES["bac"]):
        chip = chip_of(abilities)
        with pytest.raises(CardError) as refused:
            read(Touched(chip, first, change), key_of(chip, ZONE))
        assert refused.value.key.startswith("chip_")


def test_a_card_that_takes_too_long_is_given_up() -> None:
    chip = chip_of()
    now = iter(range(10_000))
    with pytest.raises(CardError) as refused:
        read_chip(chip, AccessNumber("123456"), TRUST, NOW, clock=lambda: next(now) * 0.2)
    assert refused.value.key == "chip_slow"
    assert next(now) <= LONGEST_S / 0.2 + 3


# ── hostile cards ─────────────────────────────────────────────────────────────────────────────


@given(st.data())
def test_no_answer_of_a_card_does_harm(data: st.DataObject) -> None:
    """Any bytes in place of any answer: one of the errors, or the whole reading."""
    chip = chip_of(data.draw(st.sampled_from([ABILITIES["bac"], ABILITIES["signs only"]])))

    def changed(answer: bytes) -> bytes:
        return data.draw(st.binary(max_size=60) | st.just(answer))

    with suppress(CardError):
        read(Touched(chip, data.draw(st.integers(0, 12)), changed), key_of(chip, ZONE))


@given(
    st.sampled_from([1, 2, 13, 14, 15, 0x1D]),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=8),
)
def test_no_file_of_a_card_does_harm(file: int, share: float, put: bytes) -> None:
    """A chip that says whatever it likes: an error, or a verdict that it was changed."""
    chip = chip_of(ABILITIES["bac"])
    whole = chip.files[0x0100 + file]
    at = int(share * len(whole))
    changed = whole[:at] + put + whole[at + len(put) :]
    chip.files[0x0100 + file] = changed
    with suppress(CardError):
        verdict = read(chip, key_of(chip, ZONE)).verdict
        unchanged = changed == whole or file == 0x1D  # its unsigned parts may be anything
        assert unchanged or verdict.authenticity is not Authenticity.VERIFIED


@given(st.binary(max_size=200))
def test_any_bytes_are_objects_or_an_error(data: bytes) -> None:
    with suppress(CardError):
        assert sum(len(each.value) for each in tlv.parse(data)) <= len(data)


@given(st.sampled_from([0x61, 0x7F61, 0x5F1F, 0x04]), st.binary(max_size=70_000))
def test_what_is_encoded_is_read_back(tag: int, value: bytes) -> None:
    encoded = tlv.encode(tag, value)
    if len(encoded) <= tlv.LIMIT_BYTES:
        assert [(each.tag, each.value) for each in tlv.parse(encoded)] == [(tag, value)]
        assert tlv.whole_length(encoded[:6].ljust(6, b"\0")) == len(encoded)
    else:
        with pytest.raises(CardError):
            tlv.parse(encoded)


def test_nothing_personal_is_logged_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chip = chip_of()
    reading = read(chip, AccessNumber("123456"))
    told = (
        f"{caplog.text} {reading!r} {AccessNumber('123456')!r} {ZoneKey.of(mrz.parse(chip.zone))!r}"
    )
    for secret in (HOLDER.number, HOLDER.name, HOLDER.address, "123456"):
        assert secret not in told
