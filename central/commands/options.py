"""What several commands share: where the database is, and how they say no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.models import Office
from central.services.lifecycle import named_among
from central.services.offices import all_offices
from central.settings import Settings

DEFAULT = Settings()

DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database", envvar="CENTRAL_DATABASE", help="Cơ sở dữ liệu. Database: SQLAlchemy URL."
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        envvar="CENTRAL_KEY_FILE",
        help="Tệp khoá. Key file. [default: beside an SQLite database, named .keys]",
        show_default=False,
    ),
]

OfficeName = Annotated[
    str,
    typer.Option(
        "--office",
        metavar="NAME",
        help="Cơ quan: tên, hay số ở `central office list`. The office: its name, or its number "
        "there; needed when this server has several.",
    ),
]

ReleasesFolder = Annotated[
    Path,
    typer.Option(
        "--releases",
        envvar="CENTRAL_RELEASES",
        help="Thư mục các gói cập nhật. Folder of the bundles kiosks may fetch; every worker "
        "and every server of this database reads it.",
    ),
]


@contextmanager
def opened(url: str, key_file: Path | None) -> Iterator[Database]:
    """The database, closed afterwards."""
    with closing(Database.open(url, key_file)) as database:
        yield database


def office_of(session: Session, name: str) -> Office:
    """The office that is meant: the only one unless it is said. Says so and leaves when that is
    not clear."""
    offices = all_offices(session)
    found = named_among(offices, name) if name else offices[0] if len(offices) == 1 else None
    if found is not None:
        return found
    listed = "\n".join(f"  {office.id}\t{office.name}" for office in offices)
    if name:
        raise refusal(f"Không có cơ quan {name}:", f"There is no office {name}:\n{listed}", 2)
    raise refusal("Cơ quan nào? --office:", f"Which office? --office:\n{listed}", 2)


def refusal(vietnamese: str, english: str, status: int = 1) -> typer.Exit:
    """Says why on standard error. ``status``: 2 when what was given can be mended, else 1."""
    typer.echo(f"{vietnamese}\n{english}", err=True)
    return typer.Exit(status)
