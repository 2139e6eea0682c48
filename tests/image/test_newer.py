"""A newer release for the test of the whole image is one that a kiosk would take."""

from __future__ import annotations

from pathlib import Path

from kiosk.provision.bundle import Bundle
from kiosk.provision.signature import is_signed
from scripts.image import newer
from tests.publishing import bundle


def test_is_newer_signed_and_differs_in_what_was_asked_for(tmp_path: Path) -> None:
    old = bundle(tmp_path / "old.bundle", "2.0", built=200)
    path = newer.bundle(
        old, tmp_path / "newer.bundle", "3.0", hours=2, changed={"wheels/x": b"broken"}
    )
    with Bundle.open(path) as opened:
        opened.verify()
        assert is_signed(opened, newer.PUBLIC)
        assert (opened.manifest.version, opened.manifest.built) == ("3.0", 200 + 7200)
        taken = opened.extract("wheels", tmp_path / "out")
    assert [file.read_bytes() for file in taken] == [b"broken"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["newer.bundle", "old.bundle", "out"]
