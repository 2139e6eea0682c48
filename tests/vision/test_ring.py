from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.vision.ring import SIDE, SLOTS, Ring


@pytest.fixture
def rings() -> Iterator[tuple[Ring, Ring]]:
    """A reader's ring and the writer's, attached to the same memory."""
    reader = Ring()
    writer = Ring(reader.name)
    yield reader, writer
    writer.close()
    reader.close()


def test_a_picture_arrives_blue_green_red(rings: tuple[Ring, Ring]) -> None:
    reader, writer = rings
    image = np.zeros((48, 64, 3), np.uint8)
    image[...] = 10, 20, 30
    picture = reader.read(*writer.write(image))
    assert picture is not None
    assert picture.shape == (48, 64, 4)
    assert picture[0, 0].tolist() == [30, 20, 10, 255]


@pytest.mark.parametrize(
    ("size", "small"),
    [((720, 1280), (360, 640)), ((1280, 720), (640, 360)), ((2160, 3840), (360, 640))],
)
def test_large_pictures_are_shrunk(
    rings: tuple[Ring, Ring], size: tuple[int, int], small: tuple[int, int]
) -> None:
    reader, writer = rings
    picture = reader.read(*writer.write(np.zeros((*size, 3), np.uint8)))
    assert picture is not None
    assert picture.shape[:2] == small
    assert max(small) == SIDE


def test_an_overwritten_picture_is_not_shown(rings: tuple[Ring, Ring]) -> None:
    reader, writer = rings
    image = np.zeros((48, 64, 3), np.uint8)
    first = writer.write(image)
    for _ in range(SLOTS - 1):
        writer.write(image)
    assert reader.read(*first) is not None
    writer.write(image)
    assert reader.read(*first) is None


def test_a_copy_outlives_the_memory() -> None:
    ring = Ring()
    picture = ring.read(*ring.write(np.full((48, 64, 3), 7, np.uint8)))
    ring.close()
    assert picture is not None
    assert picture[0, 0].tolist() == [7, 7, 7, 255]
