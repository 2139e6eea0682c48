"""How good a face image is for recognition, and what is wrong with it.

Four of the quality components of ISO/IEC 29794-5: inter-eye distance, sharpness, exposure
(under- and over-exposure prevention) and head pose. Each is a ramp from 0 (useless) to 1 (no
longer matters) and the quality is their product. The ends of the ramps were set on 140 mated
pairs of a public face set, one image of each pair shrunk, blurred or darkened until the match
rate fell: it begins to fall at eyes 18 px apart, at a Gaussian blur of 2 px in the aligned crop
and at a mean grey of 30; half the matches are gone at a blur of 3 px.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.faces import LEFT_EYE, MOUTH, NOSE_TIP, RIGHT_EYE

_FACE = (slice(28, 106), slice(22, 90))
"""The part of the aligned crop that shows skin, eyes and mouth rather than hair and background."""

_MIDDLE_GREY = 128.0
_NOTABLE = 0.6
"""A component below this is worth telling the person about."""

# Landmarks of the mesh: outer eye corners, top of the forehead, tip of the chin.
_MESH_RIGHT_EYE, _MESH_LEFT_EYE, _MESH_FOREHEAD, _MESH_CHIN = 33, 263, 10, 152
_LEVEL_LEAN = -4.8
"""Degrees the line from chin to forehead leans when a face looks straight ahead: the median over
300 press portraits."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees, signed as in :mod:`kiosk.vision.percepts`."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Quality:
    """``value`` 0 … 1; ``flaw`` what lowers it most, if anything does notably:
    ``small blurred dark bright turned``."""

    value: float
    flaw: str | None


def assess(crop: Image, eye_distance_px: float, pose: Pose) -> Quality:
    """The quality of an aligned (112, 112, 3) RGB ``crop`` of a face whose eyes were
    ``eye_distance_px`` apart in the frame."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    mean = max(float(grey[_FACE].mean()), 1.0)
    components = {
        "small": _ramp(eye_distance_px, 8, 26),
        "blurred": _ramp(math.log(max(_sharpness(grey, mean), 1.0)), math.log(4), math.log(50)),
        "dark": _ramp(mean, 8, 48),
        "bright": _ramp(mean, 250, 215),
        "turned": _ramp(abs(pose.yaw), 45, 20) * _ramp(abs(pose.pitch), 40, 20),
    }
    worst = min(components, key=lambda name: components[name])
    return Quality(math.prod(components.values()), worst if components[worst] < _NOTABLE else None)


def pose_of_mesh(landmarks: NDArray[np.float32]) -> Pose:
    """Head pose from the (468, 3) landmarks of the face mesh.

    The mesh's depth has the scale of its width, so the lean of the line between the eyes gives
    the yaw and that of the line from chin to forehead the pitch; no camera model is needed.
    """
    across = landmarks[_MESH_LEFT_EYE] - landmarks[_MESH_RIGHT_EYE]
    up = landmarks[_MESH_FOREHEAD] - landmarks[_MESH_CHIN]
    return Pose(yaw=_lean(across), pitch=_lean(up) - _LEVEL_LEAN, roll=_angle(across[0], across[1]))


def pose_of_keypoints(keypoints: NDArray[np.float32]) -> Pose:
    """A rough pose from BlazeFace's (6, 2) keypoints, for faces that get no mesh.

    The nose tip stands out from the plane of eyes and mouth by about half the distance between
    the eyes, and level with a point 0.55 of the way from eyes to mouth.
    """
    right, left, nose, mouth = (
        keypoints[i].astype(float) for i in (RIGHT_EYE, LEFT_EYE, NOSE_TIP, MOUTH)
    )
    middle, across = (right + left) / 2, left - right
    eyes = max(float(np.hypot(*across)), 1e-6)
    along = across / eyes
    down = np.array([-along[1], along[0]])
    drop = max(float((mouth - middle) @ down), 1e-6)
    sideways = float((nose - middle) @ along) / eyes
    below = float((nose - middle) @ down) / drop
    return Pose(
        yaw=math.degrees(math.asin(max(-1.0, min(1.0, sideways / 0.5)))),
        pitch=math.degrees(math.asin(max(-1.0, min(1.0, (0.55 - below) / 0.5)))),
        roll=_angle(*across),
    )


def eye_distance(keypoints: NDArray[np.float32]) -> float:
    """Pixels between the centres of the eyes."""
    return float(np.hypot(*(keypoints[LEFT_EYE] - keypoints[RIGHT_EYE])))


def _sharpness(grey: NDArray[np.uint8], mean: float) -> float:
    """Variance of the Laplacian, as if the face were exposed to middle grey: a dark face is not
    a blurred one."""
    edges = cv2.Laplacian(grey, cv2.CV_32F)[_FACE]
    return float(edges.var()) * (_MIDDLE_GREY / mean) ** 2


def _ramp(value: float, useless: float, enough: float) -> float:
    return max(0.0, min(1.0, (value - useless) / (enough - useless)))


def _lean(line: NDArray[np.float32]) -> float:
    return math.degrees(math.atan2(line[2], math.hypot(line[0], line[1])))


def _angle(across: float, down: float) -> float:
    return math.degrees(math.atan2(down, across))
