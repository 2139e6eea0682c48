"""How good a face image is for recognition, and what is wrong with it.

Components of ISO/IEC 29794-5 (face image quality), each a ramp from 0 (useless) to 1 (no longer
matters); the quality is their product:

============================== ====================== ========================================
component of the standard      flaw                   measured by
============================== ====================== ========================================
inter-eye distance             ``small``              pixels between the eyes
sharpness                      ``blurred``            variance of the Laplacian
motion blur prevention         ``moving``             face widths a second
under-/over-exposure           ``dark``, ``bright``   mean grey, share of saturated pixels
illumination uniformity        ``uneven``             brightness of one half against the other
head pose (yaw, pitch)         ``turned``             the mesh, else BlazeFace's keypoints
eyes visible                   ``sunglasses``         brightness in the eyes against the cheeks
mouth occlusion                ``mask``               edges at the mouth against the eyes
face occlusion                 ``covered``            how sure the mesh is that this is a face
eyes open, mouth closed        ``eyes_closed``,       eyelids and lips of the mesh
                               ``mouth_open``
============================== ====================== ========================================

Where the ends of the ramps come from: size, blur and darkness from 140 mated pairs of a public
face set, one image of each pair degraded until the match rate fell; all others from 3,598 press
photographs (1,630 people), so that each lowers at most 3 % of them and is told to at most 0.6 %
(head pose: 16 and 3 %). The presence of the mesh tells most: of the 2 % of those portraits with
the lowest, 34 % were missed, of the others 4 %. Roll and smiles are not assessed: alignment takes
out the one, and the other did not lower a match.

Known limits: eyes closed overlap with narrow and laughing eyes (0.10 … 0.14), which must never
be told to open, so most blinks pass; a cap's deep shadow can pass for sunglasses; lightly tinted
glasses and a mask with a printed mouth go unnoticed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.faces import LEFT_EYE, MOUTH, NOSE_TIP, RIGHT_EYE, Mesh

# Parts of the aligned crop, (rows, columns).
_FACE = (slice(28, 106), slice(22, 90))
"""Skin, eyes and mouth rather than hair and background."""
_LEFT_HALF, _RIGHT_HALF = (slice(28, 106), slice(22, 56)), (slice(28, 106), slice(56, 90))
_EYES = (slice(46, 58), slice(29, 48)), (slice(46, 58), slice(64, 83))
_CHEEKS = (slice(70, 80), slice(30, 42)), (slice(70, 80), slice(70, 82))
_LIPS = (slice(84, 100), slice(40, 74))

_MIDDLE_GREY, _SATURATED = 128.0, 250
_NOTABLE = 0.6
"""A component below this is worth telling the person about."""
_PERSISTS_S = 0.5
"""A flaw is told when it has been the worst for so long: a blink is over in half of it."""

# Landmarks of the mesh.
_OUTER_EYES, _FOREHEAD, _CHIN = (33, 263), 10, 152
_LIDS = ((33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380))
"""Of each eye: corner, two on the upper lid, corner, two on the lower lid."""
_INNER_LIPS, _MOUTH_CORNERS = (13, 14), (61, 291)
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
    """``value`` 0 … 1; ``flaw`` what lowers it most, if anything does notably (one of those in
    the table of :mod:`kiosk.vision.quality`)."""

    value: float
    flaw: str | None


def assess(
    crop: Image, eye_distance_px: float, pose: Pose, mesh: Mesh | None = None, speed: float = 0.0
) -> Quality:
    """The quality of an aligned (112, 112, 3) RGB ``crop`` of a face whose eyes were
    ``eye_distance_px`` apart in the frame and which moved at ``speed`` face widths a second.

    Without a ``mesh`` nothing is said of eyes, mouth and occlusion.
    """
    found = components(crop, eye_distance_px, pose, mesh, speed)
    worst = min(found, key=lambda name: found[name])
    return Quality(math.prod(found.values()), worst if found[worst] < _NOTABLE else None)


def components(
    crop: Image, eye_distance_px: float, pose: Pose, mesh: Mesh | None = None, speed: float = 0.0
) -> dict[str, float]:
    """Each component of :func:`assess` by the flaw it stands for, 0 … 1."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    mean = _mean(grey, _FACE)
    saturated = float((grey[_FACE] >= _SATURATED).mean())
    lean = abs(math.log(_mean(grey, _LEFT_HALF) / _mean(grey, _RIGHT_HALF)))
    found = {
        "turned": _ramp(abs(pose.yaw), 45, 20) * _ramp(abs(pose.pitch), 40, 20),
        "small": _ramp(eye_distance_px, 8, 26),
        "blurred": _ramp(math.log(max(_sharpness(grey, mean), 1.0)), math.log(4), math.log(50)),
        "moving": _ramp(speed, 4, 1.5),
        "dark": _ramp(mean, 8, 48),
        "bright": _ramp(mean, 250, 215) * _ramp(saturated, 0.4, 0.04),
        "uneven": _ramp(lean, 1.2, 0.6),
    }
    return found if mesh is None else found | _visible(grey, mesh)


