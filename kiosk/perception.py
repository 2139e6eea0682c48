"""What vision saw becomes what the visit hears: percept → event. Pure."""

from __future__ import annotations

from kiosk.config import Settings
from kiosk.vision import percepts
from kiosk.vision.percepts import FacePercept, Percept
from kiosk.visit.events import Candidate, HandState, Person, Seen

REFERENCE_LINES = 720
"""Eye distances in the settings are for frames of this height."""

BESIDE = 0.7
"""A face whose eyes are at least this share of the subject's apart stands as near as they do:
at arm's length from the screen that is within half a metre."""


def seen(percept: Percept, at: float, settings: Settings, hand: HandState) -> Seen:
    """The visit's view of one frame: the one person, what their ``hand`` does, and how many stand
    as near."""
    face = percept.subject_face()
    if face is None:
        return Seen(at, None, 0)
    others = sum(
        other.track_id != face.track_id
        and other.eye_distance_px >= BESIDE * face.eye_distance_px
        and _near(other, percept, settings)
        for other in percept.faces
    )
    return Seen(at, _person(face, percept, settings, hand), others)


def _person(face: FacePercept, percept: Percept, settings: Settings, hand: HandState) -> Person:
    too_near = face.eye_distance_px > _lines(percept) * settings.vision.too_near_eye_distance_px
    return Person(
        track=face.track_id,
        near=_near(face, percept, settings),
        flaw="near" if too_near else face.flaw,
        hand=hand,
        candidate=candidate_of(face.candidate),
    )


def candidate_of(candidate: percepts.Candidate | None) -> Candidate | None:
    """What the policy wants to know of a candidate."""
    return candidate and Candidate(
        candidate.citizen_id,
        candidate.false_match_probability,
        candidate.rival_probability,
        candidate.enrolled,
    )


def _near(face: FacePercept, percept: Percept, settings: Settings) -> bool:
    return face.eye_distance_px >= _lines(percept) * settings.vision.near_eye_distance_px


def _lines(percept: Percept) -> float:
    return percept.size[1] / REFERENCE_LINES
