"""Faces cut out of photographs, put on a picture, behind masks, sunglasses and hands."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.faces import FaceDetector, FaceMesh, region_of_detection
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Box

Colour = tuple[int, int, int]
_BLUE: Colour = (150, 190, 225)
_BLACK: Colour = (18, 18, 22)

# Landmarks of the mesh.
_JAW = (454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58)
_JAW_TO_NOSE = (*_JAW, 132, 93, 234, 118, 195, 347)
_EYES = ((33, 133), (362, 263))


@dataclass(frozen=True)
class Cutout:
    """A photograph and the face in it, which is ``box``."""

    image: Image
    box: Box
    landmarks: NDArray[np.float32]
    """(468, 2) pixels of the photograph."""

    @classmethod
    def of(cls, photo: Image, models: Models) -> Cutout:
        """The largest face of a photograph, on a picture 110 px wide."""
        top = np.ascontiguousarray(photo[: photo.shape[1]])
        face = max(FaceDetector(models)(top), key=lambda found: found.box[2])
        mesh = FaceMesh(models)(top, region_of_detection(face))
        return cls(top, face.box, mesh.landmarks[:, :2])

    def masked(self, colour: Colour = _BLUE) -> Cutout:
        """Behind a mask from the middle of the nose to the chin."""
        return self._painted(self.landmarks[list(_JAW_TO_NOSE)], colour)

    def in_sunglasses(self, colour: Colour = _BLACK) -> Cutout:
        """Behind two lenses half as high as wide, and the bridge between them."""
        dressed = self
        outer = self.landmarks[263] - self.landmarks[33]
        for corner, other in _EYES:
            middle = (self.landmarks[corner] + self.landmarks[other]) / 2
            turns = np.linspace(0, 2 * np.pi, 24)[:, None]
            across, down = outer * 0.3, np.array((-outer[1], outer[0])) * 0.22
            dressed = dressed._painted(
                middle + 0.15 * down + np.cos(turns) * across + np.sin(turns) * down, colour
            )
        bridge = self.landmarks[[133, 362]]
        thick = np.array((0, np.hypot(*outer) * 0.03))
        return dressed._painted(np.vstack([bridge - thick, bridge[::-1] + thick]), colour)

    def on(self, picture: Image, at: tuple[float, float], width: float = 110) -> None:
        """Put the face and a little around it on ``picture``: ``width`` px wide, centred there."""
        x, y, across, down = self.box
        scale = width / across
        room = 0.45 * across
        left, top = max(round(x - room), 0), max(round(y - room), 0)
        part = self.image[top : round(y + down + room), left : round(x + across + room)]
        small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        shift = np.array(
            [
                [1, 0, at[0] - (x + across / 2 - left) * scale],
                [0, 1, at[1] - (y + down / 2 - top) * scale],
            ]
        )
        size = (picture.shape[1], picture.shape[0])
        cv2.warpAffine(small, shift, size, dst=picture, borderMode=cv2.BORDER_TRANSPARENT)

    def _painted(self, outline: NDArray[np.floating], colour: Colour) -> Cutout:
        cover = np.zeros(self.image.shape[:2], np.uint8)
        cv2.fillPoly(cover, [outline.round().astype(np.int32)], 255, cv2.LINE_AA)
        share = np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.8), np.float32)[..., None] / 255
        image = self.image * (1 - share) + np.array(colour, np.float32) * share
        return Cutout(image.astype(np.uint8), self.box, self.landmarks)


def room(size: tuple[int, int] = (640, 480)) -> Image:
    """Nobody there."""
    return np.full((size[1], size[0], 3), 150, np.uint8)
