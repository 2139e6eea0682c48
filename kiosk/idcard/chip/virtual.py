"""The virtual card: a chip in memory, for tests, demonstrations and technicians.

It does what a real one does: BAC, PACE, secure messaging, files, chip and active authentication.
:mod:`kiosk.idcard.chip.vpcd` puts it into a virtual reader, where pcscd finds it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from kiosk.errors import CardError
from kiosk.idcard import mrz, synthetic
from kiosk.idcard.chip import bac, files, genuine, pace, tlv
from kiosk.idcard.chip.access import AccessKey, AccessNumber, ZoneKey
from kiosk.idcard.chip.apdu import OK
from kiosk.idcard.chip.ciphers import TRIPLE_DES, padded
from kiosk.idcard.chip.issuing import VirtualIssuer
from kiosk.idcard.chip.messaging import Ciphers, SessionKeys
from kiosk.idcard.chip.virtual_files import (
    card_access,
    national_group,
    portrait_group,
    security_infos,
    spki,
    zone_group,
)
from kiosk.idcard.chip.virtual_pace import ChipAgreement
from kiosk.idcard.document import IdentityDocument

WRONG_KEY, NO_SESSION, NOT_FOUND, WRONG_DATA = 0x6300, 0x6982, 0x6A82, 0x6A80
UNKNOWN_COMMAND, PAST_THE_END, BAD_MAC = 0x6D00, 0x6B00, 0x6988
_ASKED = 0x97


BLANK = b"\xff\xd8\xff\xd9"
"""A JPEG without a picture: who reads it sees that there is nobody."""

_AES_PACE = pace.Offer("0.4.0.127.0.7.2.2.4.2.2", 13)
"""AES-128 over brainpoolP256r1."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a virtual card offers."""

    pace: pace.Offer | None = _AES_PACE
    """``None``: an older card that knows BAC only."""
    chip_authentication: str | None = "0.4.0.127.0.7.2.2.3.2.2"
    signs: bool = True
    """Active authentication."""
    access_number: str = "123456"


@dataclass(slots=True)
class _Session:
    """What a chip forgets when it leaves the field."""

    selected: bool = False
    file: bytes | None = None
    ciphers: Ciphers | None = None
    challenge: bytes = b""
    agreement: ChipAgreement | None = None
    renewed: SessionKeys | None = None
    """Keys from the next command on."""


