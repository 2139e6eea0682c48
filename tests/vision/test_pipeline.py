from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk import config
from kiosk.config import Settings
from kiosk.idcard.synthetic import payload, synthetic
from kiosk.vision.camera import Image
from kiosk.vision.embedding import model_id
from kiosk.vision.litert import Models, Net, Tensor
from kiosk.vision.percepts import Enrolment
from kiosk.vision.pipeline import is_within_reach
from kiosk.vision.replay import Stage
from kiosk.vision.scene import SHIPPED, Scene
from kiosk.vision.still import StillFaces
from kiosk.vision.templates import DIMENSIONS

from .booth import FPS, Booth, candidates

Portrait = Callable[..., Image]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return config.load(Path(config.__file__).parents[1] / "config.toml")


def changed(settings: Settings, section: str, **values: Any) -> Settings:
    part = getattr(settings, section).model_copy(update=values)
    return settings.model_copy(update={section: part})


@pytest.fixture
def booth(settings: Settings, models: Models) -> Booth:
    return Booth(settings, models)


@pytest.fixture(scope="module")
def obama(settings: Settings, models: Models, portrait: Portrait) -> Enrolment:
    return Booth(settings, models).enrol(portrait("obama"))


@pytest.fixture(scope="module")
def biden(settings: Settings, models: Models, portrait: Portrait) -> Enrolment:
    return Booth(settings, models).enrol(portrait("biden"))


def test_a_still_shows_the_same_face_as_the_pipeline(
    models: Models, portrait: Portrait, obama: Enrolment
) -> None:
    still = StillFaces(models)(portrait("obama"))
    assert still is not None
    template = np.frombuffer(obama.template, "<f4")
    assert template == pytest.approx(still.embedding, abs=1e-3)


def test_nobody(booth: Booth, portrait: Portrait) -> None:
    (seen,) = booth.show([portrait(None)])
    assert (seen.faces, seen.hands, seen.barcodes, seen.subject) == ((), (), (), None)
    assert seen.size == (640, 480)
    assert set(seen.stages_ms) == {"face", "view"}


def test_frames_count_up_and_keep_the_cameras_time(booth: Booth, portrait: Portrait) -> None:
    seen = booth.show([portrait(None)] * 3)
    assert [percept.frame for percept in seen] == [0, 1, 2]
    assert seen[2].at == pytest.approx(2 / FPS)


@pytest.mark.parametrize("at", [(640, 300), (480, 300), (800, 420)])
def test_wide_frame_is_reported_in_its_own_pixels(
    booth: Booth, portrait: Portrait, at: tuple[float, float]
) -> None:
    (seen,) = booth.show([portrait("astronaut", 130, at, (1280, 720))])
    (face,) = seen.faces
    x, y, width, height = face.box
    assert (x + width / 2, y + height / 2) == pytest.approx(at, abs=12)
    assert width == pytest.approx(130, rel=0.15)
    assert face.quality > 0.9
    assert face.flaw is None
    assert abs(face.yaw) < 10
    assert seen.subject == face.track_id


def test_template_is_made_from_the_best_frames_of_one_track(
    obama: Enrolment, models: Models, settings: Settings
) -> None:
    template = np.frombuffer(obama.template, "<f4")
    assert template.shape == (DIMENSIONS,)
    assert 0.94 < np.linalg.norm(template) < 1.09
    assert obama.frames == settings.recognition.enrol_frames
    assert obama.model_id == model_id(models)


@pytest.mark.parametrize("other", ["obama2", "obama3"])
def test_citizen_is_found_from_another_photograph(
    booth: Booth, portrait: Portrait, settings: Settings, obama: Enrolment, other: str
) -> None:
    booth.set_gallery(obama=obama)
    seen = booth.show(repeat(portrait(other, 95, (350, 220)), 6))
    assert candidates(seen) == ["obama"] * 6  # one frame is enough when it is surely him
    face = seen[-1].subject_face()
    assert face is not None
    assert face.candidate is not None
    assert face.candidate.false_match_probability < 1e-5
    assert face.candidate.frames >= settings.recognition.probe_frames


