"""Basic access control: the older way to open a chip (ICAO 9303-11, section 4.3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from kiosk.errors import CardError
from kiosk.idcard.chip import tlv
from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.chip.apdu import OK, Card, Command, PlainChannel, granted
from kiosk.idcard.chip.ciphers import TRIPLE_DES
from kiosk.idcard.chip.messaging import SecureChannel, SessionKeys

GET_CHALLENGE, MUTUAL_AUTHENTICATE = 0x84, 0x82


def open_by_bac(card: Card, key: ZoneKey, random: Callable[[int], bytes]) -> SecureChannel:
    """A secure channel to the application that was selected before.

    Raises :class:`CardError`: ``chip_key`` when the card does not know the key.
    """
    seed = key.secret()[:16]
    encryption, authentication = TRIPLE_DES.derived(seed, 1), TRIPLE_DES.derived(seed, 2)
    plain = PlainChannel(card)
    theirs = granted(plain, Command(GET_CHALLENGE, 0, 0, expected=8))
    ours, our_share = random(8), random(16)
    secret = TRIPLE_DES.encrypted(encryption, ours + theirs[:8] + our_share)
    request = secret + TRIPLE_DES.mac(authentication, secret)
    answer = plain.ask(Command(MUTUAL_AUTHENTICATE, 0, 0, request, expected=40))
    if answer.status != OK:
        raise CardError("chip_key")
    secret, code = answer.data[:32], answer.data[32:]
    if len(answer.data) != 40 or len(theirs) != 8:
        tlv.garbled()
    if not hmac.compare_digest(TRIPLE_DES.mac(authentication, secret), code):
        raise CardError("chip_key")
    opened = TRIPLE_DES.decrypted(encryption, secret)
    if opened[:16] != theirs + ours:
        raise CardError("chip_key")
    shared = bytes(a ^ b for a, b in zip(our_share, opened[16:], strict=True))
    return SecureChannel(card, SessionKeys.of(TRIPLE_DES, shared, theirs[4:] + ours[4:]))
