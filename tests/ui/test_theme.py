"""An office's colours, checked before anybody has to read them."""

from __future__ import annotations

import pytest

from kiosk.config import ScreenSettings
from kiosk.errors import ConfigError
from kiosk.ui.theme import INK, WHITE, contrast, theme


def test_contrast_of_the_extremes() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#9E1B1F", "#9E1B1F") == pytest.approx(1)


@pytest.mark.parametrize(("band", "text"), [("#9E1B1F", WHITE), ("#FFD966", INK)])
def test_text_on_the_offices_colour_is_the_readable_one(band: str, text: str) -> None:
    assert theme(ScreenSettings(band=band)).on_band == text


def test_a_colour_nobody_can_read_on_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        theme(ScreenSettings(accent="#D04040"))
    assert "screen.accent" in refused.value.what("en")
    assert "screen.accent" in refused.value.what("vi")
