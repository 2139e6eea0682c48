"""The office and the visitor of the test: a citizen points at a field and takes a ticket."""

from __future__ import annotations

import re
from pathlib import Path

import skimage

from scripts.image.roots import ROOT

_SCENES = ROOT / "kiosk/vision/scenes"
# An emulated machine is some thirty times slower than a Raspberry Pi. The scripted camera gives its
# next frame when the last was dealt with, so only what waits for the clock must wait longer.
_PATIENT = {"start_s": 1800, "stall_s": 600, "timeout_s": 60, "print_s": 600}


def site(
    folder: Path,
    *,
    key: str = "",
    changes: dict[str, str] | None = None,
    central: str = "",
    emulated: bool = False,
) -> Path:
    """Write a ``site.toml`` and all it names into ``folder``; its path.

    ``key`` is the publisher's; ``changes`` are lines of ``config.toml``, by the beginning they
    replace; ``central`` is the table of that name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changes = {"source": '"replay:scene.toml"', **(changes or {})}
    if emulated:
        changes |= {name: f"{seconds}.0" for name, seconds in _PATIENT.items()}
    settings = (ROOT / "config.toml").read_text("utf-8")
    settings = re.sub(r"(\[voice\][^\n]*\n)enabled = true", r"\1enabled = false", settings)
    for name, value in changes.items():
        settings, found = re.subn(rf"(?m)^(?:# )?{name} = [^#\n]*", f"{name} = {value} ", settings)
        if found != 1:
            raise AssertionError(f"config.toml has {found} lines {name} = …")
    (folder / "config.toml").write_text(settings, "utf-8")
    visit = (_SCENES / "first_visit.toml").read_text("utf-8").split('# "Remember me"')[0]
    # Half the frames of a real camera, without its noise: each costs seconds of emulation.
    visit = re.sub(r"duration = .*", "duration = 36000.0\nfps = 8\nnoise = 0", visit, count=1)
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
        '"astronaut.png", "virtual-printer"]\n'
        + (f'[updates]\nkey = "{key}"\n' if key else "")
        + (f"[central]\n{central}" if central else ""),
        "utf-8",
    )
    return folder / "site.toml"
