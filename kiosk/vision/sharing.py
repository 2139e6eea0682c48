"""One gallery, two processes: the kiosk's own keeps it, the vision process searches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.calibration import ImpostorTail, recalibrated, shipped
from kiosk.vision.gallery import NOBODY, Gallery, comparable
from kiosk.vision.messages import Forget, Join, SetGallery
from kiosk.vision.templates import Embedding, Templates


class SharedGallery:
    """The end that keeps it. Each change is made in the shared rows and answered with the
    command that lets the other end follow.

    Rows are appended until there is no room left; then the gallery moves to new memory a tenth
    larger, and is calibrated again from the people it now has.
    """

    def __init__(self, prior: ImpostorTail | None = None) -> None:
        """``prior``: how scores of the embedding are distributed (default: the one that ships)."""
        self._prior = prior or shipped()
        self._templates: Templates | None = None
        self._gallery = Gallery.of([], NOBODY)

    def set(self, ids: Sequence[str], matrix: NDArray[np.float32]) -> SetGallery:
        """Row *i* of ``matrix``, (n, d), is citizen ``ids[i]``'s, and there are no others. What
        cannot be compared is left out."""
        ids, matrix = comparable(ids, matrix)
        templates = Templates.shared(len(ids) + max(64, len(ids) // 10), matrix.shape[1])
        templates.write(0, matrix)
        self.close()
        self._templates = templates
        self._gallery = Gallery(templates, ids, recalibrated(self._prior, ids, matrix))
        return self._told(templates)

    def join(self, citizen_id: str, template: Embedding) -> SetGallery | Join:
        """``template``, (d,), is one more of a citizen."""
        templates, row = self._templates, len(self._gallery.owners)
        if templates is None or not row or row == templates.capacity:
            ids, matrix = self._gallery.content()
            matrix = np.vstack([matrix, template]) if ids else template[np.newaxis]
            return self.set([*ids, citizen_id], matrix)
        templates.write(row, template[np.newaxis])
        self._gallery = self._gallery.joined(citizen_id)
        return Join(citizen_id)

    def forget(self, citizen_id: str) -> Forget | None:
        """Erase a citizen's templates; ``None`` when there are none."""
        rows = [row for row, owner in enumerate(self._gallery.owners) if owner == citizen_id]
        if self._templates is None or not rows:
            return None
        for row in rows:
            self._templates.erase(row)
        self._gallery = self._gallery.without(citizen_id)
        return Forget(citizen_id)

    def lookalikes(self, template: Embedding, limit: Callable[[int], float]) -> list[str]:
        """See :meth:`~kiosk.vision.gallery.Gallery.lookalikes`."""
        return self._gallery.lookalikes(template, limit)

    def announcement(self) -> SetGallery | None:
        """What a vision process that has just started must be told."""
        return self._told(self._templates) if self._templates else None

    def close(self) -> None:
        """Remove the shared memory."""
        self._gallery = Gallery.of([], NOBODY)
        if self._templates:
            self._templates.close()
            self._templates = None

    def _told(self, templates: Templates) -> SetGallery:
        gallery = self._gallery
        return SetGallery(
            templates.name,
            templates.capacity,
            templates.dimensions,
            gallery.owners,
            gallery.tail,
        )


class AttachedGallery:
    """The end that searches it."""

    def __init__(self) -> None:
        self._templates: Templates | None = None
        self._gallery = Gallery.of([], NOBODY)

    def follow(self, command: SetGallery | Join | Forget) -> Gallery:
        """The gallery as it is after ``command``."""
        match command:
            case SetGallery():
                self._attach(command)
            case Join(citizen_id) if self._templates:
                self._gallery = self._gallery.joined(citizen_id)
            case Forget(citizen_id):
                self._gallery = self._gallery.without(citizen_id)
            case _:
                pass
        return self._gallery

    def close(self) -> None:
        """Let go of the shared memory."""
        self._gallery = Gallery.of([], NOBODY)
        if self._templates:
            self._templates.close()
            self._templates = None

    def _attach(self, command: SetGallery) -> None:
        self.close()
        try:
            templates = Templates.attached(command.name, command.capacity, command.dimensions)
        except FileNotFoundError:
            return  # it has moved since: the command that says where to is on its way
        self._templates = templates
        self._gallery = Gallery(templates, command.owners, command.tail)
