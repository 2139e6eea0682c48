"""Being told to stop: SIGINT and SIGTERM for processes whose main thread only waits."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

Wait = Callable[[float | None], bool]
"""Waits so many seconds (``None``: for ever); true as soon as the process is told to stop."""

_TOLD = frozenset({signal.SIGINT, signal.SIGTERM})


@contextmanager
def told_to_stop() -> Generator[Wait]:
    """Inside, the signals interrupt nothing: they are waited for.

    Not a handler that sets an event: it may run just while the main thread holds that event's
    lock, and then waits for itself for ever (seen once in some fifty stops). Enter before
    threads are started, which inherit what is blocked.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
    try:
        yield _wait
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait(seconds: float | None) -> bool:
    if seconds is None:
        return signal.sigwait(_TOLD) in _TOLD
    return signal.sigtimedwait(_TOLD, seconds) is not None
