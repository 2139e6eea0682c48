"""``central``: run the server and manage what belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from central.commands import audit, certificate, device, key, office
from central.commands.create_admin import create_admin
from central.commands.options import DEFAULT, DatabaseUrl, KeyFile, refusal
from central.db.keys import KeyFileError
from central.settings import Settings

app = typer.Typer(
    help="Máy chủ của các kiosk. The central server of an office's kiosks.", no_args_is_help=True
)
app.add_typer(device.app, name="device")
app.add_typer(office.app, name="office")
app.add_typer(key.app, name="key")
app.add_typer(certificate.app, name="certificate")
app.add_typer(audit.app, name="audit")
app.command("create-admin")(create_admin)

_KEY_FAULTS = {
    "missing": (
        "không có. Không có tệp này thì không đọc được dữ liệu: hãy khôi phục nó (--key-file)",
        "is missing. Without it the data cannot be read: restore it (--key-file)",
    ),
    "damaged": (
        "bị hỏng. Hãy khôi phục từ bản sao",
        "is damaged. Restore it from a copy",
    ),
    "other": (
        "không phải của cơ sở dữ liệu này",
        "is not this database's",
    ),
    "open": (
        "không mở được",
        "cannot be opened",
    ),
}


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Địa chỉ. Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Cổng. Port to listen on.")] = 8080,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Chứng thư. Certificate chain, PEM.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Khoá của nó. Its key, PEM.")] = None,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Chạy máy chủ. Run the server until it is told to stop."""
    # Only here: a web framework takes a second to import, which the other commands can do without.
    import uvicorn

    from central.app import create_app

    _check_tls(tls_certificate, tls_key)
    server = create_app(Settings(database=database, key_file=key_file))
    uvicorn.run(
        server,
        host=host,
        port=port,
        server_header=False,
        ws="none",
        ssl_certfile=tls_certificate,
        ssl_keyfile=tls_key,
    )


def _check_tls(certificate_file: Path | None, key_file: Path | None) -> None:
    import ssl

    if certificate_file is None and key_file is None:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_file or "", key_file)
    except OSError as error:
        raise refusal(
            f"Không dùng được chứng thư TLS: {error}. Kiểm tra --tls-certificate và --tls-key.",
            f"The TLS certificate cannot be used: {error}. Check --tls-certificate and --tls-key.",
            2,
        ) from error


def main() -> None:
    """Entry point; what cannot be opened is one sentence, not a traceback."""
    try:
        app()
    except KeyFileError as error:
        vietnamese, english = _KEY_FAULTS[error.reason]
        refusal(f"Tệp khoá {error.path} {vietnamese}.", f"The key file {error.path} {english}.")
        raise SystemExit(1) from error
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        refusal(
            f"Không dùng được cơ sở dữ liệu: {reason}. Kiểm tra --database.",
            f"The database cannot be used: {reason}. Check --database.",
        )
        raise SystemExit(1) from error
