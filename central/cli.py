"""``central``: run the server and manage the tokens of those who may speak to it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from central.db.engine import Database
from central.db.models import Role
from central.services.devices import add_device, all_devices, revoke_device
from central.services.enrolment import invite
from central.settings import Settings

app = typer.Typer(help="The central server of an office's kiosks.", no_args_is_help=True)
device = typer.Typer(help="Who may speak to this server.", no_args_is_help=True)
app.add_typer(device, name="device")

_DEFAULT = Settings()
DatabaseUrl = Annotated[
    str, typer.Option("--database", envvar="CENTRAL_DATABASE", help="SQLAlchemy URL.")
]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    database: DatabaseUrl = _DEFAULT.database,
) -> None:
    """Run the server until it is told to stop."""
    # Only here: a web framework takes a second to import, which the other commands can do without.
    import uvicorn

    from central.app import create_app

    server = create_app(Settings(database=database))
    uvicorn.run(server, host=host, port=port, server_header=False, ws="none")


@device.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name, as people call it.")],
    role: Annotated[Role, typer.Option(help="A kiosk, or software of the office.")] = Role.KIOSK,
    database: DatabaseUrl = _DEFAULT.database,
) -> None:
    """Register a device and print its token, this once."""
    try:
        with closing(Database.open(database)) as central, central.writing() as session:
            token = add_device(session, name, role, datetime.now(UTC))
    except ValueError as error:
        raise _refusal(f"Tên {name} đã có.", f"The name {name} is taken.") from error
    print(token)


@device.command("enrol")
def enrol(
    name: Annotated[str, typer.Argument(help="The kiosk's name, as people call it.")],
    database: DatabaseUrl = _DEFAULT.database,
) -> None:
    """Print a token, this once, with which one kiosk can be enrolled within seven days."""
    try:
        with closing(Database.open(database)) as central, central.writing() as session:
            token = invite(session, name, datetime.now(UTC))
    except ValueError as error:
        raise _refusal(f"Tên {name} đã có.", f"The name {name} is taken.") from error
    print(token)


@device.command("list")
def show(database: DatabaseUrl = _DEFAULT.database) -> None:
    """List every device."""
    with closing(Database.open(database)) as central, central.reading() as session:
        for row in all_devices(session):
            state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else "active"
            print(f"{row.name}\t{row.role}\t{state}")


@device.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The device to refuse from now on.")],
    database: DatabaseUrl = _DEFAULT.database,
) -> None:
    """Refuse a device from its next request on."""
    try:
        with closing(Database.open(database)) as central, central.writing() as session:
            revoke_device(session, name, datetime.now(UTC))
    except LookupError as error:
        raise _refusal(
            f"Không có thiết bị nào tên {name}.", f"There is no device named {name}."
        ) from error


def _refusal(vietnamese: str, english: str) -> typer.Exit:
    typer.echo(f"{vietnamese}\n{english}", err=True)
    return typer.Exit(1)


def main() -> None:
    """Entry point; a database that cannot be opened is one sentence, not a traceback."""
    try:
        app()
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        typer.echo(
            f"Không dùng được cơ sở dữ liệu: {reason}. Kiểm tra --database.\n"
            f"The database cannot be used: {reason}. Check --database.",
            err=True,
        )
        raise SystemExit(1) from error
