"""The bare screen before there is a kiosk: one heading, one bar, a few lines, on ``/dev/tty1``.

The console shows 512 shapes at most, so Vietnamese needs its own font; where that cannot be
loaded the marks are left out rather than shown as boxes.
"""

from __future__ import annotations

import subprocess
import unicodedata
from contextlib import suppress
from pathlib import Path

from kiosk.locale import text

_FONTS = ("Vietnamese-Fixed18", "Vietnamese-Fixed16")
_BAR = 40


class Console:
    """Where progress is shown: the screen, and standard output, which is the journal."""

    def __init__(self, screen: Path = Path("/dev/tty1")) -> None:
        self._screen = screen
        self._has_vietnamese = screen.exists() and self._load_font()
        self._said = ""

    def step(self, name: str, number: int, of: int) -> None:
        """Step ``number`` of ``of`` begins."""
        self._show(number - 1, of, text("vi", f"provision.step.{name}"),
                   text("en", f"provision.step.{name}"))  # fmt: skip
        print(f"provision: {number}/{of} {text('en', f'provision.step.{name}')}", flush=True)

    def part(self, number: int, of: int, share: float) -> None:
        """``share`` (0 … 1) of step ``number`` is done; only the bar moves."""
        with suppress(OSError):
            self._screen.write_text(f"\x1b[8;1H\x1b[K  {_bar((number - 1 + share) / of)}")

    def say(self, name: str, **fields: object) -> None:
        """Show the sentence ``provision.say.<name>``."""
        vietnamese, english = (
            text(language, f"provision.say.{name}", **fields) for language in ("vi", "en")
        )
        self.sentences(vietnamese, english)

    def sentences(self, vietnamese: str, english: str) -> None:
        """Show two sentences, and keep them in the journal."""
        self._show(None, 1, vietnamese, english)
        print(f"provision: {english}", flush=True)

    def _show(self, done: int | None, of: int, vietnamese: str, english: str) -> None:
        bar = "" if done is None else _bar(done / of)
        title = text("vi", "provision.title"), text("en", "provision.title")
        lines = ("", *title, "", vietnamese, english, "", bar)
        drawn = "\x1b[2J\x1b[H\x1b[?25l" + "".join(
            f"  {line if self._has_vietnamese else without_marks(line)}\r\n" for line in lines
        )
        with suppress(OSError):
            self._screen.write_text(drawn, encoding="utf-8")

    def _load_font(self) -> bool:
        for font in _FONTS:
            with suppress(OSError, subprocess.SubprocessError):
                command = ["setfont", "-C", str(self._screen), font]
                if subprocess.run(command, capture_output=True, timeout=10).returncode == 0:
                    return True
        return False


def without_marks(line: str) -> str:
    """Vietnamese in ASCII, as in a text message without marks."""
    plain = unicodedata.normalize("NFD", line.replace("đ", "d").replace("Đ", "D"))
    return "".join(each for each in plain if not unicodedata.combining(each))


def _bar(share: float) -> str:
    full = round(min(max(share, 0.0), 1.0) * _BAR)
    return "[" + "#" * full + "." * (_BAR - full) + f"] {share:4.0%}"
