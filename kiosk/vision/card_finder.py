"""What there is to read on a card held up to the camera: its code, else its print."""

from __future__ import annotations

from kiosk.vision import barcode
from kiosk.vision.camera import Frame
from kiosk.vision.card_text import CardReader
from kiosk.vision.percepts import BarcodePercept, CardText, CardView
from kiosk.vision.stages import Stages

_CODE_EVERY = 2
"""Frames between two searches for a code."""
_VIEW_EVERY = 4
"""Frames between two looks at what keeps a code from being read: between them it is held."""
_PRINT_AFTER_S = 8.0
"""The zone on the back is looked for from the start; the printed side, whose every word has to be
confirmed, only when nothing better was found for so long."""

Found = tuple[tuple[BarcodePercept, ...], CardView | None, CardText | None]


class CardFinder:
    """Looks at frames while a card is wanted."""

    def __init__(self, read_print: bool) -> None:
        """``read_print``: read letters too, where tesseract is installed."""
        self._reader = CardReader.installed() if read_print else None
        self._wanted = False
        self._since: float | None = None
        self._view: CardView | None = None

    def wanted(self, on: bool) -> None:
        """Look for a card, or no longer."""
        self._wanted, self._since, self._view = on, None, None
        if self._reader is not None:
            self._reader.forget()

    def look(self, frame: Frame, number: int, stages: Stages) -> Found:
        """Codes, a code that cannot be read, and print in frame ``number``. What was read in
        print was in one of the frames before."""
        if not self._wanted:
            return (), None, None
        since = self._since = frame.at if self._since is None else self._since
        if number % _CODE_EVERY and self._reader is None:
            return (), self._view, None
        image = frame.fine()
        if number % _CODE_EVERY == 0:
            with stages("barcode"):
                codes = barcode.scan(image)
            if codes:
                self._view = None
                return codes, None, None
        if number % _VIEW_EVERY == 0:
            with stages("barcode"):
                self._view = barcode.view(image, frame.image.shape[1] / image.shape[1])
        if self._reader is None:
            return (), self._view, None
        with stages("print"):
            self._reader.offer(image, printed=frame.at - since >= _PRINT_AFTER_S)
        return (), self._view, self._reader.take()
