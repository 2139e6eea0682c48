"""A kiosk to examine: settings in a folder, a machine made of files, parts as they are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.config import Settings
from kiosk.health.parts import Parts
from kiosk.health.place import Place
from kiosk.vision.percepts import View

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
OFFICE = {"name": {"vi": "Phường Mẫu"}, "unit": {"vi": "Một cửa"}}
FIELD = {"id": "a", "prefix": "A", "name": {"vi": "A"}, "examples": {"vi": "a"}}


def settings(folder: Path, **tables: dict[str, Any]) -> Settings:
    store = {"path": folder / "kiosk.db", "key_file": folder / "kiosk.key"}
    health = {"parts_file": folder / "parts.json"}
    known = {"office": OFFICE, "fields": [FIELD], "store": store, "health": health}
    return Settings.model_validate(known | tables)


def parts(**changed: Any) -> Parts:
    well = Parts(
        at=NOW, camera="working", frames_per_s=15.0, view=View(120.0, 0.01, 1.0), printer="ok"
    )
    return well.model_copy(update=changed)


def place(folder: Path, told: Parts | None = None, **more: Any) -> Place:
    """``more``: tables of the settings, and ``run``."""
    run = more.pop("run", lambda *_: None)
    machine = folder / "machine"
    machine.mkdir(exist_ok=True)
    return Place(
        settings(folder, **more), folder, told or parts(), machine, now=lambda: NOW, run=run
    )


def put(here: Place, path: str, content: str) -> Path:
    """A file of the machine."""
    file = here.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="ascii")
    return file
