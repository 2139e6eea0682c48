"""Which releases kiosks may update to. Bundles are files in one folder, named by their SHA-256,
which every server with this database must see."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.bundle_file import BundleFault, read_bundle
from central.db.models import Device, DeviceHealth, Role
from central.db.releases import PublishedRelease
from central.services.offices import all_offices
from wire import Release, Releases

_MOST = 32
_MOST_WITHDRAWN = 64


def bundle_path(folder: Path, sha256: str) -> Path:
    """Where a published bundle is."""
    return folder / f"{sha256}.bundle"


def take_in(
    folder: Path, bundle: Path, key: str = "", progress: Callable[[int], None] = lambda _: None
) -> Release:
    """Copy ``bundle`` into ``folder``, whole and on disk or not at all. It is offered to nobody
    before :func:`publish`. Raises :class:`BundleFault`."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    aside = folder / f".{os.getpid()}.part"
    try:
        with aside.open("wb") as file:
            release = read_bundle(bundle, file, key, progress)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(bundle_path(folder, release.sha256))
    finally:
        aside.unlink(missing_ok=True)
    return release


def publish(session: Session, release: Release, now: datetime) -> PublishedRelease:
    """Offer ``release``. Raises :class:`BundleFault` when its version is published already, with
    whatever content: kiosks know a release by its version."""
    same = (
        PublishedRelease.version == release.version,
        PublishedRelease.arch == release.arch,
    )
    if session.scalar(select(PublishedRelease).where(*same)):
        raise BundleFault(
            f"là bản {release.version}, đã phát hành", f"is {release.version}, published already"
        )
    row = PublishedRelease(**release.model_dump(), published_at=now)
    session.add(row)
    session.flush()
    return row


def stage(session: Session, version: str, percentage: int) -> list[PublishedRelease]:
    """Let ``version`` out to ``percentage`` of the kiosks. Raises :class:`LookupError`."""
    rows = _of_version(session, version)
    for row in rows:
        row.percentage = percentage
    return rows


def withdraw(session: Session, version: str, now: datetime) -> list[PublishedRelease]:
    """Offer ``version`` no longer; kiosks that have it waiting drop it. Nobody will fetch these
    bundles any more: :func:`drop`. Raises :class:`LookupError`."""
    rows = _of_version(session, version)
    for row in rows:
        row.withdrawn_at = now
    return rows


def drop(folder: Path, sha256: str) -> None:
    """Delete the bundle of a release that was withdrawn."""
    bundle_path(folder, sha256).unlink(missing_ok=True)


def _of_version(session: Session, version: str) -> list[PublishedRelease]:
    found = select(PublishedRelease).where(
        PublishedRelease.version == version, PublishedRelease.withdrawn_at.is_(None)
    )
    rows = list(session.scalars(found))
    if not rows:
        raise LookupError(version)
    return rows


def offers(session: Session, arch: str) -> Releases:
    """What kiosks of ``arch`` are told."""
    newest = select(PublishedRelease).where(PublishedRelease.arch == arch)
    newest = newest.order_by(PublishedRelease.built.desc(), PublishedRelease.id.desc())
    offered = newest.where(PublishedRelease.withdrawn_at.is_(None)).limit(_MOST)
    withdrawn = newest.where(PublishedRelease.withdrawn_at.is_not(None)).limit(_MOST_WITHDRAWN)
    return Releases(
        offered=tuple(described(row) for row in session.scalars(offered)),
        withdrawn=tuple(row.version for row in session.scalars(withdrawn)),
    )


def is_offered(session: Session, sha256: str) -> bool:
    """Whether a bundle of this hash is offered to anybody."""
    found = select(PublishedRelease.id).where(
        PublishedRelease.sha256 == sha256, PublishedRelease.withdrawn_at.is_(None)
    )
    return session.scalar(found) is not None


def all_releases(session: Session) -> list[PublishedRelease]:
    """Every release ever published, newest first."""
    by_age = (PublishedRelease.built.desc(), PublishedRelease.arch)
    return list(session.scalars(select(PublishedRelease).order_by(*by_age)))


def described(row: PublishedRelease) -> Release:
    """As the contract says it."""
    return Release.model_validate(row, from_attributes=True)


def audited(row: PublishedRelease) -> dict[str, str | int]:
    """What a row of the audit log says of a release."""
    return {"version": row.version, "arch": row.arch, "percentage": row.percentage}


def reach(session: Session, row: PublishedRelease) -> tuple[list[str], list[str]]:
    """The names of the kiosks that may take this release by now, and of those that said last
    that they run it; of several offices each with its office's."""
    offices = {office.id: office.name or str(office.id) for office in all_offices(session)}

    def called(device: Device) -> str:
        return f"{device.name} ({offices[device.office_id]})" if len(offices) > 1 else device.name

    by_name = select(Device).order_by(Device.office_id, Device.name)
    kiosks = by_name.where(Device.role == Role.KIOSK, Device.revoked_at.is_(None))
    may = [called(device) for device in session.scalars(kiosks)
           if row.withdrawn_at is None and described(row).is_for(device.uid)]  # fmt: skip
    run = by_name.join(DeviceHealth, DeviceHealth.device_id == Device.id)
    # A health report carries so much of a version.
    run = run.where(DeviceHealth.release == row.version[:32], Device.revoked_at.is_(None))
    return may, [called(device) for device in session.scalars(run)]
