"""``kiosk store …``: the database as a file: is it whole, copies of it, its key."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of

if TYPE_CHECKING:
    from kiosk.store.backup import Progress

app = typer.Typer(help="Cơ sở dữ liệu. The database.", no_args_is_help=True)


@app.command("check")
def check(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Kiểm tra. Read every page, index and row; changes nothing.

    Exit status 1 when something is wrong, or a damaged database is kept beside it.
    """
    from kiosk.errors import StoreError
    from kiosk.store import tombstones
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key
    from kiosk.store.salvage import damaged_files

    store = settings_of(config_file).store
    if not store.path.exists():
        raise StoreError("store_none", file=store.path)
    with Database.open(store.path, load_key(store.key_file)) as db:
        faults, megabytes = db.faults(), round(db.used_bytes() / 1e6, 1)
        held = tombstones.awaiting_server(db)
    kept = [str(each) for each in damaged_files(store.path)]
    if as_json:
        told = {"faults": faults, "megabytes": megabytes, "recognition_held": held}
        print(json.dumps(told | {"damaged_kept": kept}))
    else:
        for fault in faults:
            print(f"Hỏng · damaged: {fault}")
        if not faults:
            print(f"{store.path}: {megabytes} MB, nguyên vẹn. {store.path} is whole.")
        if held:
            print("Chưa nhận mặt ai: chờ máy chủ. Nobody is recognised until central has spoken.")
        for each in kept:
            print(f"Bản hỏng còn giữ · a damaged database is kept: {each}")
    raise typer.Exit(1 if faults or kept else 0)


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="Tệp mới. A file that does not exist yet.")],
    config_file: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Sao lưu. Copy the database, encrypted as it is, while the kiosk works.

    The copy needs this kiosk's key to be opened, and holds the office's secrets. Whoever is erased
    later is still in it: delete it when you may no longer keep the data.
    """
    from kiosk.store.backup import copy_to
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key

    store = settings_of(config_file).store
    key = load_key(store.key_file)
    with Database.open(store.path, key) as db, _progress("sao lưu · copying") as progress:
        copy_to(db, key, file, progress)
    size = file.stat().st_size
    print(json.dumps({"file": str(file), "bytes": size}) if as_json else f"{file}: {size} byte")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="Bản sao. A copy that backup made.")],
    config_file: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Khôi phục. Put a copy in the database's place; that is kept beside it for seven days.

    Stop kiosk and kiosk-sync first. Whoever was erased since the copy was made stays erased, and
    with a central server nobody is recognised until it has told whom else it has forgotten. A copy
    from before today's tickets would give today's numbers a second time: restore before opening.
    """
    from kiosk.store.backup import restore as put_back
    from kiosk.store.keys import load_key

    store = settings_of(config_file).store
    kept = put_back(file, store.path, load_key(store.key_file), datetime.now(UTC))
    if as_json:
        print(json.dumps({"restored": str(file), "kept": str(kept) if kept else None}))
    else:
        print(f"Đã khôi phục {file}. Restored.")
        if kept:
            print(f"Bản cũ · what was there before: {kept}")


@app.command("rotate-key")
def rotate_key(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Đổi khóa. Encrypt the database, and every sealed column, with a new key.

    Stop kiosk and kiosk-sync first. Copies made before need the old key, which is deleted: make a
    new copy afterwards, and keep a copy of the new key apart from the kiosk.
    """
    from kiosk.store.rekey import rotate_key as rotate

    store = settings_of(config_file).store
    with _progress("mã hóa lại · encrypting") as progress:
        sealed = rotate(store, datetime.now(UTC), progress)
    if as_json:
        print(json.dumps({"key_file": str(store.key_file), "sealed_anew": sealed}))
    else:
        print(f"Khóa mới ở {store.key_file}. The new key is in {store.key_file}.")


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        bar = bars.add_task(what, total=None)
        yield lambda left, pages: bars.update(bar, total=pages, completed=pages - left)
