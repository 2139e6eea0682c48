"""What the office decided about a visit: times, matching, fields. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.locale import Language
from kiosk.visit.events import Candidate

TILES = 6
"""At most six tiles a page: more are neither read nor hit (measured by touchless peers)."""

PURPOSES = ("keep_identity", "recognise")
"""One consent question each: keep the card's data; recognise the face next time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Times are seconds."""

    fields: tuple[str, ...]
    language: Language = "vi"
    recognise: bool = True
    threshold: float = 0.611
    margin: float = 0.05
    leave_s: float = 2.5
    confirm_s: float = 1.5
    idle_s: float = 25.0
    print_s: float = 20.0
    ticket_s: float = 8.0
    card_s: float = 30.0
    enrol_s: float = 8.0
    thanks_s: float = 4.0

    def greets(self, candidate: Candidate | None) -> bool:
        """Whether a candidate is sure enough to be greeted by a masked name.

        Below the threshold, or with a second person close behind, the kiosk stays silent:
        a wrong greeting costs more than a missed one.
        """
        return (
            self.recognise
            and candidate is not None
            and candidate.score >= self.threshold
            and candidate.margin >= self.margin
        )

    def page(self, number: int) -> tuple[str, ...]:
        """The fields on page ``number``; pages wrap around."""
        if len(self.fields) <= TILES:
            return self.fields
        size = TILES - 1
        start = number % self.pages * size
        return self.fields[start : start + size]

    @property
    def pages(self) -> int:
        """How many pages of tiles there are."""
        if len(self.fields) <= TILES:
            return 1
        return -(-len(self.fields) // (TILES - 1))
