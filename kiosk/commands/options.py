"""What several commands share: their options, and the settings they read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk import config
from kiosk.config import Settings

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Tệp cài đặt. Settings file. "
        "[default: $KIOSK_CONFIG, /etc/kiosk/config.toml or ./config.toml]",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Cho máy đọc. For machines to read.")]
CameraSource = Annotated[
    str | None,
    typer.Option(
        help="Thay camera.source. Instead of camera.source: a webcam's number, a file, rtsp://…, "
        "picamera2, replay:SCENE.toml or none."
    ),
]


def settings_of(path: Path | None, camera: str | None = None) -> Settings:
    """What ``path`` (or the file found) says, with another camera if one is named."""
    settings = config.load(path or config.find())
    if camera is None:
        return settings
    replaced = settings.camera.model_copy(update={"source": camera})
    return settings.model_copy(update={"camera": replaced})