@pytest.mark.parametrize("stranger", ["biden", "astronaut"])
def test_a_stranger_looks_like_the_citizen_by_chance(
    booth: Booth, portrait: Portrait, obama: Enrolment, stranger: str
) -> None:
    booth.set_gallery(obama=obama)
    face = booth.show(repeat(portrait(stranger), 5))[-1].subject_face()
    assert face is not None
    assert face.candidate is not None
    assert face.candidate.false_match_probability > 1e-3


def test_somebody_else_in_the_same_place_inherits_nothing(
    booth: Booth, portrait: Portrait, obama: Enrolment, biden: Enrolment
) -> None:
    booth.set_gallery(obama=obama, biden=biden)
    before = booth.show(repeat(portrait("obama2"), 12))
    assert candidates(before)[-1] == "obama"
    after = booth.show(repeat(portrait("biden"), 20))
    took_over = next(i for i, seen in enumerate(after) if seen.subject != before[-1].subject)
    assert took_over <= 8
    assert candidates(after)[took_over:].count("obama") == 0
    assert candidates(after)[-1] == "biden"
    assert before[-1].subject not in {face.track_id for face in after[-1].faces}


def test_person_who_left_is_somebody_new_until_looked_at_again(
    booth: Booth, portrait: Portrait, obama: Enrolment
) -> None:
    booth.set_gallery(obama=obama)
    before = booth.show(repeat(portrait("obama2"), 5))[-1]
    assert booth.show(repeat(portrait(None), 10))[-1].subject is None
    again = booth.show(repeat(portrait("obama2"), 4))
    assert again[0].subject not in (None, before.subject)
    assert candidates(again)[-1] == "obama"


def test_removed_citizen_is_forgotten_at_once(
    booth: Booth, portrait: Portrait, obama: Enrolment, biden: Enrolment
) -> None:
    booth.set_gallery(obama=obama, biden=biden)
    assert candidates(booth.show(repeat(portrait("obama2"), 5)))[-1] == "obama"
    booth.set_gallery(biden=biden)
    assert candidates(booth.show([portrait("obama2")])) == ["biden"]  # the nearest left, far off
    booth.set_gallery()
    assert candidates(booth.show([portrait("obama2")])) == [None]


def test_recognition_switched_off_never_embeds_a_face(
    settings: Settings, models: Models, portrait: Portrait, obama: Enrolment
) -> None:
    booth = Booth(changed(settings, "recognition", enabled=False), models)
    booth.set_gallery(obama=obama)
    track = booth.show([portrait("obama")])[0].subject
    assert track is not None
    booth.pipeline.start_enrolment(track)
    seen = booth.show(repeat(portrait("obama"), 40))
    assert set(candidates(seen)) == {None}
    assert all("embed" not in percept.stages_ms for percept in seen)
    assert booth.pipeline.enrolment() is None


def test_embedding_is_seldom_once_decided(booth: Booth, portrait: Portrait) -> None:
    seen = booth.show(repeat(portrait("astronaut"), 33))
    embedded = sum("embed" in percept.stages_ms for percept in seen[3:])
    assert embedded <= 30 // 5


def test_bad_frames_are_not_embedded(booth: Booth, portrait: Portrait) -> None:
    dark = (portrait("astronaut") * 0.08).astype(np.uint8)
    seen = [p for p in booth.show(repeat(dark, 6)) if p.subject_face()]
    assert seen
    assert all("embed" not in percept.stages_ms for percept in seen)


def test_enrolment_is_handed_over_once(booth: Booth, portrait: Portrait) -> None:
    booth.enrol(portrait("astronaut"))
    booth.show(repeat(portrait("astronaut"), 40))
    assert booth.pipeline.enrolment() is None


