"""The kiosk's end of the vision process: start it, listen to it, start it again when it hangs.

Nothing here waits: :meth:`VisionLink.poll` is called from the event loop, often (a timer of some
ten milliseconds, or whenever :meth:`VisionLink.fileno` is readable and at least once a second).
Whoever deals with a percept says so with :meth:`VisionLink.next`; a scripted camera gives its
next frame only then.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from kiosk.config import Settings
from kiosk.errors import CameraError, KioskError
from kiosk.vision import worker
from kiosk.vision.embedding_card import card_of
from kiosk.vision.messages import (
    Command,
    LookForCard,
    Message,
    Next,
    Ready,
    SceneEnded,
    Seen,
    StartEnrolment,
    Stop,
    Trouble,
)
from kiosk.vision.ring import Picture, Ring
from kiosk.vision.sharing import SharedGallery
from kiosk.vision.templates import Embedding
from kiosk.vision.worker import Job

_log = logging.getLogger(__name__)

_STEADY_S = 60.0
"""A process that lived so long is started again at once, not later and later."""
_FIRST_RESTART_S, _LAST_RESTART_S = 1.0, 10.0
_JOIN_S = 2.0


class State(StrEnum):
    """How vision is doing."""

    STARTING = "starting"
    WORKING = "working"
    STALLED = "stalled"
    """No frames; :attr:`VisionLink.trouble` says why. It mends itself or is tried again."""
    ENDED = "ended"
    """The file or scene is over, or :meth:`VisionLink.stop` was called."""


class VisionLink:
    """Runs the vision process and speaks with it. For one thread, best the main one: the
    process dies with the thread that started it.

    ``job`` says what the process does; ``clock`` is ``time.monotonic`` outside tests.
    """

    def __init__(self, job: Job, clock: Callable[[], float] = time.monotonic) -> None:
        self._job = job
        self._clock = clock
        self._child: _Child | None = None
        self._restart_at: float | None = None
        self._restart_s = _FIRST_RESTART_S
        self._gallery = SharedGallery(card_of(job.settings.recognition.model).tail)
        self._card = LookForCard(on=False)
        self._newest: Seen | None = None
        self.state = State.STARTING
        self.trouble: KioskError | None = None
        """Why there are no frames, while there are none; says so in both languages."""
        self.versions: dict[str, str] = {}

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> VisionLink:
        """A link to the real camera and models; files are relative to ``folder``."""
        return cls(Job(settings, folder))

    def start(self) -> None:
        """Start the process. Returns at once; frames come later."""
        self._restart_at = None
        self._newest = None
        child = self._child = _Child(self._job, self._clock())
        if announcement := self._gallery.announcement():
            child.send(announcement)
        if self._card.on:
            child.send(self._card)

    def poll(self) -> list[Message]:
        """What the process said since the last call. Restarts it when it hangs or is gone."""
        if self._restart_at is not None and self._clock() >= self._restart_at:
            self.start()
        if self._child is None:
            return []
        messages = self._child.receive()
        for message in messages:
            self._note(message, self._child)
        if self.state is not State.ENDED:
            self._watch_over(self._child)
        return messages

    def preview(self) -> Picture | None:
        """A copy of the picture of the newest percept, or ``None``."""
        if self._child is None or self._newest is None:
            return None
        return self._child.ring.read(self._newest.slot, self._newest.sequence)

    def next(self) -> None:
        """A percept was dealt with."""
        self._send(Next())

    def set_gallery(self, ids: Sequence[str], matrix: NDArray[np.float32]) -> None:
        """Compare faces with these templates from now on, also after a restart: row *i* of
        ``matrix``, (n, 192) float32, is citizen ``ids[i]``'s."""
        self._send(self._gallery.set(ids, matrix))

    def enrol(self, citizen_id: str, template: Embedding) -> None:
        """Compare faces with this template too, in place of what the citizen had."""
        self.forget(citizen_id)
        self._send(self._gallery.join(citizen_id, template))

    def forget(self, citizen_id: str) -> None:
        """Never take a face for this citizen again, from the very next comparison on."""
        if command := self._gallery.forget(citizen_id):
            self._send(command)

    def lookalikes(self, template: Embedding, limit: Callable[[int], float]) -> list[str]:
        """See :meth:`kiosk.vision.gallery.Gallery.lookalikes`; nobody without a gallery."""
        return self._gallery.lookalikes(template, limit)

    def look_for_card(self, on: bool) -> None:
        """Start or stop looking for barcodes."""
        self._card = LookForCard(on)
        self._send(self._card)

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        """Collect a template of one track and compare it with ``portrait``, if any; it comes as
        :class:`~kiosk.vision.messages.EnrolmentReady`, or never when the person leaves."""
        self._send(StartEnrolment(track_id, portrait))

    def fileno(self) -> int | None:
        """Readable when there is something to poll; another one after each restart."""
        return self._child.pipe.fileno() if self._child else None

    @property
    def pid(self) -> int | None:
        """Process id, for whoever measures it."""
        return self._child.process.pid if self._child else None

    def stop(self) -> None:
        """End the process, by force if it does not end by itself."""
        self.state = State.ENDED
        self._restart_at = None
        if self._child:
            self._child.end(_JOIN_S)
            self._child = None
        self._gallery.close()

    def _send(self, command: Command) -> None:
        if self._child:
            self._child.send(command)

    def _note(self, message: Message, child: _Child) -> None:
        child.heard_at = self._clock()
        match message:
            case Ready(versions=versions):
                self.versions = versions
            case Seen():
                child.working = True
                self._newest = message
                self.state, self.trouble = State.WORKING, None
            case Trouble(key, fields):
                self._troubled(KioskError(key, **fields))
            case SceneEnded():
                self.state = State.ENDED
            case _:
                pass

    def _troubled(self, trouble: KioskError) -> None:
        if self.trouble is None or trouble.args != self.trouble.args:  # it is tried again
            _log.warning("vision: %s: %s", trouble.key, trouble.both())
        self._stalled(trouble)

    def _watch_over(self, child: _Child) -> None:
        silence = self._clock() - child.heard_at
        vision = self._job.settings.vision
        limit = vision.stall_s if child.working else vision.start_s
        if child.gone:
            level = logging.INFO if self.trouble else logging.WARNING  # why, was said already
            _log.log(level, "the vision process %s is gone", child.process.pid)
        elif silence > limit:
            _log.warning(
                "the vision process %s said nothing for %.1f s", child.process.pid, silence
            )
        else:
            return
        self._lose(child)

    def _lose(self, child: _Child) -> None:
        child.kill()
        self._child = None
        if self._clock() - child.started_at >= _STEADY_S:
            self._restart_s = _FIRST_RESTART_S
        self._restart_at = self._clock() + self._restart_s
        self._restart_s = min(2 * self._restart_s, _LAST_RESTART_S)
        self._stalled(self.trouble or CameraError("vision_stopped"))

    def _stalled(self, trouble: KioskError) -> None:
        self.state, self.trouble = State.STALLED, trouble
        self._newest = None


