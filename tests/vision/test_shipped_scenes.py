"""The scenes that ship, through the real models: what they script is what is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import CameraError
from kiosk.vision.litert import Models
from kiosk.vision.percepts import Percept
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.replay import ReplayCamera
from kiosk.vision.scene import Hand, Person, Scene, scene_path
from tests.vision import fakes

pytestmark = pytest.mark.slow
Played = tuple[Scene, list[Percept]]


@pytest.fixture(scope="module")
def play(models: Models) -> Callable[[str], Played]:
    played: dict[str, Played] = {}

    def run(name: str) -> Played:
        if name not in played:
            try:
                camera = ReplayCamera(scene_path(name, Path()))
            except CameraError as error:
                pytest.skip(str(error))
            pipeline = Pipeline(fakes.settings(), models)
            played[name] = camera.scene, [pipeline.look(f) for f in iter(camera.read, None)]
        return played[name]

    return run


def standing(person: Person) -> tuple[float, float]:
    """From arriving to leaving."""
    return person.path[1].at, person.path[-2].at


def raised(hand: Hand) -> tuple[float, float]:
    return hand.path[1].at, hand.path[-2].at


def during(percepts: list[Percept], span: tuple[float, float]) -> list[Percept]:
    return [percept for percept in percepts if span[0] <= percept.at <= span[1]]


@pytest.mark.parametrize("name", ["first_visit", "second_visit", "stranger"])
def test_the_citizen_is_the_subject_all_along(play: Callable[[str], Played], name: str) -> None:
    scene, percepts = play(name)
    there = during(percepts, standing(scene.person[0]))
    found = [percept for percept in there if percept.subject_face()]
    assert len(found) >= 0.95 * len(there)
    assert len({percept.subject for percept in there}) == 1


@pytest.mark.parametrize("name", ["first_visit", "second_visit", "stranger"])
def test_every_raised_hand_is_seen(play: Callable[[str], Played], name: str) -> None:
    scene, percepts = play(name)
    for hand in scene.hand:
        up = during(percepts, raised(hand))
        seen = [percept.hands[0] for percept in up if percept.hands]
        assert len(seen) >= 0.95 * len(up)
        assert all(found.handedness == hand.side for found in seen)


@pytest.mark.parametrize("name", ["first_visit", "second_visit", "stranger"])
def test_a_hand_points_where_the_scene_says(play: Callable[[str], Played], name: str) -> None:
    scene, percepts = play(name)
    for hand in scene.hand:
        aimed = hand.path[-2]
        for percept in during(percepts, (hand.path[-3].at, aimed.at)):
            face = percept.subject_face()
            assert face
            x, y, width, height = face.box
            tip_x, tip_y = percept.hands[0].pointer
            right, down = (tip_x - x - width / 2) / width, (tip_y - y - height / 2) / width
            assert right == pytest.approx(aimed.tip[0], abs=0.4)
            assert down == pytest.approx(aimed.tip[1], abs=0.3)


def test_nobody_is_served_in_an_idle_scene(play: Callable[[str], Played]) -> None:
    _, percepts = play("idle")
    least = fakes.settings().vision.near_eye_distance_px
    assert all(face.eye_distance_px < least for percept in percepts for face in percept.faces)
    assert not any(percept.hands for percept in percepts)


def test_both_of_two_people_are_seen_side_by_side(play: Callable[[str], Played]) -> None:
    scene, percepts = play("two_people")
    behind = scene.person[0].path
    together = during(percepts, (behind[3].at, behind[4].at))
    assert sum(len(percept.faces) == 2 for percept in together) >= 0.95 * len(together)
