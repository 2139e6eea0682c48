"""Frames of a scene that ships with the kiosk, for libcamera's virtual camera: JPEGs as large as
the finer stream.

    frames.py FOLDER
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import cv2

from kiosk.config import CameraSettings
from kiosk.vision.open import open_camera

FIRST, EVERY, COUNT = 60, 6, 24
"""Frames of the scene: the visitor has come near and raises a hand."""


def main(folder: Path) -> None:
    settings = CameraSettings(source="replay:first_visit")
    camera = open_camera(settings, folder)
    pictures = islice(iter(camera.read, None), FIRST, FIRST + EVERY * COUNT, EVERY)
    for number, frame in enumerate(pictures):
        large = cv2.resize(
            cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR),
            (settings.fine_width, settings.fine_height),
            interpolation=cv2.INTER_CUBIC,
        )
        cv2.imwrite(str(folder / f"{number:03}.jpg"), large)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
