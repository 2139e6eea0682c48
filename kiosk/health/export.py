"""The log and the last examination in one file, for whoever maintains the software.

The log holds ids and no personal data by rule; what leaves the building is looked over once more,
because a rule can be broken by a library.
"""

from __future__ import annotations

import json
import re
import zipfile
from datetime import datetime
from pathlib import Path

from kiosk.config import Settings
from kiosk.health.doctor import Examination
from kiosk.health.place import Place

_DAYS = "14"
_UNITS = "kiosk*"
_CUT = (
    (re.compile(r"(?<![0-9A-Fa-f-])\d{9,12}(?![0-9A-Fa-f-])"), "[number]"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), "[token]"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "[key]"),
    (re.compile(r"//[^/\s:@]+:[^/\s@]+@"), "//[user]@"),
    (re.compile(r"(?<![\w\]])[\w.+-]+@[\w-]+\.[\w.]+"), "[address]"),
    (re.compile(r"\b[\w./-]*[Bb]earer\s+\S+"), "[token]"),
    # Two words or more in capitals with a Vietnamese letter among them: a name as cards write it.
    (re.compile(r"\b[A-ZÀ-Ỹ]{2,}(?: [A-ZÀ-Ỹ]{1,})+\b(?<=[A-ZÀ-Ỹ])"), "[name]"),
)
"""Identity numbers and telephone numbers, signatures, keys, mail addresses, passwords, names."""


def cut(line: str) -> str:
    """``line`` without what may be personal or secret."""
    for pattern, word in _CUT:
        line = pattern.sub(word, line)
    return line


def export(folder: Path, place: Place, examination: Examination) -> Path:
    """Write ``kiosk-<name>-<date>.zip`` into ``folder``. Raises :class:`OSError`."""
    moment = place.now()
    path = folder / f"kiosk-{place.settings.office.kiosk}-{moment:%Y%m%d-%H%M%S}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doctor.json", _json(examination.plain()))
        archive.writestr("settings.json", _json(_settings(place.settings)))
        archive.writestr("log.txt", "\n".join(map(cut, _log(place, moment))))
    return path


def _log(place: Place, moment: datetime) -> list[str]:
    told = place.run(
        "journalctl",
        "--no-pager",
        "--output=short-iso",
        f"--unit={_UNITS}",
        f"--since=-{_DAYS}days",
    )
    return (told or f"{moment.isoformat()}: this machine keeps no journal").splitlines()


def _settings(settings: Settings) -> dict[str, object]:
    plain = settings.model_dump(mode="json")
    plain["office"].pop("contact", None)
    return plain


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
