"""What each worker process runs: the application, as the environment says."""

from __future__ import annotations

from fastapi import FastAPI

from central.app import create_app
from central.logs import log_to_stderr
from central.observation import forget_dead_workers
from central.settings import from_environment


def worker() -> FastAPI:
    """The application of one worker of ``central serve``."""
    settings = from_environment()
    log_to_stderr(settings.log_format)
    forget_dead_workers()
    return create_app(settings)
