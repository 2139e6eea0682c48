"""``central device …``: who may speak to this server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from central.commands.options import DEFAULT, DatabaseUrl, KeyFile, opened, refusal
from central.db.models import Role
from central.services.devices import NameTaken, add_device, all_devices, revoke_device
from central.services.enrolment import VALID, invite

app = typer.Typer(
    help="Ai được nói với máy chủ. Who may speak to this server.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="Tên thường gọi. Its name, as people call it.")]


@app.command("enrol")
def enrol(name: Name, database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Mời một kiosk. Print a token, this once, with which one kiosk can be enrolled.

    For a kiosk whose storage card was changed: its old key ends when the token is used.
    """
    now = datetime.now(UTC)
    try:
        with opened(database, key_file) as central, central.writing() as session:
            token = invite(session, name, now)
    except NameTaken as error:
        raise _taken(name) from error
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
def add(name: Name, database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Thêm phần mềm của cơ quan. Register software of the office and print its token, this once."""
    try:
        with opened(database, key_file) as central, central.writing() as session:
            token = add_device(session, name, Role.OFFICE, datetime.now(UTC))
    except NameTaken as error:
        raise _taken(name) from error
    typer.echo(token)


@app.command("list")
def show(database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Liệt kê. List every device."""
    with opened(database, key_file) as central, central.reading() as session:
        for row in all_devices(session):
            state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else "active"
            typer.echo(f"{row.name}\t{row.role}\t{state}")


@app.command("revoke")
def revoke(name: Name, database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Không nhận nữa. Refuse a device from its next request on, for good."""
    try:
        with opened(database, key_file) as central, central.writing() as session:
            revoke_device(session, name, datetime.now(UTC))
    except LookupError as error:
        raise refusal(
            f"Không có thiết bị nào tên {name}.", f"There is no device named {name}."
        ) from error


def _taken(name: str) -> typer.Exit:
    return refusal(
        f"Tên {name} đã có, hoặc của thiết bị không còn được nhận.",
        f"The name {name} is taken, or was a device's that is refused now.",
    )


def _show_code(token: str) -> None:
    from qrcode.main import QRCode

    code = QRCode(border=2)
    code.add_data(token)
    code.print_ascii(out=sys.stderr, invert=True)
