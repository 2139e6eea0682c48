"""What is in the files of a virtual chip (ICAO 9303-10, section 4.7)."""

from __future__ import annotations

import struct
from typing import Final

from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.pace import Offer
from kiosk.idcard.document import IdentityDocument, Sex

_SEXES: Final[dict[Sex | None, str]] = {"M": "Nam", "F": "Nữ", None: ""}


def zone_group(zone: str) -> bytes:
    """Group 1."""
    lines = zone.replace("\n", "").encode("ascii")
    return tlv.encode(0x61, tlv.encode(0x5F1F, lines))


def portrait_group(jpeg: bytes) -> bytes:
    """Group 2: one facial record of ISO/IEC 19794-5 with nothing but the picture."""
    information = struct.pack(">IH", 20 + 12 + len(jpeg), 0) + bytes(14)
    image = struct.pack(">BBHHBBHH", 1, 0, 0, 0, 1, 0, 0, 0)
    body = information + image + jpeg
    record = b"FAC\x00010\x00" + struct.pack(">IH", 14 + len(body), 1) + body
    template = tlv.encode(0xA1, tlv.encode(0x87, b"\1\1")) + tlv.encode(0x5F2E, record)
    group = tlv.encode(0x02, b"\1") + tlv.encode(0x7F60, template)
    return tlv.encode(0x75, tlv.encode(0x7F61, group))


def national_group(document: IdentityDocument) -> bytes:
    """Group 13, with fields that nobody has a purpose for beside those that are read."""
    fields = {
        1: document.number,
        2: document.name,
        3: _spelled(document.date_of_birth),
        4: _SEXES[document.sex],
        5: "Việt Nam",
        6: "Kinh",
        7: "Không",
        9: document.address,
        11: _spelled(document.issued or ""),
        16: document.old_number or "",
    }
    items = [
        sequence(tlv.encode(0x02, bytes([number])), tlv.encode(0x0C, text.encode()))
        for number, text in fields.items()
        if text
    ]
    parents = [tlv.encode(0x0C, name.encode()) for name in ("Nguyễn Văn Cha", "Trần Thị Mẹ")]
    items.append(sequence(tlv.encode(0x02, b"\x0d"), sequence(*parents)))
    return tlv.encode(0x6D, sequence(*items))


def security_infos(
    agreement: tuple[str, ec.EllipticCurvePublicKey] | None, *, signs: bool
) -> bytes:
    """Group 14: the protocol and key of chip authentication, and how the chip signs."""
    infos: list[bytes] = []
    if agreement:
        protocol, key = agreement
        infos.append(sequence(oid("0.4.0.127.0.7.2.2.1.2"), spki(key)))
        infos.append(sequence(oid(protocol), integer(1)))
    if signs:
        infos.append(sequence(oid("2.23.136.1.1.5"), integer(1), oid("0.4.0.127.0.7.1.1.4.1.3")))
    return tlv.encode(0x6E, tlv.encode(0x31, b"".join(infos)))


def card_access(offer: Offer) -> bytes:
    """EF.CardAccess: the one way of PACE the card offers."""
    return tlv.encode(0x31, sequence(oid(offer.protocol), integer(2), integer(offer.parameter)))


def spki(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key with its algorithm, in DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sequence(*items: bytes) -> bytes:
    """A DER sequence of items that are in DER already."""
    return tlv.encode(0x30, b"".join(items))


def oid(dotted: str) -> bytes:
    """An object identifier in DER."""
    return core.ObjectIdentifier(dotted).dump()


def integer(value: int) -> bytes:
    """An integer in DER."""
    return core.Integer(value).dump()


def _spelled(day: str) -> str:
    """``YYYY-MM-DD`` as a card writes it, ``DD/MM/YYYY``."""
    return "/".join(reversed(day.split("-")))
