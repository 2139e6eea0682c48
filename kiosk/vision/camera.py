"""The camera as the rest of vision sees it.

Three implementations: :mod:`kiosk.vision.picamera` (Raspberry Pi), :mod:`kiosk.vision.webcam`
(USB, file, RTSP) and :mod:`kiosk.vision.replay` (a scripted scene, the virtual camera that
ships in the product).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. ``at`` is in seconds on the camera's own clock and never goes back."""

    image: Image
    at: float
    detail: Image | None = None
    """The same picture with all the pixels the camera gives: only cards are read in it."""


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

    def close(self) -> None:
        """Let go of the device. Safe to call twice."""
        ...
