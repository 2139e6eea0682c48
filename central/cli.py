"""``central``: run the server and manage what belongs to it."""

from __future__ import annotations

import typer
from sqlalchemy.exc import SQLAlchemyError

from central.commands import audit, certificate, device, key, office, serve, update
from central.commands.backup import backup, restore
from central.commands.bench import bench
from central.commands.create_admin import create_admin
from central.commands.options import refusal
from central.commands.simulate_day import simulate_day
from central.db.keys import KeyFileError

app = typer.Typer(
    help="Máy chủ của các kiosk. The central server of an office's kiosks.", no_args_is_help=True
)
app.add_typer(device.app, name="device")
app.add_typer(office.app, name="office")
app.add_typer(key.app, name="key")
app.add_typer(certificate.app, name="certificate")
app.add_typer(audit.app, name="audit")
app.add_typer(update.app, name="update")
app.command("create-admin")(create_admin)
app.command("serve")(serve.serve)
app.command("migrate")(serve.migrate)
app.command("simulate-day")(simulate_day)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("bench")(bench)

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