def test_enrolment_ends_with_its_track(booth: Booth, portrait: Portrait) -> None:
    track = booth.show([portrait("astronaut")])[0].subject
    assert track is not None
    booth.pipeline.start_enrolment(track)
    booth.show(repeat(portrait("astronaut"), 10))
    booth.show(repeat(portrait(None), 10))
    booth.show(repeat(portrait("astronaut"), 40))
    assert booth.pipeline.enrolment() is None


def test_enrolment_ends_when_somebody_else_takes_the_place(
    booth: Booth, portrait: Portrait
) -> None:
    track = booth.show([portrait("obama")])[0].subject
    assert track is not None
    booth.pipeline.start_enrolment(track)
    booth.show(repeat(portrait("obama"), 10))
    booth.show(repeat(portrait("biden"), 40))
    assert booth.pipeline.enrolment() is None


def test_only_the_track_asked_for_is_enrolled(booth: Booth, portrait: Portrait) -> None:
    booth.show([portrait("astronaut")])
    booth.pipeline.start_enrolment(999)
    booth.show(repeat(portrait("astronaut"), 40))
    assert booth.pipeline.enrolment() is None


def test_barcodes_are_looked_for_only_while_asked(booth: Booth) -> None:
    text = payload(synthetic(4))
    stage = Stage(scene(card=[{"text": text, "start": 0, "end": 9}]), SHIPPED)
    pictures = [stage.picture(number) for number in range(20, 24)]
    assert not any(seen.barcodes for seen in booth.show(pictures))
    booth.pipeline.look_for_card(True)
    assert text in {code.text for seen in booth.show(pictures) for code in seen.barcodes}
    booth.pipeline.look_for_card(False)
    seen = booth.show(pictures)
    assert not any(percept.barcodes for percept in seen)
    assert all("barcode" not in percept.stages_ms for percept in seen)


def scene(
    face: float = 100,
    person: bool = True,
    portrait: str = "portraits/astronaut.toml",
    **parts: Any,
) -> Scene:
    """Ten seconds of somebody standing there with a hand up."""
    return Scene.model_validate(
        {
            "duration": 10,
            "person": [
                {
                    "name": "citizen",
                    "portrait": portrait,
                    "path": [{"at": 0, "x": 0.5, "y": 0.38, "face": face}, {"at": 10}],
                }
            ]
            if person
            else [],
            **parts,
        }
    )


def hand(pose: str, side: str = "right") -> dict[str, Any]:
    tip = [-1.5 if side == "right" else 1.5, 0.9]
    return {
        "person": "citizen",
        "side": side,
        "path": [{"at": 0, "pose": pose, "tip": tip}, {"at": 10}],
    }


def pictures_of(staged: Scene, count: int = 12) -> list[Image]:
    stage = Stage(staged, SHIPPED)
    return [stage.picture(number) for number in range(count)]


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize(
    ("pose", "fingers"),
    [("point", 1), ("two", 2), ("three", 3), ("four", 4), ("open", 5), ("fist", 0)],
)
def test_hand_of_the_subject_is_read(booth: Booth, pose: str, fingers: int, side: str) -> None:
    staged = scene(hand=[hand(pose, side)])
    seen = booth.show(pictures_of(staged))[-1]
    (found,) = seen.hands
    assert found.handedness == side
    assert found.fingers == fingers
    assert found.presence > 0.9
    assert len(found.landmarks) == 21
    assert found.pointer == found.landmarks[8]
    face = seen.subject_face()
    assert face is not None


@pytest.mark.parametrize("portrait_name", ["astronaut", "obama", "biden"])
@pytest.mark.parametrize("pose", ["point", "two", "three", "four", "five", "fist"])
def test_a_hand_is_not_another_person(booth: Booth, portrait_name: str, pose: str) -> None:
    """The detector takes knuckles for a face now and then: the hand must not be lost to it, nor
    the visit be thought crowded."""
    staged = scene(hand=[hand(pose)], portrait=f"portraits/{portrait_name}.toml")
    seen = booth.show(pictures_of(staged, 15))[6:]
    assert [len(percept.hands) for percept in seen] == [1] * 9
    assert [len(percept.faces) for percept in seen] == [1] * 9


