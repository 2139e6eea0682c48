"""``central update …``: releases for the kiosks, to some of them first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from sqlalchemy.orm import Session

from central.bundle_file import BundleFault
from central.commands.options import (
    DEFAULT,
    DatabaseUrl,
    KeyFile,
    ReleasesFolder,
    opened,
    refusal,
)
from central.db.engine import Database
from central.db.releases import PublishedRelease
from central.services import audit, releases
from wire import Release

app = typer.Typer(help="Bản cập nhật cho các kiosk. Releases for the kiosks.", no_args_is_help=True)

Version = Annotated[
    str, typer.Argument(help="Bản nào, như `list` ghi. Which, as `list` says.", metavar="VERSION")
]
Percentage = Annotated[int, typer.Argument(min=0, max=100, metavar="PERCENT")]


@app.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="Gói đã ký. The signed bundle.", metavar="BUNDLE")],
    percent: Annotated[
        int,
        typer.Option(min=0, max=100, help="Bao nhiêu % kiosk được lấy. How many may take it now."),
    ] = 0,
    release_key: Annotated[
        str,
        typer.Option(
            help="Khoá công khai (hex). The publisher's public key: refuse what it did not sign."
        ),
    ] = "",
    folder: ReleasesFolder = DEFAULT.releases,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Phát hành. Hold a bundle against its manifest, keep it, and offer it to kiosks.

    Unless --percent says otherwise no kiosk takes it yet: `central update stage` lets it out.
    """
    if not file.is_file():
        raise refusal(f"Không có tệp {file}.", f"There is no file {file}.", 2)
    with opened(database, key_file) as central:
        try:
            release = _take_in(folder, file, release_key)
            release = release.model_copy(update={"percentage": percent})
            with central.writing() as session:
                row = releases.publish(session, release, datetime.now(UTC))
                _record(session, central, "release.published", [row])
        except BundleFault as fault:
            raise refusal(f"{file} {fault.vi}.", f"{file} {fault.en}.", 2) from fault
    typer.echo(f"{release.version}\t{release.arch}\t{percent} %")


@app.command("list")
def show(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Cho máy đọc. For machines.")] = False,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Liệt kê. Every release: how far it was let out, which kiosks may take it, which run it."""
    with opened(database, key_file) as central, central.reading() as session:
        for row in releases.all_releases(session):
            may, run = releases.reach(session, row)
            typer.echo(_json(row, may, run) if as_json else _line(row, may, run))


@app.command("stage")
def stage(
    version: Version,
    percent: Percentage,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Cho bao nhiêu % kiosk lấy. Let a release out to so many percent of the kiosks.

    Less than before stops those that have not installed it yet; who runs it keeps it.
    """
    with opened(database, key_file) as central, central.writing() as session:
        try:
            rows = releases.stage(session, version, percent)
        except LookupError as error:
            raise _unknown(version) from error
        _record(session, central, "release.staged", rows)


@app.command("withdraw")
def withdraw(
    version: Version,
    folder: ReleasesFolder = DEFAULT.releases,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Thu hồi. Offer a release no longer, for good. Kiosks that have it waiting drop it within the
    hour; those that run it keep it: publish a newer one for them."""
    with opened(database, key_file) as central:
        with central.writing() as session:
            try:
                rows = releases.withdraw(session, version, datetime.now(UTC))
            except LookupError as error:
                raise _unknown(version) from error
            gone = [row.sha256 for row in rows]
            _record(session, central, "release.withdrawn", rows)
        for sha256 in gone:
            releases.drop(folder, sha256)


def _take_in(folder: Path, file: Path, key: str) -> Release:
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Kiểm tra. Checking", total=file.stat().st_size)
        return releases.take_in(
            folder, file, key, lambda done: progress.update(bar, completed=done)
        )


def _record(session: Session, central: Database, action: str, rows: list[PublishedRelease]) -> None:
    for row in rows:
        subject, detail, actor = f"release:{row.id}", releases.audited(row), "command:update"
        now = datetime.now(UTC)
        audit.record(session, central.keys, now, None, actor, action, subject, **detail)


def _unknown(version: str) -> typer.Exit:
    return refusal(
        f"Không có bản {version} nào đang phát hành.", f"No release {version} is offered."
    )


def _line(row: PublishedRelease, may: list[str], run: list[str]) -> str:
    state = f"withdrawn {row.withdrawn_at:%Y-%m-%d}" if row.withdrawn_at else f"{row.percentage} %"
    names = ",".join(may) or "–", ",".join(run) or "–"
    return f"{row.version}\t{row.arch}\t{state}\tmay: {names[0]}\trun: {names[1]}"


def _json(row: PublishedRelease, may: list[str], run: list[str]) -> str:
    described = releases.described(row).model_dump()
    times = {
        "published_at": row.published_at.isoformat(),
        "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
    }
    return json.dumps(described | times | {"may": may, "run": run}, ensure_ascii=False)
