"""What a citizen reads, as one immutable value: two equal screens are the same picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.locale import Language

Tone = Literal["good", "hint"]
StepState = Literal["done", "doing", "todo"]
LessonPicture = Literal["feet", "palm", "point", "touch", "keypad"]
TileKind = Literal["field", "more", "answer", "no", "aside", "priority", "start", "look"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How busy a field is; ``None`` where nobody knows (never a guess)."""

    people: int | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Greeting:
    """A recognised citizen, masked already: ``NGUYỄN V** A**``, ``19**``."""

    name: str
    birth: str


@dataclass(frozen=True, slots=True)
class Header:
    """The office's band."""

    office: str
    unit: str
    clock: str
    date: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """The one line under the preview."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Tile:
    """An option a person can choose."""

    id: str
    kind: TileKind
    title: str
    detail: str = ""
    waiting: str = ""
    icon: str = ""
    """A picture by its name in ``qml/FieldIcon.qml``; empty: none."""
    prefix: str = ""
    """Letter in front of the field's numbers, as they are called."""
    digit: int | None = None
    grave: bool = False
    chosen: bool = False
    """It is in force already: choosing it again changes it."""
    spent: bool = False
    """There is nothing behind it today; choosing it says so."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside the preview: a greeting, or how this machine looks at people."""

    label: str
    title: str
    detail: str
    note: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something is the matter, and what to do about it."""

    what: str
    do: str


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One thing the kiosk does while the person waits."""

    label: str
    state: StepState


@dataclass(frozen=True, slots=True)
class TicketOnScreen:
    """The ticket, large: it must serve as the ticket when no paper comes."""

    number: str
    field: str
    counter: str
    ahead: str
    priority: str
    """Name of the class of people that is served first, empty for everybody else."""
    qr: str
    """What the QR code says: the ticket's reference or its page, nothing about the person."""


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One picture of how to use the kiosk."""

    picture: LessonPicture
    text: str


@dataclass(frozen=True, slots=True)
class Opening:
    """When the office opens next: the picture of the page out of hours."""

    label: str
    clock: str
    date: str


@dataclass(frozen=True, slots=True)
class Band:
    """The bottom band: the ways to choose, where a person can help, how the screen looks."""

    hand: str
    fingers: str
    keypad: str
    help: str
    looks: tuple[Tile, ...]
    """High contrast, larger type and the other language: on every page."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything shown, in the language of the visit."""

    language: Language
    larger: bool
    """Fewer words in larger type."""
    contrast: bool
    """White and yellow on black."""
    header: Header
    question: str
    instruction: str
    beside: tuple[str, ...]
    """The question and instruction in the other language, while nobody has chosen one."""
    feedback: Feedback
    aside: Aside
    tiles: tuple[Tile, ...]
    icon: str
    """Picture of the field that was chosen, while it can be taken back."""
    caption: str
    """The line that belongs to the page's picture."""
    paragraphs: tuple[str, ...]
    """The consent text, or the notice of the attract page."""
    share: float
    """How much of a card's chip is read, 0 … 1."""
    steps: tuple[ProgressStep, ...]
    lesson: tuple[LessonStep, ...]
    """How to use the kiosk, while nobody does."""
    hours: str
    """When people are served today; empty where it is not known."""
    ticket: TicketOnScreen | None
    opening: Opening | None
    """Only while the office is closed, and when it is known."""
    notice: Notice | None
    countdown: str
    """Empty but for the last seconds before the kiosk starts over."""
    lasts_s: float
    """How long the confirm bar runs; 0 on every other page."""
    band: Band
    page: str
    """Name of the phase. Last, so that a page appears when its words are there."""
