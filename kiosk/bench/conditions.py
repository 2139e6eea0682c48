"""What every measurement runs under: OpenCV as the kiosk has it, and a bar that costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
from rich.console import Console
from rich.progress import Progress

Advance = Callable[[], None]
"""Called after each piece of work, for whoever shows how far it is."""


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """As in the vision process."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@contextmanager
def progress(steps: int) -> Iterator[Advance]:
    """A bar on a terminal's standard error. It is drawn between pieces of work and by no thread
    of its own, so that it is in no figure."""
    console = Console(stderr=True)
    with Progress(
        console=console, auto_refresh=False, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("đang đo · measuring", total=steps)

        def advance() -> None:
            bar.advance(task)
            bar.refresh()

        yield advance
