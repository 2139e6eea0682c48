"""The office and the visitor of the test: a citizen points at a field and takes a ticket."""

from __future__ import annotations

import re
from pathlib import Path

import skimage

from scripts.image.roots import ROOT

_SCENES = ROOT / "kiosk/vision/scenes"


def site(folder: Path, key: str = "") -> Path:
    """Write a ``site.toml`` and all it names into ``folder``; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = (ROOT / "config.toml").read_text("utf-8")
    settings = settings.replace('source = "auto"', 'source = "replay:scene.toml"', 1)
    settings = re.sub(r"(\[voice\][^\n]*\n)enabled = true", r"\1enabled = false", settings)
    (folder / "config.toml").write_text(settings, "utf-8")
    visit = (_SCENES / "first_visit.toml").read_text("utf-8").split('# "Remember me"')[0]
    visit = re.sub(r"duration = .*", "duration = 36000.0", visit, count=1)
    (folder / "scene.toml").write_text(
        visit.replace("portraits/astronaut.toml", "portrait.toml"), "utf-8"
    )
    portrait = (_SCENES / "portraits/astronaut.toml").read_text("utf-8")
    (folder / "portrait.toml").write_text(
        portrait.replace("skimage:astronaut", "astronaut.png"), "utf-8"
    )
    photo = Path(skimage.__file__).parent / "data/astronaut.png"
    (folder / "astronaut.png").write_bytes(photo.read_bytes())
    (folder / "virtual-printer").write_text("yes\n")
    (folder / "site.toml").write_text(
        '[device]\nhostname = "kiosk-thu-1"\n[kiosk]\nfiles = ["scene.toml", "portrait.toml", '
        '"astronaut.png", "virtual-printer"]\n' + (f'[updates]\nkey = "{key}"\n' if key else ""),
        "utf-8",
    )
    return folder / "site.toml"
