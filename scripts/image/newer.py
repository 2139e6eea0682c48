"""A newer release: the same again under another version, with some files changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.provision.bundle import Bundle
from scripts.bundle import pack

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""The test's publisher."""
PUBLIC = KEY.public_key().public_bytes_raw().hex()


def bundle(
    old: Path, path: Path, version: str, *, hours: int = 1, changed: Mapping[str, bytes] = {}
) -> Path:
    """Write ``path``: ``old``, built ``hours`` later and signed."""
    folder = path.with_suffix(".files")
    shutil.rmtree(folder, ignore_errors=True)
    with Bundle.open(old) as opened:
        contents: dict[str, pack.Content] = {}
        for prefix in {name.split("/")[0] for name in opened.manifest.members if "/" in name}:
            for file in opened.extract(prefix, folder / prefix):
                contents[f"{prefix}/{file.relative_to(folder / prefix).as_posix()}"] = file
        members = {name: opened.manifest.members[name] for name in contents}
        for name, content in changed.items():
            contents[name] = content
            members[name] = replace(pack.member(name, content), mode=members[name].mode)
        manifest = replace(
            opened.manifest,
            built=opened.manifest.built + 3600 * hours, version=version, members=members,
        )  # fmt: skip
    pack.write(path, manifest, contents, KEY.sign)
    shutil.rmtree(folder)
    return path
