"""``central certificate …``: TLS for an office without a public name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from central.commands.options import refusal

app = typer.Typer(
    help="Chứng thư TLS. TLS for an office without a public name.", no_args_is_help=True
)


@app.callback()
def certificate() -> None:
    """Keeps `create` a command of its own."""


@app.command("create")
def create(
    host: Annotated[
        list[str], typer.Option(help="Tên hoặc địa chỉ máy chủ. The server's name or address.")
    ],
    out: Annotated[Path, typer.Option(help="Thư mục. Folder.")] = Path("var/tls"),
) -> None:
    """Tạo chứng thư. Make a certificate for this server, and the authority that kiosks trust.

    An authority that is in the folder already signs again: kiosks need nothing new.
    """
    from central.certificates import CertificateError, create_certificate

    try:
        made = create_certificate(out, host, datetime.now(UTC))
    except CertificateError as error:
        raise refusal(
            f"Không tạo được chứng thư: {error}.", f"No certificate was made: {error}.", 2
        ) from error
    typer.echo(f"--tls-certificate {made.certificate} --tls-key {made.key}")
    typer.echo(f"[sync] ca_file: {made.authority}")
