"""Every state of a visit, drawn for real and looked at: nothing cut off, overlapping, missing or
hard to read. The pictures are in ``out/screens``, with an ``index.html``.

Everyday runs draw each state in Vietnamese in both orientations, and one of its other looks in
turn; with ``KIOSK_SCREENS=all`` (``scripts/screens.sh``) every state is drawn in every look.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication

from kiosk.locale import LANGUAGES, Language

from .gallery import write_index
from .pages import LOOKS, VISITS, Look, page
from .reading import LEAST_PX, faults, overlaps, pixel_contrast, read
from .scene import SIZES, Scene, build

SCREENS = Path(__file__).parents[2] / "out" / "screens"
WHOLE = os.environ.get("KIOSK_SCREENS") == "all"
LARGER = 1.2
_WIDTH = {"portrait": 540, "landscape": 960}


def drawn() -> Iterator[tuple[str, str, Language, Look]]:
    """Orientation, state, language and look of every picture of this run."""
    looks = list(product(LANGUAGES, LOOKS))
    everyday, others = looks[0], looks[1:]
    for turn, orientation in enumerate(SIZES):
        for index, name in enumerate(VISITS):
            mine = looks if WHOLE else [everyday, others[(index + 2 * turn) % len(others)]]
            yield from ((orientation, name, *look) for look in mine)


@pytest.fixture(scope="module")
def scenes(application: QGuiApplication) -> Iterator[dict[str, Scene]]:
    """One window for each orientation; only what it shows changes."""
    built = {orientation: build(application, size) for orientation, size in SIZES.items()}
    yield built
    for scene in built.values():
        scene.window.close()
    write_index(SCREENS)


@pytest.mark.slow
@pytest.mark.parametrize(("orientation", "name", "language", "look"), list(drawn()))
def test_every_page_can_be_read(
    scenes: dict[str, Scene],
    orientation: str,
    name: str,
    language: Language,
    look: Look,
    capfd: pytest.CaptureFixture[str],
) -> None:
    scene = scenes[orientation].show(name, language, look).point_at("field:chung_thuc")
    _save(scene, f"{name}-{language}-{orientation}-{look}.png", _WIDTH[orientation])
    words = read(scene)
    assert len(words) > 8
    least_px = int(LEAST_PX * LARGER) if look == "larger" else LEAST_PX
    found = [(told, text.text) for text in words if (told := faults(scene, text, least_px))]
    assert found == []
    assert overlaps(words) == []
    assert _covered(scene) == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("orientation", SIZES)
def test_the_pixels_have_the_contrast_that_the_colours_promise(
    scenes: dict[str, Scene], orientation: str, look: Look
) -> None:
    for name in ("choose-priority", "consent-recognise", "attract"):
        scene = scenes[orientation].show(name, "vi", look)
        image = scene.window.view.grabWindow()
        pale = [
            (text.text, round(text.contrast, 1), round(seen, 1))
            for text in read(scene)
            if (seen := pixel_contrast(image, text.place)) < 0.9 * min(text.contrast, 7.8)
        ]
        assert pale == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["choose", "consent-recognise", "print-sent", "ticket-failed"])
def test_what_must_be_read_is_large(
    scenes: dict[str, Scene], name: str, language: Language
) -> None:
    shown = page(name, language)
    titles = {tile.title for tile in shown.tiles}  # as large as the tile allows
    body = {
        shown.instruction,
        *(step.label for step in shown.steps),
        *shown.paragraphs,
        *((shown.notice.what, shown.notice.do) if shown.notice else ()),
    }
    normal, larger = (
        {text.text: text.size for text in read(scenes["portrait"].show(name, language, look))}
        for look in ("normal", "larger")
    )
    assert normal[shown.question] >= 64
    assert {text for text in body | titles if normal[text] < 40} == set()
    assert {text for text in titles if larger[text] < normal[text]} == set()
    assert {text for text in body | {shown.question} if larger[text] <= normal[text]} == set()


def _save(scene: Scene, name: str, width: int) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    image = scene.window.view.grabWindow()
    smooth = Qt.TransformationMode.SmoothTransformation
    small = image if WHOLE else image.scaledToWidth(width, smooth)
    assert small.save(str(SCREENS / name))


def _covered(scene: Scene) -> list[str]:
    """Options that a notice lies on."""
    cards = [
        scene.place(item)
        for item in scene.items()
        if item.metaObject().className().startswith("NoticeCard")
    ]
    return [
        target.id
        for target in scene.bridge.targets
        if any(card.intersects(QRectF(*target.rect)) for card in cards)
    ]
