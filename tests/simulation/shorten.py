"""A failing history made short: what is left is what it takes to fail."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.office import Act


def shortened(acts: list[Act], fails: Callable[[list[Act]], bool]) -> list[Act]:
    """A part of ``acts`` that still ``fails``, from which no single act can be left out.

    Leaves out halves, then quarters, and so on (Zeller & Hildebrandt, "Simplifying and isolating
    failure-inducing input", IEEE TSE 28, 2002, without their complements).
    """
    size = max(1, len(acts) // 2)
    while True:
        at = 0
        while at < len(acts):
            fewer = acts[:at] + acts[at + size :]
            if fails(fewer):
                acts = fewer
            else:
                at += size
        if size == 1:
            return acts
        size //= 2
