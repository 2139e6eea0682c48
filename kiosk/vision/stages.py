"""What each stage of looking at a picture costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """CPU time of this thread, by stage: all models run on the thread that asks them."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Add the milliseconds spent inside the ``with`` to ``ms[name]``."""
        start = time.thread_time()
        try:
            yield
        finally:
            spent = (time.thread_time() - start) * 1000
            self.ms[name] = self.ms.get(name, 0.0) + spent
