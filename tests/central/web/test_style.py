"""The colours are far enough apart, and what others wrote is what they published."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import central.web

STATIC = Path(central.web.__path__[0]) / "static"
COLOURS = dict(re.findall(r"--([a-z-]+): #([0-9A-F]{6})", (STATIC / "central.css").read_text()))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("text", ["ink", "muted", "teal", "warn", "band"])
@pytest.mark.parametrize("ground", ["paper", "sheet"])
def test_text_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 7


@pytest.mark.parametrize(
    ("text", "ground"),
    [("on-band", "band"), ("warn", "warn-ground"), ("teal", "good-ground"), ("ink", "good-ground")],
)
def test_text_on_colour_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 7


@pytest.mark.parametrize("ground", ["paper", "sheet"])
def test_frames_of_controls_can_be_seen(ground: str) -> None:
    assert contrast("frame", ground) >= 3


def test_what_others_wrote_is_as_published() -> None:
    vendor = STATIC / "vendor"
    manifest = tomllib.loads((vendor / "manifest.toml").read_text(encoding="utf-8"))
    assert {path.name for path in vendor.glob("*.js")} == set(manifest)
    for name, said in manifest.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == said["sha256"]
