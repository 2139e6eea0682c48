"""The kiosk's own window on a real X server, used in every way there is, to the printed ticket."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .at_the_window import SIZE

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[2]
START = "import sys; from tests.e2e.at_the_window import main; main(sys.argv[1], sys.argv[2])"
"""Not ``-m``: a vision process would import the whole of this suite before it looks."""
PATH = ["choose", "confirm", "print", "ticket"]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server without a screen."""
    server = shutil.which("Xvfb")
    assert server is not None, "scripts/setup.sh installs Xvfb"
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    reader, writer = os.pipe()
    command = [server, "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"]
    command.append("-r")  # a key whose release comes late, on a busy machine, is not repeated
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as running:
        os.close(writer)
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        yield f":{number}"
        running.terminate()


@pytest.mark.parametrize("way", ["mouse", "touch", "keypad", "tab", "hand"])
def test_every_way_ends_in_a_printed_ticket(way: str, display: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_QUICK_BACKEND": "software",
    }
    command = [sys.executable, "-c", START, way, str(tmp_path)]
    run = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=400
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    assert seen["platform"] == "xcb"
    assert seen["phases"] == PATH
    assert seen["way"] == {"mouse": "touch", "tab": "keypad"}.get(way, way)
    assert (seen["number"], seen["paper"]) == ("C001", ["ticket-0001.png"])
