"""How devices are, as they found themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.models import Device, DeviceHealth
from wire import CheckedPart, DeviceExamined


def note_health(
    session: Session, device: Device, seq: int, at: datetime, examined: DeviceExamined
) -> None:
    """Keep what a device found, unless a newer word of it came first."""
    known = session.get(DeviceHealth, device.id)
    # A kiosk with a new database counts from 1 again: then the time tells which word is newer.
    if known is not None and seq < known.seq and at <= known.at:
        return
    session.merge(
        DeviceHealth(
            device_id=device.id,
            seq=seq,
            at=at,
            release=examined.release,
            worst=examined.worst,
            checks=[check.model_dump(mode="json") for check in examined.checks],
        )
    )


def health_by_device(session: Session, office: int) -> dict[int, DeviceHealth]:
    """What each device of an office found last, by :attr:`Device.id`."""
    found = session.scalars(
        select(DeviceHealth)
        .join(Device, Device.id == DeviceHealth.device_id)
        .where(Device.office_id == office)
    )
    return {health.device_id: health for health in found}


def parts_of(health: DeviceHealth) -> Sequence[CheckedPart]:
    """Every condition, the worst first, each kind in the order the device told them."""
    order = ("bad", "watch", "unknown", "good", "absent")
    parts = [CheckedPart.model_validate(check) for check in health.checks]
    return sorted(parts, key=lambda part: order.index(part.level))