def _visible(grey: NDArray[np.uint8], mesh: Mesh) -> dict[str, float]:
    """The components that ask what can be seen of the face."""
    lips = _edges_at_lips(grey)
    sure = _ramp(_logit(mesh.presence), 4, 12)
    masked = lips < _FEATURELESS_LIPS
    return {
        "mask": _ramp(lips, 0.15, 0.45) * (sure if masked else 1.0),
        "covered": 1.0 if masked else sure,
        "sunglasses": _ramp(_brightness_of_eyes(grey), 0.2, 0.6),
        "eyes_closed": _ramp(_openness_of_eyes(mesh), 0.06, 0.14),
        "mouth_open": _ramp(_openness_of_mouth(mesh), 0.8, 0.5),
    }


_FEATURELESS_LIPS = 0.5
"""When the mesh doubts, fewer edges at the mouth than this mean a mask rather than a hand: nine
in ten drawn masks lie below, and two in a hundred portraits."""


class Complaint:
    """What to tell the person: a flaw that lasts, so that no blink makes the words flicker."""

    def __init__(self) -> None:
        self._flaw: str | None = None
        self._since = 0.0

    def update(self, flaw: str | None, at: float) -> str | None:
        """The flaw to tell after a frame with ``flaw`` at ``at`` seconds."""
        if flaw != self._flaw:
            self._flaw, self._since = flaw, at
        return flaw if at - self._since >= _PERSISTS_S else None


def pose_of_mesh(landmarks: NDArray[np.float32]) -> Pose:
    """Head pose from the (468, 3) landmarks of the face mesh.

    The mesh's depth has the scale of its width, so the lean of the line between the eyes gives
    the yaw and that of the line from chin to forehead the pitch; no camera model is needed.
    """
    right, left = _OUTER_EYES
    across = landmarks[left] - landmarks[right]
    up = landmarks[_FOREHEAD] - landmarks[_CHIN]
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


def _edges_at_lips(grey: NDArray[np.uint8]) -> float:
    """Mean gradient at the mouth as a share of that at the eyes: 0.45 … 1.8 with a mouth."""
    right, down = (cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx, ksize=3) for dx in (1, 0))
    edges = cv2.magnitude(right, down)
    eyes = sum(float(edges[eye].mean()) for eye in _EYES) / len(_EYES)
    return float(edges[_LIPS].mean()) / max(eyes, 1e-6)


def _brightness_of_eyes(grey: NDArray[np.uint8]) -> float:
    """The brighter eye's brightest tenth (the white, the lids) against the cheeks: 0.65 … 1.9
    where eyes can be seen."""
    eyes = max(float(np.percentile(grey[eye], 90)) for eye in _EYES)
    return eyes / (sum(_mean(grey, cheek) for cheek in _CHEEKS) / 2)


def _openness_of_eyes(mesh: Mesh) -> float:
    """Height of the eyes as a share of their width (the eye aspect ratio of Soukupová and Čech,
    "Real-time eye blink detection using facial landmarks", 2016): 0.15 … 0.4 when open."""
    return sum(
        (_apart(mesh, up, low) + _apart(mesh, upper, lower)) / (2 * _apart(mesh, corner, other))
        for corner, up, upper, other, lower, low in _LIDS
    ) / len(_LIDS)


def _openness_of_mouth(mesh: Mesh) -> float:
    """Gap between the lips as a share of the mouth's width: to 0.45 when talking or laughing."""
    return _apart(mesh, *_INNER_LIPS) / _apart(mesh, *_MOUTH_CORNERS)


def _apart(mesh: Mesh, one: int, other: int) -> float:
    across, down = (mesh.landmarks[one, :2] - mesh.landmarks[other, :2]).tolist()
    return max(math.hypot(across, down), 1e-6)


def _mean(grey: NDArray[np.uint8], part: tuple[slice, slice]) -> float:
    return max(float(grey[part].mean()), 1.0)


def _logit(share: float) -> float:
    bounded = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))


def _ramp(value: float, useless: float, enough: float) -> float:
    return max(0.0, min(1.0, (value - useless) / (enough - useless)))


def _lean(line: NDArray[np.float32]) -> float:
    return math.degrees(math.atan2(line[2], math.hypot(line[0], line[1])))


def _angle(across: float, down: float) -> float:
    return math.degrees(math.atan2(down, across))
