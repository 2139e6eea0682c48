from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import CameraError
from kiosk.vision.scene import (
    SHIPPED,
    Light,
    Scene,
    Stand,
    load_portrait,
    load_scene,
    scene_path,
    value_at,
)

PERSON = {"name": "a", "portrait": "a.toml", "path": [{"at": 0, "x": 0.5, "y": 0.5, "face": 100}]}


def written(tmp_path: Path, source: str) -> Path:
    path = tmp_path / "scene.toml"
    path.write_text(source, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_scenes_can_be_loaded(path: Path) -> None:
    scene = load_scene(path)
    for person in scene.person:
        assert (SHIPPED / person.portrait).exists()
    last = [k.at for actor in (*scene.person, *scene.hand) for k in actor.path]
    assert max(last) <= scene.duration


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("portraits/*.toml")), ids=lambda p: p.stem)
def test_shipped_portraits_can_be_loaded(path: Path) -> None:
    assert len(load_portrait(path).outline) > 10


def test_a_bare_name_is_a_shipped_scene(tmp_path: Path) -> None:
    assert scene_path("idle", tmp_path) == SHIPPED / "idle.toml"
    assert scene_path("mine.toml", tmp_path) == tmp_path / "mine.toml"


def test_a_keyframe_repeats_what_it_leaves_out() -> None:
    path = [{"at": 0, "x": 0.1, "y": 0.2, "face": 100}, {"at": 1, "x": 0.9}, {"at": 2}]
    scene = Scene.model_validate({"duration": 3, "person": [PERSON | {"path": path}]})
    assert scene.person[0].path[2] == Stand(at=2, x=0.9, y=0.2, face=100)


def test_a_path_is_left_outside_its_keyframes() -> None:
    path = (Light(at=1, level=0.0), Light(at=3, level=1.0))
    assert value_at(path, 0.99) is None
    assert value_at(path, 3.01) is None


def test_values_ease_between_keyframes() -> None:
    path = (Light(at=1, level=0.0), Light(at=3, level=1.0, tint=(0.0, 1.0, 2.0)))
    middle = value_at(path, 2.0)
    assert middle is not None
    assert middle.level == pytest.approx(0.5)
    assert middle.tint == pytest.approx((0.5, 1.0, 1.5))
    quarter = value_at(path, 1.5)
    assert quarter is not None
    assert quarter.level == pytest.approx(0.15625)


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_eased_value_never_turns_back(a: float, b: float) -> None:
    path = (Light(at=0, level=0.2), Light(at=1, level=0.9))
    early, late = value_at(path, min(a, b)), value_at(path, max(a, b))
    assert early is not None
    assert late is not None
    assert 0.2 <= early.level <= late.level + 1e-12
    assert late.level <= 0.9 + 1e-12


@pytest.mark.parametrize(
    ("source", "key", "reason"),
    [
        ("duration = 0", "duration", "greater than 0"),
        ("duration = 5\nspeed = 2", "speed", "not permitted"),
        ("duration = 5\nwall = ['red', '#000000']", "wall[1]", "pattern"),
        (
            "duration = 5\n[[person]]\nname = 'a'\nportrait = 'a.toml'\npath = []",
            "person[1].path",
            "at least 1",
        ),
        (
            "duration = 5\n[[person]]\nname = 'a'\nportrait = 'a.toml'\npath = [{at = 0, x = 1}]",
            "person[1].path[1].y",
            "required",
        ),
        (
            "duration = 5\nlight = [{at = 2}, {at = 2, level = 0}]",
            "light",
            "keyframe at 2 s follows one at 2 s",
        ),
        (
            "duration = 5\n[[hand]]\nperson = 'b'\npath = [{at=0, pose='open', tip=[0,0]}]",
            "scene",
            "'b', who is not in the scene",
        ),
        (
            "duration = 5\n[[hand]]\nperson = 'b'\npath = [{at=0, pose='wave', tip=[0,0]}]",
            "hand[1].path[1].pose",
            "'open'",
        ),
        (
            "duration = 5\n[[card]]\ntext='x'\nstart=2\nend=1",
            "card[1]",
            "end must come after start",
        ),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, source: str, key: str, reason: str) -> None:
    path = written(tmp_path, source)
    with pytest.raises(CameraError) as caught:
        load_scene(path)
    assert caught.value.key == "scene_value"
    assert caught.value.fields["key"] == key
    assert reason in str(caught.value.fields["reason"])
    assert str(path) in caught.value.what("vi")


def test_two_people_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same name"):
        Scene.model_validate({"duration": 1, "person": [PERSON, PERSON]})


@pytest.mark.parametrize("source", ["duration = ", None])
def test_an_unreadable_scene_is_named(tmp_path: Path, source: str | None) -> None:
    path = tmp_path / "none.toml" if source is None else written(tmp_path, source)
    with pytest.raises(CameraError) as caught:
        load_scene(path)
    assert caught.value.key == "scene_unreadable"
    assert caught.value.fields["file"] == path


def test_a_card_in_an_error_is_not_quoted(tmp_path: Path) -> None:
    path = written(tmp_path, "duration = 5\n[[card]]\ntext='001185012345|secret'\nstart=2\nend=1")
    with pytest.raises(CameraError) as caught:
        load_scene(path)
    assert "secret" not in str(caught.value)
