"""How soon the processes are there, and how much memory they take."""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

import tomli_w

from kiosk.config import Settings
from kiosk.vision.link import State, VisionLink
from kiosk.vision.messages import Message, Ready, Seen

_PATIENCE_S = 30.0
_SAMPLE_S = 0.25
_END_S = 5.0
_OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes. The resident size (RSS) counts a library in each process that uses it: added
    up, it is the most the processes can take. The proportional size (PSS, ``proc_pid_smaps(5)``)
    shares it out among its users, the bench itself among them: added up, it is the least."""

    rss_mb: float
    pss_mb: float

    @classmethod
    def of(cls, pid: int) -> Memory:
        """Of a process; zero when it has just ended."""
        status, pages = Path(f"/proc/{pid}/status"), Path(f"/proc/{pid}/smaps_rollup")
        return cls(_megabytes(status, "VmRSS"), _megabytes(pages, "Pss"))

    @classmethod
    def total(cls, parts: Iterable[Memory]) -> Memory:
        """Of several processes."""
        rss, pss = zip(*((part.rss_mb, part.pss_mb) for part in parts), strict=True)
        return cls(round(sum(rss), 1), round(sum(pss), 1))


@dataclass(frozen=True, slots=True)
class VisionProcess:
    """A fresh vision process: seconds since it was started, memory once all models ran."""

    models_s: float
    first_result_s: float
    memory: Memory


@dataclass(frozen=True, slots=True)
class WholeKiosk:
    """The kiosk as ``kiosk run`` starts it, drawing offscreen."""

    screen_s: float
    """From the start of the process until its window is shown and the event loop has turned."""
    ui: Memory
    vision: Memory
    together: Memory
    """Of all its processes, at the moment at which they took most."""


def vision_process(settings: Settings, scene: Path, frames: int) -> VisionProcess:
    """Start a vision process, let it look at ``frames`` frames of ``scene``, end it.

    Raises the :class:`~kiosk.errors.KioskError` that the process has, if it has one.
    """
    camera = settings.camera.model_copy(update={"source": f"replay:{scene.name}"})
    link = VisionLink.of(settings.model_copy(update={"camera": camera}), scene.parent)
    start = time.monotonic()
    link.start()
    try:
        models_s = first_s = 0.0
        for message in _said(link, frames):
            match message:
                case Ready():
                    models_s = time.monotonic() - start
                case Seen():
                    first_s = first_s or time.monotonic() - start
                case _:
                    pass
        return VisionProcess(round(models_s, 2), round(first_s, 2), Memory.of(link.pid or 0))
    finally:
        link.stop()


def _said(link: VisionLink, frames: int) -> Iterator[Message]:
    """What the process says until it has looked at ``frames`` frames."""
    while frames:
        fileno = link.fileno()
        if fileno is not None:
            wait([fileno], timeout=1.0)
        for message in link.poll():
            yield message
            if isinstance(message, Seen) and frames:
                frames -= 1
                link.next()
        if link.state is State.STALLED and link.trouble:
            raise link.trouble


def whole_kiosk(settings: Settings, scene: Path, watch_s: float) -> WholeKiosk:
    """Run the installed kiosk on ``scene`` in a process of its own, without printer, voice and
    central server; watch its memory for ``watch_s`` seconds once it shows its screen."""
    folder = scene.parent
    _write_settings(settings, scene)
    start = time.monotonic()
    with _running(folder) as kiosk:
        screen_s = time.monotonic() - start
        samples = list(_memory(kiosk.pid, watch_s))
    most = max(samples, key=lambda sample: Memory.total(sample.values()).rss_mb)
    children = [memory for pid, memory in most.items() if pid != kiosk.pid]
    vision = max(children, key=lambda memory: memory.rss_mb, default=Memory(0.0, 0.0))
    together = Memory.total(most.values())
    return WholeKiosk(round(screen_s, 2), most[kiosk.pid], vision, together)


def _write_settings(settings: Settings, scene: Path) -> None:
    tables = settings.model_dump(mode="json", exclude_none=True)
    tables["camera"]["source"] = f"replay:{scene.name}"
    tables["screen"]["fullscreen"] = False
    tables["voice"]["enabled"] = False
    tables["printer"]["device"] = "none"
    tables["store"] = {"path": "var/kiosk.db", "key_file": "var/kiosk.key"}
    tables["sync"] = {}
    (scene.parent / "var").mkdir(mode=0o700, exist_ok=True)
    (scene.parent / "config.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")


@contextmanager
def _running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The kiosk with the settings in ``folder``, once its screen can be used."""
    address = folder / "notify"
    program = Path(sys.executable).with_name("kiosk")
    environment = os.environ | _OFFSCREEN | {"NOTIFY_SOCKET": str(address)}
    with (folder / "kiosk.log").open("wb") as log, _notify_socket(address) as said:
        process = subprocess.Popen(
            [program, "run", "--config", folder / "config.toml"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(said, b"READY=1", process)
            _wait_for(said, b"WATCHDOG=1", process)  # sent on each turn of the event loop
            said.close()  # nobody listens from here on: what is not read would fill up
            yield process
        finally:
            _end(process)


@contextmanager
def _notify_socket(path: Path) -> Iterator[socket.socket]:
    """Where the kiosk says how it is, as it says to systemd (``sd_notify(3)``)."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as channel:
        channel.bind(str(path))
        yield channel


def _wait_for(said: socket.socket, word: bytes, kiosk: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and kiosk.poll() is None:
        if select.select([said], [], [], _SAMPLE_S)[0] and said.recv(256) == word:
            return
    raise RuntimeError(f"the kiosk never said {word.decode()} (exit status {kiosk.poll()})")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _memory(pid: int, watch_s: float) -> Iterator[dict[int, Memory]]:
    """Of a process and each of its children, again and again for ``watch_s``."""
    until = time.monotonic() + watch_s
    while True:
        yield {each: Memory.of(each) for each in (pid, *_children(pid))}
        if time.monotonic() >= until:
            return
        time.sleep(_SAMPLE_S)


def _children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def _megabytes(table: Path, key: str) -> float:
    """A figure of ``/proc``, whose "kB" are 1,024 bytes."""
    try:
        found = re.search(rf"^{key}:\s+(\d+) kB", table.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return 0.0
    return round(int(found[1]) * 1024 / 1e6, 1) if found else 0.0
