"""Light and focus of pictures whose light and focus are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.vision.camera import Image
from kiosk.vision.view import view_of


def chessboard(side: int = 36, dark: int = 40, bright: int = 210) -> Image:
    rows, columns = np.indices((720, 1280)) // side
    grey = np.where((rows + columns) % 2, dark, bright).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize("sigma", [1.5, 2.5, 4.0])
def test_the_width_of_edges_is_what_they_were_blurred_by(sigma: float) -> None:
    blurred = np.asarray(cv2.GaussianBlur(chessboard(), (0, 0), sigma), np.uint8)
    assert view_of(blurred).blur_px == pytest.approx(sigma, rel=0.15)


def test_sharp_is_as_sharp_as_can_be_measured() -> None:
    assert view_of(chessboard()).blur_px == pytest.approx(0.56, abs=0.05)


def test_a_larger_picture_is_measured_at_720_lines() -> None:
    large = np.asarray(cv2.resize(chessboard(), (2560, 1440)), np.uint8)
    soft = np.asarray(cv2.GaussianBlur(large, (0, 0), 5.0), np.uint8)
    assert view_of(soft).blur_px == pytest.approx(2.5, rel=0.15)


def test_an_empty_wall_does_not_tell_its_focus() -> None:
    noise = np.random.default_rng(1).normal(128, 6, (720, 1280, 3))
    assert view_of(noise.clip(0, 255).astype(np.uint8)).blur_px is None


def test_light_and_what_is_blown_out() -> None:
    picture = np.full((720, 1280, 3), 100, np.uint8)
    picture[:180] = 255
    view = view_of(picture)
    assert view.light == pytest.approx(138.75, abs=0.1)
    assert view.blown == pytest.approx(0.25)
