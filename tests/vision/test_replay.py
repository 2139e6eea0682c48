from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from kiosk.errors import CameraError
from kiosk.vision.camera import Image
from kiosk.vision.cutouts import media_folder
from kiosk.vision.replay import Playlist, ReplayCamera
from kiosk.vision.scene import SHIPPED

EMPTY = "duration = 2\nfps = 10\nwidth = 640\nheight = 480\n"
ASTRONAUT = f"""
[[person]]
name = "a"
portrait = "{SHIPPED}/portraits/astronaut.toml"
path = [{{ at = 0.5, x = 0.5, y = 0.4, face = 90 }}, {{ at = 1.5 }}]
"""


def camera(folder: Path, source: str) -> ReplayCamera:
    path = folder / "scene.toml"
    path.write_text(source, encoding="utf-8")
    return ReplayCamera(path)


def pictures(camera: ReplayCamera) -> list[Image]:
    return [frame.image for frame in iter(camera.read, None)]


def changed(a: Image, b: Image) -> tuple[int, int, int, int]:
    """Bounding box (x, y, width, height) of what differs."""
    x, y, width, height = cv2.boundingRect(np.any(a != b, axis=2).astype(np.uint8))
    return x, y, width, height


def test_frames_carry_the_scenes_time_and_end(tmp_path: Path) -> None:
    frames = list(iter(camera(tmp_path, EMPTY).read, None))
    assert [frame.at for frame in frames] == pytest.approx([n / 10 for n in range(20)])
    assert frames[0].image.shape == (480, 640, 3)
    assert frames[0].image.dtype == np.uint8


def test_an_ended_scene_stays_ended(tmp_path: Path) -> None:
    replay = camera(tmp_path, EMPTY)
    pictures(replay)
    replay.close()
    assert replay.read() is None


def test_the_same_scene_gives_the_same_pixels(tmp_path: Path) -> None:
    once, again = (pictures(camera(tmp_path, EMPTY + ASTRONAUT)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


def test_the_sensors_noise_never_lies_still(tmp_path: Path) -> None:
    first, second = pictures(camera(tmp_path, EMPTY))[:2]
    assert not np.array_equal(first, second)
    difference = first.astype(int) - second
    assert 2 < difference.std() < 4  # √2 · the standard deviation of one frame


def test_a_person_is_there_between_their_keyframes(tmp_path: Path) -> None:
    shown = pictures(camera(tmp_path, EMPTY + "noise = 0\n" + ASTRONAUT))
    empty = shown[0]
    present = [not np.array_equal(picture, empty) for picture in shown]
    assert present == [5 <= n <= 15 for n in range(20)]


def test_a_persons_body_reaches_the_lower_edge(tmp_path: Path) -> None:
    shown = pictures(camera(tmp_path, EMPTY + "noise = 0\n" + ASTRONAUT))
    _, y, _, height = changed(shown[0], shown[10])
    assert y < 130
    assert y + height == 480


def test_nobody_stands_quite_still(tmp_path: Path) -> None:
    shown = pictures(camera(tmp_path, EMPTY + "noise = 0\n" + ASTRONAUT))
    assert not np.array_equal(shown[7], shown[8])


@pytest.mark.parametrize(("side", "x"), [("right", -1.2), ("left", 1.2)])
def test_a_hand_points_where_the_scene_says(tmp_path: Path, side: str, x: float) -> None:
    hand = f'''
[[hand]]
person = "a"
side = "{side}"
path = [{{ at = 1, pose = "one", tip = [{x}, -1.1] }}, {{ at = 1.5 }}]
'''
    with_hand = pictures(camera(tmp_path, EMPTY + "noise = 0\n" + ASTRONAUT + hand))
    without = pictures(camera(tmp_path, EMPTY + "noise = 0\n" + ASTRONAUT))
    # The highest pixel of a pointing hand is the fingertip.
    difference = np.any(with_hand[12] != without[12], axis=2)
    top = int(np.flatnonzero(difference.any(axis=1))[0])
    tip = float(np.flatnonzero(difference[top + 2]).mean())
    assert tip == pytest.approx(320 + x * 90, abs=8)
    assert top == pytest.approx(192 - 1.1 * 90 - 8, abs=10)  # the joint is inside the finger


def test_a_card_can_be_decoded(tmp_path: Path) -> None:
    text = "001185012345||Nguyễn Thị Mẫu|14031985|Nữ|Hà Nội|25122021"
    card = f'[[card]]\ntext = "{text}"\nstart = 0.5\nend = 1.5\n'
    shown = pictures(camera(tmp_path, EMPTY + card))
    assert zxingcpp.read_barcodes(shown[0]) == []
    (code,) = zxingcpp.read_barcodes(shown[10])
    assert code.bytes.decode() == text


def test_darkness(tmp_path: Path) -> None:
    light = "light = [{at = 0.5, level = 1}, {at = 1.0, level = 0.1}]\n"
    shown = pictures(camera(tmp_path, EMPTY + light))
    assert shown[0].mean() > 140
    assert shown[19].mean() < 20


def test_tint_is_red_green_blue(tmp_path: Path) -> None:
    tint = 'noise = 0\nwall = ["#808080", "#808080"]\nlight = [{at = 0, tint = [1.0, 0.5, 0.0]}]\n'
    assert pictures(camera(tmp_path, EMPTY + tint))[3][240, 320].tolist() == [128, 64, 0]


def portrait(folder: Path, photo: str) -> str:
    (folder / "me.toml").write_text(f'photo = "{photo}"\nface = [30, 30, 20]\n', encoding="utf-8")
    return (
        '[[person]]\nname="me"\nportrait="me.toml"\npath=[{at=0, x=0.5, y=0.5, face=20}, {at=2}]\n'
    )


def test_a_photo_of_ones_own(tmp_path: Path) -> None:
    red = np.zeros((60, 60, 3), np.uint8)
    red[..., 2] = 250  # OpenCV writes blue, green, red
    cv2.imwrite(str(tmp_path / "me.png"), red)
    shown = pictures(camera(tmp_path, EMPTY + "noise = 0\n" + portrait(tmp_path, "me.png")))
    assert shown[5][240, 320].tolist() == [250, 0, 0]


def test_media_are_looked_for_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_MEDIA", str(tmp_path / "media"))
    assert media_folder() == tmp_path / "media"
    (tmp_path / "media").mkdir()
    cv2.imwrite(str(tmp_path / "media/me.png"), np.zeros((60, 60, 3), np.uint8))
    camera(tmp_path, EMPTY + portrait(tmp_path, "media:me.png"))


@pytest.mark.parametrize("photo", ["nobody.jpg", "media:nobody.jpg", "skimage:nobody", "me.toml"])
def test_a_missing_photo_is_named(tmp_path: Path, photo: str) -> None:
    with pytest.raises(CameraError) as caught:
        camera(tmp_path, EMPTY + portrait(tmp_path, photo))
    assert caught.value.key == "photo_missing"
    assert photo.partition(":")[2] in caught.value.what("vi")


def test_a_playlist_goes_on_in_time(tmp_path: Path) -> None:
    scenes = [camera(tmp_path, EMPTY), camera(tmp_path, EMPTY)]
    times = [frame.at for frame in iter(Playlist(scenes).read, None)]
    assert times == pytest.approx([n / 10 for n in range(40)])
