"""The worked examples of ICAO Doc 9303-11: appendix D (BAC, secure messaging) and appendix G.1
(PACE, ECDH with generic mapping)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.errors import CardError
from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.chip.apdu import Command, granted
from kiosk.idcard.chip.bac import open_by_bac
from kiosk.idcard.chip.ciphers import TRIPLE_DES, Suite, padded, unpadded
from kiosk.idcard.chip.curves import Curve
from kiosk.idcard.chip.messaging import SecureChannel, SessionKeys
from kiosk.idcard.chip.pace import Offer, open_by_pace

BAC_KEY = ZoneKey("L898902C", "690806", "940623")
SESSION = SessionKeys(
    TRIPLE_DES,
    bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5"),
    bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8"),
    bytes.fromhex("887022120C06C226"),
)
PACE_KEY = ZoneKey("T22000129", "640812", "101031")
PACE_OFFER = Offer("0.4.0.127.0.7.2.2.4.2.2", 13)


class ScriptedCard:
    """A card that plays back a conversation and accepts no other."""

    def __init__(self, *lines: tuple[str, str]) -> None:
        """Each line: what is to be sent and what is answered, in hexadecimal."""
        self._lines = [(bytes.fromhex(sent), bytes.fromhex(said)) for sent, said in lines]

    def transmit(self, command: bytes) -> bytes:
        """See :class:`kiosk.idcard.chip.apdu.Card`."""
        sent, said = self._lines.pop(0)
        assert command.hex() == sent.hex()
        return said

    @property
    def done(self) -> bool:
        """Everything was said."""
        return not self._lines


def drawn(*values: int | bytes) -> Callable[[int], bytes]:
    """Random bytes that are none: each of ``values`` in turn."""
    left = list(values)

    def draw(size: int) -> bytes:
        value = left.pop(0)
        return value if isinstance(value, bytes) else value.to_bytes(size, "big")

    return draw


def test_bac_keys() -> None:
    seed = BAC_KEY.secret()[:16]
    assert seed.hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAE"
    assert TRIPLE_DES.derived(seed, 1).hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert TRIPLE_DES.derived(seed, 2).hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"


def test_bac_session() -> None:
    request = "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"
    answer = "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449"
    card = ScriptedCard(
        ("0084000008", "4608F919887022129000"),
        (f"0082000028{request}28", f"{answer}9000"),
        (
            "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
            "990290008E08FA855A5D4C50A8ED9000",
        ),
        (
            "0CB000000D9701048E08ED6705417E96BA5500",
            "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
        ),
    )
    random = drawn(
        bytes.fromhex("781723860C06C226"), bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")
    )
    channel = open_by_bac(card, BAC_KEY, random)
    granted(channel, Command(0xA4, 2, 0x0C, bytes.fromhex("011E")))
    assert granted(channel, Command(0xB0, 0, 0, expected=4)).hex().upper() == "60145F01"
    assert card.done


def test_pace_session() -> None:
    protocol = "800A04007F00070202040202"
    encrypted_nonce = "95A3A016522EE98D01E76CB6B98B42C3"
    map_private = 0x7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99
    own_private = 0xA73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595
    ours = [
        "7ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
        "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D",
        "2DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
        "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462",
    ]
    theirs = [
        "824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54",
        "9E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094",
    ]
    card = ScriptedCard(
        (f"0022C1A40F{protocol}830101", "9000"),
        ("10860000027C0000", f"7C128010{encrypted_nonce}9000"),
        (f"10860000457C43814104{ours[0]}00", f"7C43824104{theirs[0]}9000"),
        (f"10860000457C43834104{ours[1]}00", f"7C43844104{theirs[1]}9000"),
        ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
    )
    channel = open_by_pace(card, PACE_KEY, PACE_OFFER, drawn(map_private - 1, own_private - 1))
    assert card.done
    assert isinstance(channel, SecureChannel)


def test_pace_keys() -> None:
    suite = Suite(aes=True)
    opening = suite.derived(PACE_KEY.secret(), 3)
    assert opening.hex().upper() == "89DED1B26624EC1E634C1989302849DD"
    nonce = suite.decrypted(opening, bytes.fromhex("95A3A016522EE98D01E76CB6B98B42C3"))
    assert nonce.hex().upper() == "3F00C4D39D153F2B2A214A078D899B22"
    shared = bytes.fromhex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925")
    keys = SessionKeys.of(suite, shared)
    assert keys.encryption.hex().upper() == "F5F0E35C0D7161EE6724EE513A0D9A7F"
    assert keys.authentication.hex().upper() == "FE251C7858B356B24514B3BD5F4297D1"


@pytest.mark.parametrize("changed", range(16))
def test_an_answer_that_was_touched_ends_the_session(changed: int) -> None:
    answer = bytearray(bytes.fromhex("990290008E08FA855A5D4C50A8ED9000"))
    answer[changed] ^= 1
    card = ScriptedCard(
        ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", answer.hex()),
    )
    channel = SecureChannel(card, SESSION)
    select = Command(0xA4, 2, 0x0C, bytes.fromhex("011E"))
    if changed >= 14:  # the status outside is not protected, and not believed
        assert channel.ask(select).status == 0x9000
        return
    with pytest.raises(CardError):
        channel.ask(select)
    with pytest.raises(CardError):
        channel.ask(select)


def test_padding() -> None:
    assert padded(b"12345678", 8) == b"12345678\x80" + bytes(7)
    assert unpadded(padded(b"\0\x80\0", 16)) == b"\0\x80\0"
    assert unpadded(bytes(8)) is None
    assert unpadded(b"") is None


@pytest.mark.parametrize(
    "encoded",
    ["", "04" + "00" * 64, "02" + "01" * 32, "04" + "FF" * 64, "04" + "01" * 63],
)
def test_what_is_no_point_of_the_curve_is_refused(encoded: str) -> None:
    with pytest.raises(CardError):
        Curve(13).point(bytes.fromhex(encoded))
