"""From percepts to the visit's events."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import config, perception
from kiosk.vision.percepts import Candidate, FacePercept, HandPercept, Percept
from kiosk.visit import events

SETTINGS = config.load(Path(__file__).parent.parent / "config.toml")


def face(track: int, eyes_px: float, candidate: Candidate | None = None) -> FacePercept:
    return FacePercept(track, (0, 0, 90, 90), 0.9, 0, 0, 0, eyes_px, 0.8, None, candidate)


def percept(*faces: FacePercept, subject: int | None = 1, lines: int = 720) -> Percept:
    hand = HandPercept("right", 0.9, 1, (0, 0), ())
    return Percept(1, 5.0, (lines * 16 // 9, lines), faces, (hand,), (), subject)


def test_nobody() -> None:
    event = perception.seen(percept(subject=None), 9.0, SETTINGS, "low")
    assert (event.at, event.person, event.others) == (9.0, None, 0)


@pytest.mark.parametrize(
    ("eyes_px", "lines", "near"),
    [(28.0, 720, True), (27.9, 720, False), (14.0, 360, True), (28.0, 1440, False)],
)
def test_near_is_measured_by_the_eyes_whatever_the_resolution(
    eyes_px: float, lines: int, near: bool
) -> None:
    person = perception.seen(percept(face(1, eyes_px), lines=lines), 0, SETTINGS, "low").person
    assert person is not None
    assert person.near is near


@pytest.mark.parametrize(("eyes_px", "flaw"), [(130.0, None), (130.1, "near")])
def test_too_near_is_when_no_raised_hand_would_be_in_the_picture(
    eyes_px: float, flaw: str | None
) -> None:
    person = perception.seen(percept(face(1, eyes_px)), 0, SETTINGS, "low").person
    assert person is not None
    assert person.flaw == flaw


def test_only_people_about_as_near_count_as_others() -> None:
    faces = (face(1, 60), face(2, 45), face(3, 41), face(4, 20))
    assert perception.seen(percept(*faces), 0, SETTINGS, "low").others == 1


def test_the_candidate_comes_along_without_vision_types() -> None:
    event = perception.seen(
        percept(face(1, 60, Candidate("c", 0.7, 1e-6, 0.1, 9, 4))), 0, SETTINGS, "low"
    )
    assert event.person is not None
    assert event.person.hand == "low"
    assert event.person.candidate is not None
    assert event.person.candidate == events.Candidate("c", 1e-6, 0.1, 9)
