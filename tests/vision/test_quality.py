from __future__ import annotations

import itertools
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from kiosk.vision.align import aligned
from kiosk.vision.camera import Image
from kiosk.vision.faces import FaceDetection, FaceDetector, FaceMesh, region_of_detection
from kiosk.vision.litert import Models
from kiosk.vision.quality import Pose, assess, pose_of_keypoints, pose_of_mesh

FRONTAL = Pose(0, 0, 0)
Face = Callable[[str], tuple[Image, FaceDetection]]


@pytest.fixture(scope="module")
def crop(face: Face) -> Image:
    image, found = face("astronaut")
    return aligned(image, found.keypoints)


def test_a_good_portrait_has_no_flaw(crop: Image) -> None:
    quality = assess(crop, 60, FRONTAL)
    assert quality.value > 0.95
    assert quality.flaw is None


def falling(values: list[float]) -> bool:
    return all(after <= before for before, after in itertools.pairwise(values))


def test_quality_falls_with_blur(crop: Image) -> None:
    blurred = [crop, *(np.asarray(cv2.GaussianBlur(crop, (0, 0), s)) for s in (1, 2, 3, 4, 6, 9))]
    values = [assess(image.astype(np.uint8), 60, FRONTAL) for image in blurred]
    assert falling([quality.value for quality in values])
    assert values[-1].value < 0.1
    assert values[-1].flaw == "blurred"


def test_quality_falls_with_darkness(crop: Image) -> None:
    values = [
        assess((crop * level).astype(np.uint8), 60, FRONTAL)
        for level in (1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.0)
    ]
    assert falling([quality.value for quality in values])
    assert values[-1].value == 0
    assert values[-2].flaw == "dark"


def test_quality_falls_with_glare(crop: Image) -> None:
    values = [
        assess((crop.astype(float) * level).clip(0, 255).astype(np.uint8), 60, FRONTAL)
        for level in (1.0, 1.5, 2.0, 3.0, 6.0)
    ]
    assert falling([quality.value for quality in values])
    assert values[-1].flaw == "bright"


def test_quality_falls_with_distance(crop: Image) -> None:
    values = [assess(crop, eyes, FRONTAL) for eyes in (60, 30, 22, 16, 12, 8)]
    assert falling([quality.value for quality in values])
    assert values[-1].value == 0
    assert values[-1].flaw == "small"


@pytest.mark.parametrize("sign", [-1, 1])
def test_quality_falls_as_the_head_turns(crop: Image, sign: int) -> None:
    yaw = [assess(crop, 60, Pose(sign * angle, 0, 0)) for angle in (0, 15, 25, 35, 45)]
    pitch = [assess(crop, 60, Pose(0, sign * angle, 0)) for angle in (0, 15, 25, 35, 45)]
    for values in (yaw, pitch):
        assert falling([quality.value for quality in values])
        assert values[-1].value == 0
        assert values[-1].flaw == "turned"
    assert assess(crop, 60, Pose(0, 0, 90)).value == pytest.approx(yaw[0].value)


def mesh_pose(models: Models, detector: FaceDetector, image: Image) -> Pose:
    best = max(detector(image), key=lambda found: found.box[2])
    return pose_of_mesh(FaceMesh(models)(image, region_of_detection(best)).landmarks)


def test_frontal_portrait_faces_the_camera(
    models: Models, detector: FaceDetector, face: Face
) -> None:
    pose = mesh_pose(models, detector, face("astronaut")[0])
    assert abs(pose.yaw) < 8
    assert abs(pose.pitch) < 12
    assert abs(pose.roll) < 12


def test_yaw_has_the_sign_of_the_turn(models: Models, detector: FaceDetector, face: Face) -> None:
    image, found = face("obama2")  # he looks to his right, the left of the picture
    mirrored = np.ascontiguousarray(image[:, ::-1])
    there, back = (mesh_pose(models, detector, picture) for picture in (image, mirrored))
    assert there.yaw < -8
    assert back.yaw > 8
    assert pose_of_keypoints(found.keypoints).yaw < -8


def test_pitch_is_positive_looking_up(models: Models, detector: FaceDetector, face: Face) -> None:
    image, found = face("obama3")  # chin up
    level, level_found = face("obama")
    up, straight = (mesh_pose(models, detector, picture) for picture in (image, level))
    assert up.pitch > straight.pitch + 8
    rough, rough_level = (pose_of_keypoints(f.keypoints).pitch for f in (found, level_found))
    assert rough > rough_level


def test_roll_is_positive_clockwise(models: Models, detector: FaceDetector, face: Face) -> None:
    image, found = face("astronaut")
    x, y, width, height = found.box
    turn = cv2.getRotationMatrix2D((x + width / 2, y + height / 2), -20, 1)  # clockwise
    turned = np.asarray(cv2.warpAffine(image, turn, (512, 512)), np.uint8)
    upright = mesh_pose(models, detector, image).roll
    assert mesh_pose(models, detector, turned).roll - upright == pytest.approx(20, abs=4)
    best = max(detector(turned), key=lambda f: f.box[2])
    assert pose_of_keypoints(best.keypoints).roll == pytest.approx(upright + 20, abs=6)
