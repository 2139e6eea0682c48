"""Let something look at pictures and keep what it made of them. Runs in anybody's environment:
numpy and Pillow are all it needs.

``.npz``: ``found`` (n,) bool; ``embeddings`` (n, d) float32, zeros where no face was found;
``cpu_ms`` (n,) of the process, all threads, for a decoded picture; ``rss_mb`` at most.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Look = Callable[[NDArray[np.uint8]], "NDArray[np.float32] | None"]


def run(look: Look) -> None:
    """``python -m … LIST OUT``: look at the pictures whose paths LIST holds, a line each."""
    images, out = sys.argv[1:]
    keep([Path(line) for line in Path(images).read_text().splitlines()], look, Path(out))


def keep(images: Sequence[Path], look: Look, out: Path) -> None:
    found, cpu_ms = list[NDArray[np.float32] | None](), list[float]()
    for number, path in enumerate(images, 1):
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"), np.uint8)
        start = time.process_time()
        found.append(look(pixels))
        cpu_ms.append(1000 * (time.process_time() - start))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{out.stem} {number}/{len(images)} ")
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    width = next(len(each) for each in found if each is not None)
    nothing = np.zeros(width, np.float32)
    np.savez(
        out,
        found=[each is not None for each in found],
        embeddings=[nothing if each is None else each for each in found],
        cpu_ms=cpu_ms,
        rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    )
