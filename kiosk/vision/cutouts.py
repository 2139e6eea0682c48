"""People and hands cut out of pictures, to be drawn anywhere at any size: what the replay camera
and the simulated visitors of the bench are made of."""

from __future__ import annotations

import math
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import PIL.Image
from numpy.typing import ArrayLike, NDArray

from kiosk.errors import CameraError
from kiosk.vision.camera import Image
from kiosk.vision.scene import Portrait, Pose, load_portrait

SPRITES = Path(__file__).parent / "sprites"
_HAND_METRES = 0.185
"""Wrist to tip of the middle finger of the mesh the sprites were rendered from."""
_SOFT_EDGE = 3
"""Rows at the bottom of a picture that may be half transparent."""

Bytes = NDArray[np.uint8]
Skin = Literal["light", "medium", "dark"]
_SKINS: dict[Skin, tuple[float, float, float]] = {
    "light": (1.0, 1.0, 1.0),
    "medium": (0.74, 0.66, 0.60),
    "dark": (0.42, 0.36, 0.34),
}
"""Factors of red, green and blue: about the types II, IV and VI of Fitzpatrick's scale."""


def as_bytes(array: ArrayLike) -> Bytes:
    """OpenCV says less about what it returns than it keeps."""
    return np.asarray(array, np.uint8)


