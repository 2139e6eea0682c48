"""``central device …``: who may speak to this server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from central.commands.options import (
    DEFAULT,
    DatabaseUrl,
    KeyFile,
    OfficeName,
    office_of,
    opened,
    refusal,
)
from central.db.engine import Database
from central.db.models import Device, Role
from central.services import audit
from central.services.devices import (
    NameTaken,
    OfficeClosed,
    add_device,
    devices_of,
    revoke_device,
)
from central.services.enrolment import VALID, invite
from central.services.offices import all_offices

app = typer.Typer(
    help="Ai được nói với máy chủ. Who may speak to this server.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Tên thường gọi. Its name, as people call it.")]


@app.command("enrol")
def enrol(
    name: Name,
    office: OfficeName = "",
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Mời một kiosk. Print a token, this once, with which one kiosk can be enrolled.

    For a kiosk whose storage card was changed: its old key ends when the token is used.
    """
    now = datetime.now(UTC)
    try:
        with opened(database, key_file) as central, central.writing() as session:
            of = office_of(session, office).id
            token = invite(session, of, name, now)
            _record(session, central, of, "device.invited", name, role=Role.KIOSK)
    except (NameTaken, OfficeClosed) as error:
        raise _refused(name, error) from error
    typer.echo(token)
    if sys.stderr.isatty():
        _show_code(token)
    until = now + VALID
    typer.echo(
        f"Dùng một lần, đến {until:%d/%m/%Y}: kiosk enrol-device.\n"
        f"Good once, until {until:%Y-%m-%d}: kiosk enrol-device.",
        err=True,
    )


@app.command("add")
def add(
    name: Name,
    office: OfficeName = "",
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Thêm phần mềm của cơ quan. Register software of the office and print its token, this once."""
    try:
        with opened(database, key_file) as central, central.writing() as session:
            of = office_of(session, office).id
            token = add_device(session, of, name, Role.OFFICE, datetime.now(UTC))
            _record(session, central, of, "device.invited", name, role=Role.OFFICE)
    except (NameTaken, OfficeClosed) as error:
        raise _refused(name, error) from error
    typer.echo(token)


@app.command("list")
def show(
    office: OfficeName = "", database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None
) -> None:
    """Liệt kê. List every device; of several offices each with its office's number."""
    with opened(database, key_file) as central, central.reading() as session:
        offices = [office_of(session, office)] if office else all_offices(session)
        for of in offices:
            end = f"\t{of.id}" if len(offices) > 1 else ""
            for row in devices_of(session, of.id):
                typer.echo(f"{row.name}\t{row.role}\t{_state(row)}{end}")


@app.command("revoke")
def revoke(
    name: Name,
    office: OfficeName = "",
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Không nhận nữa. Refuse a device from its next request on, for good."""
    try:
        with opened(database, key_file) as central, central.writing() as session:
            of = office_of(session, office).id
            revoke_device(session, of, name, datetime.now(UTC))
            _record(session, central, of, "device.revoked", name)
    except LookupError as error:
        raise refusal(
            f"Không có thiết bị nào tên {name}.", f"There is no device named {name}."
        ) from error


def _record(
    session: Session, central: Database, office: int, action: str, name: str, **detail: str
) -> None:
    keys, subject = central.keys, f"device:{name}"
    audit.record(
        session, keys, datetime.now(UTC), office, "command:device", action, subject, **detail
    )


def _state(device: Device) -> str:
    if device.revoked_at is None:
        return "active"
    return f"{'closed' if device.closed_with_office else 'revoked'} {device.revoked_at:%Y-%m-%d}"


def _refused(name: str, error: Exception) -> typer.Exit:
    if isinstance(error, OfficeClosed):
        return refusal(
            "Cơ quan này đã đóng: central office reopen.",
            "This office is closed: central office reopen.",
        )
    return refusal(
        f"Tên {name} đã có, hoặc của thiết bị không còn được nhận.",
        f"The name {name} is taken, or was a device's that is refused now.",
    )


def _show_code(token: str) -> None:
    from qrcode.main import QRCode

    code = QRCode(border=2)
    code.add_data(token)
    code.print_ascii(out=sys.stderr, invert=True)
