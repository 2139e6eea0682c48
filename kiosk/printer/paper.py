"""Strips of paper: blank, ruled, one below the other, side by side. Grey (mode ``L``) until the
whole ticket is thresholded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

WHITE = 255
BLACK = 0
_DESIGN_DPI = 203
"""Sizes are given as dots at this resolution, eight to the millimetre."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The printable width in dots and the resolution of the print head in dots per inch."""

    dots: int
    dpi: int

    def __call__(self, size: float) -> int:
        """``size`` dots at the design resolution → dots of this printer."""
        return max(1, round(size * self.dpi / _DESIGN_DPI))

    @property
    def margin(self) -> int:
        """White on the left and on the right."""
        return self(16)

    @property
    def inner(self) -> int:
        """What lies between the margins."""
        return self.dots - 2 * self.margin

    def blank(self, height: int) -> Image.Image:
        """A strip with nothing on it, ``height`` dots high."""
        return Image.new("L", (self.dots, height), WHITE)

    def space(self, size: float) -> Image.Image:
        """A strip with nothing on it, ``size`` dots high at the design resolution."""
        return self.blank(self(size))

    def rule(self) -> Image.Image:
        """A thin line from margin to margin, with air above and below."""
        thickness = self(2)
        strip = self.space(30)
        top = (strip.height - thickness) // 2
        right = self.dots - self.margin - 1
        ImageDraw.Draw(strip).rectangle((self.margin, top, right, top + thickness - 1), BLACK)
        return strip

    def centred(self, block: Image.Image) -> Image.Image:
        """A strip with ``block`` in the middle."""
        strip = self.blank(block.height)
        strip.paste(block, ((self.dots - block.width) // 2, 0))
        return strip

    def row(self, cells: Sequence[Image.Image]) -> Image.Image:
        """A strip of cells of equal width with thin rules between them."""
        row = self.blank(max(cell.height for cell in cells))
        column = self.inner / len(cells)
        for place, cell in enumerate(cells):
            centre = self.margin + column * (place + 0.5)
            row.paste(cell, (round(centre - cell.width / 2), 0))
        draw = ImageDraw.Draw(row)
        for place, _ in enumerate(pairwise(cells), start=1):
            x = round(self.margin + column * place)
            draw.line((x, self(8), x, row.height - self(8)), BLACK, self(2))
        return row


def pile(blocks: Sequence[Image.Image], align: str = "middle") -> Image.Image:
    """Blocks one below the other, as wide as the widest; ``align`` is ``left`` or ``middle``."""
    width = max((block.width for block in blocks), default=1)
    whole = Image.new("L", (width, sum(block.height for block in blocks)), WHITE)
    y = 0
    for block in blocks:
        whole.paste(block, (0 if align == "left" else (width - block.width) // 2, y))
        y += block.height
    return whole
