"""The event loop's side of the kiosk: every input arrives here, on the main thread, and goes to
the attendant; every change is shown."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Thread
from zoneinfo import ZoneInfo

from PIL import Image
from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from kiosk.attendant import Attendant
from kiosk.card_readers import CardReaders
from kiosk.clock import SceneClock, WallClock
from kiosk.config import Settings
from kiosk.errors import StoreError
from kiosk.health.parts import parts_path
from kiosk.health.pulse import Pulse
from kiosk.parts import Blind, Observer, Parts
from kiosk.printer.layout import render
from kiosk.printer.slip import SlipFace, render_slip
from kiosk.printer.specimen import specimen, warm_up
from kiosk.printer.spool import Spool
from kiosk.printer.status import PrinterStatus
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace
from kiosk.store.records import Records
from kiosk.store.tickets import IssuedTicket
from kiosk.systemd import notify
from kiosk.technician_desk import TEST_TICKET, Desk
from kiosk.ui.aim import Aim
from kiosk.ui.bridge import Bridge
from kiosk.ui.view import screen
from kiosk.ui.voice import Voice
from kiosk.ui.window import KioskWindow
from kiosk.vision.link import State, VisionLink
from kiosk.vision.messages import EnrolmentReady, Message, Ready, Seen
from kiosk.vision.percepts import Percept
from kiosk.visit.events import Printed, PrinterState, Way
from kiosk.visit.state import Machine, Phase

_log = logging.getLogger(__name__)

_TICK_MS = 50
"""How often time-outs are looked at and Python gets to see a signal."""
_TICKS_PER_SIGN = 20
"""Ticks between two signs of life to systemd."""
_CONSULT_S = 2.0
"""How often the database is asked for what others wrote there."""
_ANSWER_S = 10.0
"""How long the printer's thread waits for the main one to write something down."""
ANEW = 3
"""Exit code of the event loop: to be put together anew, with the office's new settings."""
_NO_INPUT = QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents


@dataclass(frozen=True, slots=True)
class Devices:
    """What the kiosk is made of. Without a database or ``link`` it does what it can."""

    scripted: bool
    """The camera plays a file or a scene, which then sets the time."""

    records: Records | StoreError
    """The open database, or why it could not be opened."""

    link: VisionLink | None
    voice: Voice
    bridge: Bridge
    window: KioskWindow

    def opened(self) -> Records | None:
        """The records, when there are any."""
        return None if isinstance(self.records, StoreError) else self.records

    def machine(self) -> Machine:
        """What is known of the parts before the first frame and the first ticket."""
        return Machine(
            camera=self.link is not None,
            camera_reason="" if self.link else "camera_none",
            store_reason=self.records.key if isinstance(self.records, StoreError) else "",
        )


