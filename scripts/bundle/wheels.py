"""The wheels: what ``uv.lock`` says, for a machine that is not this one, and our own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from scripts.bundle.target import PYTHON, Target

ROOT = Path(__file__).parent.parent.parent
_UV = ROOT / ".cache/uv/bin/uv"
_PIP = ROOT / ".cache/uv/bin/python"


def fetch(target: Target, into: Path) -> list[Path]:
    """Download the locked wheels for ``target`` into ``into``; their files, in order of name.

    Every file is held against the hashes in ``uv.lock``. Raises
    :class:`subprocess.CalledProcessError` when one cannot be had.
    """
    into.mkdir(parents=True, exist_ok=True)
    locked = list(_locked(target))
    names = {_normal(Requirement(line.partition(" --hash=")[0]).name) for line in locked}
    fetched = into / "fetched.txt"
    if not fetched.exists() or fetched.read_text("utf-8") != "".join(locked):
        _download(target, into, locked)
        fetched.write_text("".join(locked), encoding="utf-8")
    return sorted(file for file in into.glob("*.whl") if _normal(_project(file)) in names)


def _download(target: Target, into: Path, locked: list[str]) -> None:
    for old in into.glob("*.whl"):
        old.unlink()  # another version must not travel beside the locked one
    wanted = into / "requirements.txt"
    wanted.write_text("".join(locked), encoding="utf-8")
    platforms = [part for tag in target.platforms for part in ("--platform", tag)]
    command = [
        str(_PIP), "-m", "pip", "download", "-qq", "--disable-pip-version-check",
        "--no-deps", "--only-binary=:all:", "--require-hashes", "--ignore-requires-python",
        "--python-version", PYTHON, "--implementation", "cp", *platforms,
        "--dest", str(into), "--requirement", str(wanted),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=sys.stderr)


def build(into: Path, epoch: int) -> Path:
    """Our own wheel, with the models; the same bytes from the same files."""
    for old in into.glob("touchless_kiosk-*.whl"):
        old.unlink()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    command = [str(_UV), "build", "--quiet", "--wheel", "--out-dir", str(into), str(ROOT)]
    subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
    return next(into.glob("touchless_kiosk-*.whl"))


def _locked(target: Target) -> Iterator[str]:
    """``name==version --hash=…`` for each package that ``target`` needs."""
    command = [
        str(_UV), "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project",
        "--extra", "pi", "--no-annotate", "--no-header", "--format", "requirements-txt",
    ]  # fmt: skip
    exported = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    for entry in exported.replace("\\\n", " ").splitlines():
        requirement, _, hashes = entry.partition(" --hash=")
        parsed = Requirement(requirement)
        if parsed.marker is None or parsed.marker.evaluate(dict(target.markers)):
            # pip would judge the marker by the Python that runs it.
            yield f"{parsed.name}{parsed.specifier} --hash={hashes}\n"


def _project(wheel: Path) -> str:
    return wheel.name.split("-")[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