class VirtualChip:
    """A chip that holds ``document`` and ``portrait`` (a JPEG).

    ``random`` gives its random bytes. Files may be changed before use: ``files`` maps what is
    selected to what is read.
    """

    def __init__(
        self,
        document: IdentityDocument,
        portrait: bytes,
        issuer: VirtualIssuer,
        abilities: Abilities = Abilities(),
        expires: date | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._abilities = abilities
        self._random = random
        self._agreement_key = ec.generate_private_key(ec.BrainpoolP256R1())
        self._signing_key = ec.generate_private_key(ec.SECP256R1())
        self.zone = synthetic.zone(document, expires)
        self._zone_key = ZoneKey.of(mrz.parse(self.zone))
        groups = self._groups(document, portrait)
        self.files = {files.group_file(number): content for number, content in groups.items()}
        self.files[files.SECURITY_OBJECT] = issuer.security_object(groups)
        if abilities.pace:
            self.files[files.CARD_ACCESS] = card_access(abilities.pace)
        self._session = _Session()

    def reset(self) -> None:
        """The card leaves the field and comes back."""
        self._session = _Session()

    def transmit(self, command: bytes) -> bytes:
        """See :class:`~kiosk.idcard.chip.apdu.Card`."""
        header, data, expected = _parts(command)
        if header[0] & 0x0C == 0x0C:
            return self._protected(header, data)
        answer, status = self._plain(header, data, expected)
        return answer + status.to_bytes(2, "big")

    # ── what is in it ─────────────────────────────────────────────────────────────────────────

    def _groups(self, document: IdentityDocument, portrait: bytes) -> dict[int, bytes]:
        protocol, signs = self._abilities.chip_authentication, self._abilities.signs
        groups = {1: zone_group(self.zone), 2: portrait_group(portrait)}
        groups[13] = national_group(document)
        if protocol or signs:
            agreement = (protocol, self._agreement_key.public_key()) if protocol else None
            groups[14] = security_infos(agreement, signs=signs)
        if signs:
            groups[15] = tlv.encode(0x6F, spki(self._signing_key.public_key()))
        return groups

    # ── commands ──────────────────────────────────────────────────────────────────────────────

    def _protected(self, header: bytes, body: bytes) -> bytes:
        ciphers = self._session.ciphers
        if ciphers is None:
            return NO_SESSION.to_bytes(2, "big")
        ciphers.count()
        objects = tlv.parse(body)
        found = {each.tag: each.value for each in objects}
        sealed = b"".join(tlv.encode(e.tag, e.value) for e in objects if e.tag != 0x8E)
        start = padded(header, ciphers.block)
        code = ciphers.code(start + (padded(sealed, ciphers.block) if sealed else b""))
        if not hmac.compare_digest(code, found.get(0x8E, b"")):
            self._session.ciphers = None
            return BAD_MAC.to_bytes(2, "big")
        data = ciphers.opened(found[0x87]) if 0x87 in found else b""
        expected = (found[_ASKED][0] or 256) if _ASKED in found else 0
        answer, status = self._under_keys(header, data, expected)
        ciphers.count()
        content = ciphers.sealed(answer) if answer else b""
        content += tlv.encode(0x99, status.to_bytes(2, "big"))
        code = ciphers.code(padded(content, ciphers.block))
        if self._session.renewed:
            self._session.ciphers = Ciphers(self._session.renewed)
            self._session.renewed = None
        return content + tlv.encode(0x8E, code) + status.to_bytes(2, "big")

    def _plain(self, header: bytes, data: bytes, expected: int) -> tuple[bytes, int]:
        session = self._session
        match header[1], header[2]:
            case files.SELECT, 0x04:
                session.selected, session.ciphers = data == files.APPLICATION, None
                return b"", OK if session.selected else NOT_FOUND
            case files.SELECT, 0x02 if data == files.CARD_ACCESS.to_bytes(2, "big"):
                return self._select(data)
            case files.READ_BINARY, _ if session.file is self.files.get(files.CARD_ACCESS):
                return self._read(header, expected)
            case ((files.SELECT | files.READ_BINARY), _):
                return b"", NO_SESSION if session.selected else NOT_FOUND
            case bac.GET_CHALLENGE, _ if session.selected:
                session.challenge = self._random(8)
                return session.challenge, OK
            case bac.MUTUAL_AUTHENTICATE, _ if session.challenge:
                return self._mutually(data)
            case pace.SET_AUTHENTICATION, 0xC1 if self._abilities.pace:
                return self._announced(data)
            case pace.GENERAL_AUTHENTICATE, _ if session.agreement:
                return self._agree(data)
            case _:
                return b"", UNKNOWN_COMMAND

    def _under_keys(self, header: bytes, data: bytes, expected: int) -> tuple[bytes, int]:
        match header[1], header[2]:
            case files.SELECT, 0x04:
                self._session.selected = data == files.APPLICATION
                return b"", OK if self._session.selected else NOT_FOUND
            case files.SELECT, _:
                return self._select(data) if self._session.selected else (b"", NOT_FOUND)
            case files.READ_BINARY, _:
                return self._read(header, expected)
            case pace.SET_AUTHENTICATION, 0x41:
                return self._renew(header, data)
            case pace.GENERAL_AUTHENTICATE, _ if self._abilities.chip_authentication:
                return self._renewed(tlv.only(data, 0x7C, 0x80), tlv.encode(0x7C, b""))
            case genuine.INTERNAL_AUTHENTICATE, _ if self._abilities.signs:
                return self._sign(data), OK
            case _:
                return b"", UNKNOWN_COMMAND

    def _select(self, data: bytes) -> tuple[bytes, int]:
        self._session.file = self.files.get(int.from_bytes(data, "big"))
        return b"", NOT_FOUND if self._session.file is None else OK

    def _read(self, header: bytes, expected: int) -> tuple[bytes, int]:
        offset = (header[2] & 0x7F) << 8 | header[3]
        if self._session.file is None or offset >= len(self._session.file):
            return b"", PAST_THE_END
        return self._session.file[offset : offset + expected], OK

    def _mutually(self, data: bytes) -> tuple[bytes, int]:
        seed = self._zone_key.secret()[:16]
        encryption, authentication = TRIPLE_DES.derived(seed, 1), TRIPLE_DES.derived(seed, 2)
        secret, code = data[:32], data[32:]
        if TRIPLE_DES.mac(authentication, secret) != code:
            return b"", WRONG_KEY
        opened = TRIPLE_DES.decrypted(encryption, secret)
        theirs, ours, their_share = opened[:8], opened[8:16], opened[16:]
        if ours != self._session.challenge:
            return b"", WRONG_KEY
        our_share = self._random(16)
        answer = TRIPLE_DES.encrypted(encryption, ours + theirs + our_share)
        shared = bytes(a ^ b for a, b in zip(our_share, their_share, strict=True))
        keys = SessionKeys.of(TRIPLE_DES, shared, ours[4:] + theirs[4:])
        self._session.ciphers = Ciphers(keys)
        return answer + TRIPLE_DES.mac(authentication, answer), OK

    def _announced(self, data: bytes) -> tuple[bytes, int]:
        assert self._abilities.pace is not None  # noqa: S101 -- or the command is unknown
        number = AccessNumber(self._abilities.access_number)
        passwords: dict[bytes, AccessKey] = {b"\1": self._zone_key, b"\2": number}
        password = passwords.get(tlv.only(data, 0x83))
        if password is None:
            return b"", WRONG_DATA
        self._session.agreement = ChipAgreement(self._abilities.pace, password, self._random)
        return b"", OK

    def _agree(self, data: bytes) -> tuple[bytes, int]:
        agreement = self._session.agreement
        assert agreement is not None  # noqa: S101 -- announced before
        try:
            answer = agreement.step(data)
        except CardError as error:
            self._session.agreement = None
            return b"", WRONG_KEY if error.key == "chip_key" else WRONG_DATA
        if agreement.keys:
            self._session.agreement, self._session.ciphers = None, Ciphers(agreement.keys)
        return answer, OK

    # ── proofs ────────────────────────────────────────────────────────────────────────────────

    def _renew(self, header: bytes, data: bytes) -> tuple[bytes, int]:
        if header[3] == 0xA6:  # with Triple-DES the key comes with the command
            return self._renewed(tlv.only(data, 0x91), b"")
        return b"", OK

    def _renewed(self, theirs: bytes, answer: bytes) -> tuple[bytes, int]:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.BrainpoolP256R1(), theirs)
        secret = self._agreement_key.exchange(ec.ECDH(), public)
        assert self._abilities.chip_authentication is not None  # noqa: S101
        suite = genuine.SUITES[self._abilities.chip_authentication]
        self._session.renewed = SessionKeys.of(suite, secret)
        return answer, OK

    def _sign(self, challenge: bytes) -> bytes:
        signature = self._signing_key.sign(challenge, ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _parts(command: bytes) -> tuple[bytes, bytes, int]:
    """Header, data and how much is expected; short lengths (ISO/IEC 7816-3, section 12.1.3)."""
    header, body = command[:4], command[4:]
    if len(body) == 1:
        return header, b"", body[0] or 256
    size = body[0] if body else 0
    rest = body[1 + size :]
    return header, body[1 : 1 + size], (rest[0] or 256) if rest else 0
