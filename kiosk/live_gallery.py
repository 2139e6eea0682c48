"""Keeps whom the kiosk recognises as the database says, whoever changes it while it runs."""

from __future__ import annotations

from kiosk.parts import Eyes
from kiosk.store.citizens import Citizens

_ONE_BY_ONE = 32
"""More changes at once are cheaper to make by showing the whole gallery anew: at 10,000 enrolled
that takes as long as some 40 single ones."""


class LiveGallery:
    """What vision compares faces with. Nobody, before it is known with which embedding and who
    was erased since the database was copied."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._model: str | None = None
        self._replayed = False
        self._cursor: int | None = None

    def use(self, model: str) -> None:
        """Compare templates of ``model`` from the next :meth:`follow` on, all of them anew."""
        self._model, self._cursor = model, None

    def follow(self, citizens: Citizens) -> None:
        """Make every change since the last call: enrolled here or at another kiosk, erased by
        anybody, expired. Raises :class:`~kiosk.errors.StoreError`; what was not done is done
        next time."""
        if not self._replayed:
            citizens.replay_tombstones()
            self._replayed = True
        if self._model is None:
            return
        if self._cursor is None:
            self._show_all(citizens, self._model)
            return
        found = citizens.gallery_changes(self._model, self._cursor)
        if len(found.changes) > _ONE_BY_ONE:
            self._show_all(citizens, self._model)
            return
        for citizen, template in found.changes:
            if template is None:
                self._eyes.forget(citizen)
            else:
                self._eyes.enrol(citizen, template)
        self._cursor = found.cursor

    def _show_all(self, citizens: Citizens, model: str) -> None:
        cursor = citizens.gallery_cursor()
        self._eyes.set_gallery(*citizens.gallery(model))
        self._cursor = cursor
