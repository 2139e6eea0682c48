"""Camera and printer, tried by whoever asks while no kiosk runs."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import closing
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from kiosk.config import CameraSettings, PrinterSettings, Settings
from kiosk.errors import CameraError, KioskError, PrinterError
from kiosk.health.parts import Parts
from kiosk.printer.device import open_transport
from kiosk.printer.status import PrinterStatus, query
from kiosk.vision.open import open_camera
from kiosk.vision.percepts import View
from kiosk.vision.view import view_of

_SETTLE_S = 1.0
"""Exposure and focus find their place."""
_LOOK_S = 2.0
_PATIENCE_S = 30.0
_JOIN_S = 2.0

_Seen = tuple[str, str, float, View | None]
"""State, reason, frames a second, view."""


def try_parts(settings: Settings, folder: Path, now: datetime) -> Parts:
    """Open both and let go of them. Takes a few seconds, and 30 with a camera that hangs."""
    state, reason, frames_per_s, view = _camera(settings.camera, folder)
    printer = _printer(settings.printer)
    return Parts(
        at=now,
        camera=state,
        camera_reason=reason,
        frames_per_s=frames_per_s,
        view=view,
        printer=printer.state,
        printer_reason=printer.reason,
        running=False,
    )


def _printer(settings: PrinterSettings) -> PrinterStatus:
    try:
        with closing(open_transport(settings)) as transport:
            return query(transport)
    except PrinterError as error:
        return PrinterStatus("bad", error.key)


def _camera(settings: CameraSettings, folder: Path) -> _Seen:
    """Looked through in a process of its own: a camera that hangs must not hang us."""
    if settings.source == "none":
        return ("none", "", 0.0, None)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_look, args=(theirs, settings, folder), daemon=True)
    process.start()
    theirs.close()
    with closing(ours):
        try:
            seen = ours.recv() if ours.poll(_PATIENCE_S) else None
        except EOFError:
            seen = None
    process.join(0 if seen is None else _JOIN_S)
    process.kill()
    return seen or ("stalled", "camera_stopped", 0.0, None)


def _look(pipe: Connection, settings: CameraSettings, folder: Path) -> None:
    try:
        pipe.send(_look_through(settings, folder))
    except KioskError as error:
        pipe.send(("stalled", error.key, 0.0, None))


def _look_through(settings: CameraSettings, folder: Path) -> _Seen:
    with closing(open_camera(settings, folder)) as camera:
        began = time.monotonic()
        while time.monotonic() - began < _SETTLE_S and not camera.scripted:
            camera.read()
        began, frames, view = time.monotonic(), 0, None
        while time.monotonic() - began < _LOOK_S:
            frame = camera.read()
            if frame is None:
                break
            frames += 1
            view = view or view_of(frame.image)
        if view is None:
            raise CameraError("camera_stopped", source=settings.source)
        return ("working", "", round(frames / (time.monotonic() - began), 1), view)
