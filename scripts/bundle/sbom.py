"""What is in a bundle, for people who must know: CycloneDX 1.6."""

from __future__ import annotations

import json
import tomllib
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scripts.bundle.debs import Deb
from scripts.bundle.target import Target

Component = dict[str, Any]


def render(
    version: str, built: int, target: Target, wheels: Sequence[tuple[Path, str]],
    debs: Sequence[Deb], models: Path,
) -> bytes:  # fmt: skip
    """The SBOM of a bundle; ``wheels`` come with their sha256. The same bytes each time."""
    name = "touchless-kiosk"
    components = [
        *(_wheel(path, digest) for path, digest in wheels),
        *(_deb(deb, target) for deb in debs),
        *_models(models),
    ]
    components.sort(key=lambda one: one["bom-ref"])
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{_identity(version, components)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(built, UTC).isoformat(),
            "component": {
                "type": "application", "bom-ref": name, "name": name, "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": [one["bom-ref"] for one in components]}],
    }  # fmt: skip
    return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"


def _wheel(path: Path, digest: str) -> Component:
    about = _metadata(path)
    name, version = about["Name"], about["Version"]
    purl = f"pkg:pypi/{name.lower().replace('_', '-').replace('.', '-')}@{quote(version)}"
    component = _component("library", name, version, purl, digest)
    licence = about.get("License-Expression") or ""
    if licence:
        component["licenses"] = [{"expression": licence}]
    elif classified := [each.rsplit(" :: ", 1)[-1] for each in about.get_all("Classifier") or []
                        if each.startswith("License ::")]:  # fmt: skip
        component["licenses"] = [{"license": {"name": each}} for each in sorted(set(classified))]
    return component


def _metadata(path: Path) -> Message:
    with zipfile.ZipFile(path) as wheel:
        of = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(wheel.read(of).decode("utf-8"))


def _deb(deb: Deb, target: Target) -> Component:
    purl = f"pkg:deb/debian/{quote(deb.name)}@{quote(deb.version)}?arch={target.debian}"
    return _component("library", deb.name, deb.version, purl, deb.sha256)


def _models(folder: Path) -> Iterator[Component]:
    manifest = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))
    for model in manifest["model"]:
        version = model["sha256"][:12]
        purl = f"pkg:generic/{quote(model['file'])}@{version}"
        yield _component("machine-learning-model", model["file"], version, purl, model["sha256"])


def _component(kind: str, name: str, version: str, purl: str, sha256: str) -> Component:
    return {
        "type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
    }  # fmt: skip


def _identity(version: str, components: Sequence[Component]) -> uuid.UUID:
    what = version + json.dumps(components, sort_keys=True)
    return uuid.uuid5(uuid.UUID(int=0), what)
