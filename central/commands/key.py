"""``central key …``: the key that seals people's columns."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import typer

from central.commands.options import DEFAULT, DatabaseUrl, KeyFile, opened
from central.commands.progress import all_of
from central.services.offices import all_offices
from central.services.rotation import renew_column_key, reseal

app = typer.Typer(
    help="Khoá của dữ liệu công dân. The key to citizens' data.", no_args_is_help=True
)


@app.callback()
def key() -> None:
    """Keeps `rotate` a command of its own."""


@app.command("rotate")
def rotate(database: DatabaseUrl = DEFAULT.database, key_file: KeyFile = None) -> None:
    """Đổi khoá. Seal every citizen's data with a new key.

    Interrupted: run it again, it goes on where it was. The old key stays in the key file: older
    copies of the database need it.
    """
    with opened(database, key_file) as central:
        with central.writing() as session:
            left = renew_column_key(session, central.keys, datetime.now(UTC))
            offices = [office.id for office in all_offices(session)]
        all_of(central, [partial(reseal, office_id=each) for each in offices], left)
