"""``central office …``: which offices there are, and what the kiosks of each are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

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
from central.commands.progress import all_of
from central.db.keys import Keys
from central.db.models import Office
from central.locale import LANGUAGES, text
from central.office_file import OfficeFileError, office_text, read_office
from central.services import audit, lifecycle
from central.services.lifecycle import OfficeFault
from central.services.offices import (
    all_offices,
    restart_stream,
    restart_streams,
    settings_of,
    settle,
)
from central.services.rotation import cover_representatives, reindex, renew_secret

app = typer.Typer(
    help="Các cơ quan: thêm, đóng; lĩnh vực, giờ mở cửa, bí mật. "
    "Offices: adding, closing; fields, hours, secrets.",
    no_args_is_help=True,
)

_ACTOR = "command:office"
Which = Annotated[
    str, typer.Argument(metavar="NAME", help="Tên, hoặc số ở `list`. Its name, or its number.")
]
NewName = Annotated[str, typer.Argument(help="Tên cơ quan. Its name, as people call it.")]


@app.command("add")
def add(name: NewName, database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Thêm một cơ quan. Make another office, and print its number.

    Its first administrator: central create-admin … --office NAME.
    """
    made = _act(database, key_file, "added", lambda session: lifecycle.make(session, name))
    typer.echo(made)


@app.command("list")
def show_all(database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Liệt kê. List every office: number, name, open or since when it is closed."""
    with opened(database, key_file) as central, central.reading() as session:
        for office in all_offices(session):
            state = f"closed {office.closed_at:%Y-%m-%d}" if office.closed_at else "open"
            typer.echo(f"{office.id}\t{office.name}\t{state}")


@app.command("rename")
def rename(
    office: Which,
    name: NewName,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Đổi tên. Call an office otherwise."""

    def renamed(session: Session) -> Office:
        return lifecycle.rename(session, office_of(session, office).id, name)

    _act(database, key_file, "renamed", renamed)


@app.command("close")
def close(
    office: Which, database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None
) -> None:
    """Đóng. Let nobody of an office in: people, kiosks, displays, software.

    What it holds stays for as long as it decided, and its tickets' pages still answer. `reopen`
    undoes it.
    """

    def closed(session: Session) -> Office:
        return lifecycle.close(session, office_of(session, office).id, datetime.now(UTC))

    _act(database, key_file, "closed", closed)


@app.command("reopen")
def reopen(
    office: Which, database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None
) -> None:
    """Mở lại. Let in again whoever was before the office was closed; kiosks need no enrolment."""

    def reopened(session: Session) -> Office:
        return lifecycle.reopen(session, office_of(session, office).id)

    _act(database, key_file, "reopened", reopened)


@app.command("show")
def show(
    office: OfficeName = "", database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None
) -> None:
    """Xem cài đặt. Print what the office offers, as the file `set` takes."""
    with opened(database, key_file) as central, central.reading() as session:
        settings = settings_of(office_of(session, office))
    if settings is None:
        raise refusal(
            "Chưa đặt gì: mỗi kiosk theo tệp cài đặt của nó.",
            "Nothing is set: each kiosk goes by its own settings file.",
        )
    typer.echo(office_text(settings), nl=False)


@app.command("set")
def put(
    file: Annotated[Path, typer.Argument(help="TOML: fields, priorities, hours, holidays.")],
    office: OfficeName = "",
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Đặt cho mọi kiosk của cơ quan. Have every kiosk of the office offer what FILE says."""
    try:
        settings = read_office(file)
    except OfficeFileError as error:
        raise refusal(
            f"{file} không dùng được. {error}.", f"{file} cannot be used. {error}.", 2
        ) from error
    with opened(database, key_file) as central, central.writing() as session:
        of = office_of(session, office).id
        settle(session, of, settings)
        _record(session, central.keys, of, "office.settings")


@app.command("rotate-secret")
def rotate_secret(
    purpose: Annotated[
        Literal["template", "number"],
        typer.Argument(help="Mẫu khuôn mặt hay số định danh. Face templates or identity numbers."),
    ],
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Đổi bí mật chung của các kiosk. Put a new secret in force and tell the kiosks of all offices.

    Interrupted: run it again, it goes on where it was.
    """
    with opened(database, key_file) as central:
        with central.writing() as session:
            left = renew_secret(session, central.keys, purpose, datetime.now(UTC))
            offices = [office.id for office in all_offices(session)]
        steps = [partial(reindex, office_id=each) for each in offices]
        all_of(central, [*steps, cover_representatives], left)


@app.command("restart-stream")
def restart(
    office: Annotated[
        str, typer.Option("--office", metavar="NAME", help="Chỉ một cơ quan. Of one office only.")
    ] = "",
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Sau khi khôi phục bản sao. After an older copy of the database was put back: have every
    kiosk read everything anew."""
    with opened(database, key_file) as central, central.writing() as session:
        if office:
            restart_stream(session, office_of(session, office).id)
        else:
            restart_streams(session)


def _act(url: str, key_file: Path | None, what: str, act: Callable[[Session], Office]) -> int:
    """Do it, and say so in the audit log; the office's number."""
    try:
        with opened(url, key_file) as central, central.writing() as session:
            number = act(session).id
            _record(session, central.keys, number, f"office.{what}", f"office:{number}")
            return number
    except OfficeFault as fault:
        vietnamese, english = (text(each, f"offices.fault.{fault.reason}") for each in LANGUAGES)
        raise refusal(vietnamese, english, 2) from fault


def _record(session: Session, keys: Keys, office: int, action: str, subject: str = "") -> None:
    audit.record(session, keys, datetime.now(UTC), office, _ACTOR, action, subject)
