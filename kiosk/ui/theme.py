"""The palette, with the office's two colours in it, and the contrast it must keep."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.config import ScreenSettings
from kiosk.errors import ConfigError
from kiosk.ui.fonts import FAMILY

LEAST_CONTRAST = 7.0
"""WCAG 2.2 success criterion 1.4.6 (AAA), for text of any size."""

INK = "#1C1A17"
WHITE = "#FFFFFF"
PAPER = "#F6F1E7"
BLACK = "#000000"
YELLOW = "#FFD91A"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#RRGGBB`` and what else QML needs to know about the look."""

    band: str
    on_band: str
    accent: str
    on_accent: str
    paper: str = PAPER
    card: str = WHITE
    warm: str = "#FFF7E3"
    ink: str = INK
    muted: str = "#524B41"
    inform: str = "#084F50"
    rule: str = "#DDD3BF"
    foot: str = "#EBE3D3"
    shade: str = INK
    on_shade: str = "#FFFFFF"
    good: str = "#8FE3B8"
    hint: str = "#FFD98A"
    font: str = FAMILY
    logo: str = ""
    moves: bool = True


def theme(settings: ScreenSettings) -> Theme:
    """The office's theme.

    Text on the office's colours is white or ink, whichever reads better. Raises
    :class:`ConfigError` for a colour on which neither is readable.
    """
    return Theme(
        band=settings.band,
        on_band=_readable_on(settings.band, "screen.band"),
        accent=settings.accent,
        on_accent=_readable_on(settings.accent, "screen.accent"),
        logo=settings.logo,
        moves=not settings.reduced_motion,
    )


def high_contrast(look: Theme) -> Theme:
    """The same office for eyes that need it: white and yellow on black, nothing in between.

    Every pair is 13:1 or more, whatever the office's own colours are.
    """
    return replace(
        look,
        band=WHITE,
        on_band=BLACK,
        accent=YELLOW,
        on_accent=BLACK,
        paper=BLACK,
        card=BLACK,
        warm=BLACK,
        ink=WHITE,
        muted=WHITE,
        inform=YELLOW,
        rule=WHITE,
        foot=BLACK,
        shade=BLACK,
        good=WHITE,
        hint=YELLOW,
    )


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#RRGGBB`` colours, 1 … 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _readable_on(background: str, key: str) -> str:
    best = max((WHITE, INK), key=lambda text: contrast(text, background))
    ratio = contrast(best, background)
    if ratio < LEAST_CONTRAST:
        raise ConfigError("colour_contrast", key=key, colour=background, ratio=f"{ratio:.1f}")
    return best


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
