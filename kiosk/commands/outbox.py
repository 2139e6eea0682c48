"""``kiosk outbox …``: what central has still to be told."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of

if TYPE_CHECKING:
    from kiosk.store.outbox import QueueState

app = typer.Typer(
    help="Hàng đợi gửi về máy chủ. What central has still to be told.", no_args_is_help=True
)


@app.command("status")
def status(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Tình trạng. How many events wait, since when, and which were put aside and why.

    Exit status 1 when some were put aside.
    """
    from kiosk.store import outbox
    from kiosk.store.changes import cursor, revoked_at
    from kiosk.store.database import Database
    from kiosk.store.keys import key_for

    store = settings_of(config_file).store
    with Database.open(store.path, key_for(store)) as db:
        state = outbox.state(db)
        heard, revoked = cursor(db).after, revoked_at(db)
    if as_json:
        told = asdict(state) | {"changes_heard": heard, "revoked_at": revoked}
        print(json.dumps(told))
    else:
        _show(state, revoked)
    raise typer.Exit(1 if state.parked else 0)


def _show(state: QueueState, revoked: str | None) -> None:
    waiting = sum(state.waiting.values())
    since = f", từ · since {state.oldest_at}" if state.oldest_at else ""
    print(f"Đang chờ gửi: {waiting}{since}. Waiting: {waiting}.")
    for kind, events in state.waiting.items():
        print(f"  {kind}: {events}")
    if revoked:
        print(f"Máy chủ đã thu hồi kiosk này. Central revoked this kiosk: {revoked}")
    for kind, events in state.dropped.items():
        print(f"Đã bỏ thống kê · statistics dropped: {kind} {events}")
    for one in state.parked:
        print(f"Để riêng · put aside: {one.id} {one.kind} {one.at}: {one.reason}")


@app.command("retry")
def retry(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Gửi lại. Have events that were put aside tried again, in their old places."""
    from kiosk.store import outbox
    from kiosk.store.database import Database
    from kiosk.store.keys import key_for

    store = settings_of(config_file).store
    with Database.open(store.path, key_for(store)) as db:
        events = outbox.unpark(db)
    if as_json:
        print(json.dumps({"retried": events}))
    else:
        print(f"Sẽ gửi lại {events} sự kiện. {events} events will be tried again.")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Tệp mới. A file that does not exist yet.")],
    config_file: ConfigFile = None,
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Kèm dữ liệu cá nhân. With people's data, in clear."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Xuất ra tệp. Write every event, those put aside too, as lines of JSON (mode 0600); nothing
    leaves the queue. For finding out what is wrong.

    What says who somebody is stays out unless you ask for it: DELETE SUCH A FILE AFTERWARDS.
    """
    from rich.console import Console
    from rich.progress import track

    from kiosk.errors import StoreError
    from kiosk.store import outbox
    from kiosk.store.database import Database
    from kiosk.store.keys import key_for

    store = settings_of(config_file).store
    with Database.open(store.path, key_for(store)) as db:
        state = outbox.state(db)
        count = sum(state.waiting.values()) + len(state.parked)
        try:
            how = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            descriptor = os.open(file, how, 0o600)
        except FileExistsError as error:
            raise StoreError("store_file_exists", file=file) from error
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            lines = outbox.everything(db, personal=personal)
            console, quiet = Console(stderr=True), not sys.stderr.isatty()
            bar = track(lines, "xuất · exporting", total=count, console=console, disable=quiet)
            written = sum(out.write(f"{line}\n") > 0 for line in bar)
    if as_json:
        print(json.dumps({"exported": written, "file": str(file), "personal": personal}))
        return
    print(f"{file}: {written} sự kiện · events")
    if personal:
        print("Có dữ liệu cá nhân: dùng xong hãy xóa. It holds personal data: delete it.")
