"""The paper that hangs out of the virtual printer."""

from __future__ import annotations

from PIL import Image

from kiosk.printer.decoder import Rows

MAX_ROWS = 16_000
"""Two metres of paper at 203 dpi without a cut are torn off."""


class Strip:
    """The paper of one connection since the last cut."""

    def __init__(self) -> None:
        self.rows = 0
        """Its length, dots."""
        self._bands: list[tuple[int, Rows]] = []
        self._fed = 0

    def print(self, band: Rows) -> None:
        """Put rows of dots below what is there."""
        self.rows += self._fed
        self._fed = 0
        self._bands.append((self.rows, band))
        self.rows += band.count

    def feed(self, dots: int) -> None:
        """Move on. It shows when something is printed below."""
        self._fed = min(MAX_ROWS, self._fed + dots)

    def cut(self) -> Image.Image | None:
        """The ticket (mode ``1``), ``None`` when nothing was printed on it.

        The feed before a cut carries the last row past the blade: it is not part of the ticket.
        """
        ticket = self.picture()
        self._bands, self.rows, self._fed = [], 0, 0
        return ticket

    def picture(self) -> Image.Image | None:
        """What is on it so far."""
        if not self._bands:
            return None
        width = 8 * max(band.row_bytes for _, band in self._bands)
        picture = Image.new("1", (width, self.rows), 1)
        for top, band in self._bands:
            size = (8 * band.row_bytes, band.count)
            picture.paste(Image.frombytes("1", size, band.data, "raw", "1;I"), (0, top))
        return picture
