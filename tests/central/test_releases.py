"""Releases: what is published, to whom it is offered, and how it is handed out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from central.bundle_file import BundleFault
from central.db.accounts import AuditRow
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services import releases
from central.services.devices import revoke_device
from central.settings import Settings
from tests.central.conftest import NOON, Api, DeviceKey, sqlite_only
from tests.central.test_cli import Central, is_a_sentence
from tests.central.test_cli import central as central  # a fixture
from tests.publishing import PUBLIC, bundle
from wire import Release

STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.releases


@pytest.fixture
def out(database: Database, folder: Path, tmp_path: Path) -> Release:
    """Release 2.0, let out to everybody."""
    release = releases.take_in(folder, bundle(tmp_path / "2.0.bundle"))
    with database.writing() as session:
        releases.publish(session, release, NOON)
        releases.stage(session, "2.0", 100)
    return release


# ── publishing ────────────────────────────────────────────────────────────────────────────────


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60_000])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60_000] ^= 1
    path.write_bytes(content)


def replace(path: Path) -> None:
    path.write_bytes(b"\x7fELF" * 5000)


@sqlite_only
@pytest.mark.parametrize(
    ("spoil", "why"),
    [(cut_short, "cut short"), (flip, "damaged: wheels/x"), (replace, "cut short or damaged")],
)
def test_a_spoilt_bundle_is_not_published(
    central: Central, folder: Path, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    spoil(made := bundle(tmp_path / "x.bundle"))
    refused = central("update", "publish", str(made))
    assert is_a_sentence(refused, 2)
    assert why in refused.err
    assert not list(folder.iterdir())
    assert not central("update", "list").out


@sqlite_only
@pytest.mark.parametrize(
    ("key", "why"), [(None, "is not signed"), (STRANGER, "not signed with this key")]
)
def test_what_the_publisher_did_not_sign_is_not_published(
    central: Central, tmp_path: Path, key: Ed25519PrivateKey | None, why: str
) -> None:
    made = bundle(tmp_path / "x.bundle", key=key)
    refused = central("update", "publish", str(made), "--release-key", PUBLIC)
    assert is_a_sentence(refused, 2)
    assert why in refused.err


@sqlite_only
def test_no_file(central: Central, tmp_path: Path) -> None:
    assert is_a_sentence(central("update", "publish", str(tmp_path / "none")), 2)


@sqlite_only
def test_a_version_is_published_once(central: Central, tmp_path: Path) -> None:
    assert central("update", "publish", str(bundle(tmp_path / "a"))).status == 0
    again = central("update", "publish", str(bundle(tmp_path / "b", built=300)))
    assert is_a_sentence(again, 2)
    assert "published already" in again.err


def test_a_release_from_publication_to_withdrawal(
    central: Central, database: Database, folder: Path, tmp_path: Path
) -> None:
    keys = DeviceKey(), DeviceKey()
    for number, key in enumerate(keys):
        key.enrol(database, f"K{number}")
    with database.writing() as session:
        revoke_device(session, FIRST_OFFICE, "K1", NOON)
    made = bundle(tmp_path / "x.bundle")
    published = central("update", "publish", str(made), "--release-key", PUBLIC)
    assert (published.status, published.out) == (0, "2.0\tarm64\t0 %\n")

    def listed() -> dict[str, object]:
        return json.loads(central("update", "list", "--json").out)

    assert (listed()["percentage"], listed()["may"]) == (0, [])
    assert central("update", "stage", "2.0", "100").status == 0
    assert (listed()["percentage"], listed()["may"]) == (100, ["K0"])
    assert "100 %\tmay: K0\trun: –" in central("update", "list").out
    assert central("update", "withdraw", "2.0").status == 0
    assert listed()["withdrawn_at"]
    assert not list(folder.iterdir())
    for arguments in (("stage", "2.0", "50"), ("withdraw", "2.0"), ("stage", "3.0", "50")):
        assert is_a_sentence(central("update", *arguments))
    with database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.like("release.%"))).all()
        actors = {row.actor for row in rows}
        told = [(row.action[8:], row.detail["version"], row.detail["percentage"]) for row in rows]
    assert actors == {"command:update"}
    assert told == [("published", "2.0", 0), ("staged", "2.0", 100), ("withdrawn", "2.0", 100)]


# ── offering ──────────────────────────────────────────────────────────────────────────────────


def described(percentage: int, sha256: str = "a" * 64) -> Release:
    return Release(version="2.0", built=200, arch="arm64", python="3.13", system="0" * 64,
                   bytes=1, sha256=sha256, percentage=percentage)  # fmt: skip


@given(device=st.uuids(), few=st.integers(0, 100), more=st.integers(0, 100))
def test_whoever_is_in_stays_in(device: UUID, few: int, more: int) -> None:
    few, more = sorted((few, more))
    assert described(few).is_for(device) <= described(more).is_for(device)
    assert described(100).is_for(device)
    assert not described(0).is_for(device)


def test_the_percentage_is_one() -> None:
    devices = [UUID(int=number) for number in range(4000)]
    first = {device for device in devices if described(10).is_for(device)}
    second = {device for device in devices if described(10, "b" * 64).is_for(device)}
    assert 320 < len(first) < 480  # 400 ± 4 standard deviations
    assert len(first & second) < 80  # 40 expected: not always the same kiosks


def test_offers_the_newest_first_and_names_what_was_withdrawn(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    with database.writing() as session:
        for version, built, arch in (("1", 1, "arm64"), ("2", 2, "arm64"), ("3", 3, "amd64")):
            made = bundle(tmp_path / version, version, built, arch)
            releases.publish(session, releases.take_in(folder, made), NOON)
        releases.publish(session, releases.take_in(folder, bundle(tmp_path / "4", "4", 4)), NOON)
        releases.withdraw(session, "4", NOON)
        with pytest.raises(BundleFault, match="published already"):
            releases.publish(session, described(0).model_copy(update={"version": "4"}), NOON)
    with database.reading() as session:
        told = releases.offers(session, "arm64")
        none = releases.offers(session, "riscv64")
    assert [release.version for release in told.offered] == ["2", "1"]
    assert told.withdrawn == ("4",)
    assert not none.offered


def test_a_kiosk_asks_for_releases_and_their_bundles(
    kiosk: Api, out: Release, folder: Path
) -> None:
    told = kiosk.get("releases", arch="arm64").json()
    assert told == {"offered": [out.model_dump() | {"percentage": 100}], "withdrawn": []}
    whole = kiosk.get(f"releases/{out.sha256}")
    assert whole.content == releases.bundle_path(folder, out.sha256).read_bytes()
    rest = kiosk.call("GET", f"releases/{out.sha256}", headers={"Range": "bytes=60000-"})
    assert (rest.status_code, rest.content) == (206, whole.content[60_000:])
    assert rest.headers["Content-Range"] == f"bytes 60000-{out.bytes - 1}/{out.bytes}"
    past = kiosk.call("GET", f"releases/{out.sha256}", headers={"Range": "bytes=9999999-"})
    assert past.status_code == 416


def test_a_withdrawn_bundle_is_handed_out_no_more(
    kiosk: Api, out: Release, database: Database
) -> None:
    with database.writing() as session:
        releases.withdraw(session, "2.0", NOON)
    assert kiosk.get(f"releases/{out.sha256}").status_code == 404


@sqlite_only
def test_a_bundle_that_is_not_on_this_server(kiosk: Api, out: Release, folder: Path) -> None:
    releases.bundle_path(folder, out.sha256).unlink()
    assert kiosk.get(f"releases/{out.sha256}").status_code == 404


@sqlite_only
@pytest.mark.parametrize("role", [None, Role.OFFICE])
def test_nobody_but_kiosks_is_told(
    call: Callable[[Role | None], Api], out: Release, role: Role | None
) -> None:
    api = call(role)
    assert api.get("releases", arch="arm64").status_code == 401
    assert api.get(f"releases/{out.sha256}").status_code == 401
