"""The kiosk, put together. Read this first: what is built, in which order, and how it ends.

::

    database → vision process → voice → window → kiosk (printer's thread, attendant) → event loop

Each part is handed to the exit stack as soon as it stands, so that whatever happens they are
taken down in reverse. A part that cannot be had does not stop the kiosk: without a camera there
is keypad and touch, without a printer the ticket is on the screen, without a database citizens
are sent to the staff — and each says so.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtGui import QGuiApplication

from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.eventloop import ANEW, Devices, Kiosk
from kiosk.parts import Observer
from kiosk.store.clock import office_clock
from kiosk.store.keys import key_for
from kiosk.store.office import with_office
from kiosk.store.records import Records
from kiosk.store.salvage import open_or_salvage
from kiosk.systemd import notify
from kiosk.ui.bridge import Bridge
from kiosk.ui.theme import theme
from kiosk.ui.voice import SpokenVoice, Voice
from kiosk.ui.window import KioskWindow
from kiosk.vision.link import VisionLink
from kiosk.vision.open import is_scripted

_log = logging.getLogger(__name__)


def run(
    settings: Settings, folder: Path, observe: Callable[[Kiosk], Observer] | None = None
) -> None:
    """Run the kiosk until it is told to stop (SIGINT, SIGTERM, the window closed) or a scripted
    scene is over. ``folder`` is where relative file names in the settings start.

    What central decides about the office (fields, hours, priorities) takes effect while nobody
    is there: everything is put together anew with it."""
    while _run_once(settings, folder, observe) == ANEW:
        _log.info("Central has changed the office's settings: starting anew with them")


def _run_once(settings: Settings, folder: Path, observe: Callable[[Kiosk], Observer] | None) -> int:
    with ExitStack() as stack:
        application = _application()
        settings, records = _open_records(settings, stack)
        link = _open_eyes(settings, folder, stack)
        voice = _open_voice(settings, folder, stack)
        scripted = is_scripted(settings.camera.source, folder)
        bridge = Bridge(theme(settings.screen))
        window = KioskWindow(settings.screen, bridge)
        stack.callback(window.close)
        kiosk = Kiosk(settings, Devices(scripted, records, link, voice, bridge, window), observe)
        stack.callback(kiosk.stop)
        _stop_on_signals(application, stack)
        kiosk.start()
        notify("READY=1")
        ended = application.exec()
        if ended != ANEW:
            notify("STOPPING=1")
        return ended


def _application() -> QGuiApplication:
    seen_somewhere = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    if not any(name in os.environ for name in seen_somewhere):
        _log.info("There is no display: drawing offscreen")
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ.setdefault("QT_QUICK_BACKEND", "software")
    # Qt's threaded render loop would paint our Python items in a thread of its own, which waits
    # for the interpreter while the main thread waits for the picture: seen to lock up under X.
    os.environ.setdefault("QSG_RENDER_LOOP", "basic")
    existing = QGuiApplication.instance()
    return existing if isinstance(existing, QGuiApplication) else QGuiApplication(["kiosk"])


def _open_records(settings: Settings, stack: ExitStack) -> tuple[Settings, Records | StoreError]:
    try:
        db = open_or_salvage(settings.store.path, key_for(settings.store))
    except StoreError as error:
        _log.error("%s", error.both())
        return settings, error
    stack.enter_context(db)
    settings = with_office(db, settings)
    return settings, Records(db, settings, office_clock(db))


def _open_eyes(settings: Settings, folder: Path, stack: ExitStack) -> VisionLink | None:
    if settings.camera.source == "none":
        return None
    link = VisionLink.of(settings, folder)
    link.start()
    stack.callback(link.stop)
    return link


def _open_voice(settings: Settings, folder: Path, stack: ExitStack) -> Voice:
    zone = ZoneInfo(settings.office.timezone)
    voice = SpokenVoice(settings.voice, folder / "voice", lambda: datetime.now(zone).time())
    stack.callback(voice.stop)
    return voice


def _stop_on_signals(application: QGuiApplication, stack: ExitStack) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.signal(number, lambda *_: application.quit())
        stack.callback(signal.signal, number, before)
