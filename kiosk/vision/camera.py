"""The camera as the rest of vision sees it.

Three implementations: :mod:`kiosk.vision.picamera` (Raspberry Pi), :mod:`kiosk.vision.webcam`
(USB, file, RTSP) and :mod:`kiosk.vision.replay` (a scripted scene, the virtual camera that
ships in the product).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""


class Aim(StrEnum):
    """What the camera is to see sharply and well lit."""

    FACES = "faces"
    """People half a metre to two metres away."""
    CARD = "card"
    """A glossy card held ten to forty centimetres away."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. ``at`` is in seconds on the camera's own clock and never goes back."""

    image: Image
    at: float
    finest: Callable[[], Image] | None = None
    """The second, finer stream of a camera that has one; see :meth:`fine`."""

    def fine(self) -> Image:
        """The same picture with all the pixels the camera gives, for codes and small print: at
        least as large as ``image``. To be asked before the next frame is read, and only when
        needed: on a camera with two streams it costs a copy of some megabytes."""
        return self.image if self.finest is None else self.finest()


class Camera(Protocol):
    """A source of frames, opened by its constructor."""

    scripted: bool
    """True when frames carry a scene's time instead of the wall's, so that whoever consumes
    them sets the pace and no frame is dropped."""

    def read(self) -> Frame | None:
        """The next frame, waiting for it; ``None`` when the source has ended.

        Raises :class:`~kiosk.errors.CameraError` when the device stopped giving frames.
        """
        ...

    def aim(self, aim: Aim) -> None:
        """Focus and expose for ``aim`` from now on; :attr:`Aim.FACES` to start with. A camera
        that cannot choose does nothing. Never raises."""
        ...

    def close(self) -> None:
        """Let go of the device. Safe to call twice."""
        ...
