"""Put pictures of the tests together for docs/citizen-flow.md: docs/images/flow-*.webp.

scripts/screens.sh draws them, and runs this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
SCREENS, IMAGES = ROOT / "out" / "screens", ROOT / "docs" / "images"
HEIGHT, GAP = 620, 14

STRIPS = {
    "visit": ("attract", "choose", "confirm", "print-sent", "ticket", "thanks"),
    "remembered": ("choose-greeted", "card", "consent-identity", "consent-recognise", "enrol"),
    "trouble": (
        "attract-no-camera",
        "attract-printer-bad",
        "attract-closed",
        "attract-full",
        "choose-crowded",
        "choose-dark",
    ),
    "trouble-2": (
        "choose-far",
        "choose-near",
        "choose-lost",
        "ticket-failed",
        "ticket-uncertain",
        "thanks-closed",
    ),
}
LOOKS = (
    "choose-vi-portrait-contrast",
    "choose-vi-portrait-larger",
    "choose-en-portrait-normal",
    "choose-vi-landscape-normal",
)


def strip(names: Sequence[str]) -> Image.Image:
    """The pictures side by side, all of one height."""
    pictures = [Image.open(SCREENS / f"{name}.png").convert("RGB") for name in names]
    sized = [p.resize((round(p.width * HEIGHT / p.height), HEIGHT)) for p in pictures]
    joined = Image.new("RGB", (sum(p.width + GAP for p in sized) - GAP, HEIGHT), "white")
    left = 0
    for picture in sized:
        joined.paste(picture, (left, 0))
        left += picture.width + GAP
    return joined


def main() -> None:
    """Draw them all."""
    strips: Mapping[str, Sequence[str]] = {
        name: [f"{page}-vi-portrait-normal" for page in pages] for name, pages in STRIPS.items()
    }
    for name, pages in (strips | {"looks": LOOKS}).items():
        strip(pages).save(IMAGES / f"flow-{name}.webp", quality=72, method=6)


if __name__ == "__main__":
    main()
