"""Every check, in the order they are told: what citizens notice first on top."""

from __future__ import annotations

from typing import Any

from kiosk.health.check import Check
from kiosk.health.checks import (
    camera,
    certificate,
    clock,
    database,
    focus,
    gallery,
    identity,
    light,
    memory,
    models,
    network,
    paper,
    power,
    printer,
    records,
    server,
    space,
    temperature,
    version,
    wear,
)

CHECKS: tuple[Check[Any], ...] = (
    camera.CHECK,
    focus.CHECK,
    light.CHECK,
    printer.CHECK,
    paper.CHECK,
    database.CHECK,
    clock.CHECK,
    models.CHECK,
    gallery.CHECK,
    space.CHECK,
    wear.CHECK,
    memory.CHECK,
    temperature.CHECK,
    power.CHECK,
    network.CHECK,
    server.CHECK,
    certificate.CHECK,
    identity.CHECK,
    records.CHECK,
    version.CHECK,
)
