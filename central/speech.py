"""A voice for the hall: espeak-ng, where it is installed."""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from functools import lru_cache

from central.services.spoken import Tongue

_log = logging.getLogger(__name__)
_VOICES: dict[Tongue, tuple[str, ...]] = {
    # Slower than espeak-ng's 175 words a minute: a hall echoes.
    "vi": ("-v", "vi", "-s", "135", "-g", "4"),
    "en": ("-v", "en-gb", "-s", "140", "-g", "3"),
}
_PATIENCE_S = 10
_ONE_AT_A_TIME = threading.Lock()


def speech(sentence: str, tongue: Tongue) -> bytes | None:
    """``sentence`` as a WAV file; None when there is no voice here."""
    with _ONE_AT_A_TIME:
        return _spoken(sentence, tongue)


@lru_cache(maxsize=256)
def _spoken(sentence: str, tongue: Tongue) -> bytes | None:
    program = shutil.which("espeak-ng")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *_VOICES[tongue], "--stdout", "--stdin"],
            input=sentence.encode(),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("espeak-ng cannot speak: %s", error)
        return None
    return _sized(done.stdout)


def _sized(wav: bytes) -> bytes:
    """espeak-ng writes to a pipe before it knows how long it will be; browsers want the length
    (RIFF: bytes after the eighth, and after the forty-fourth)."""
    if wav[:4] != b"RIFF" or wav[36:40] != b"data":
        return wav
    riff, data = (len(wav) - 8).to_bytes(4, "little"), (len(wav) - 44).to_bytes(4, "little")
    return wav[:4] + riff + wav[8:40] + data + wav[44:]
