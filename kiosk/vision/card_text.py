"""Letters on a card: the machine-readable zone on its back, and its printed side.

Tesseract reads them, as a process of its own fed through a pipe: a picture is never a file. The
zone is read with a model that was trained on such zones (``models/mrz.md``), the printed side with
Debian's Vietnamese one. One picture at a time, in a thread: frames that come meanwhile are dropped,
for the card is still there.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from queue import Empty, Queue
from threading import Thread
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.camera import Image
from kiosk.vision.litert import default_folder
from kiosk.vision.percepts import CardText

_log = logging.getLogger(__name__)

Grey = NDArray[np.uint8]

_LONGEST_S = 4.0
_LINES = 3
_LINE_PX = 46
"""Height a line of the zone is brought to, its share of the space between included."""
_PRINT_WIDTH = 1600
_SEARCH_WIDTH = 800
"""The zone is looked for in a picture of this width."""
_NARROWEST = 0.2
"""Share of the picture's width below which a zone's letters are too small in any picture."""
_ZONE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"


class CardReader:
    """Reads one picture after another; :meth:`offer` returns at once."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._inbox: Queue[tuple[Grey, bool]] = Queue(maxsize=1)
        self._read: Queue[CardText | None] = Queue()
        self._busy = False
        self._stale = False
        self._thread: Thread | None = None

    @classmethod
    def installed(cls) -> CardReader | None:
        """A reader, where tesseract and its Vietnamese model are installed."""
        program = shutil.which("tesseract")
        return cls(program) if program else None

    def offer(self, image: Image, *, printed: bool) -> None:
        """Read ``image`` (RGB), unless another is being read; the printed side too if asked."""
        if self._busy:
            return
        if self._thread is None:
            self._thread = Thread(target=self._run, name="print", daemon=True)
            self._thread.start()
        self._busy, self._stale = True, False
        self._inbox.put((grey_of(image), printed))

    def take(self) -> CardText | None:
        """What was read since the last call."""
        try:
            text = self._read.get_nowait()
        except Empty:
            return None
        self._busy = False
        return None if self._stale else text

    @property
    def busy(self) -> bool:
        """Whether a picture is being read, or was and its text not taken."""
        return self._busy

    def forget(self) -> None:
        """What is being read is of a card that nobody asks for any more."""
        self._stale = True

    def _run(self) -> None:
        while True:
            image, printed = self._inbox.get()
            try:
                text = read_zone(image, self._program)
                if text is None and printed:
                    text = read_printed(image, self._program)
            except subprocess.TimeoutExpired:  # a machine with other things to do: the next one
                _log.info("reading print took too long")
                text = None
            except (OSError, subprocess.SubprocessError) as error:
                _log.warning("print cannot be read: %s", type(error).__name__)
                text = None
            self._read.put(text)


def grey_of(image: Image) -> Grey:
    """One channel."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def read_zone(image: Grey, program: str = "tesseract") -> CardText | None:
    """The three lines of a machine-readable zone in ``image``; ``None`` when there is none.

    Raises :class:`OSError` or :class:`subprocess.SubprocessError` when tesseract fails.
    """
    for zone in zones(image):
        options = ("--psm", "6", "-l", "mrz", "--tessdata-dir", str(default_folder()))
        letters = ("-c", f"tessedit_char_whitelist={_ZONE_LETTERS}")
        lines = _read(zone, program, (*options, *letters))
        long = [line for line in ("".join(each.split()) for each in lines) if len(line) >= 20]
        if len(long) == _LINES:
            return CardText("zone", tuple(long))
    return None


def read_printed(image: Grey, program: str = "tesseract") -> CardText | None:
    """The lines of print in ``image``, from top to bottom; ``None`` when there are none.

    Raises :class:`OSError` or :class:`subprocess.SubprocessError` when tesseract fails.
    """
    scale = _PRINT_WIDTH / image.shape[1]
    larger = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    lines = _read(larger.astype(np.uint8, copy=False), program, ("--psm", "11", "-l", "vie"))
    return CardText("printed", tuple(lines)) if lines else None


def zones(image: Grey) -> list[Grey]:
    """Where a zone may be: upright, one after another, the likeliest first, with lines
    :data:`_LINE_PX` high.

    What is dark on light and full of upright strokes, in a block some six times as wide as high.
    """
    scale = min(1.0, _SEARCH_WIDTH / image.shape[1])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (3, 3), 0)
    across = cv2.getStructuringElement(cv2.MORPH_RECT, (19, 7))
    strokes = cv2.morphologyEx(soft, cv2.MORPH_BLACKHAT, across)
    edges = np.abs(cv2.Sobel(strokes, cv2.CV_32F, 1, 0, ksize=-1))
    level = (255 * edges / max(float(edges.max()), 1.0)).astype(np.uint8)
    level = cv2.morphologyEx(level, cv2.MORPH_CLOSE, across)
    _, mask = cv2.threshold(level, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    whole = cv2.getStructuringElement(cv2.MORPH_RECT, (23, 23))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, whole)
    mask = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=3)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [cv2.minAreaRect(outline) for outline in outlines]
    found = [_upright(cast("_Rect", box)) for box in boxes]
    likely = [box for box in found if box[1][0] > _NARROWEST * small.shape[1] and _is_zone(box[1])]
    likely.sort(key=lambda box: -box[1][0])
    return [_cut(image, box, scale) for box in likely[:2]]


_Rect = tuple[tuple[float, float], tuple[float, float], float]
"""Centre, size (width the longer) and angle in degrees."""


def _upright(box: _Rect) -> _Rect:
    centre, (width, height), angle = box
    if width < height:
        width, height, angle = height, width, angle - 90
    while angle <= -90:
        angle += 180
    return centre, (width, height), angle if angle <= 90 else angle - 180


def _is_zone(size: tuple[float, float]) -> bool:
    width, height = size
    return 3.0 < width / max(height, 1.0) < 12.0


def _cut(image: Grey, box: _Rect, scale: float) -> Grey:
    """The zone with some air around it, turned upright and brought to size."""
    (x, y), (width, height), angle = box
    wide, high = width / scale * 1.06, height / scale * 1.45
    grown = _LINES * _LINE_PX * 1.2 / high
    matrix = cv2.getRotationMatrix2D((x / scale, y / scale), angle, grown)
    out = round(wide * grown), round(high * grown)
    matrix[:, 2] += (out[0] / 2 - x / scale, out[1] / 2 - y / scale)
    cut = cv2.warpAffine(image, matrix, out, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return cut.astype(np.uint8, copy=False)


def _read(image: Grey, program: str, options: Sequence[str]) -> list[str]:
    height, width = image.shape
    picture = b"P5 %d %d 255\n" % (width, height) + np.ascontiguousarray(image).tobytes()
    done = subprocess.run(
        [program, "stdin", "stdout", *options],
        input=picture,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_LONGEST_S,
        check=True,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )
    return [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
