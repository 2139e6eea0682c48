"""The vision process itself, spoken to over its pipe."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import numpy as np
import pytest

from kiosk.vision import worker
from kiosk.vision.messages import (
    EnrolmentReady,
    Heartbeat,
    LookForCard,
    Message,
    Next,
    Ready,
    SceneEnded,
    Seen,
    StartEnrolment,
    Stop,
    Trouble,
)
from kiosk.vision.ring import Ring
from kiosk.vision.sharing import SharedGallery
from kiosk.vision.worker import Job
from tests.vision import fakes

pytestmark = pytest.mark.slow
PATIENCE_S = 30.0

Started = tuple[Connection, Ring, SpawnProcess]
Start = Callable[[Job], Started]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Started] = []

    def run(job: Job) -> Started:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        ring = Ring()
        process = context.Process(target=worker.main, args=(theirs, ring.name, job))
        process.start()
        theirs.close()
        started.append((ours, ring, process))
        return started[-1]

    yield run
    for pipe, ring, process in started:
        process.kill()
        process.join()
        pipe.close()
        ring.close()


def hear(pipe: Connection) -> Message:
    """The next thing said that is not a heartbeat."""
    while True:
        assert pipe.poll(PATIENCE_S), "the vision process says nothing"
        message = pipe.recv()
        if not isinstance(message, Heartbeat):
            return message


def hear_of(pipe: Connection, kind: type[Message]) -> Message:
    while not isinstance(message := hear(pipe), kind):
        pass
    return message


def exited(process: SpawnProcess) -> bool:
    process.join(PATIENCE_S)
    return process.exitcode == 0


def scripted(folder: Path) -> Job:
    return Job(fakes.settings(), folder, fakes.looker, fakes.FiveFrames)


def live(folder: Path) -> Job:
    return Job(fakes.settings(), folder, fakes.looker, fakes.LiveFrames)


def test_a_scripted_camera_waits_for_every_frame_to_be_dealt_with(
    tmp_path: Path, start: Start
) -> None:
    pipe, ring, process = start(scripted(tmp_path))
    assert isinstance(hear(pipe), Ready)
    for number in range(5):
        seen = hear(pipe)
        assert isinstance(seen, Seen)
        assert (seen.percept.frame, seen.percept.at) == (number, float(number))
        picture = ring.read(seen.slot, seen.sequence)
        assert picture is not None
        assert picture[0, 0, 0] == number
        pipe.send(Next())
    assert hear(pipe) == SceneEnded()
    assert exited(process)


def test_what_is_said_before_next_holds_for_the_next_frame(tmp_path: Path, start: Start) -> None:
    pipe, _, _ = start(scripted(tmp_path))
    hear_of(pipe, Seen)
    with closing(SharedGallery()) as gallery:
        pipe.send(gallery.set(["a", "b"], np.full((2, 192), 192**-0.5, np.float32)))
        pipe.send(LookForCard(on=True))
        pipe.send(Next())
        seen = hear(pipe)
    assert isinstance(seen, Seen)
    assert seen.percept.stages_ms == {"card": 1.0, "templates": 2.0}


def test_an_enrolment_is_handed_over(tmp_path: Path, start: Start) -> None:
    pipe, _, _ = start(scripted(tmp_path))
    hear_of(pipe, Seen)
    pipe.send(StartEnrolment(7))
    pipe.send(Next())
    assert isinstance(hear(pipe), Seen)
    ready = hear(pipe)
    assert isinstance(ready, EnrolmentReady)
    assert ready.enrolment.track_id == 7


def test_a_live_camera_runs_on_and_drops_what_nobody_has_time_for(
    tmp_path: Path, start: Start
) -> None:
    pipe, _, _ = start(live(tmp_path))
    hear(pipe)
    first, second = hear(pipe), hear(pipe)
    assert isinstance(first, Seen)
    assert isinstance(second, Seen)
    assert pipe.poll(PATIENCE_S)  # a third percept never comes, a sign of life does
    assert pipe.recv() == Heartbeat()
    pipe.send(Next())
    third = hear(pipe)
    assert isinstance(third, Seen)
    assert third.percept.frame == 2
    assert third.percept.at > second.percept.at + 10  # frames that were dropped meanwhile


def test_a_camera_that_comes_back_is_used(tmp_path: Path, start: Start) -> None:
    (tmp_path / "unplugged").touch()
    pipe, _, _ = start(live(tmp_path))
    assert isinstance(hear(pipe), Ready)
    assert hear(pipe) == Trouble("camera_not_opened", {"source": "fake"})
    (tmp_path / "unplugged").unlink()
    assert isinstance(hear(pipe), Seen)
    (tmp_path / "unplugged").touch()
    assert isinstance(hear_of(pipe, Trouble), Trouble)


def test_a_missing_model_is_told(tmp_path: Path, start: Start) -> None:
    job = Job(fakes.settings(), tmp_path, fakes.broken_looker, fakes.FiveFrames)
    pipe, _, process = start(job)
    assert hear(pipe) == Trouble(
        "model_missing", {"file": "face.tflite", "command": "scripts/models.sh"}
    )
    assert exited(process)


def test_stop_is_obeyed(tmp_path: Path, start: Start) -> None:
    pipe, _, process = start(live(tmp_path))
    hear_of(pipe, Seen)
    pipe.send(Stop())
    assert exited(process)


def test_ctrl_c_is_left_to_the_parent(tmp_path: Path, start: Start) -> None:
    pipe, _, process = start(scripted(tmp_path))
    hear_of(pipe, Seen)
    assert process.pid
    os.kill(process.pid, signal.SIGINT)
    pipe.send(Next())
    assert isinstance(hear(pipe), Seen)


def test_a_closed_pipe_ends_it(tmp_path: Path, start: Start) -> None:
    pipe, _, process = start(scripted(tmp_path))
    hear_of(pipe, Seen)
    pipe.close()
    assert exited(process)
