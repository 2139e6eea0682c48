"""Hold our detectors against MediaPipe's answers on the same pictures.

Runs in the product's environment; tests ask the same question of the same answers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import FaceDetector
from kiosk.vision.hands import Hand, detect_hands
from kiosk.vision.litert import Models
from kiosk.vision.region import overlap
from scripts.oracle import images

_WRIST, _MIDDLE_MCP = 0, 9


@dataclass(slots=True)
class Agreement:
    """How far the two agree on a set of pictures."""

    pictures: int = 0
    same_face_count: int = 0
    face_overlaps: list[float] = field(default_factory=list[float])
    """Intersection over union of each face both found, where the counts agree."""
    hand_in_both: int = 0
    hand_in_one: list[str] = field(default_factory=list[str])
    """Pictures in which only one of the two found a hand."""
    landmark_differences: list[float] = field(default_factory=list[float])
    """For each hand both found: median distance of its landmarks, in palm lengths (wrist to the
    knuckle of the middle finger)."""
    same_side: int = 0
    """Hands that both call right, or both left."""

    @property
    def face_counts_agree(self) -> float:
        """Share of pictures with the same number of faces."""
        return self.same_face_count / self.pictures

    @property
    def hands_disagree(self) -> float:
        """Share of pictures in which only one of the two found a hand."""
        return len(self.hand_in_one) / self.pictures

    @property
    def landmark_difference(self) -> float:
        """Median over hands, palm lengths."""
        return float(np.median(self.landmark_differences))

    def table(self) -> str:
        """What a person reads."""
        p95 = np.percentile(self.landmark_differences, 95)
        hands = len(self.landmark_differences)
        rows = (
            ("pictures", f"{self.pictures}"),
            ("same face count", f"{self.face_counts_agree:.1%}"),
            ("face boxes, median overlap", f"{np.median(self.face_overlaps):.3f}"),
            ("hand found by both / by one", f"{self.hand_in_both} / {len(self.hand_in_one)}"),
            ("found-hand disagreement", f"{self.hands_disagree:.1%}"),
            ("landmarks, median / p95", f"{self.landmark_difference:.1%} / {p95:.1%} of the palm"),
            ("same side", f"{self.same_side} of {hands} hands"),
        )
        return "\n".join(f"  {name:30}{value}" for name, value in rows)


def answers(name: str) -> dict[str, Any]:
    """MediaPipe's answers, by picture; ``name`` is ``published`` or ``private``."""
    return json.loads((images.ANSWERS / f"{name}.json").read_text(encoding="utf-8"))


def compare(
    models: Models, pictures: Iterable[tuple[str, NDArray[np.uint8]]], theirs: dict[str, Any]
) -> Agreement:
    """Run our detectors on every picture and hold them against ``theirs``.

    Raises :class:`KeyError` for a picture MediaPipe was never asked about.
    """
    agreement, detector = Agreement(), FaceDetector(models)
    for name, image in pictures:
        agreement.pictures += 1
        _faces(agreement, [face.box for face in detector(image)], theirs[name]["faces"])
        _hands(agreement, name, detect_hands(models, image), theirs[name]["hands"])
    return agreement


def _faces(agreement: Agreement, ours: list[Any], theirs: list[Any]) -> None:
    if len(ours) != len(theirs):
        return
    agreement.same_face_count += 1
    agreement.face_overlaps += [max(overlap(box, tuple(b)) for b in theirs) for box in ours]


def _hands(agreement: Agreement, name: str, ours: list[Hand], theirs: list[Any]) -> None:
    if bool(ours) != bool(theirs):
        agreement.hand_in_one.append(name)
    elif ours:
        agreement.hand_in_both += 1
    for hand in ours if theirs else []:
        difference, other = min(((_difference(hand, t), t) for t in theirs), key=lambda d: d[0])
        agreement.landmark_differences.append(difference)
        agreement.same_side += (hand.right > 0.5) == other["right"]


def _difference(hand: Hand, other: dict[str, Any]) -> float:
    points = np.array(other["landmarks"])
    palm = np.linalg.norm(points[_MIDDLE_MCP] - points[_WRIST])
    return float(np.median(np.linalg.norm(hand.landmarks[:, :2] - points, axis=1)) / palm)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("media", type=Path, nargs="?")
    arguments = parser.parse_args()
    models = Models()
    sets = [("published", images.published(arguments.photographs))]
    if arguments.media:
        sets.append(("private", images.private(arguments.media)))
    for name, pictures in sets:
        agreement = compare(models, pictures, answers(name))
        print(f"{name}\n{agreement.table()}")
        if agreement.hand_in_one:
            print("  found by one only: " + " ".join(agreement.hand_in_one))
    return 0


if __name__ == "__main__":
    sys.exit(main())
