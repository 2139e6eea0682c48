"""Being told to stop: SIGINT and SIGTERM for processes whose main thread only waits."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

Wait = Callable[[float | None], bool]
"""Waits so many seconds (``None``: for ever); true as soon as the process is told to stop."""


@contextmanager
def told_to_stop() -> Generator[Wait]:
    """Inside, SIGINT and SIGTERM interrupt nothing: they are waited for. Main thread only.

    Not a handler that sets an event: it may run just while the main thread holds that event's
    lock, and then waits for itself for ever (seen once in some fifty stops). The interpreter
    writes to a pipe instead, whichever thread the signal reaches.
    """
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    pipe_before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    before = {
        number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda seconds: bool(select.select([told], [], [], seconds)[0])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(pipe_before)
        os.close(told)
        os.close(tell)
