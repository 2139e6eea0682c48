"""What each worker process runs: the application, as the environment says."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from types import FrameType

from fastapi import FastAPI

from central.app import create_app
from central.live import Live
from central.logs import log_to_stderr
from central.observation import forget_dead_workers
from central.settings import from_environment


def worker() -> FastAPI:
    """The application of one worker of ``central serve``."""
    settings = from_environment()
    log_to_stderr(settings.log_format)
    forget_dead_workers()
    app = create_app(settings)
    _stop_streams_first(app.state.server.live)
    # What is there now stays. To look through all of it for cycles stops every request for 140 ms.
    gc.collect()
    gc.freeze()
    return app


def _stop_streams_first(live: Live) -> None:
    """uvicorn, told to end, waits for what is under way; a stream is until somebody ends it.

    Its own handlers, which are there when it loads the application, are called afterwards.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def stop(got: int, frame: FrameType | None, before: Handler = before) -> None:
            live.stop()
            if callable(before):
                before(got, frame)

        signal.signal(number, stop)


Handler = Callable[[int, FrameType | None], object] | int | None
