"""What the office decided about a visit: times, matching, fields. Values only."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk.locale import Language
from kiosk.visit.events import Candidate, Match

TILES = 6
"""At most six tiles a page: more are neither read nor hit (measured by touchless peers)."""

PURPOSES = ("keep_identity", "recognise")
"""One consent question each: keep the card's data; recognise the face next time."""

CHILD_AGE, ASSENT_AGE, ADULT_AGE = 16, 7, 18
"""Years. Below the first a representative consents (Law on Children 102/2016/QH13, article 1; Law
91/2025/QH15 on personal data), from the second the child is asked too; who represents a child is
an adult (Civil Code, article 20)."""

_CLEARLY = 100
"""A face is recognised clearly when it is so many times less likely a stranger's than the policy
asks: with one wrong greeting in 1,000 visits, one in 100,000."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Times are seconds."""

    fields: tuple[str, ...]
    priorities: tuple[str, ...] = ()
    """Classes of people the office serves first."""
    language: Language = "vi"
    recognise: bool = True
    wrong_greeting_visits: int = 1000
    leave_s: float = 2.5
    confirm_s: float = 1.5
    idle_s: float = 25.0
    print_s: float = 20.0
    ticket_s: float = 8.0
    photograph_s: float = 25.0
    card_s: float = 30.0
    enrol_s: float = 8.0
    thanks_s: float = 4.0
    chip: bool = False
    """There is a reader of chips."""

    def greets(self, candidate: Candidate | None) -> bool:
        """Whether a candidate is sure enough to be greeted by a masked name.

        When chance would do, or when a second citizen could be greeted as well, the kiosk stays
        silent: a wrong greeting costs more than a missed one.
        """
        if not self.recognise or candidate is None:
            return False
        limit = self.false_match_limit(candidate.enrolled)
        return candidate.false_match_probability <= limit < candidate.rival_probability

    def match(self, candidate: Candidate) -> Match:
        """How surely a candidate who is greeted was recognised by face."""
        limit = self.false_match_limit(candidate.enrolled)
        clear = candidate.false_match_probability * _CLEARLY <= limit
        return "face_clear" if clear else "face_enough"

    def false_match_limit(self, enrolled: int) -> float:
        """The false-match probability *p* of one comparison at which a stranger is taken for
        one of so many enrolled in one of ``wrong_greeting_visits`` visits:
        1 − (1 − p)^enrolled = 1 / visits (ISO/IEC 19795-1, false-positive identification)."""
        return -math.expm1(math.log1p(-1 / self.wrong_greeting_visits) / max(enrolled, 1))

    def next_priority(self, priority: str) -> str:
        """The class after ``priority``; none comes before the first and after the last."""
        classes = ("", *self.priorities)
        return classes[(classes.index(priority) + 1) % len(classes)]

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