def test_a_hand_before_ones_own_face_does_not_hide_it(booth: Booth) -> None:
    path = [{"at": 0, "pose": "open", "tip": [-1.5, 0.9]}, {"at": 1, "tip": [-0.55, -0.4]}]
    staged = scene(hand=[{"person": "citizen", "path": [*path, {"at": 2}]}])
    seen = booth.show(pictures_of(staged, 30))
    assert len({percept.subject for percept in seen}) == 1
    assert seen[-1].subject_face() is not None


def test_pointer_is_where_the_fingertip_is(booth: Booth) -> None:
    staged = scene(hand=[hand("point")])
    (found,) = booth.show(pictures_of(staged))[-1].hands
    x, y = 0.5 * staged.width - 1.5 * 100, 0.38 * staged.height + 0.9 * 100
    assert found.pointer == pytest.approx((x, y), abs=15)


def test_no_hand_is_looked_for_without_a_face(booth: Booth) -> None:
    staged = scene(hand=[hand("open")])
    pictures = pictures_of(staged, 4)
    for picture in pictures:
        picture[: round(0.5 * staged.height), 540:] = 150
    for seen in booth.show(pictures):
        assert seen.faces == ()
        assert seen.hands == ()
        assert "hand" not in seen.stages_ms


def test_no_hand_is_looked_for_while_the_person_is_far(settings: Settings, models: Models) -> None:
    booth = Booth(changed(settings, "vision", near_eye_distance_px=80.0), models)
    for seen in booth.show(pictures_of(scene(hand=[hand("open")]), 4)):
        assert seen.subject is not None
        assert "hand" not in seen.stages_ms


class CountingModels(Models):
    """The real models, and how often each has run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: Counter[str] = Counter()

    def net(self, model_id: str) -> Net:
        runs, content = self.runs, self.content(model_id)

        class CountingNet(Net):
            def __call__(self, tensor: Tensor) -> dict[str, Tensor]:
                runs[model_id] += 1
                return super().__call__(tensor)

        return CountingNet(content)


def test_palm_search_does_not_run_on_every_frame(settings: Settings) -> None:
    models = CountingModels()
    Booth(settings, models).show(pictures_of(scene(), 12))
    assert models.runs["palm_detection"] == 12 / settings.vision.palm_every
    assert models.runs["face_detection"] == 12
    assert models.runs["face_mesh"] == 12 + 1  # once more to be sure that it is a face


def test_palm_search_is_rare_once_a_hand_is_followed(settings: Settings) -> None:
    models = CountingModels()
    Booth(settings, models).show(pictures_of(scene(hand=[hand("point")]), 24))
    assert models.runs["palm_detection"] <= 3
    assert models.runs["hand_landmark"] >= 24 - settings.vision.palm_every


@pytest.mark.parametrize(
    ("wrist", "others", "within"),
    [
        ((400, 500), [], True),
        ((400, 900), [], False),
        ((400, 500), [(700, 200, 100, 100)], True),
        ((640, 420), [(700, 200, 100, 100)], False),
        ((640, 420), [(700, 200, 30, 30)], True),
    ],
    ids=["own", "too far", "own, with a neighbour", "neighbour's", "someone behind"],
)
def test_hand_belongs_to_who_can_reach_there(
    wrist: tuple[float, float], others: list[tuple[float, float, float, float]], within: bool
) -> None:
    assert is_within_reach(wrist, (350, 200, 100, 100), others) is within


@pytest.mark.parametrize(("behind", "stays"), [(100.0, True), (160.0, False)])
def test_a_hand_stays_its_owners_until_another_is_clearly_nearer(
    behind: float, stays: bool
) -> None:
    """Somebody behind whose face seems larger for a frame does not take it."""
    wrist, own, other = (550, 420), (350, 200, 100, 100), (600, 200, behind, behind)
    assert not is_within_reach(wrist, own, [other])
    assert is_within_reach(wrist, own, [other], loyalty=1.4) is stays
