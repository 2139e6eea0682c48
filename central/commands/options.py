"""What several commands share: where the database is, and how they say no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from central.db.engine import Database
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


def refusal(vietnamese: str, english: str, status: int = 1) -> typer.Exit:
    """Says why on standard error. ``status``: 2 when what was given can be mended, else 1."""
    typer.echo(f"{vietnamese}\n{english}", err=True)
    return typer.Exit(status)
