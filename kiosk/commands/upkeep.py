"""``kiosk upkeep …``: what systemd's timers have done, hour by hour and day by day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.commands.options import ConfigFile, Json, settings_of

app = typer.Typer(help="Bảo dưỡng. What is done at set times.", no_args_is_help=True)


@app.command("backup")
def backup(
    to: Annotated[
        Path | None,
        typer.Option(help="Thư mục. Folder. [default: backup beside the database]"),
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Giữ mấy bản. Copies to keep.")] = 4,
    config_file: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Sao lưu cơ sở dữ liệu. Copy the database, encrypted as it is, and keep the newest copies."""
    from kiosk.store.backup import back_up
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key

    store = settings_of(config_file).store
    key = load_key(store.key_file)
    with Database.open(store.path, key) as db:
        copy = back_up(db, key, to or store.path.parent / "backup", keep)
    if as_json:
        print(json.dumps({"file": str(copy), "bytes": copy.stat().st_size}))
    else:
        print(f"{copy}: {copy.stat().st_size / 1e6:.1f} MB")


@app.command("retention")
def retention(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Xoá dữ liệu hết hạn. Erase citizens whose time is over, as the kiosk does while it runs."""
    from kiosk.store.citizens import Citizens
    from kiosk.store.clock import office_clock
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key

    settings = settings_of(config_file)
    erased = 0
    with Database.open(settings.store.path, load_key(settings.store.key_file)) as db:
        citizens = Citizens(db, settings.privacy, office_clock(db))
        while expired := citizens.expire():
            erased += len(expired)
    if as_json:
        print(json.dumps({"erased": erased}))
    else:
        print(f"Đã xoá {erased}. Erased {erased}.")


@app.command("serving")
def serving(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Có đang phục vụ không. Say whether people are served now; an update waits until not."""
    from kiosk.store.clock import office_clock
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key
    from kiosk.store.office import with_office

    settings = settings_of(config_file)
    with Database.open(settings.store.path, load_key(settings.store.key_file)) as db:
        office = with_office(db, settings).office
        served = office.serves_at(office_clock(db)().moment)
    print(json.dumps({"serving": served}) if as_json else served)


@app.command("numbers")
def numbers(config_file: ConfigFile = None, as_json: Json = False) -> None:
    """Đã cấp bao nhiêu số. Count the numbers given out; an update asks before it goes back."""
    from kiosk.store.database import Database
    from kiosk.store.keys import load_key

    store = settings_of(config_file).store
    with Database.open(store.path, load_key(store.key_file)) as db:
        issued = db.rows("SELECT count(*) AS n FROM ticket")[0]["n"]
    print(json.dumps({"issued": issued}) if as_json else issued)
