"""What the chip's data groups say (ICAO 9303-10, section 4.7).

Read is only what the office has a purpose for: the lines of the zone, the portrait to compare
with the face in front of the camera, and of the national group 13 the fields named in
:data:`_WANTED`. Ethnicity, religion, parents and features are passed over and never kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kiosk.errors import CardError
from kiosk.idcard import mrz
from kiosk.idcard.chip import tlv
from kiosk.idcard.mrz import MachineReadable
from kiosk.idcard.qr import calendar_day

ZONE, PORTRAIT, NATIONAL, KEY_AGREEMENT, SIGNING_KEY = 1, 2, 13, 14, 15

_WANTED = {1: "number", 2: "name", 3: "birth", 4: "sex", 9: "address", 11: "issued", 16: "old"}
"""Fields of group 13 by their number. Not published; as public readers of the card found them."""
_LONGEST = {"name": 100, "address": 300}
_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = (b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
"""File format and bare codestream (ISO/IEC 15444-1, annexes I.5.1 and A.4.1)."""


@dataclass(frozen=True, slots=True, repr=False)
class National:
    """What group 13 says, as far as it is read. Empty where the card says nothing."""

    number: str = ""
    name: str = ""
    birth: str = ""
    sex: str = ""
    address: str = ""
    issued: str | None = None
    """``YYYY-MM-DD``."""
    old: str = ""


def zone(group_1: bytes) -> MachineReadable:
    """The machine-readable zone. Raises :class:`CardError`."""
    lines = tlv.only(group_1, 0x61, 0x5F1F)
    if len(lines) != 90 or not lines.isascii():
        tlv.garbled()
    text = lines.decode("ascii")
    return mrz.parse("\n".join((text[:30], text[30:60], text[60:])))


def portrait(group_2: bytes) -> bytes:
    """The holder's picture as the file (JPEG or JPEG 2000) it is in the chip.

    Raises :class:`CardError` (``chip_garbled``). The picture is for comparing in memory; it is
    never stored (ISO/IEC 19794-5 facial record inside an ICAO 9303-10 biometric template).
    """
    template = tlv.only(group_2, 0x75, 0x7F61, 0x7F60)
    record = next((t.value for t in tlv.parse(template) if t.tag in (0x5F2E, 0x7F2E)), b"")
    if not record.startswith(b"FAC\x00"):
        tlv.garbled()
    starts = [at for mark in (_JPEG, *_JPEG_2000) if (at := record.find(mark)) > 0]
    if not starts:
        tlv.garbled()
    return record[min(starts) :]


def national(group_13: bytes) -> National:
    """The Vietnamese fields of group 13. Raises :class:`CardError` (``chip_garbled``)."""
    found: dict[str, str] = {}
    for item in tlv.parse(tlv.only(group_13, 0x6D, 0x30)):
        number, *values = tlv.parse(item.value) if item.tag == 0x30 else [tlv.Tlv(0, b"")]
        wanted = _WANTED.get(number.value[0]) if number.tag == 0x02 and number.value else None
        if wanted and values and values[0].tag == 0x0C:
            found[wanted] = _text(values[0].value, _LONGEST.get(wanted, 32))
    if not re.fullmatch(r"[0-9]{12}", found.get("number", "")):
        tlv.garbled()
    old = found.get("old", "")
    return National(
        number=found["number"],
        name=found.get("name", ""),
        birth=found.get("birth", ""),
        sex=found.get("sex", ""),
        address=found.get("address", ""),
        issued=calendar_day(found.get("issued", "")),
        old=old if re.fullmatch(r"[0-9]{9}", old) else "",
    )


def _text(value: bytes, longest: int) -> str:
    try:
        text = unicodedata.normalize("NFC", value.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CardError("chip_garbled") from error
    visible = "".join(c for c in text if c.isspace() or not unicodedata.category(c).startswith("C"))
    joined = " ".join(visible.split())
    if len(joined) > longest:
        tlv.garbled()
    return joined
