"""What can be the matter with the virtual printer, and from which moment on."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

When = Literal["now", "mid_ticket", "after_ticket"]
"""``mid_ticket``: when :data:`MID_TICKET_ROWS` rows of a ticket are on paper, at the latest before
its cut. ``after_ticket``: when a ticket is cut and the ordered question behind it, if there is
one, is answered."""

MID_TICKET_ROWS = 64


class Fault(StrEnum):
    """Each lasts until it is mended."""

    PAPER_OUT = "paper_out"
    NEAR_END = "near_end"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    SILENT = "silent"
    """Prints, but never answers."""
    GARBAGE = "garbage"
    """Prints, but answers nonsense."""
    SLOW = "slow"
    """Prints some five centimetres a second, a quarter of what is usual."""
    HANG_UP = "hang_up"
    """Closes every connection as soon as something arrives; what it had not printed is lost."""
    POWER_CYCLE = "power_cycle"
    """Off: nobody can connect, what it had not printed is lost. Mended: on again."""
    DIE_MID_TICKET = "die_mid_ticket"
    """Takes nothing, answers nothing, prints nothing. Mended by switching it off and on."""


STOPPING = frozenset(
    {
        Fault.PAPER_OUT,
        Fault.COVER_OPEN,
        Fault.OFFLINE,
        Fault.POWER_CYCLE,
        Fault.DIE_MID_TICKET,
    }
)
"""Nothing is printed while one of them lasts."""


class Faults:
    """The faults there are and the faults to come. Not thread-safe."""

    def __init__(self) -> None:
        self.present: frozenset[Fault] = frozenset()
        self.to_come: dict[Fault, When] = {}

    def order(self, fault: Fault, when: When) -> None:
        """Let ``fault`` come at ``when``, not ``now``."""
        self.to_come[fault] = when

    def mend(self, fault: Fault) -> bool:
        """Undo ``fault``, be it present or still to come; true when it was present."""
        self.to_come.pop(fault, None)
        was_present = fault in self.present
        self.present -= {fault}
        return was_present

    def due(self, moment: When) -> list[Fault]:
        """The faults that come at ``moment``, which is now."""
        return [fault for fault, when in self.to_come.items() if when == moment]

    def begin(self, fault: Fault) -> None:
        """``fault`` is present from now on."""
        self.to_come.pop(fault, None)
        self.present |= {fault}
