"""A fix mends what can be mended without anybody: safe to try at any time, and again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.health.place import Place

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fix:
    """What it did is ``health.fixed.<name>`` in the catalogue."""

    name: str
    cures: frozenset[str]
    """Keys of the findings it is for."""
    mend: Callable[[Place], bool]
    """True when it changed something. May raise :class:`OSError`."""

    def __call__(self, place: Place) -> bool:
        """Whether something was changed; a fix that fails leaves the finding as it was."""
        try:
            return self.mend(place)
        except OSError as error:
            _log.info("the fix %s failed: %s", self.name, error.strerror)
            return False
