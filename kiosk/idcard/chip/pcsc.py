"""The card reader: whatever pcscd knows (PC/SC, through pyscard).

pyscard is an extra of the kiosk (``card``), or ``python3-pyscard`` from Debian. Without it, or
without pcscd, there is no reader and everything else goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kiosk.errors import CardError

if TYPE_CHECKING:
    from smartcard.CardConnection import CardConnection


def readers() -> list[str]:
    """The names of all readers; none when PC/SC does not work here."""
    return [str(each) for each in _readers()]


def inserted_card(named: str = "") -> PcscCard | None:
    """The first card on a reader whose name contains ``named``; ``None`` when there is none."""
    for reader in _readers():
        if named in str(reader) and (card := _connected(reader)):
            return card
    return None


class PcscCard:
    """A card on a reader. See :class:`~kiosk.idcard.chip.apdu.Card`."""

    def __init__(self, connection: CardConnection) -> None:
        self._connection = connection

    def transmit(self, command: bytes) -> bytes:
        """The card's answer. Raises :class:`CardError` (``chip_removed``)."""
        from smartcard.Exceptions import SmartcardException

        try:
            data, first, second = self._connection.transmit(list(command))
        except SmartcardException as error:
            raise CardError("chip_removed") from error
        return bytes((*data, first, second))

    def close(self) -> None:
        """Let go of the card, and of pcscd."""
        from smartcard.Exceptions import SmartcardException

        # What has gone already cannot be let go of.
        with suppress(SmartcardException):
            self._connection.disconnect()
        with suppress(SmartcardException):
            self._connection.release()


def _readers() -> Sequence[Any]:
    try:
        from smartcard.Exceptions import SmartcardException
        from smartcard.System import readers as known
    except ImportError:
        return []
    try:
        return known()
    except SmartcardException:
        return []  # pcscd is not there


def _connected(reader: Any) -> PcscCard | None:
    from smartcard.Exceptions import SmartcardException

    card = PcscCard(connection := reader.createConnection())
    try:
        connection.connect()
    except SmartcardException:
        card.close()
        return None
    return card
