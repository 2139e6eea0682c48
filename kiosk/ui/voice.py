"""Spoken prompts: recorded ones where there are any, a synthesiser otherwise, never two at once."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import time
from pathlib import Path
from typing import Protocol

from kiosk.config import VoiceSettings
from kiosk.locale import Language, text

_log = logging.getLogger(__name__)

_ESPEAK_LOUDEST = 200
_PULSE_LOUDEST = 65536
_WORDS_PER_MINUTE = 145


class Voice(Protocol):
    """Says prompts of the catalogue."""

    def say(self, key: str, language: Language) -> None:
        """Start saying ``voice.<key>`` in place of whatever is being said. Never blocks."""
        ...

    def stop(self) -> None:
        """Fall silent."""
        ...


class Speech(Protocol):
    """A prompt being said: a running program."""

    def poll(self) -> int | None:
        """``None`` while it speaks."""
        ...

    def terminate(self) -> None:
        """Stop it."""
        ...

    def wait(self) -> int:
        """Wait until it is gone."""
        ...


class SilentVoice:
    """The virtual voice: keeps what it was asked to say."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Language]] = []

    def say(self, key: str, language: Language) -> None:
        """Remember ``key``; a key without a sentence is as wrong here as aloud."""
        text(language, f"voice.{key}")
        self.said.append((key, language))

    def stop(self) -> None:
        """Nothing is being said."""


def _start(command: Sequence[str]) -> Speech:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class SpokenVoice:
    """Plays ``recordings/<language>/<key>.wav`` when it exists, else has espeak-ng say the text.

    ``time_of_day`` is the office's local time, which sets the volume.
    """

    def __init__(
        self,
        settings: VoiceSettings,
        recordings: Path,
        time_of_day: Callable[[], time],
        find: Callable[[str], str | None] = shutil.which,
        start: Callable[[Sequence[str]], Speech] = _start,
    ) -> None:
        self._settings = settings
        self._recordings = recordings
        self._time_of_day = time_of_day
        self._find = find
        self._start = start
        self._speech: Speech | None = None
        self._silent = not settings.enabled

    def say(self, key: str, language: Language) -> None:
        """See :class:`Voice`. Without a program that can speak, every prompt is only shown."""
        self.stop()
        if self._silent or not self._volume():
            return
        command = self._recorded(key, language) or self._synthetic(key, language)
        if command is None:
            self._silent = True
            _log.info("no voice: neither a player for recordings nor espeak-ng is installed")
            return
        self._speech = self._start(command)

    def stop(self) -> None:
        """See :class:`Voice`."""
        if self._speech is not None and self._speech.poll() is None:
            self._speech.terminate()
            self._speech.wait()
        self._speech = None

    def _volume(self) -> float:
        """0 … 1, as the office wants it at this time of day."""
        now, settings = self._time_of_day(), self._settings
        quiet = any(span.start <= now < span.end for span in settings.quiet)
        return settings.quiet_volume if quiet else settings.volume

    def _recorded(self, key: str, language: Language) -> list[str] | None:
        path = self._recordings / language / f"{key}.wav"
        if not path.is_file():
            return None
        if player := self._find("paplay"):
            return [player, f"--volume={round(self._volume() * _PULSE_LOUDEST)}", str(path)]
        player = self._find("aplay")  # knows no volume: the mixer's stays
        return [player, "-q", str(path)] if player else None

    def _synthetic(self, key: str, language: Language) -> list[str] | None:
        program = self._find("espeak-ng")
        if program is None:
            return None
        loudness = round(self._volume() * _ESPEAK_LOUDEST)
        words = text(language, f"voice.{key}")
        return [program, "-v", language, "-a", str(loudness), "-s", str(_WORDS_PER_MINUTE), words]