@dataclass(frozen=True)
class Layer:
    """A cut-out to be drawn at any size: RGBA with premultiplied alpha, halved again and again
    so that a small copy does not flicker, and the point by which it is held."""

    levels: tuple[Bytes, ...]
    anchor: tuple[float, float]
    unit: float
    """Pixels of level 0 in one unit of drawing (a face width, a hand length)."""

    @classmethod
    def cut(cls, rgb: Image, alpha: Bytes, anchor: tuple[float, float], unit: float) -> Layer:
        """A layer of a picture and its straight alpha. What is at the bottom goes on downwards
        for thrice the height, so that nobody ends in mid-air."""
        colour = cv2.multiply(rgb, cv2.merge([alpha] * 3), scale=1 / 255)
        layer = np.dstack([colour, alpha])[:-_SOFT_EDGE]
        height = layer.shape[0]
        layer = cv2.copyMakeBorder(layer, 0, 3 * height, 0, 0, cv2.BORDER_REPLICATE)
        levels = [as_bytes(layer)]
        while min(levels[-1].shape[:2]) > 32:
            levels.append(
                as_bytes(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
            )
        return cls(tuple(levels), anchor, unit)

    def draw(self, picture: Image, at: tuple[float, float], unit: float, lean: float = 0.0) -> None:
        """Draw on ``picture`` with the anchor at ``at`` and a unit of ``unit`` pixels, leaning
        ``lean`` degrees clockwise."""
        scale = unit / self.unit
        level = min(max(int(math.log2(1 / scale)), 0) if scale < 1 else 0, len(self.levels) - 1)
        source = self.levels[level]
        shrunk = scale * 2**level
        cos, sin = shrunk * math.cos(math.radians(lean)), shrunk * math.sin(math.radians(lean))
        held = np.array(self.anchor) / 2**level
        matrix = np.array([[cos, -sin, 0], [sin, cos, 0]])
        matrix[:, 2] = np.array(at) - matrix[:, :2] @ held
        height, width = source.shape[:2]
        corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ matrix[:, :2].T
        left, top = corners.min(axis=0) + matrix[:, 2]
        right, bottom = corners.max(axis=0) + matrix[:, 2]
        x0, y0 = max(math.floor(left), 0), max(math.floor(top), 0)
        x1 = min(math.ceil(right), picture.shape[1])
        y1 = min(math.ceil(bottom), picture.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        matrix[:, 2] -= (x0, y0)
        placed = cv2.warpAffine(source, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        _blend(picture[y0:y1, x0:x1], as_bytes(placed))


def _blend(under: Image, over: Bytes) -> None:
    """Premultiplied ``over`` upon ``under``, in place."""
    behind = cv2.multiply(under, cv2.merge([255 - over[..., 3]] * 3), scale=1 / 255)
    cv2.add(behind, cv2.cvtColor(over, cv2.COLOR_RGBA2RGB), dst=under)


def media_folder() -> Path:
    """Where ``media:`` photographs are: ``$KIOSK_MEDIA``, or ``.cache/media`` of the clone."""
    named = os.environ.get("KIOSK_MEDIA")
    return Path(named) if named else Path(__file__).parents[2] / ".cache/media"


def read_photo(name: str, folder: Path) -> Image:
    """The photograph a portrait names. Raises :class:`CameraError` when it is not there."""
    kind, _, rest = name.partition(":")
    if kind == "skimage":
        return _from_skimage(rest)
    path = media_folder() / rest if kind == "media" else folder / name
    if not path.is_file():
        raise CameraError("photo_missing", photo=path)
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise CameraError("photo_missing", photo=path)
    return as_bytes(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def _from_skimage(name: str) -> Image:
    try:
        from skimage import data  # an extra: only replay scenes need it
    except ImportError as error:
        raise CameraError("photo_missing", photo=f"skimage:{name}") from error
    if name != "astronaut":  # the only photograph of a person that the package itself holds
        raise CameraError("photo_missing", photo=f"skimage:{name}")
    return as_bytes(data.astronaut())


def portrait_layer(path: Path, largest_face: float) -> Layer:
    """Somebody cut out of their photograph, held by the middle of the face; the unit is its
    width. Never drawn larger than ``largest_face`` pixels wide."""
    portrait = load_portrait(path)
    photo = read_photo(portrait.photo, path.parent)
    shrink = min(1.0, largest_face / portrait.face[2])
    rgb = cv2.resize(photo, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    if portrait.outline:
        rgb = rgb[: int(max(y for _, y in portrait.outline) * shrink) - 2]
    alpha = _cut_out(portrait, (rgb.shape[0], rgb.shape[1]), shrink)
    x, y, width = (value * shrink for value in portrait.face)
    return Layer.cut(as_bytes(rgb), alpha, (x, y), width)


def _cut_out(portrait: Portrait, size: tuple[int, int], scale: float) -> Bytes:
    if not portrait.outline:
        return np.full(size, 255, np.uint8)
    alpha = np.zeros(size, np.uint8)
    sixteenths = (np.array(portrait.outline) * scale * 16).round().astype(np.int32)
    cv2.fillPoly(alpha, [sixteenths], 255, cv2.LINE_AA, shift=4)
    softness = 0.012 * portrait.face[2] * scale
    return as_bytes(cv2.GaussianBlur(alpha, (0, 0), softness, borderType=cv2.BORDER_REPLICATE))


@cache
def hand_layer(pose: Pose, side: str, skin: Skin = "light") -> Layer:
    """A hand of somebody who faces the camera, held by the tip of its index finger; its unit is
    its length from the wrist to the tip of the middle finger."""
    rgba = np.asarray(PIL.Image.open(SPRITES / f"{pose}.png").convert("RGBA"))
    table = tomllib.loads((SPRITES / "tips.toml").read_text(encoding="utf-8"))
    x, y = table["tips"][pose]
    if side == "left":
        x, rgba = rgba.shape[1] - x, np.ascontiguousarray(rgba[:, ::-1])
    length = _HAND_METRES * table["pixels_per_metre"]
    rgb = np.ascontiguousarray(rgba[..., :3])
    bare = (rgb[..., 0] > rgb[..., 2])[..., None]  # the sleeve is blue
    tinted = np.where(bare, rgb * np.array(_SKINS[skin]), rgb)
    return Layer.cut(as_bytes(tinted.astype(np.uint8)), rgba[..., 3].copy(), (x, y), length)
