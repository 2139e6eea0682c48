"""Whether every model file is there and the one the manifest names."""

from __future__ import annotations

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place


def look(place: Place) -> int:  # noqa: ARG001
    """How many there are, each read and hashed. Raises :class:`~kiosk.errors.ModelError`."""
    from kiosk.vision.litert import Models  # here: loads the models' runtime

    models = Models()
    models.verify()
    return len(models.files)


def judge(files: int) -> Finding:
    """What is wrong with them is an error."""
    return Finding(Level.GOOD, "health.models.good", {"files": files})


CHECK = Check("models", "software", look, judge)
