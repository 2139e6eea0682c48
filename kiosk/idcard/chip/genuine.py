"""Whether the chip itself is the one that was issued, and not a copy of its files.

Chip authentication (ICAO 9303-11, section 6.2): the chip agrees on new session keys with a key it
cannot give away. Active authentication (section 6.1): it signs what we just thought of. Both keys
are in data groups whose hashes the issuer signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from asn1crypto import core
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from kiosk.errors import CardError
from kiosk.idcard.chip import files, tlv
from kiosk.idcard.chip.apdu import OK, Channel, Command, granted
from kiosk.idcard.chip.ciphers import TRIPLE_DES, Suite
from kiosk.idcard.chip.messaging import SecureChannel, SessionKeys
from kiosk.idcard.chip.pace import GENERAL_AUTHENTICATE, SET_AUTHENTICATION

INTERNAL_AUTHENTICATE = 0x88
_AGREEMENT = "0.4.0.127.0.7.2.2.3.2."
_PUBLIC_KEY = "0.4.0.127.0.7.2.2.1.2"
SUITES = {
    f"{_AGREEMENT}1": TRIPLE_DES,
    f"{_AGREEMENT}2": Suite(aes=True, key_bytes=16),
    f"{_AGREEMENT}3": Suite(aes=True, key_bytes=24),
    f"{_AGREEMENT}4": Suite(aes=True, key_bytes=32),
}
"""BSI TR-03110-3, table A.4: id-CA-ECDH with each cipher."""
_PLAIN_ECDSA: dict[str, hashes.HashAlgorithm] = {
    "0.4.0.127.0.7.1.1.4.1.3": hashes.SHA256(),
    "0.4.0.127.0.7.1.1.4.1.4": hashes.SHA384(),
    "0.4.0.127.0.7.1.1.4.1.5": hashes.SHA512(),
}
"""BSI TR-03111, section 5.2.1.1."""
_ACTIVE = "2.23.136.1.1.5"
_TRAILERS = {b"\xbc": "sha1", b"\x34\xcc": "sha256", b"\x36\xcc": "sha384", b"\x35\xcc": "sha512"}
"""ISO/IEC 9796-2: which hash a recovered message ends in."""


def _infos(group_14: bytes) -> list[list[tlv.Tlv]]:
    """The security infos of a group 14, each as its fields."""
    return [tlv.parse(info.value) for info in tlv.parse(tlv.only(group_14, 0x6E, 0x31))]


def _protocol(info: list[tlv.Tlv]) -> str:
    if not info or info[0].tag != 0x06:
        return ""
    return core.ObjectIdentifier.load(tlv.encode(0x06, info[0].value)).dotted


def chip_authenticated(
    channel: SecureChannel, group_14: bytes, card_file: int
) -> SecureChannel | None:
    """A channel that only the issued chip can keep up; ``None`` when group 14 offers none that
    is spoken here. ``card_file`` is read once to see that it does.

    Raises :class:`CardError` (``chip_copied``) when it cannot.
    """
    try:
        infos = [(_protocol(info), info) for info in _infos(group_14)]
        suite, protocol = next(
            (SUITES[p], p) for p, _ in sorted(infos, reverse=True) if p in SUITES
        )
        public = next(_public_key(info) for p, info in infos if p == _PUBLIC_KEY)
    except StopIteration:
        return None
    except (ValueError, TypeError) as error:
        raise CardError("chip_garbled") from error
    if public is None:
        return None
    return _agreed(channel, suite, protocol, public, card_file)


def _public_key(info: list[tlv.Tlv]) -> ec.EllipticCurvePublicKey | None:
    if len(info) < 2 or info[1].tag != 0x30:
        tlv.garbled()
    try:
        key = load_der_public_key(tlv.encode(0x30, info[1].value))
    except UnsupportedAlgorithm:
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def _agreed(
    channel: SecureChannel,
    suite: Suite,
    protocol: str,
    public: ec.EllipticCurvePublicKey,
    card_file: int,
) -> SecureChannel:
    ours = ec.generate_private_key(public.curve)
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if suite.aes:
        data = tlv.encode(0x80, core.ObjectIdentifier(protocol).contents or b"")
        granted(channel, Command(SET_AUTHENTICATION, 0x41, 0xA4, data))
        request = tlv.encode(0x7C, tlv.encode(0x80, point))
        granted(channel, Command(GENERAL_AUTHENTICATE, 0, 0, request, expected=256))
    else:
        granted(channel, Command(SET_AUTHENTICATION, 0x41, 0xA6, tlv.encode(0x91, point)))
    secret = ours.exchange(ec.ECDH(), public)
    renewed = SecureChannel(channel.card, SessionKeys.of(suite, secret))
    try:
        files.read_file(renewed, card_file)
    except CardError as error:
        if error.key in ("chip_garbled", "chip_refused"):
            raise CardError("chip_copied") from error
        raise
    return renewed


def actively_authenticated(
    channel: Channel, group_15: bytes, group_14: bytes | None, random: Callable[[int], bytes]
) -> bool:
    """Whether the chip signs a fresh challenge with the key of group 15.

    ``False`` when its answer is no such signature, or of a kind that is not known here.
    """
    challenge = random(8)
    answer = channel.ask(Command(INTERNAL_AUTHENTICATE, 0, 0, challenge, expected=256))
    if answer.status != OK:
        return False
    try:
        key = load_der_public_key(tlv.only(group_15, 0x6F))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CardError("chip_garbled") from error
    if isinstance(key, rsa.RSAPublicKey):
        return _recovers(key, answer.data, challenge)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _signs(key, answer.data, challenge, _digest(group_14))
    return False


def _digest(group_14: bytes | None) -> hashes.HashAlgorithm:
    """Which hash the chip signs, as group 14 says; SHA-256 where it says nothing."""
    for info in _infos(group_14) if group_14 else []:
        if _protocol(info) == _ACTIVE and len(info) >= 3 and info[2].tag == 0x06:
            named = core.ObjectIdentifier.load(tlv.encode(0x06, info[2].value)).dotted
            return _PLAIN_ECDSA.get(named, hashes.SHA256())
    return hashes.SHA256()


def _signs(
    key: ec.EllipticCurvePublicKey, plain: bytes, challenge: bytes, digest: hashes.HashAlgorithm
) -> bool:
    half = len(plain) // 2
    r, s = int.from_bytes(plain[:half], "big"), int.from_bytes(plain[half:], "big")
    try:
        key.verify(utils.encode_dss_signature(r, s), challenge, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


def _recovers(key: rsa.RSAPublicKey, signature: bytes, challenge: bytes) -> bool:
    """ISO/IEC 9796-2, scheme 1: the signature opens to 6A, part of the message, its hash, and a
    trailer that names the hash."""
    numbers, size = key.public_numbers(), key.key_size // 8
    value = int.from_bytes(signature, "big")
    if value >= numbers.n:
        return False
    opened = pow(value, numbers.e, numbers.n).to_bytes(size, "big")
    trailer = next((each for each in _TRAILERS if opened.endswith(each)), None)
    if trailer is None or opened[0] != 0x6A:
        return False
    digest = hashlib.new(_TRAILERS[trailer])
    body = opened[1 : -len(trailer)]
    recovered, found = body[: -digest.digest_size], body[-digest.digest_size :]
    digest.update(recovered + challenge)
    return digest.digest() == found
