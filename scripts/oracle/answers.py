"""Ask mediapipe 0.10.18 about every picture and write its answers as JSON.

Runs in the oracle's own environment (Python 3.11, numpy < 2), never in the product's.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import images
import mediapipe  # pyright: ignore[reportMissingImports]

FACES = mediapipe.solutions.face_detection.FaceDetection(
    model_selection=0, min_detection_confidence=0.5
)
HANDS = mediapipe.solutions.hands.Hands(
    static_image_mode=True, max_num_hands=2, model_complexity=1, min_detection_confidence=0.5
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("media", type=Path, nargs="?")
    arguments = parser.parse_args()
    write(images.ANSWERS / "published.json", images.published(arguments.photographs))
    if arguments.media:
        write(images.ANSWERS / "private.json", images.private(arguments.media))
    return 0


def write(path: Path, pictures: Iterable[tuple[str, Any]]) -> None:
    answers = {name: {"faces": faces(image), "hands": hands(image)} for name, image in pictures}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(answers[name])}" for name in answers)
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(f"{path.relative_to(images.ROOT)}: {len(answers)} pictures")


def faces(image: Any) -> list[list[float]]:
    """[x, y, width, height] of each face, pixels."""
    side = len(image)
    boxes = [d.location_data.relative_bounding_box for d in FACES.process(image).detections or []]
    return [[round(side * v, 1) for v in (b.xmin, b.ymin, b.width, b.height)] for b in boxes]


def hands(image: Any) -> list[dict[str, Any]]:
    """Landmarks of each hand, [x, y] in pixels, and whether it is the person's right one."""
    side = len(image)
    found = HANDS.process(image)
    return [
        {
            # mediapipe takes every picture for a mirror's.
            "right": handedness.classification[0].label == "Left",
            "landmarks": [[round(side * p.x, 1), round(side * p.y, 1)] for p in marks.landmark],
        }
        for marks, handedness in zip(
            found.multi_hand_landmarks or [], found.multi_handedness or [], strict=True
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
