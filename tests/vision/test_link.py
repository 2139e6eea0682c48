"""The kiosk's end: real processes, a clock of our own."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import wait
from pathlib import Path

import numpy as np
import pytest

from kiosk.vision.link import State, VisionLink
from kiosk.vision.messages import Message, Seen
from kiosk.vision.worker import Job
from tests.vision import fakes

pytestmark = pytest.mark.slow
PATIENCE_S = 30.0
ROOT = Path(__file__).parents[2]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def link(tmp_path: Path, clock: Clock) -> Iterator[VisionLink]:
    job = Job(fakes.settings(), tmp_path, fakes.looker, fakes.LiveFrames)
    link = VisionLink(job, clock)
    yield link
    link.stop()


def hear(link: VisionLink) -> list[Message]:
    """Whatever comes next."""
    while True:
        fileno = link.fileno()
        assert fileno is not None
        assert wait([fileno], PATIENCE_S), "the vision process says nothing"
        if messages := link.poll():
            return messages


def next_seen(link: VisionLink) -> Seen:
    while True:
        for message in hear(link):
            if isinstance(message, Seen):
                return message


def pid_of(link: VisionLink) -> int:
    assert link.pid is not None
    return link.pid


def shared_memory() -> set[Path]:
    """What this process shares; other programs of the machine have theirs beside it."""
    lines = Path("/proc/self/maps").read_text("ascii").splitlines()
    return {Path(line.split()[5]) for line in lines if "/dev/shm/psm_" in line}  # noqa: S108


def test_percepts_and_pictures_arrive_and_nothing_is_left(link: VisionLink) -> None:
    assert link.state is State.STARTING
    assert link.preview() is None
    link.start()
    next_seen(link)
    assert link.state is State.WORKING
    assert link.trouble is None
    assert "opencv" in link.versions
    picture = link.preview()
    assert picture is not None
    assert picture.shape == (48, 64, 4)
    shared = shared_memory()
    assert shared
    link.stop()
    assert link.state is State.ENDED
    assert link.fileno() is None
    assert link.poll() == []
    assert multiprocessing.active_children() == []
    assert not any(path.exists() for path in shared)


def test_a_reader_that_keeps_up_sees_frame_after_frame(link: VisionLink) -> None:
    link.start()
    seen = list[int]()
    while len(seen) < 20:
        seen += [m.percept.frame for m in hear(link) if isinstance(m, Seen)]
        link.next()
    assert seen == list(range(len(seen)))


def test_a_process_that_hangs_is_killed_and_started_again(
    link: VisionLink, clock: Clock, expected_warnings: list[str]
) -> None:
    expected_warnings.append("said nothing for 3.1 s")
    link.set_gallery(["a", "b"], np.full((2, 192), 192**-0.5, np.float32))
    link.start()
    link.look_for_card(on=True)
    next_seen(link)
    hung = pid_of(link)
    os.kill(hung, signal.SIGSTOP)
    os.waitpid(hung, os.WUNTRACED)
    link.poll()

    clock.now += 2.9
    link.poll()
    assert link.state is State.WORKING
    clock.now += 0.2
    link.poll()
    assert link.state is State.STALLED
    assert link.trouble is not None
    assert link.trouble.key == "vision_stopped"
    assert link.preview() is None
    assert not Path(f"/proc/{hung}").exists()

    clock.now += 0.9
    link.poll()
    assert link.pid is None  # not yet
    clock.now += 0.2
    link.poll()
    assert pid_of(link) != hung
    assert next_seen(link).percept.stages_ms == {"card": 1.0, "templates": 2.0}
    assert link.state is State.WORKING
    assert link.trouble is None


def test_a_camera_that_hangs_is_noticed(
    link: VisionLink, clock: Clock, tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings.append("said nothing")
    link.start()
    next_seen(link)
    (tmp_path / "hanging").touch()
    while wait([link.fileno() or 0], 1.5):  # heartbeats end with the frames
        link.poll()
    clock.now += 3.1
    link.poll()
    assert link.state is State.STALLED


def test_a_killed_process_is_started_again_later_and_later(
    link: VisionLink, clock: Clock, expected_warnings: list[str]
) -> None:
    expected_warnings.append("is gone")
    link.start()
    for delay in (1, 2, 4):
        next_seen(link)
        os.kill(pid_of(link), signal.SIGKILL)
        while link.pid is not None:
            wait([link.fileno() or 0], PATIENCE_S)
            link.poll()
        assert link.state is State.STALLED
        clock.now += delay - 0.1
        link.poll()
        assert link.pid is None
        clock.now += 0.2
        link.poll()
        assert link.pid is not None
    next_seen(link)
    clock.now += 1000  # it has been well for long: the first delay again
    os.kill(pid_of(link), signal.SIGKILL)
    while link.pid is not None:
        wait([link.fileno() or 0], PATIENCE_S)
        link.poll()
    clock.now += 1.1
    link.poll()
    assert link.pid is not None


def test_loading_may_take_longer_than_a_stall(link: VisionLink, clock: Clock) -> None:
    link.start()
    clock.now += 10
    link.poll()
    assert link.state is State.STARTING
    next_seen(link)


def test_a_process_that_never_comes_to_its_first_frame_is_started_again(
    tmp_path: Path, clock: Clock, expected_warnings: list[str]
) -> None:
    expected_warnings.append("said nothing for 30.1 s")
    slow = fakes.settings()
    slow = slow.model_copy(update={"vision": slow.vision.model_copy(update={"start_s": 30.0})})
    link = VisionLink(Job(slow, tmp_path, fakes.looker, fakes.LiveFrames), clock)
    link.start()
    os.kill(pid_of(link), signal.SIGSTOP)
    clock.now += 29.9
    link.poll()
    assert link.state is State.STARTING
    clock.now += 0.2
    link.poll()
    assert link.state is State.STALLED
    link.stop()


def test_a_camera_that_is_not_there_is_told_and_no_reason_to_kill(
    link: VisionLink, tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings.append("vision: camera_not_opened")
    (tmp_path / "unplugged").touch()
    link.start()
    while link.trouble is None:
        hear(link)
    process = link.pid
    assert link.state is State.STALLED
    assert link.trouble.what("en") == "The camera fake cannot be opened."
    (tmp_path / "unplugged").unlink()
    next_seen(link)
    assert link.pid == process
    assert link.trouble is None


def test_a_missing_model_stays_the_reason_while_it_is_tried_again(
    tmp_path: Path, clock: Clock, expected_warnings: list[str]
) -> None:
    expected_warnings += ["vision: model_missing", "is gone"]
    link = VisionLink(Job(fakes.settings(), tmp_path, fakes.broken_looker), clock)
    link.start()
    while link.pid is not None:
        wait([link.fileno() or 0], PATIENCE_S)
        link.poll()
    assert link.state is State.STALLED
    assert link.trouble is not None
    assert link.trouble.key == "model_missing"
    link.stop()


def test_a_scene_ends_without_a_restart(tmp_path: Path, clock: Clock) -> None:
    link = VisionLink(Job(fakes.settings(), tmp_path, fakes.looker, fakes.FiveFrames), clock)
    link.start()
    frames = 0
    while link.state is not State.ENDED:
        for message in hear(link):
            if isinstance(message, Seen):
                frames += 1
                link.next()
    assert frames == 5
    clock.now += 100
    link.poll()
    assert link.state is State.ENDED
    link.stop()


def test_a_gallery_larger_than_the_pipe_never_blocks(
    link: VisionLink, clock: Clock, expected_warnings: list[str]
) -> None:
    expected_warnings.append("said nothing")
    link.start()
    next_seen(link)
    os.kill(pid_of(link), signal.SIGSTOP)
    os.waitpid(pid_of(link), os.WUNTRACED)
    ids = [str(n) for n in range(10_000)]
    link.set_gallery(ids, np.full((10_000, 192), 192**-0.5, np.float32))
    link.poll()
    clock.now += 5
    link.poll()
    clock.now += 5
    link.poll()
    while not (seen := next_seen(link)).percept.stages_ms["templates"]:
        link.next()
    assert seen.percept.stages_ms["templates"] == 10_000


PARENT = """
import sys
from multiprocessing.connection import wait
from pathlib import Path
from kiosk.vision.link import State, VisionLink
from kiosk.vision.worker import Job
from tests.vision import fakes

if __name__ == "__main__":
    link = VisionLink(Job(fakes.settings(), Path(sys.argv[1]), fakes.looker, fakes.LiveFrames))
    link.start()
    while link.state is not State.WORKING:
        wait([link.fileno()])
        link.poll()
    print(link.pid, flush=True)
    sys.stdin.read()
    link.stop()
"""


def parent(folder: Path) -> subprocess.Popen[str]:
    """A process of its own that runs a link until its standard input is closed."""
    script = folder / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, script, folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_normal_end_is_silent(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline().strip().isdecimal()
        _, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert complaints == ""


def test_no_orphan_outlives_a_killed_parent_even_when_the_camera_hangs(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        assert process.stdout
        child = os.pidfd_open(int(process.stdout.readline()))
        (tmp_path / "hanging").touch()
        process.kill()
        ended, _, _ = select.select([child], [], [], PATIENCE_S)
        os.close(child)
    assert ended
