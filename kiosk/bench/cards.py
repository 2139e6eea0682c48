"""Frames of a camera that a synthetic identity card is held up to.

Everything is drawn from a seed: the invented citizen, how the card is turned and tilted, how the
room is lit, how good the camera is. The size of the code is given in pixels a module, which is what
decides whether it can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray

from kiosk.idcard.document import IdentityDocument
from kiosk.idcard.synthetic import payload, synthetic
from kiosk.vision.camera import Image

CARD_MM: Final = (85.6, 53.98)
"""ISO/IEC 7810, ID-1."""
_CODE_MM: Final = 15.0
"""Side of the printed code, without its margin."""
_CODE_AT_MM: Final = (66.0, 4.0)
_SCALE = 8
"""Pixels a module the card is drawn with before the camera sees it."""
_MARGIN = 2
"""Light modules around the code: half of what the standard wants, as on the card."""
_TILT_DEG, _TURN_DEG = 20.0, 20.0
_FOCAL = 0.9
"""Focal length in frame widths: about 58° across."""

Homography = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CardFrame:
    """A frame and what the card in it says."""

    image: Image
    document: IdentityDocument
    payload: str


def card_frame(seed: int, pixels_a_module: float, size: tuple[int, int]) -> CardFrame:
    """Frame ``seed`` of a camera that gives pictures of ``size`` (width, height)."""
    random = np.random.default_rng([seed, round(pixels_a_module * 100)])
    document = synthetic(seed)
    text = payload(document)
    card, centre = _card(text, random)
    image = _room(random, size)
    _lay(card, _placed(card, centre, pixels_a_module / _SCALE, random, size), image)
    return CardFrame(photographed(image, random), document, text)


def _card(text: str, random: np.random.Generator) -> tuple[Image, tuple[float, float]]:
    """The card at :data:`_SCALE` pixels a module, and the middle of its code."""
    modules = _modules(text)
    scale = _SCALE * (len(modules) - 2 * _MARGIN) / _CODE_MM
    width, height = (round(mm * scale) for mm in CARD_MM)
    across, down = np.meshgrid(np.arange(width) / scale, np.arange(height) / scale)
    waves = 10 * np.sin(across / 3) * np.cos(down / 2.3)
    paper = np.array([225.0, 235.0, 215.0]) + waves[..., None]
    card = np.clip(paper, 0, 255).astype(np.uint8)
    for line in range(7):
        words = "".join(random.choice(list("ABCDEGHIKLMNOPQRSTUVXY "), 18))
        at = (round(28 * scale), round((18 + 5 * line) * scale))
        cv2.putText(card, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale / 12, (60, 60, 60), 2)
    code = np.where(np.kron(modules, np.ones((_SCALE, _SCALE), bool)), 30, 235).astype(np.uint8)
    left, top = (round(mm * scale) for mm in _CODE_AT_MM)
    side = min(len(code), height - top, width - left)
    card[top : top + side, left : left + side] = code[:side, :side, None]
    return card, (left + side / 2, top + side / 2)


def _modules(text: str) -> NDArray[np.bool_]:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=_MARGIN)
    code.add_data(text.encode("utf-8"))
    return np.array(code.get_matrix(), bool)


def _room(random: np.random.Generator, size: tuple[int, int]) -> Image:
    """Something out of focus behind the card."""
    blots = random.integers(70, 150, (9, 16, 3), np.uint8)
    return cv2.resize(blots, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def _placed(
    card: Image,
    centre: tuple[float, float],
    scale: float,
    random: np.random.Generator,
    size: tuple[int, int],
) -> Homography:
    """Card pixels → frame pixels of a card turned, tilted about any axis, and held near the middle
    of the picture; the code in its middle has ``scale`` frame pixels a card pixel."""
    turn, tilt = (
        np.radians(random.uniform(-_TURN_DEG, _TURN_DEG)),
        np.radians(random.uniform(0, _TILT_DEG)),
    )
    axis = random.uniform(0, 2 * np.pi)
    tilted, _ = cv2.Rodrigues(tilt * np.array([np.cos(axis), np.sin(axis), 0.0]))
    turned, _ = cv2.Rodrigues(np.array([0.0, 0.0, turn]))
    height, width = card.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    flat = np.column_stack([(corners - centre) * scale, np.zeros(4)])
    space = flat @ (tilted @ turned).T
    focal = _FOCAL * size[0]
    held = np.array(size) * random.uniform([0.42, 0.4], [0.58, 0.6])
    seen = space[:, :2] * focal / (focal + space[:, 2:]) + held
    placed = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    return np.asarray(placed, np.float64)


def _lay(card: Image, placed: Homography, image: Image) -> None:
    """Draw the card into ``image``, each pixel from four: a sensor's pixel has an area."""
    height, width = image.shape[:2]
    double = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    finer = np.diag([2.0, 2.0, 1.0]) @ placed
    softened = cv2.GaussianBlur(card, (0, 0), 0.35 * _SCALE / 2)
    cv2.warpPerspective(
        softened,
        finer,
        (2 * width, 2 * height),
        dst=double,
        borderMode=cv2.BORDER_TRANSPARENT,
        flags=cv2.INTER_LINEAR,
    )
    image[:] = cv2.resize(double, (width, height), interpolation=cv2.INTER_AREA)


def photographed(image: Image, random: np.random.Generator) -> Image:
    """Out of focus a little, lit well or badly, noisy, compressed."""
    blurred = cv2.GaussianBlur(image, (0, 0), random.uniform(0.5, 1.2))
    noise = random.normal(0, random.uniform(3, 8), image.shape)
    lit = np.clip(blurred * random.uniform(0.65, 1.05) + noise, 0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
