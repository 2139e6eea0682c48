"""The vision process on the real picamera2, as the kiosk runs it: how many frames a second it looks
at, whether its memory grows, and how soon it is back when the camera fails.

    soak.py {frames,soak,faults} [--seconds N] [--json]

Exit status 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from virtual_camera import open_virtual

from kiosk.config import Bilingual, CameraSettings, FieldOfBusiness, Office, Settings
from kiosk.vision.link import State, VisionLink
from kiosk.vision.messages import Seen
from kiosk.vision.worker import Job

LEAST_FRAMES_PER_S = 15.0
MOST_GROWTH_MB = 8.0
LONGEST_RECOVERY_S = 15.0
_WARM_UP_S = 5.0
_POLL_S = 0.005
_WORDS = Bilingual(vi="Mẫu")
_SETTINGS = Settings(
    office=Office(name=_WORDS, unit=_WORDS),
    fields=(FieldOfBusiness(id="a", prefix="A", name=_WORDS, examples=_WORDS),),
    camera=CameraSettings(source="picamera2", fps=30.0),
)


@dataclass
class Watcher:
    """The kiosk's end of the vision process."""

    link: VisionLink
    frames: int = 0
    faces: int = 0
    hands: int = 0
    codes_looked_for: bool = False

    def watch(self, until: Callable[[], bool], limit_s: float) -> float:
        """Deal with percepts until ``until()`` or for ``limit_s`` seconds; how long it took."""
        began = time.monotonic()
        while not until() and time.monotonic() - began < limit_s:
            for message in self.link.poll():
                if isinstance(message, Seen):
                    self.frames += 1
                    self.faces += len(message.percept.faces)
                    self.hands += len(message.percept.hands)
                    self.link.next()
            time.sleep(_POLL_S)
        return time.monotonic() - began

    def run(self, seconds: float) -> float:
        """Percepts a second over ``seconds``."""
        before = self.frames
        took = self.watch(lambda: False, seconds)
        return (self.frames - before) / took

    def cpu_s(self) -> float:
        """Processor time of the thread that reads frames and looks at them; the virtual camera,
        which a Raspberry Pi does not have to compute, works in others."""
        pid = self.link.pid
        fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="ascii").split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Proportional set size of the vision process."""
        rollup = Path(f"/proc/{self.link.pid}/smaps_rollup").read_text(encoding="ascii")
        return int(rollup.split("Pss:")[1].split()[0]) / 1000

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.link.pid}/fd").iterdir()))


def frames(watcher: Watcher, seconds: float) -> tuple[dict[str, float], bool]:
    before, cpu_s = watcher.frames, watcher.cpu_s()
    rate = watcher.run(seconds / 2)
    cpu_ms = 1000 * (watcher.cpu_s() - cpu_s) / max(1, watcher.frames - before)
    watcher.link.look_for_card(on=True)
    card = watcher.run(seconds / 2)
    figures = {
        "cpu_ms_per_frame": cpu_ms,
        "frames_per_s": rate,
        "frames_per_s_while_a_card_is_looked_for": card,
        "faces": watcher.faces,
        "hands": watcher.hands,
    }
    return figures, min(rate, card) >= LEAST_FRAMES_PER_S and watcher.faces > 0


def soak(watcher: Watcher, seconds: float) -> tuple[dict[str, float], bool]:
    """Cards are looked for every other tenth of the time."""
    memory: list[float] = []
    rates: list[float] = []
    pid, files = watcher.link.pid, 0
    for turn in range(20):
        watcher.link.look_for_card(on=turn % 2 == 1)
        rates.append(watcher.run(seconds / 20))
        memory.append(watcher.memory_mb())
        files = files or watcher.open_files()
        print(f"{turn + 1:2}/20  {memory[-1]:6.1f} MB  {rates[-1]:5.1f}/s", file=sys.stderr)
    growth = median(memory[-5:]) - median(memory[2:7])
    figures = {
        "seconds": seconds,
        "frames": watcher.frames,
        "frames_per_s": median(rates),
        "memory_mb": memory[-1],
        "growth_mb": growth,
        "files_more": watcher.open_files() - files,
        "restarts": int(watcher.link.pid != pid),
    }
    calm = growth <= MOST_GROWTH_MB and figures["files_more"] <= 0 and not figures["restarts"]
    return figures, calm


def faults(watcher: Watcher, away_s: float) -> tuple[dict[str, float], bool]:
    """Each fault lasts ``away_s`` seconds; recovery counts from its end to the next percept."""
    folder = Path(os.environ["CAMERA_FAULTS"])
    figures: dict[str, float] = {}
    for fault in ("hang", "fail"):
        present = folder / fault
        present.touch()
        figures[f"{fault}_noticed_s"] = watcher.watch(lambda: _stalled(watcher), away_s)
        watcher.watch(lambda: False, away_s)
        present.unlink()
        figures[f"{fault}_recovered_s"] = _recovered(watcher)
    if watcher.link.pid is not None:
        os.kill(watcher.link.pid, signal.SIGKILL)
    figures["killed_recovered_s"] = _recovered(watcher)
    quick = all(
        figures[name] <= (LONGEST_RECOVERY_S if "recovered" in name else 3.5) for name in figures
    )
    return figures, quick


def _stalled(watcher: Watcher) -> bool:
    return watcher.link.state is State.STALLED


def _recovered(watcher: Watcher) -> float:
    """Seconds until frames come again: twenty of them, so that none of before is counted."""
    wanted = watcher.frames + 20
    return watcher.watch(lambda: watcher.frames >= wanted, 60)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("frames", "soak", "faults"))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        link = VisionLink(Job(_SETTINGS, Path(folder), camera=open_virtual))
        watcher = Watcher(link)
        link.start()
        try:
            watcher.watch(lambda: watcher.frames > 0, 60)
            watcher.run(_WARM_UP_S)
            watcher.faces = watcher.hands = 0
            measure = {"frames": frames, "soak": soak, "faults": faults}[asked.what]
            figures, ok = measure(watcher, asked.seconds)
        finally:
            link.stop()
    rounded = {name: round(value, 2) for name, value in figures.items()}
    if asked.json:
        print(json.dumps({"ok": ok, **rounded}))
    else:
        for name, value in rounded.items():
            print(f"{name:42} {value}")
        print("ok" if ok else "MISSED")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
