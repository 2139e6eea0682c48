"""Single-shot detection as MediaPipe's face and palm detectors do it.

Constants and formulas are those of MediaPipe 0.10.18 (``ssd_anchors_calculator``,
``tensors_to_detections_calculator``, ``non_max_suppression_calculator`` and the graphs of
``face_detection_short_range`` and ``palm_detection``).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.litert import Net, Tensor
from kiosk.vision.percepts import Box

STRIDES = (8, 16, 16, 16)
"""Both detectors: one layer of cells of 8 px, three of 16 px, two anchors in each cell."""

_LEAST_SCORE = 0.5
_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """A box in image pixels, keypoints (n, 2) in image pixels, and a score of 0 … 1."""

    box: Box
    keypoints: NDArray[np.float32]
    score: float


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where an image lies inside the square a detector sees."""

    scale: float
    """Square pixels per image pixel."""
    left: float
    top: float


class Ssd:
    """A detector with one class and ``n`` keypoints.

    ``span`` is the range pixels are scaled to; ``boxes`` and ``scores`` name the outputs, of
    shape (anchors, 4 + 2 n) in input pixels relative to the anchors, and (anchors, 1) as
    logits.
    """

    def __init__(self, net: Net, span: tuple[float, float], boxes: str, scores: str) -> None:
        self._net, self._span, self._boxes, self._scores = net, span, boxes, scores
        self._side = net.shape[0]
        self._anchors = anchors(self._side, STRIDES) * np.float32(self._side)

    def __call__(self, image: Image) -> list[Detection]:
        """Detections in ``image`` (RGB, any size), best first."""
        square, where = letterbox(image, self._side)
        outputs = self._net(scaled(square, self._span))
        logits = outputs[self._scores][:, 0]
        likely = np.flatnonzero(logits >= np.log(_LEAST_SCORE / (1 - _LEAST_SCORE)))
        points = _decoded(outputs[self._boxes][likely], self._anchors[likely])
        scores = (1 / (1 + np.exp(-logits[likely]))).astype(np.float32)
        points = (points - np.array((where.left, where.top), np.float32)) / np.float32(where.scale)
        return [_detection(*kept) for kept in weighted_nms(points, scores, _OVERLAP)]


def anchors(side: int, strides: tuple[int, ...]) -> NDArray[np.float32]:
    """Centres of the anchors, (n, 2) as x, y in 0 … 1.

    Layers of the same stride share a grid, two anchors for each layer at each cell; their sizes
    are all 1, so that centres are all there is to know.
    """
    layers: list[NDArray[np.float64]] = []
    for stride, same in groupby(strides):
        cells = -(-side // stride)
        y, x = np.mgrid[0:cells, 0:cells]
        centres = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) / cells
        layers.append(np.repeat(centres, 2 * len(list(same)), axis=0))
    return np.concatenate(layers).astype(np.float32)


def letterbox(image: Image, side: int) -> tuple[Image, Letterbox]:
    """``image`` scaled to fit a black square of ``side`` pixels, centred."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    left, top = (side - width * scale) / 2, (side - height * scale) / 2
    # As MediaPipe does, corner to corner rather than pixel centre to pixel centre.
    matrix = np.array([[scale, 0, left], [0, scale, top]])
    square = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR)
    return square.astype(np.uint8, copy=False), Letterbox(scale, left, top)


def scaled(image: Image, span: tuple[float, float]) -> Tensor:
    """Pixels 0 … 255 as float32 over ``span``."""
    low, high = span
    return image.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)


def weighted_nms(
    points: NDArray[np.float32], scores: NDArray[np.float32], overlap: float
) -> list[tuple[NDArray[np.float32], float]]:
    """Non-maximum suppression that averages instead of discarding.

    ``points`` is (n, m, 2): two opposite corners of the box, then keypoints. Around each best
    box, those overlapping it by more than ``overlap`` (intersection over union) are merged into
    their mean, weighted by score; the best score is kept.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[tuple[NDArray[np.float32], float]] = []
    while len(order):
        best = order[0]
        near = _iou(points[best], points[order]) > overlap
        near[0] = True  # an empty box overlaps nothing, itself included
        group = order[near]
        kept.append((np.average(points[group], axis=0, weights=scores[group]), float(scores[best])))
        order = order[~near]
    return kept


def _decoded(raw: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 2 + keypoints, 2) points in input pixels: two corners, then keypoints."""
    pairs = raw.reshape(len(raw), raw.shape[1] // 2, 2)
    centre, half = pairs[:, 0] + centres, pairs[:, 1] / 2
    keypoints = pairs[:, 2:] + centres[:, np.newaxis]
    return np.concatenate([(centre - half)[:, None], (centre + half)[:, None], keypoints], axis=1)


def _iou(one: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    low = np.maximum(one[0], others[:, 0])
    high = np.minimum(one[1], others[:, 1])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(np.clip(others[:, 1] - others[:, 0], 0, None), axis=1)
    area = np.prod(np.clip(one[1] - one[0], 0, None))
    return shared / np.maximum(area + areas - shared, 1e-9)


def _detection(points: NDArray[np.float32], score: float) -> Detection:
    (left, top), (right, bottom) = points[:2].tolist()
    box = (left, top, right - left, bottom - top)
    return Detection(box, points[2:].astype(np.float32), score)
