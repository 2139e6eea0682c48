"""Writes the contract between kiosk and central into docs/api, or with --check says what differs.

.venv/bin/python scripts/publish_api.py [--check]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from central.app import create_app
from central.settings import Settings
from wire import (
    Ack,
    Batch,
    Changes,
    Denied,
    DeviceEnrolled,
    EnrolDevice,
    OfficeSettings,
    Releases,
)

FOLDER = Path(__file__).parents[1] / "docs" / "api"
MODELS = (EnrolDevice, DeviceEnrolled, Denied, Batch, Ack, Changes, OfficeSettings, Releases)


def published() -> dict[Path, str]:
    """Every file and what it should say."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database=f"sqlite:///{folder}/central.db"))
        document = app.openapi()
        app.state.server.database.close()
    files = {FOLDER / "openapi.json": _text(document)}
    for model in MODELS:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        schema |= model.model_json_schema()
        files[FOLDER / "schemas" / f"{model.__name__}.json"] = _text(schema)
    return files


def differing() -> list[Path]:
    """Files that are missing or say something else."""
    return [
        path
        for path, text in published().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    if sys.argv[1:] == ["--check"]:
        wrong = differing()
        for path in wrong:
            print(f"{path} is not what the code says: run scripts/publish_api.py")
        return 1 if wrong else 0
    for path, text in published().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())
