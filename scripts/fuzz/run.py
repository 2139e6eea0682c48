"""One target under atheris. Called by scripts/fuzz-card.sh, in an environment of its own.

run.py TARGET [libFuzzer's options] CORPUS
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

# Not installed beside the kiosk: there is nothing to check the name against.
with atheris.instrument_imports(  # pyright: ignore[reportAttributeAccessIssue]
    include=["kiosk.idcard", "kiosk.vision.portrait"]
):
    import targets

NAMED = {target.name: target for target in targets.TARGETS}


class Listening(logging.Handler):
    """A log line that holds the payload is a fault like any other."""

    payload = b""

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage().encode("utf-8", "replace")
        if len(self.payload) >= 8 and self.payload in said:
            raise AssertionError("the payload is in the log")


def main() -> None:
    target = NAMED[sys.argv.pop(1)]
    listening = Listening()
    logging.getLogger().addHandler(listening)
    corpus = Path(sys.argv[-1])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one(data: bytes) -> None:
        listening.payload = data
        targets.guarded(target, data)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
