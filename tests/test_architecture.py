"""The direction of imports that the design rests on (see ``[tool.importlinter]``)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", ROOT / "pyproject.toml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_imports_go_one_way() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("kiosk/visit/policy.py", "import kiosk.store"),
        ("kiosk/vision/percepts.py", "import kiosk.ui"),
        ("kiosk/ui/view.py", "import kiosk.printer"),
        ("kiosk/config.py", "import central"),
        ("central/cli.py", "import kiosk"),
        ("wire/events.py", "import kiosk"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, module: str, line: str) -> None:
    for package in ("kiosk", "central", "wire"):
        for source in (ROOT / package).rglob("*.py"):
            copy = tmp_path / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    culprit = tmp_path / module
    culprit.write_text(culprit.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    assert "BROKEN" in lint(tmp_path).stdout
