"""The card reader: whatever pcscd knows (PC/SC, through pyscard).

pyscard is an extra of the kiosk (``card``), or ``python3-pyscard`` from Debian. Without it, or
without pcscd, there is no reader and everything else goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from kiosk.errors import CardError
from kiosk.idcard.chip.reading import LONGEST_S

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
    """A card on a reader. See :class:`~kiosk.idcard.chip.apdu.Card`.

    pcscd waits for an answer for as long as the reader's driver does, which may be for ever. So a
    thread asks, and is left behind with the card when there is no answer in :data:`LONGEST_S`.
    """

    def __init__(self, connection: CardConnection) -> None:
        self._connection = connection
        self._until = monotonic() + LONGEST_S
        self._stuck = False

    def transmit(self, command: bytes) -> bytes:
        """The card's answer. Raises :class:`CardError` (``chip_removed``, ``chip_slow``)."""
        if self._stuck:
            raise CardError("chip_slow")
        answered: Queue[bytes | None] = Queue()
        Thread(target=self._ask, args=(command, answered), name="chip answer", daemon=True).start()
        try:
            answer = answered.get(timeout=max(0.0, self._until - monotonic()))
        except Empty:
            self._stuck = True
            raise CardError("chip_slow") from None
        if answer is None:
            raise CardError("chip_removed")
        return answer

    def _ask(self, command: bytes, answered: Queue[bytes | None]) -> None:
        from smartcard.Exceptions import SmartcardException

        try:
            data, first, second = self._connection.transmit(list(command))
            answered.put(bytes((*data, first, second)))
        except SmartcardException:
            answered.put(None)
        if self._stuck:
            self._let_go()  # now, not when it is collected: another card may lie there then

    def close(self) -> None:
        """Let go of the card, and of pcscd; of one that never answered, when it does."""
        if not self._stuck:
            self._let_go()

    def _let_go(self) -> None:
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