class _Child:
    """One vision process and what belongs to it: a process that cannot be killed (a driver
    stuck in the kernel) must find nothing of its successor's to write to."""

    def __init__(self, job: Job, now: float) -> None:
        """Start a process; ``now`` is the time."""
        context = multiprocessing.get_context("spawn")
        self.ring = Ring()
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=worker.main, args=(theirs, self.ring.name, job), name="vision", daemon=True
        )
        self.process.start()
        theirs.close()
        self.started_at = self.heard_at = now
        self.working = False
        self.gone = False
        # A gallery is larger than a pipe: sending it would wait until the process reads.
        self._outbox: SimpleQueue[Command | None] = SimpleQueue()
        self._sender = Thread(target=self._deliver, name="to vision", daemon=True)
        self._sender.start()

    def send(self, command: Command) -> None:
        """Queue a command."""
        self._outbox.put(command)

    def receive(self) -> list[Message]:
        """What has arrived; ``gone`` is set once the process closed its end."""
        messages: list[Message] = []
        try:
            while self.pipe.poll():
                messages.append(self.pipe.recv())
        except (EOFError, ConnectionError):
            self.gone = True
        return messages

    def end(self, patience_s: float) -> None:
        """Ask the process to stop, wait a little, then kill it."""
        self.send(Stop())
        self.process.join(patience_s)
        self.kill()

    def kill(self) -> None:
        """Kill the process and let go of everything; does not wait for a process that the
        kernel holds."""
        self.process.kill()
        self.process.join(0.2)
        self._outbox.put(None)
        self._sender.join(0.2)
        self.pipe.close()
        self.ring.close()

    def _deliver(self) -> None:
        with suppress(OSError):  # the process is gone: receive() notices
            while command := self._outbox.get():
                self.pipe.send(command)
