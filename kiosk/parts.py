"""What the attendant works with, as far as it is concerned: the parts that carry effects out, and
whoever watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.idcard.chip.access import ZoneKey
from kiosk.locale import Language
from kiosk.printer.slip import SlipFace
from kiosk.stages import VisitRecord
from kiosk.store.records import Records
from kiosk.store.tickets import IssuedTicket
from kiosk.vision.templates import Embedding
from kiosk.visit.state import Visit


class Eyes(Protocol):
    """What the attendant asks of vision."""

    def look_for_card(self, on: bool) -> None:
        """Start or stop looking for barcodes."""
        ...

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        """Collect the best frames of a track, compare them with ``portrait`` if there is one,
        and answer with an enrolment."""
        ...

    def set_gallery(self, ids: Sequence[str], matrix: NDArray[np.float32]) -> None:
        """Compare faces with these templates from now on."""
        ...

    def enrol(self, citizen_id: str, template: Embedding) -> None:
        """Compare faces with this template too, in place of what the citizen had."""
        ...

    def forget(self, citizen_id: str) -> None:
        """Never take a face for this citizen again."""
        ...

    def lookalikes(self, template: Embedding, limit: Callable[[int], float]) -> list[str]:
        """Citizens so near to a template that chance, at most ``limit(enrolled)`` probable,
        does not explain it."""
        ...


class Blind:
    """Eyes of a kiosk without a camera."""

    def look_for_card(self, on: bool) -> None:
        """There is nothing to look with."""

    def start_enrolment(self, track_id: int, portrait: bytes = b"") -> None:
        """There is nobody to see."""

    def set_gallery(self, ids: Sequence[str], matrix: NDArray[np.float32]) -> None:
        """There is nothing to compare."""

    def enrol(self, citizen_id: str, template: Embedding) -> None:
        """Nobody is enrolled without being seen."""

    def forget(self, citizen_id: str) -> None:
        """Nobody is known."""

    def lookalikes(self, template: Embedding, limit: Callable[[int], float]) -> list[str]:  # noqa: ARG002
        """Nobody looks like anybody."""
        return []


class Paper(Protocol):
    """What the attendant asks of the printer."""

    def print(self, ticket: IssuedTicket, *, name: str | None = None, again: bool = False) -> None:
        """Bring a committed ticket onto paper; the answer comes through
        :meth:`Attendant.printed <kiosk.attendant.Attendant.printed>`.

        ``name`` is the masked one of the recognised; ``again`` marks the paper as a reprint.
        """
        ...

    def print_slip(self, slip: str, face: SlipFace) -> None:
        """Bring a proof onto paper; the answer comes through
        :meth:`Remembrance.slip_printed <kiosk.remembrance.Remembrance.slip_printed>`."""
        ...


class ChipReader(Protocol):
    """What the attendant asks of the reader of chips. It answers through
    :class:`~kiosk.remembrance.Remembrance`."""

    def read(self, keys: Sequence[ZoneKey]) -> None:
        """Read the chip that lies there, or the next one, that one of ``keys`` opens."""
        ...

    def stop(self) -> None:
        """Read none any more."""
        ...


class NoChipReader:
    """A kiosk without a reader."""

    def read(self, keys: Sequence[ZoneKey]) -> None:
        """There is nothing to read with."""

    def stop(self) -> None:
        """Nothing is read."""


class Mouth(Protocol):
    """What the attendant asks of the voice."""

    def say(self, key: str, language: Language) -> None:
        """Speak the prompt ``key``, instead of whatever is being said."""
        ...


class Observer(Protocol):
    """Somebody who watches visits: the demo, a test, a bench."""

    def changed(self, before: Visit, after: Visit, at: float) -> None:
        """The visit moved."""
        ...

    def ended(self, record: VisitRecord) -> None:
        """A visit is over."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the attendant sends effects to. ``records`` is ``None`` when the database
    could not be opened: then the kiosk sends citizens to the staff."""

    records: Records | None
    eyes: Eyes
    paper: Paper
    mouth: Mouth
    chips: ChipReader = NoChipReader()  # noqa: RUF009 -- holds nothing
