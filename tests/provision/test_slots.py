"""Whatever happens in whatever order, there is a release that is known to work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ProvisionError
from kiosk.provision import slots
from kiosk.provision.bundle import Manifest
from kiosk.provision.slot_file import WHOLE, SlotFile
from kiosk.provision.slots import MOST_STARTS, Slots

EVENTS = ("emptied", "installed", "switched", "started", "healthy", "unhealthy")


@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_the_good_release_is_never_the_one_that_is_written(events: list[str]) -> None:
    state, whole = Slots(good="a"), {"a"}
    for number, event in enumerate(events):
        version = f"v{number}"
        good = state.good
        try:
            match event:
                case "emptied":
                    state = slots.emptied(state)
                    whole.discard(state.spare)
                case "installed":
                    state = slots.installed(state)
                    whole.add(state.spare)
                case "switched":
                    state = slots.switched(state)
                case "started":
                    state = slots.started(state, version)
                case "healthy":
                    state = slots.healthy(state)
                case _:
                    state = slots.unhealthy(state, version)
        except ValueError:
            continue
        assert state.good in whole
        assert state.running in whole
        assert state.spare != state.good
        assert state.good == good or event == "healthy"
        assert not (state.staged and state.trial)
        assert len(state.bad) <= 16


def test_a_release_that_never_gets_well_is_left_after_three_starts() -> None:
    state = slots.switched(slots.installed(Slots(good="a")))
    for _ in range(MOST_STARTS):
        state = slots.started(state, "2.0")
        assert state.running == "b"
    state = slots.started(state, "2.0")
    assert (state.running, state.bad) == ("a", ("2.0",))


def test_starts_do_not_count_while_nothing_is_on_trial() -> None:
    assert slots.started(Slots(good="b"), "") == Slots(good="b")


def release(folder: Path, slot: str, built: int) -> None:
    at = folder / slot
    at.mkdir(parents=True)
    manifest = Manifest(f"1.{built}", built, "arm64", "3.13", "0" * 64, 6, {})
    (at / "manifest.json").write_bytes(manifest.render())
    (at / WHOLE).touch()


def test_kept_on_disk(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    file = SlotFile(tmp_path)
    state = Slots(good="a", bad=("0.9",))
    file.write(state)
    assert file.read() == state
    assert not list(tmp_path.glob(".*")), "nothing left over"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"good": "c", "bad": []}', b'{"good": "b", "bad": []}', b"\0" * 100],
)
def test_a_damaged_file_is_made_up_from_the_slots(tmp_path: Path, content: bytes) -> None:
    release(tmp_path, "a", 1)
    (tmp_path / "slots.json").write_bytes(content)
    assert SlotFile(tmp_path).read() == Slots(good="a")


def test_of_two_releases_the_older_is_known_to_work(tmp_path: Path) -> None:
    release(tmp_path, "a", 5)
    release(tmp_path, "b", 4)
    assert SlotFile(tmp_path).read() == Slots(good="b")


def test_no_release_at_all(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError) as empty:
        SlotFile(tmp_path).read()
    assert empty.value.key == "slots_empty"


def test_a_half_installed_slot_does_not_count(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    release(tmp_path, "b", 2)
    (tmp_path / "b" / WHOLE).unlink()
    state = replace(Slots(good="a"), trial="b")
    (tmp_path / "slots.json").write_text(json.dumps({"good": "a", "trial": "b", "bad": []}))
    assert state.running == "b"
    assert SlotFile(tmp_path).read() == Slots(good="a")
