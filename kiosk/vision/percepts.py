"""What vision tells the rest of the kiosk: values, and nothing about tickets or screens.

Coordinates are pixels of the frame the camera gave (origin top left, not mirrored). Angles are
degrees: yaw positive when the person turns to *their* left (towards the right of the picture),
pitch positive when they look up, roll positive clockwise in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""x, y, width, height in frame pixels."""

FLAWS = (
    "small",
    "blurred",
    "moving",
    "dark",
    "bright",
    "uneven",
    "turned",
    "sunglasses",
    "mask",
    "covered",
    "eyes_closed",
    "mouth_open",
)
"""What can be wrong with a face image (:mod:`kiosk.vision.quality` has the standard's terms)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The nearest enrolled citizen to a tracked face (ISO/IEC 2382-37: a candidate, not a match).

    ``score`` is the dot product of probe and template, nearly a cosine;
    ``false_match_probability`` how likely one comparison with somebody else scores as high, and
    ``rival_probability`` the same of the nearest other citizen's score (1 when there is no
    other); ``enrolled`` how many templates the probe was compared with, ``frames`` how many
    frames it was fused from. Policy, not vision, decides whether this is a greeting.
    """

    citizen_id: str
    score: float
    false_match_probability: float
    rival_probability: float
    enrolled: int
    frames: int


@dataclass(frozen=True, slots=True)
class FacePercept:
    """One face in one frame."""

    track_id: int
    box: Box
    score: float
    yaw: float
    pitch: float
    roll: float
    eye_distance_px: float
    quality: float
    """0 (useless) … 1 (passport photograph)."""
    flaw: str | None = None
    """What has most lowered the quality for a while: one of :data:`FLAWS` or ``None``."""
    candidate: Candidate | None = None


Handedness = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class HandPercept:
    """One hand in one frame."""

    handedness: Handedness
    """The person's own left or right hand."""
    presence: float
    """0 … 1."""
    fingers: int
    """Raised fingers, 0 … 5."""
    pointer: Point
    """Tip of the index finger."""
    landmarks: tuple[Point, ...]
    """MediaPipe's 21 hand landmarks."""


@dataclass(frozen=True, slots=True)
class BarcodePercept:
    """One decoded barcode. ``text`` may hold personal data: never log it."""

    text: str = field(repr=False)
    format: str


CardHint = Literal["", "closer", "still", "tilt"]


@dataclass(frozen=True, slots=True)
class CardView:
    """A code that is held up and was found, but could not be read."""

    hint: CardHint
    """How to hold it; empty when it is not known what keeps it from being read."""
    box: Box
    """Of the code."""


@dataclass(frozen=True, slots=True)
class CardText:
    """What was read off a card in print. Personal: never log it."""

    side: Literal["zone", "printed"]
    """The machine-readable zone, or the side with the portrait."""
    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class View:
    """What a picture is like as a picture, for whoever sets up the camera."""

    light: float
    """Mean luminance of the central square, 0 … 255."""
    blown: float
    """Share of it that is white, 0 … 1."""
    blur_px: float | None
    """How wide its sharpest edges are: standard deviation of a Gaussian, pixels at 720 lines (0.6
    is as sharp as can be measured); ``None`` where there are no edges to judge by."""


@dataclass(frozen=True, slots=True)
class Percept:
    """Everything seen in one frame."""

    frame: int
    """Counts up by one for each frame analysed since the vision process started."""
    at: float
    """Seconds on the camera's clock (``time.monotonic``, or the scene's for a replay)."""
    size: tuple[int, int]
    """Frame width and height, pixels."""
    faces: tuple[FacePercept, ...] = ()
    hands: tuple[HandPercept, ...] = ()
    barcodes: tuple[BarcodePercept, ...] = ()
    subject: int | None = None
    """``track_id`` of the one face the kiosk is dealing with: the nearest central one."""
    stages_ms: dict[str, float] = field(default_factory=dict[str, float])
    """CPU milliseconds spent on each stage of this frame."""
    card: CardView | None = None
    text: CardText | None = None
    view: View | None = None
    """Every few seconds."""

    def subject_face(self) -> FacePercept | None:
        """The face of the subject, if it is in this frame."""
        return next((f for f in self.faces if f.track_id == self.subject), None)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A template fused from the best frames of one track, made only when asked for."""

    track_id: int
    template: bytes = field(repr=False)
    """Little-endian float32."""
    model_id: str
    quality: float
    frames: int
    portrait: float | None = None
    """How likely chance brings the portrait it was to be compared with as near, 0 … 1; 1 when
    the portrait shows no face; ``None``: there was none to compare with."""
