"""One voice at a time, recorded when there is a recording, silent when nothing can speak."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import time
from pathlib import Path

import pytest

from kiosk.config import VoiceSettings
from kiosk.locale import LANGUAGES, catalogue
from kiosk.ui.voice import SilentVoice, SpokenVoice


class Program:
    """A prompt being said, for as long as the test likes."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = list(command)
        self.ended: int | None = None

    def poll(self) -> int | None:
        return self.ended

    def terminate(self) -> None:
        self.ended = -15

    def wait(self) -> int:
        assert self.ended is not None
        return self.ended


class Room:
    """Programs that are installed, and those that were started."""

    def __init__(self, folder: Path, *installed: str, **settings: object) -> None:
        self.started: list[Program] = []
        self.now = time(9, 0)
        self.voice = SpokenVoice(
            VoiceSettings.model_validate(settings),
            folder,
            lambda: self.now,
            find=lambda name: f"/usr/bin/{name}" if name in installed else None,
            start=self._start,
        )

    def _start(self, command: Sequence[str]) -> Program:
        self.started.append(Program(command))
        return self.started[-1]

    @property
    def speaking(self) -> int:
        return sum(program.poll() is None for program in self.started)


def record(folder: Path, key: str) -> Path:
    path = folder / "vi" / f"{key}.wav"
    path.parent.mkdir()
    path.write_bytes(b"RIFF")
    return path


def test_the_synthesiser_speaks_the_language(tmp_path: Path) -> None:
    room = Room(tmp_path, "espeak-ng", volume=0.5)
    room.voice.say("choose", "vi")
    command = room.started[0].command
    assert command[:5] == ["/usr/bin/espeak-ng", "-v", "vi", "-a", "100"]
    assert command[-1] == catalogue("vi")["voice.choose"]


@pytest.mark.parametrize(
    ("now", "loudness"),
    [(time(11, 29, 59), "140"), (time(11, 30), "40"), (time(13, 29), "40"), (time(13, 30), "140")],
)
def test_it_speaks_softly_when_the_office_wants_it(
    tmp_path: Path, now: time, loudness: str
) -> None:
    room = Room(tmp_path, "espeak-ng", quiet=["11:30-13:30"], quiet_volume=0.2)
    room.now = now
    room.voice.say("choose", "vi")
    assert room.started[0].command[4] == loudness


def test_at_volume_nothing_it_says_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path, "espeak-ng", quiet=["00:00-23:59"], quiet_volume=0)
    room.voice.say("choose", "vi")
    assert room.started == []


def test_a_new_prompt_stops_the_old(tmp_path: Path) -> None:
    room = Room(tmp_path, "espeak-ng")
    for key in ("choose", "confirm", "print"):
        room.voice.say(key, "en")
        assert room.speaking == 1
    room.voice.stop()
    assert room.speaking == 0


@pytest.mark.parametrize("player", ["paplay", "aplay"])
def test_a_recording_is_preferred(tmp_path: Path, player: str) -> None:
    recording = record(tmp_path, "thanks")
    room = Room(tmp_path, "espeak-ng", player)
    room.voice.say("thanks", "vi")
    room.voice.say("thanks", "en")
    programs = [program.command[0] for program in room.started]
    assert programs == [f"/usr/bin/{player}", "/usr/bin/espeak-ng"]
    assert room.started[0].command[-1] == str(recording)


def test_nothing_that_speaks_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    room = Room(tmp_path)
    with caplog.at_level("INFO", "kiosk.ui.voice"):
        room.voice.say("choose", "vi")
        room.voice.say("print", "vi")
    assert room.started == []
    assert len(caplog.records) == 1


def test_switched_off_means_silent(tmp_path: Path) -> None:
    room = Room(tmp_path, "espeak-ng", enabled=False)
    room.voice.say("choose", "vi")
    assert room.started == []


def test_a_real_program_is_started_and_stopped(tmp_path: Path) -> None:
    script = tmp_path / "espeak-ng"
    script.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.read()\n", encoding="utf-8")
    script.chmod(0o755)
    voice = SpokenVoice(
        VoiceSettings(), tmp_path, lambda: time(9), find={"espeak-ng": str(script)}.get
    )
    voice.say("choose", "vi")
    voice.say("print", "vi")
    voice.stop()


def test_the_virtual_voice_remembers() -> None:
    voice = SilentVoice()
    voice.say("choose", "vi")
    assert voice.said == [("choose", "vi")]
    with pytest.raises(KeyError):
        voice.say("no_such_prompt", "vi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_of_the_machine_has_a_sentence(language: str) -> None:
    machine = Path(__file__).parents[2] / "kiosk" / "visit" / "machine.py"
    source = machine.read_text(encoding="utf-8")
    prompts = set(re.findall(r'Say\("(\w+)"\)', source)) | {"take_ticket", "photograph_ticket"}
    assert {f"voice.{key}" for key in prompts} <= set(catalogue(language))  # type: ignore[arg-type]
