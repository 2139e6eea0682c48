from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.health.checks.power import judge, look
from kiosk.health.finding import Level
from tests.health.kiosks import place, put


@pytest.mark.parametrize(
    ("bits", "key", "level"),
    [
        (None, "unmeasured", Level.ABSENT),
        (0x0, "good", Level.GOOD),
        (0x1, "low", Level.BAD),
        (0x50005, "low", Level.BAD),
        (0x10000, "was_low", Level.WATCH),
        (0x50000, "was_low", Level.WATCH),
        (0x2, "slowed", Level.WATCH),
        (0x4, "slowed", Level.WATCH),
        (0x8, "good", Level.GOOD),  # the soft temperature limit is the temperature's business
        (0x60000, "good", Level.GOOD),  # was slowed, long ago
    ],
)
def test_edges(bits: int | None, key: str, level: Level) -> None:
    finding = judge(bits)
    assert (finding.key, finding.level) == (f"health.power.{key}", level)


def test_the_kernel_is_asked_first_and_the_firmware_only_on_a_pi(tmp_path: Path) -> None:
    asked: list[tuple[str, ...]] = []

    def run(*arguments: str) -> str:
        asked.append(arguments)
        return "throttled=0x50000\n"

    here = place(tmp_path, run=run)
    assert look(here) is None
    assert asked == []
    put(here, "proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.5\0")
    assert look(here) == 0x50000
    put(here, "sys/devices/platform/soc/soc:firmware/get_throttled", "1\n")
    assert look(here) == 1
    assert asked == [("vcgencmd", "get_throttled")]


@pytest.mark.parametrize("answer", [None, "", "error=1 error_msg"])
def test_a_firmware_that_does_not_say(tmp_path: Path, answer: str | None) -> None:
    here = place(tmp_path, run=lambda *_: answer)
    put(here, "proc/device-tree/model", "Raspberry Pi 5 Model B")
    assert look(here) is None
