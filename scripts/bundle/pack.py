"""Writing the bundle: the same files give the same bytes, whoever packs them and when."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kiosk.provision.bundle import MANIFEST, SIGNATURE, Manifest, Member

Sign = Callable[[bytes], bytes]
Content = Path | bytes


def tree(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Every file below ``folder``, links followed, as ``prefix/…``."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{prefix}/{path.relative_to(folder).as_posix()}", path


def member(path: str, content: Content) -> Member:
    """What the manifest says of one file."""
    if isinstance(content, bytes):
        return Member(path, len(content), hashlib.sha256(content).hexdigest(), 0o644)
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    runs = content.stat().st_mode & 0o100
    return Member(path, content.stat().st_size, digest, 0o755 if runs else 0o644)


def write(
    output: Path, manifest: Manifest, contents: Mapping[str, Content], sign: Sign | None
) -> None:
    """Write ``output``: the manifest first, its signature, then every file in order of name."""
    raw = manifest.render()
    aside = output.with_name(output.name + ".part")
    with tarfile.open(aside, "w:", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, MANIFEST, raw, 0o644, manifest.built)
        if sign:
            _add(tar, SIGNATURE, sign(raw), 0o644, manifest.built)
        for path, one in sorted(manifest.members.items()):
            _add(tar, path, contents[path], one.mode, manifest.built)
    aside.replace(output)


def _add(tar: tarfile.TarFile, path: str, content: Content, mode: int, built: int) -> None:
    entry = tarfile.TarInfo(path)
    entry.mode, entry.mtime = mode, built
    if isinstance(content, bytes):
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
        return
    entry.size = content.stat().st_size
    with content.open("rb") as file:
        tar.addfile(entry, file)
