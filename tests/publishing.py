"""A publisher who packs and signs small releases."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.provision.bundle import Manifest
from scripts.bundle import pack

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
SYSTEM = "0" * 64


def bundle(
    path: Path,
    version: str = "2.0",
    built: int = 200,
    arch: str = "arm64",
    system: str = SYSTEM,
    *,
    key: Ed25519PrivateKey | None = KEY,
    filling: bytes = bytes(range(256)) * 400,
) -> Path:
    """A bundle of some 100 kB; without a ``key`` nobody signed it."""
    contents: dict[str, pack.Content] = {"units/kiosk.service": b"[Unit]\n", "wheels/x": filling}
    members = {name: pack.member(name, content) for name, content in contents.items()}
    manifest = Manifest(version, built, arch, "3.13", system, 6, members)
    pack.write(path, manifest, contents, key.sign if key else None)
    return path
