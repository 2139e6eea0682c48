"""``scripts/bundle.sh``: see ``--help``."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

import kiosk
from kiosk.provision.bundle import Manifest
from scripts.bundle import debs, pack, sbom, wheels
from scripts.bundle.target import PYTHON, TARGETS, Target

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CACHE = ROOT / ".cache/bundle"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a bundle, a lock file or a key; 0 when it went well."""
    given = _parser().parse_args(arguments)
    target = TARGETS[given.arch]
    if given.new_key:
        return _new_key(given.new_key)
    if given.lock:
        return _lock(target)
    built = _newest_change()
    version = f"{kiosk.__version__}+{_stamp(built)}"
    output = given.output or ROOT / f"out/kiosk-{version}-{target.debian}.bundle"
    try:
        _make(target, output, version, built, given.sign)
    except debs.LockOutdated as error:
        _say(f"bundle.sh: kho Debian không còn đúng bản đã khoá ({error}): chạy lại với --lock")
        _say(f"bundle.sh: the archive no longer holds what is locked ({error}): run --lock")
        return 1
    with output.open("rb") as file:
        print(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {output}")
    return 0


def _make(target: Target, output: Path, version: str, built: int, key: Path | None) -> None:
    _say(f"1/4 wheels ({target.machine}, Python {PYTHON}) …")
    files = wheels.fetch(target, CACHE / f"wheels-{target.debian}")
    files.append(wheels.build(CACHE / "own", built))
    _say("2/4 Debian packages …")
    lock = HERE / f"debs-{target.debian}.lock"
    locked = debs.read_lock(lock)
    fetched = debs.Archive(target, CACHE / f"apt-{target.debian}").fetch(
        locked, CACHE / f"debs-{target.debian}"
    )
    _say("3/4 SBOM …")
    contents: dict[str, pack.Content] = {
        **dict(pack.tree(ROOT / "systemd/root", "root")),
        **dict(pack.tree(ROOT / "systemd/provision", "provision")),
        **dict(pack.tree(ROOT / "systemd/units", "units")),
        **dict(pack.tree(ROOT / "systemd/bin", "bin")),
        **{f"provision/{path.relative_to(ROOT)}": path for path in _provision_files()},
        **{f"wheels/{path.name}": path for path in files},
        **{f"debs/{path.name}": path for path in fetched},
        "debs/Packages": _index(fetched),
        "debs/wanted.txt": "\n".join(_wanted()).encode() + b"\n",
    }
    members = {path: pack.member(path, content) for path, content in contents.items()}
    digests = [(path, members[f"wheels/{path.name}"].sha256) for path in files]
    contents["sbom.cdx.json"] = sbom.render(
        version, built, target, digests, locked, ROOT / "models"
    )
    members["sbom.cdx.json"] = pack.member("sbom.cdx.json", contents["sbom.cdx.json"])
    system = hashlib.sha256(lock.read_bytes()).hexdigest()
    manifest = Manifest(version, built, target.debian, PYTHON, system, _schema(), members)
    _say("4/4 packing …")
    output.parent.mkdir(parents=True, exist_ok=True)
    pack.write(output, manifest, contents, _signer(key) if key else None)
    _say(f"{len(members)} files, {output.stat().st_size / 1e6:.0f} MB")


def _provision_files() -> list[Path]:
    package = ROOT / "kiosk"
    return [
        package / "__init__.py",
        package / "errors.py",
        *sorted((package / "provision").glob("*.py")),
        *sorted((package / "locale").rglob("*.py")),
        *sorted((package / "locale").rglob("*.toml")),
    ]


def _index(files: Sequence[Path]) -> bytes:
    """apt's list of the packages: their own control fields, and where they lie."""
    entries: list[str] = []
    for path in files:
        control = subprocess.run(
            ["dpkg-deb", "--field", str(path)], check=True, capture_output=True, text=True
        ).stdout
        of = pack.member(path.name, path)
        entries.append(
            f"{control.rstrip()}\nFilename: ./{path.name}\nSize: {of.bytes}\nSHA256: {of.sha256}\n"
        )
    return "\n".join(entries).encode()


def _lock(target: Target) -> int:
    archive = debs.Archive(target, CACHE / f"apt-{target.debian}")
    archive.update()
    found = archive.resolve(_wanted())
    lock = HERE / f"debs-{target.debian}.lock"
    lock.write_text("".join(deb.line() for deb in found), encoding="utf-8")
    _say(f"{lock}: {len(found)} packages, {sum(deb.bytes for deb in found) / 1e6:.0f} MB")
    return 0


def _wanted() -> list[str]:
    lines = (HERE / "packages.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _new_key(path: Path) -> int:
    key = Ed25519PrivateKey.generate()
    with path.open("xb") as file:
        path.chmod(0o600)
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    _say(f"{path}: khoá riêng, giữ ngoài mạng. The private key: keep it off the network.")
    print(public)
    return 0


def _signer(path: Path) -> pack.Sign:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        sys.exit(f"bundle.sh: {path} is no Ed25519 key (make one with --new-key)")
    return key.sign


def _schema() -> int:
    steps = sorted((ROOT / "kiosk/store/migrations").glob("[0-9]*.sql"))
    return int(steps[-1].name[:4])


def _newest_change() -> int:
    """When the newest commit was made: what a release is dated by, not by who builds it."""
    said = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return int(said.stdout)


def _stamp(built: int) -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short=8", "HEAD"],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return f"{built}.{said.stdout.strip()}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bundle.sh",
        description="Đóng gói mọi thứ một kiosk cần vào một tệp, cài được khi không có mạng. "
        "Make one file with everything a kiosk needs, to be installed without a network: locked "
        "wheels, Debian packages, models, units, a manifest and an SBOM. The same sources give "
        "the same file.",
    )
    parser.add_argument(
        "--arch",
        choices=sorted(TARGETS),
        default="arm64",
        help="máy nào: for which machines [arm64: Raspberry Pi]",
    )
    parser.add_argument("--output", "-o", type=Path, help="tệp: the file [out/kiosk-….bundle]")
    parser.add_argument(
        "--sign",
        type=Path,
        metavar="KEY.pem",
        help="ký bằng khoá này: sign with this key; updates need it",
    )
    parser.add_argument(
        "--new-key",
        type=Path,
        metavar="KEY.pem",
        help="tạo khoá: make a key, print its public half for site.toml",
    )
    parser.add_argument(
        "--lock",
        action="store_true",
        help="chọn lại các gói Debian: resolve the Debian packages anew",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
