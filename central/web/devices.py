"""Devices: inviting a kiosk by a code, how each is, and refusing one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form, HTTPException
from fastapi.responses import Response

from central.db.accounts import UserRole
from central.db.models import Device, DeviceHealth, Role
from central.services.devices import (
    NameTaken,
    OfficeClosed,
    add_device,
    devices_of,
    revoke_device,
)
from central.services.enrolment import VALID, invite
from central.services.health import health_by_device, parts_of
from central.services.papers import printers
from central.web.codes import code_svg
from central.web.page import Page, PageDep, RowId, SignInNeeded, pages
from wire import Told

router = pages(UserRole.ADMINISTRATOR)
Name = Annotated[str, Form(max_length=64)]
SILENT = timedelta(minutes=5)
"""A kiosk that says nothing for so long is off, or its network is."""


@router.get("/devices")
def get_devices(page: PageDep) -> Response:
    """Every device, and how it is."""
    return _list(page)


@router.post("/devices")
def post_devices(page: PageDep, name: Name, role: Annotated[Role, Form()]) -> Response:
    """Let a kiosk in, by a token shown once; or the office's own software."""
    name = name.strip()
    if not name:
        return _list(page, 422, "devices.fault_name", name, role)
    try:
        with page.database.writing() as session:
            if role is Role.KIOSK:
                token = invite(session, page.me.office_id, name, page.now)
            else:
                token = add_device(session, page.me.office_id, name, role, page.now)
            page.record(session, "device.invited", f"device:{name}", role=role)
    except NameTaken:
        return _list(page, 422, "devices.fault_taken", name, role)
    except OfficeClosed as closed:  # a moment ago: nobody of it is signed in any more
        raise SignInNeeded from closed
    return page.show(
        "device_token.html",
        name=name,
        role=role,
        token=token,
        picture=code_svg(token, page.text("devices.token_code")),
        until=page.now + VALID,
    )


@router.get("/devices/{number}")
def get_device(page: PageDep, number: RowId) -> Response:
    """What one found when it examined itself last, the worst first."""
    with page.database.reading() as session:
        device = session.get(Device, number)
        if device is None or device.office_id != page.me.office_id:
            raise HTTPException(404)
        health = session.get(DeviceHealth, number)
        parts = parts_of(health) if health else ()
        said = [
            (part.level, *(_said(page, told) for told in (part.name, part.what, part.do)))
            for part in parts
        ]
        return page.show("device.html", device=device, health=health, parts=said)


@router.post("/devices/revoke")
def post_revoke(page: PageDep, name: Name) -> Response:
    """Refuse a device from its next request on, for good."""
    with page.database.writing() as session:
        try:
            revoke_device(session, page.me.office_id, name, page.now)
        except LookupError:
            return page.go("/devices", "devices.fault_unknown")
        page.record(session, "device.revoked", f"device:{name}")
    return page.go("/devices", "devices.revoked_said", name=name)


def _list(
    page: Page, status: int = 200, fault: str = "", name: str = "", role: Role = Role.KIOSK
) -> Response:
    with page.database.reading() as session:
        papers = {device.id: printer for device, printer in printers(session, page.me.office_id)}
        return page.show(
            "devices.html",
            status,
            devices=devices_of(session, page.me.office_id),
            printers=papers,
            health=health_by_device(session, page.me.office_id),
            silent_since=page.now - SILENT,
            fault=page.text(fault) if fault else "",
            name=name,
            role=role,
            roles=[(each, page.text(f"devices.role_{each}")) for each in Role],
        )


def _said(page: Page, told: Told) -> str:
    return (told.en if page.language == "en" else told.vi) or told.vi
