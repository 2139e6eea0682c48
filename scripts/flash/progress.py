"""A bar with rate and time left, on a terminal; a line now and then anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 24
_EVERY_S = 0.2
_LINE_EVERY_S = 10.0


class Progress:
    """One stage of the work, of a known number of bytes."""

    def __init__(
        self,
        what: str,
        total: int,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._total = max(total, 1)
        self._out = out or sys.stderr
        self._clock = clock
        self._begun = clock()
        self._drawn = float("-inf")
        self._bar = self._out.isatty()

    def __call__(self, done: int) -> None:
        """``done`` bytes of the total are through."""
        now = self._clock()
        every = _EVERY_S if self._bar else _LINE_EVERY_S
        if now - self._drawn < every and done < self._total:
            return
        self._drawn = now
        line = self.line(done, now - self._begun)
        self._out.write(f"\r{line}\x1b[K" if self._bar else f"{line}\n")
        if self._bar and done >= self._total:
            self._out.write("\n")
        self._out.flush()

    def line(self, done: int, seconds: float) -> str:
        """``writing  [####....]  42 %  18.3 MB/s  1:05 left``"""
        share = min(done / self._total, 1.0)
        full = round(share * _WIDTH)
        bar = "#" * full + "." * (_WIDTH - full)
        rate = done / seconds if seconds > 0 else 0.0
        left = (self._total - done) / rate if rate else 0.0
        return (
            f"{self._what:<22} [{bar}] {share:4.0%}  {rate / 1e6:5.1f} MB/s  "
            f"{int(left) // 60}:{int(left) % 60:02d}"
        )