class Kiosk(QObject):
    """One kiosk at work."""

    _called = Signal(object)
    """Carries a call from the printer's thread to the main one."""

    def __init__(
        self,
        settings: Settings,
        devices: Devices,
        observe: Callable[[Kiosk], Observer] | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.bridge = devices.bridge
        self.window = devices.window
        self._link = devices.link
        self._scene = SceneClock() if devices.scripted else None
        self.clock = self._scene or WallClock()
        self._zone = ZoneInfo(settings.office.timezone)
        self._template = TicketTemplate.of(settings)
        warm_up(settings, self._template, datetime.now(UTC))
        self._aim = Aim(settings.pointer)
        self._consulted_at = float("-inf")
        self._pulse = Pulse(
            parts_path(settings.health),
            devices.link,
            time.monotonic,
            lambda: datetime.now(UTC),
        )
        self._owes_next = False
        self._slips: set[str] = set()
        self._notifier: QSocketNotifier | None = None
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._called.connect(lambda call: call())
        self._spool = Spool(
            settings.printer,
            sending=self._written_down,
            sent=lambda ticket: self._called.emit(lambda: self._sent(ticket)),
            report=lambda *what: self._called.emit(lambda: self._printed(*what)),
            status_changed=lambda status: self._called.emit(lambda: self._printer_changed(status)),
        )
        self._readers = CardReaders(settings.reader, self._called.emit)
        self.attendant = Attendant(
            settings,
            Parts(
                devices.opened(),
                devices.link or Blind(),
                self,
                devices.voice,
                self._readers.chips,
            ),
            self.clock,
            [observe(self)] if observe else [],
            devices.machine(),
        )
        self.desk = Desk(
            settings,
            settings.store.path.parent,
            self.bridge,
            time.monotonic,
            lambda: self._pulse.parts(),
            lambda: self._spool.print(TEST_TICKET, self._draw_test),
            (devices.link or Blind()).look_for_card,
            lambda call: self._called.emit(call),
        )
        self.bridge.picked.connect(self._picked)
        self._readers.answer_to(self.attendant)

    def start(self) -> None:
        """Begin: the threads of printer and readers, the clock's tick, the window."""
        self._spool.start()
        self._readers.start()
        self.attendant.resume()
        self._timer.start(_TICK_MS)
        self._refresh()
        self.window.show()

    def stop(self) -> None:
        """End what :meth:`start` began. A ticket in hand is finished first."""
        self._timer.stop()
        self._readers.stop()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        stopping = Thread(target=self._spool.stop)
        stopping.start()
        while stopping.is_alive():  # the printer's thread has things to be written down
            QGuiApplication.processEvents(_NO_INPUT)
            stopping.join(_TICK_MS / 1000)
        QGuiApplication.processEvents(_NO_INPUT)

    # ── eyes ──────────────────────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        if self._link is None:
            return
        for message in self._link.poll():
            self._heard(message)
        if self._stalled(self._link):
            self.bridge.preview(None)
        if self._link.state is State.ENDED:
            QGuiApplication.quit()
        self._watch_pipe(self._link.fileno())

    def _stalled(self, link: VisionLink) -> bool:
        """Whether there are no frames; the attendant hears of it."""
        stalled = link.state is State.STALLED
        self.attendant.camera(
            working=not stalled, reason=link.trouble.key if stalled and link.trouble else ""
        )
        if stalled and self._scene is not None:
            self._scene.wait()  # no frame sets the time: real time passes
        return stalled

    def _watch_pipe(self, fileno: int | None) -> None:
        """Wake up when vision has something to say; it is another pipe after each restart."""
        if self._notifier is not None and self._notifier.socket() != fileno:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._notifier is None and fileno is not None:
            self._notifier = QSocketNotifier(fileno, QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._listen)

    def _heard(self, message: Message) -> None:
        match message:
            case Ready(model_id=str(model_id)):
                self.attendant.show_gallery(model_id)
            case Seen(percept=percept):
                self._saw(percept)
            case EnrolmentReady(enrolment=enrolment):
                self.attendant.collected(enrolment)
                self._refresh()
            case _:
                pass

    def _saw(self, percept: Percept) -> None:
        self.clock.frame(percept.at)
        self._pulse.saw(percept)
        now = self.clock.now()
        pointing = self._aim.update(
            now,
            percept,
            self.bridge.stage,
            self.bridge.targets,
            shared=self.attendant.visit.shared(now),
        )
        self.attendant.saw(percept, hand=pointing.hand)
        self.bridge.point(pointing)
        self.desk.technician.points_at(pointing.position, self.bridge.stage)
        self.desk.technician.reads([code.text for code in percept.barcodes])
        self._show_preview(percept)
        self._refresh()
        self._owes_next = True
        self._ask_for_next()

    def _ask_for_next(self) -> None:
        """The frame was dealt with. A scene stands still while paper moves, so that what the
        printer takes is the same to a fast machine and a slow one."""
        visit = self.attendant.visit
        printing = visit.phase is Phase.PRINT or visit.slip == "printing"
        if self._scene is not None and printing:
            self._scene.wait()
        elif self._link is not None and self._owes_next:
            self._owes_next = False
            if self._scene is not None:
                self._scene.resume()
            if self._scene is not None and self.window.seen:
                # Somebody watches: play the scene at the pace of life.
                QTimer.singleShot(max(0, round(self._scene.ahead_s() * 1000)), self._link.next)
            else:
                self._link.next()

    def _show_preview(self, percept: Percept) -> None:
        picture = self._link and self._link.preview()
        if picture is None:
            return
        shrunk = picture.shape[1] / percept.size[0]
        face = percept.subject_face()
        box = face and (
            face.box[0] * shrunk,
            face.box[1] * shrunk,
            face.box[2] * shrunk,
            face.box[3] * shrunk,
        )
        self.bridge.preview(picture, box, veiled=self.attendant.visit.phase is Phase.CARD)

    # ── printer ───────────────────────────────────────────────────────────────────────────────

    def print(self, ticket: IssuedTicket, *, name: str | None = None, again: bool = False) -> None:
        """Have a committed ticket drawn and printed in the printer's thread."""
        self._spool.print(ticket.id, lambda again: self._draw(ticket, name, again), again=again)

    def print_slip(self, slip: str, face: SlipFace) -> None:
        """Have a proof drawn and printed in the printer's thread. Nothing about it is on record:
        whoever wants another asks for it."""
        self._slips.add(slip)
        self._spool.print(slip, lambda _again: render_slip(face, self._template))

    def _draw(self, ticket: IssuedTicket, name: str | None, again: bool) -> Image.Image:
        face = TicketFace.of(
            self.settings,
            field=ticket.field,
            priority=ticket.priority,
            number=ticket.number,
            reference=ticket.reference,
            issued_at=ticket.issued_at,
            ahead=ticket.ahead,
            wait_min=ticket.wait_min,
            name=name,
            language=ticket.language,
        )
        return render(replace(face, reprint=again), self._template)

    def _draw_test(self, again: bool) -> Image.Image:  # noqa: ARG002 -- it says what it is
        face = specimen(self.settings, datetime.now(UTC), language=self.settings.screen.language)
        return render(face, self._template)

    def _written_down(self, ticket: str) -> None:
        """Called in the printer's thread: wait until the main one has committed that bytes are
        about to go out, so that a crash cannot make a printed ticket look unprinted.

        Raises :class:`StoreError` when it cannot, :class:`TimeoutError` when it takes too long.
        """
        if ticket in self._slips:
            return
        if ticket == TEST_TICKET:
            return
        done: Future[None] = Future()

        def on_main_thread() -> None:
            try:
                self.attendant.sending(ticket)
            except StoreError as error:
                done.set_exception(error)
            else:
                done.set_result(None)
                self._refresh()

        self._called.emit(on_main_thread)
        done.result(_ANSWER_S)

    def _sent(self, ticket: str) -> None:
        if ticket == TEST_TICKET:
            return
        if ticket not in self._slips:
            self.attendant.sent(ticket)
        self._refresh()

    def _printed(self, ticket: str, outcome: Printed, reason: str, again: bool) -> None:
        if ticket == TEST_TICKET:
            self.desk.test_printed(outcome, reason)
            return
        if ticket in self._slips:
            self.attendant.cards.slip_printed(ok=outcome == "printed")
        else:
            self.attendant.printed(ticket, outcome, reason, again=again)
        self._ask_for_next()
        self._refresh()

    def _printer_changed(self, status: PrinterStatus) -> None:
        self._pulse.printer(status)
        self.attendant.printer(PrinterState(self.clock.now(), status.state, status.reason))
        self._refresh()

    # ── hands, time, screen ───────────────────────────────────────────────────────────────────

    def _picked(self, option: str, way: Way) -> None:
        self.attendant.picked(option, way)
        self._refresh()

    def _tick(self) -> None:
        self._listen()
        if self._scene is None or not self.attendant.visit.machine.camera:
            self.attendant.ticked()
        self._refresh()
        if self._ticks % _TICKS_PER_SIGN == 0:
            notify("WATCHDOG=1")
            self._pulse.beat()
        self.desk.refresh()
        self._ticks += 1

    def _refresh(self) -> None:
        now = self.clock.now()
        if now - self._consulted_at >= _CONSULT_S:
            self._consulted_at = now
            self.attendant.consult()
            if self.attendant.office_changed and self.attendant.visit.phase is Phase.ATTRACT:
                QGuiApplication.exit(ANEW)
        self.bridge.show(
            screen(
                self.attendant.visit,
                self.attendant.policy,
                now,
                datetime.now(UTC).astimezone(self._zone),
                self.settings,
                self.attendant.waiting,
                self.attendant.greeting,
            )
        )
