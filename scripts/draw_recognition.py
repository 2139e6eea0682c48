"""Draw docs/images/recognition.png: what each step of recognition makes of a face.

    .venv/bin/python -m scripts.draw_recognition

The face is the astronaut portrait of scikit-image (NASA, public domain).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from skimage import data

from kiosk.vision.camera import Image
from kiosk.vision.litert import Models
from kiosk.vision.still import StillFace, StillFaces
from kiosk.vision.templates import Embedding

OUT = Path(__file__).parent.parent / "docs" / "images" / "recognition.png"
SIDE, GAP = 240, 12
RED, BLUE = (190, 30, 40), (11, 92, 173)


def found_panel(image: Image, face: StillFace) -> Image:
    """The box of the detector and its six keypoints."""
    drawn = image.copy()
    x, y, width, height = (round(value) for value in face.detection.box)
    cv2.rectangle(drawn, (x, y), (x + width, y + height), RED, 2, cv2.LINE_AA)
    for point in face.detection.keypoints.round().astype(int).tolist():
        cv2.circle(drawn, point, 4, RED, -1, cv2.LINE_AA)
    return sized(drawn[:400, 56:456], SIDE, cv2.INTER_AREA)


def mesh_panel(image: Image, face: StillFace) -> Image:
    """The landmarks of the mesh, on the face alone."""
    points = face.mesh.landmarks[:, :2]
    middle, reach = points.mean(axis=0), np.ptp(points, axis=0).max() * 0.62
    scale = SIDE / (2 * reach)
    left, top = middle - reach
    shift = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    drawn = cv2.warpAffine(image, shift, (SIDE, SIDE), flags=cv2.INTER_CUBIC).astype(np.uint8)
    for x, y in ((points - (left, top)) * scale).round().astype(int).tolist():
        cv2.circle(drawn, (x, y), 1, (80, 220, 255), -1, cv2.LINE_AA)
    return drawn


def crop_panel(face: StillFace) -> Image:
    """What the embedding model sees: 112 × 112 pixels."""
    return sized(face.crop, SIDE, cv2.INTER_NEAREST)


def embedding_panel(embedding: Embedding) -> Image:
    """192 numbers: blue above zero, red below."""
    grid = embedding.reshape(16, 12) / np.abs(embedding).max()
    strength = np.abs(grid)[..., np.newaxis]
    colours = np.where(grid[..., np.newaxis] > 0, BLUE, RED)
    cells = (255 - strength * (255 - colours)).astype(np.uint8)
    return sized(cells, SIDE * 3 // 4, cv2.INTER_NEAREST)


def sized(picture: Image, width: int, interpolation: int) -> Image:
    """``width`` pixels wide and as high as all panels."""
    return cv2.resize(picture, (width, SIDE), interpolation=interpolation).astype(np.uint8)


def main() -> None:
    image = np.asarray(data.astronaut(), np.uint8)
    face = StillFaces(Models())(image)
    if face is None:
        raise SystemExit("no face in the portrait")
    panels = [
        found_panel(image, face),
        mesh_panel(image, face),
        crop_panel(face),
        embedding_panel(face.embedding),
    ]
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    row = np.hstack([part for panel in panels for part in (panel, gap)][:-1])
    cv2.imwrite(str(OUT), cv2.cvtColor(row, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(OUT)


if __name__ == "__main__":
    main()
