"""The bundle's file: the same bytes each time, and nothing of it is believed."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ProvisionError
from kiosk.provision.bundle import Bundle, Manifest
from scripts.bundle import pack, sbom
from scripts.bundle.debs import read_lock
from scripts.bundle.target import TARGETS

ROOT = Path(__file__).parent.parent.parent
FILES: dict[str, pack.Content] = {"units/a": b"a" * 3000, "units/b/c": b"", "debs/x": b"x"}


def manifest(contents: dict[str, pack.Content]) -> Manifest:
    members = {path: pack.member(path, content) for path, content in contents.items()}
    return Manifest("1.0", 1000, "arm64", "3.13", "0" * 64, 6, members)


def make(path: Path, contents: dict[str, pack.Content] | None = None) -> Path:
    contents = FILES if contents is None else contents
    pack.write(path, manifest(contents), contents, None)
    return path


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    backwards = dict(reversed(FILES.items()))
    one = make(tmp_path / "one").read_bytes()
    assert make(tmp_path / "two", backwards).read_bytes() == one


def test_extracts_what_is_below_a_prefix(tmp_path: Path) -> None:
    with Bundle.open(make(tmp_path / "x")) as bundle:
        bundle.verify()
        written = bundle.extract("units", tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in written] == ["a", "b/c"]
    assert (tmp_path / "out/a").read_bytes() == b"a" * 3000


def test_found_where_it_begins_in_a_partition(tmp_path: Path) -> None:
    raw = make(tmp_path / "x").read_bytes()
    (tmp_path / "card").write_bytes(b"\xff" * 4096 + raw + b"\xff" * 99_999)
    with Bundle.open(tmp_path / "card", 4096) as bundle:
        bundle.verify()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../../etc/passwd", tarfile.REGTYPE), ("units/a", tarfile.SYMTYPE), ("new", tarfile.REGTYPE)],
)
def test_what_the_manifest_does_not_name_is_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    path = make(tmp_path / "x", {})
    with tarfile.open(path, "a") as tar:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, "/etc/passwd"
        tar.addfile(entry, io.BytesIO())
    with pytest.raises(ProvisionError) as refused, Bundle.open(path) as bundle:
        bundle.verify()
    assert refused.value.key == "bundle_stranger"


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", "", "a//b", "./a"])
def test_no_path_leaves_the_folder(path: str) -> None:
    raw = json.loads(manifest({}).render())
    raw["files"] = {path: {"bytes": 0, "mode": "644", "sha256": "0" * 64}}
    with pytest.raises(ProvisionError) as refused:
        Manifest.parse(json.dumps(raw).encode())
    assert refused.value.key == "bundle_manifest"


@given(st.binary(max_size=300))
def test_no_manifest_makes_more_than_an_error(raw: bytes) -> None:
    with pytest.raises(ProvisionError):
        Manifest.parse(raw)


@given(st.data())
def test_a_flipped_byte_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = make(tmp_path_factory.mktemp("flip") / "x")
    raw = bytearray(path.read_bytes())
    # Of the content: the padding of tar and its times mean nothing.
    start = raw.index(b"a" * 3000)
    at = data.draw(st.integers(start, start + 2999))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(raw)
    with pytest.raises(ProvisionError), Bundle.open(path) as bundle:
        bundle.verify()


@pytest.mark.parametrize("arch", sorted(TARGETS))
def test_the_locked_packages(arch: str) -> None:
    locked = read_lock(ROOT / f"scripts/bundle/debs-{arch}.lock")
    wanted = (ROOT / "scripts/bundle/packages.txt").read_text("utf-8").splitlines()
    names = {deb.name for deb in locked}
    missing = {name for name in wanted if name and name[0] != "#"} - names
    assert not missing - {"libdbus-1-3", "libglib2.0-0t64"}, "run scripts/bundle.sh --lock"
    assert all(deb.path.startswith("pool/") and len(deb.sha256) == 64 for deb in locked)


def test_an_sbom(tmp_path: Path) -> None:
    wheel = tmp_path / "Some_Thing-1.2-py3-none-any.whl"
    import zipfile

    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("x.dist-info/METADATA", "Name: Some_Thing\nVersion: 1.2\n"
                      "License-Expression: MIT\n\ntext")  # fmt: skip
    debs = read_lock(ROOT / "scripts/bundle/debs-arm64.lock")
    arguments = ("1.0", 1000, TARGETS["arm64"], [(wheel, "a" * 64)], debs, ROOT / "models")
    raw = sbom.render(*arguments)
    assert raw == sbom.render(*arguments)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(raw.decode()) is None
    found = json.loads(raw)
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    references = [one["bom-ref"] for one in found["components"]]
    assert len(references) == len(set(references))
    assert "pkg:pypi/some-thing@1.2" in references
    assert sum(one["type"] == "machine-learning-model" for one in found["components"]) >= 5
    assert all(len(one["hashes"][0]["content"]) == 64 for one in found["components"])
