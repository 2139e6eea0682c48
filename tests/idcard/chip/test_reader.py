"""A reader that waits for cards, with virtual chips on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Queue

from kiosk.errors import CardError
from kiosk.idcard import mrz
from kiosk.idcard.chip.access import ZoneKey
from kiosk.idcard.chip.issuing import VirtualIssuer
from kiosk.idcard.chip.passive import TrustStore
from kiosk.idcard.chip.reader import WaitingReader
from kiosk.idcard.chip.reading import ChipReading
from kiosk.idcard.chip.virtual import VirtualChip
from kiosk.idcard.synthetic import synthetic

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ISSUER = VirtualIssuer(NOW)
WRONG = ZoneKey("000000000", "900101", "400101")
PATIENCE_S = 30.0


class Laid:
    """A chip on the reader, or none."""

    def __init__(self, chip: VirtualChip | None) -> None:
        self.chip = chip

    def inserted(self) -> Laid | None:
        if self.chip is not None:
            self.chip.reset()
        return self if self.chip is not None else None

    def transmit(self, command: bytes) -> bytes:
        if self.chip is None:
            raise CardError("chip_removed")
        return self.chip.transmit(command)

    def close(self) -> None:
        pass


def chip() -> VirtualChip:
    return VirtualChip(synthetic(5), b"\xff\xd8\xff\xe0" + bytes(800), ISSUER)


Said = Queue[ChipReading | tuple[str, bool]]


@contextmanager
def reader(laid: Laid) -> Iterator[tuple[WaitingReader, Said, list[float]]]:
    said: Said = Queue()
    shares: list[float] = []
    waiting = WaitingReader(
        laid.inserted,
        TrustStore([ISSUER.authority]),
        lambda: NOW,
        progress=shares.append,
        read=said.put,
        refused=lambda error, final: said.put((error.key, final)),
    )
    yield waiting, said, shares
    waiting.close()


def keys_of(card: VirtualChip) -> tuple[ZoneKey, ...]:
    return (WRONG, ZoneKey.of(mrz.parse(card.zone)))


def test_the_key_that_opens_is_found_among_several() -> None:
    laid = Laid(chip())
    assert laid.chip is not None
    with reader(laid) as (waiting, said, shares):
        waiting.read(keys_of(laid.chip))
        read = said.get(timeout=PATIENCE_S)
    assert isinstance(read, ChipReading)
    assert read.document.number == synthetic(5).number
    assert shares[-1] == 1.0


def test_no_key_opens_it() -> None:
    with reader(Laid(chip())) as (waiting, said, _):
        waiting.read((WRONG,))
        assert said.get(timeout=PATIENCE_S) == ("chip_key", True)
        waiting.read(())
        assert said.get(timeout=PATIENCE_S) == ("chip_needs_zone", True)


def test_it_waits_for_a_card_and_tries_again_after_one_was_lifted() -> None:
    laid = Laid(None)
    card = chip()
    with reader(laid) as (waiting, said, _):
        waiting.read(keys_of(card))
        broken = VirtualChip(synthetic(5), b"\xff\xd8\xff\xe0", ISSUER)
        broken.files.clear()
        laid.chip = broken
        refused = said.get(timeout=PATIENCE_S)
        assert isinstance(refused, tuple)
        assert not refused[1]
        laid.chip = card
        while isinstance(read := said.get(timeout=PATIENCE_S), tuple):
            assert not read[1]
    assert read.document.number == synthetic(5).number
