"""A short seeded sample of what scripts/fuzz-card.sh goes on with: whatever a card, a code or a
scanner says, it is understood or refused with the one documented error, at once and in silence."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "fuzz"))

from targets import (  # pyright: ignore[reportMissingImports]
    TARGETS,
    Target,
    guarded,
)

INPUTS = 150
LONGEST_S = 0.05
"""CPU seconds for one input, as long as no chip is spoken with: curves take their time."""
TALKING = ("apdu", "apdu-distorted")


def mutated(data: bytes, random: Random) -> bytes:
    """``data`` with a few bytes changed, cut, doubled or put in."""
    made = bytearray(data)
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(made) + 1)
        match random.randrange(5):
            case 0 if made:
                made[at % len(made)] = random.randrange(256)
            case 1:
                del made[at : at + random.randint(1, 40)]
            case 2:
                made[at:at] = random.randbytes(random.randint(1, 8))
            case 3:
                made[at:at] = made[at : at + random.randint(1, 200)]
            case _:
                made[at:at] = random.choice([b"|", b"\0", b"<", b"\n", "ữ".encode(), b"\xff\x81"])
    return bytes(made[:4096])


def spent(target: Target, data: bytes) -> float:
    """CPU seconds; what takes long takes long again."""
    taken = LONGEST_S
    for _ in range(3):
        began = time.thread_time()
        guarded(target, data)
        taken = time.thread_time() - began
        if taken < LONGEST_S:
            break
    return taken


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_but_the_documented_error(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    random, slowest = Random(target.name), 0.0
    guarded(target, target.seeds[0])  # what is loaded at first use is no hang
    for number in range(INPUTS if target.name not in TALKING else INPUTS // 5):
        data = mutated(target.seeds[number % len(target.seeds)], random)
        slowest = max(slowest, spent(target, data))
    assert caplog.text == ""
    if target.name not in TALKING:
        assert slowest < LONGEST_S


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@given(data=st.binary(max_size=300))
def test_any_bytes(target: Target, data: bytes) -> None:
    guarded(target, data)
