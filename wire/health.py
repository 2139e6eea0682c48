"""How a device is, as it found itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wire.model import Model

HealthLevel = Literal["absent", "good", "unknown", "watch", "bad"]
"""From nothing to see to, to see to it now."""
Sentence = Annotated[str, Field(max_length=400)]


class Told(Model):
    """A sentence in both languages; empty: there is nothing to say."""

    vi: Sentence = ""
    en: Sentence = ""


class CheckedPart(Model):
    """One condition. It carries its sentences: central need not know what a newer kiosk checks.
    Nothing in it is about people."""

    check: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    concern: Literal["software", "hardware", "surroundings"]
    level: HealthLevel
    name: Told
    what: Told
    do: Told = Told()
    figures: dict[str, str | int | float] = Field(
        default_factory=dict[str, str | int | float], max_length=16
    )


class DeviceExamined(Model):
    """A kiosk examined itself. Only the newest counts: a kiosk that could not send for a while
    sends the last one."""

    kind: Literal["device_examined"] = "device_examined"
    release: str = Field(max_length=32, description="what the device runs")
    worst: HealthLevel
    checks: tuple[CheckedPart, ...] = Field(max_length=64)
