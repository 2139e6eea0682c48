"""How many fingers a hand holds up, from its landmarks.

Distances within the hand, so that neither its size nor its turn in the picture matters. Both
limits lie in the middle of the gap between raised and bent fingers of photographed hands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WRIST, _THUMB_MCP, _THUMB_TIP, _LITTLE_MCP = 0, 2, 4, 17
_MIDDLE_JOINTS, _TIPS = (6, 10, 14, 18), (8, 12, 16, 20)

_RAISED = 1.15
"""A raised finger's tip is so many times farther from the wrist than its middle joint."""
_THUMB_OUT = 1.13
"""A thumb held out has its tip so many times farther from the little finger's knuckle than its
own knuckle is."""
_THUMB_NOT_IN = 0.85
"""The same beside four raised fingers, where only a thumb laid across the palm (photographed: at
most 0.59) makes the hand a four: a relaxed open hand is open."""


def count(landmarks: NDArray[np.float32]) -> int:
    """Raised fingers, 0 … 5, the thumb included; ``landmarks`` (21, 3) in any one unit.

    The thumb is judged by x and y alone: it bends across the palm, where the depths given by
    the model say least.
    """
    from_wrist = np.linalg.norm(landmarks - landmarks[_WRIST], axis=1)
    raised = from_wrist[list(_TIPS)] > _RAISED * from_wrist[list(_MIDDLE_JOINTS)]
    flat = landmarks[:, :2]
    from_little = np.linalg.norm(flat - flat[_LITTLE_MCP], axis=1)
    out = _THUMB_NOT_IN if raised.all() else _THUMB_OUT
    thumb = from_little[_THUMB_TIP] > out * from_little[_THUMB_MCP]
    return int(raised.sum()) + int(thumb)
