"""``central backup`` and ``central restore``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from central.backup import About, BackupError, back_up, check
from central.backup import restore as put_back
from central.commands.options import DEFAULT, DatabaseUrl, KeyFile, opened, refusal
from central.services.citizens import bury_again
from central.services.offices import restart_streams

_LEAST = 12
"""Characters of a passphrase: a copy may be guessed at for ever."""

PassphraseFile = Annotated[
    Path,
    typer.Option(
        envvar="CENTRAL_BACKUP_PASSPHRASE_FILE",
        help="Tệp chứa mật khẩu. File whose first line is the passphrase; keep it elsewhere too.",
    ),
]
_WHY = {
    "passphrase": ("Sai mật khẩu, hoặc tệp bị hỏng.", "Another passphrase, or a damaged file."),
    "damaged": ("Bản sao bị hỏng hoặc bị cắt.", "The copy is damaged or cut short."),
    "occupied": (
        "Đã có cơ sở dữ liệu ở đó. Dừng máy chủ rồi thêm --replace.",
        "There is a database already. Stop the server, then add --replace.",
    ),
    "other_database": (
        "Bản sao là của loại cơ sở dữ liệu khác.",
        "The copy is of another kind of database.",
    ),
    "keys": (
        "Tệp khoá ở đó là của cơ sở dữ liệu khác. Thêm --replace để thay (tệp cũ được giữ lại).",
        "The key file there is another database's. Add --replace (the old one is kept beside it).",
    ),
    "program": (
        "Thiếu chương trình: apt-get install postgresql-client.",
        "A program is missing: apt-get install postgresql-client.",
    ),
    "failed": ("Không thực hiện được", "It could not be done"),
}


def backup(
    out: Annotated[Path, typer.Argument(help="Tệp sao lưu. The file to write.")],
    passphrase_file: PassphraseFile,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Sao lưu. Write an encrypted copy of everything: database, key file, tombstones.

    The server may go on meanwhile. Without the passphrase nobody can read the copy, you included.
    """
    try:
        made = back_up(database, key_file, out, _passphrase(passphrase_file), datetime.now(UTC))
    except BackupError as error:
        raise _refused(error) from error
    _tell(made, out)


def restore(
    copy: Annotated[Path, typer.Argument(help="Tệp sao lưu. The copy.")],
    passphrase_file: PassphraseFile,
    check_only: Annotated[
        bool, typer.Option("--check", help="Chỉ kiểm tra. Read and compare all of it, no more.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Ghi đè. Over a database that is there.")
    ] = False,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Khôi phục. Put a copy back, while the server is stopped.

    Who was forgotten since the copy was made stays forgotten, and kiosks read everything anew.
    """
    phrase = _passphrase(passphrase_file)
    try:
        if check_only:
            _tell(check(copy, phrase), copy)
            return
        made = put_back(copy, database, key_file, phrase, replace=replace)
    except BackupError as error:
        raise _refused(error) from error
    with opened(database, key_file) as central, central.writing() as session:
        risen = bury_again(session, central.tombstones.read())
        restart_streams(session)
    _tell(made, copy)
    if risen:
        typer.echo(
            f"{risen} người đã xoá vẫn được xoá.\n{risen} who were forgotten stay forgotten.",
            err=True,
        )


def _passphrase(file: Path) -> str:
    try:
        phrase = file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise refusal(f"Không đọc được {file}.", f"{file} cannot be read.", 2) from error
    if len(phrase) < _LEAST:
        raise refusal(
            f"Mật khẩu trong {file} ngắn hơn {_LEAST} ký tự.",
            f"The passphrase in {file} is shorter than {_LEAST} characters.",
            2,
        )
    return phrase


def _refused(error: BackupError) -> typer.Exit:
    vietnamese, english = _WHY[error.reason]
    detail = f": {' '.join(error.detail.split())}" if error.reason == "failed" else ""
    return refusal(vietnamese + detail, english + detail)


def _tell(about: About, file: Path) -> None:
    whole = sum(about.sizes.values())
    typer.echo(f"{file}\t{about.made_at:%Y-%m-%dT%H:%M:%SZ}\t{about.backend}\t{whole} bytes")
