"""``kiosk card …``: what an identity card says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kiosk.errors import CardError
from kiosk.idcard.document import IdentityDocument

app = typer.Typer(help="Thẻ căn cước. The identity card.", no_args_is_help=True)

Code = Annotated[
    Path | None,
    typer.Option("--qr", help="Nội dung mã QR. What the QR code holds; - for standard input."),
]
Zone = Annotated[
    Path | None,
    typer.Option(
        "--mrz",
        help="Ba dòng mặt sau thẻ. The three lines on the back; - for standard input.",
    ),
]


@app.callback()
def _card() -> None:
    """Keeps `parse` a sub-command although it is the only one."""


@app.command("parse")
def parse(qr_code: Code = None, mrz: Zone = None) -> None:
    """Đọc thẻ. Print what a card says as JSON, nothing is kept.

    Exit status 2 and one line that says why when it is not an identity card's.
    """
    try:
        document = _document(qr_code, mrz)
    except CardError as error:
        print(" / ".join(error.both().splitlines()), file=sys.stderr)
        raise typer.Exit(2) from error
    print(json.dumps(_told(document), ensure_ascii=False))


def _document(qr_code: Path | None, zone: Path | None) -> IdentityDocument:
    from kiosk.idcard import mrz, qr

    if (qr_code is None) == (zone is None):
        raise typer.BadParameter("--qr hoặc --mrz. Either --qr or --mrz.")
    if qr_code is not None:
        return qr.parse(_read(qr_code, qr.LIMIT_BYTES))
    assert zone is not None  # noqa: S101 -- one of the two is given
    text = _read(zone, mrz.LIMIT_CHARACTERS).decode("ascii", "replace")
    return mrz.parse(text).document()


def _read(source: Path, limit: int) -> bytes:
    """One byte more than anything that would be looked at, whatever stands there."""
    if str(source) == "-":
        return sys.stdin.buffer.read(limit + 1)
    with source.open("rb") as file:
        return file.read(limit + 1)


def _told(document: IdentityDocument) -> dict[str, object]:
    keys = ("number", "old_number", "name", "date_of_birth", "sex", "address", "issued", "source")
    told: dict[str, object] = {key: getattr(document, key) for key in keys}
    return told | {"warnings": list(document.warnings)}
