"""``central office …``: what the kiosks of the office are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from central.commands.options import DEFAULT, DatabaseUrl, KeyFile, opened, refusal
from central.commands.progress import all_of
from central.office_file import OfficeFileError, office_text, read_office
from central.services.offices import restart_stream, settings_of, settle, the_office
from central.services.rotation import reindex, renew_secret

app = typer.Typer(
    help="Cơ quan: lĩnh vực, giờ mở cửa, bí mật. The office: fields, hours, secrets.",
    no_args_is_help=True,
)


@app.command("show")
def show(database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Xem cài đặt. Print what the office offers, as the file `set` takes."""
    with opened(database, key_file) as central, central.reading() as session:
        settings = settings_of(the_office(session))
    if settings is None:
        raise refusal(
            "Chưa đặt gì: mỗi kiosk theo tệp cài đặt của nó.",
            "Nothing is set: each kiosk goes by its own settings file.",
        )
    typer.echo(office_text(settings), nl=False)


@app.command("set")
def put(
    file: Annotated[Path, typer.Argument(help="TOML: fields, priorities, hours, holidays.")],
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Đặt cho mọi kiosk. Have every kiosk of the office offer what FILE says."""
    try:
        settings = read_office(file)
    except OfficeFileError as error:
        raise refusal(
            f"{file} không dùng được. {error}.", f"{file} cannot be used. {error}.", 2
        ) from error
    with opened(database, key_file) as central, central.writing() as session:
        settle(session, settings)


@app.command("rotate-secret")
def rotate_secret(
    purpose: Annotated[
        Literal["template", "number"],
        typer.Argument(help="Mẫu khuôn mặt hay số định danh. Face templates or identity numbers."),
    ],
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Đổi bí mật chung của các kiosk. Put a new secret in force and tell the kiosks.

    Interrupted: run it again, it goes on where it was.
    """
    with opened(database, key_file) as central:
        with central.writing() as session:
            left = renew_secret(session, central.keys, purpose, datetime.now(UTC))
        all_of(central, reindex, left)


@app.command("restart-stream")
def restart(database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Sau khi khôi phục bản sao. After an older copy of the database was put back: have every
    kiosk read everything anew."""
    with opened(database, key_file) as central, central.writing() as session:
        restart_stream(session)
