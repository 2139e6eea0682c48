"""``central audit …``: is the audit log still what was written?"""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer

from central.commands.options import DEFAULT, DatabaseUrl, KeyFile, opened, refusal
from central.services.audit import head_of
from central.services.audit import verify as verify_chain

app = typer.Typer(help="Nhật ký truy cập. The audit log.", no_args_is_help=True)

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_WHY = {
    "changed": ("dòng {at} đã bị sửa", "row {at} was changed"),
    "missing": ("dòng {at} đã bị xoá", "row {at} was removed"),
    "head": ("các dòng cuối, từ {at}, đã bị xoá", "the last rows, from {at}, were removed"),
    "anchor": ("dòng {at} không còn là dòng đã ghi lại", "row {at} is not the one noted down"),
}


@app.callback()
def audit() -> None:
    """Keeps `verify` a command of its own."""


@app.command("verify")
def verify(
    since: Annotated[
        str,
        typer.Option(
            help="POSITION:SEAL ghi lại từ lần trước. From an earlier run, or from the server's "
            "log: shows that the log was not written anew since, by somebody with the keys."
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Kiểm tra. Check every row of the audit log, and print its newest seal to be noted down.

    Exit status 1: the log was tampered with.
    """
    anchor = _ANCHOR.fullmatch(since)
    if since and not anchor:
        raise refusal("--since: cần POSITION:SEAL.", "--since: POSITION:SEAL is expected.", 2)
    noted = (int(anchor[1]), anchor[2]) if anchor else None
    with opened(database, key_file) as central, central.reading() as session:
        count, broken = verify_chain(session, central.keys, noted)
        head = head_of(session)
    if as_json:
        fault = {"position": broken.position, "reason": broken.reason} if broken else None
        typer.echo(json.dumps({"rows": count, "head": head, "broken": fault}))
    if broken:
        vietnamese, english = (text.format(at=broken.position) for text in _WHY[broken.reason])
        raise refusal(
            f"Nhật ký KHÔNG còn nguyên vẹn: {vietnamese}.",
            f"The log was TAMPERED WITH: {english}.",
        )
    if not as_json:
        typer.echo(head)
        typer.echo(
            f"Nguyên vẹn: {count} dòng. Hãy ghi dấu trên vào nơi khác.\n"
            f"Intact: {count} rows. Note the seal above down somewhere else.",
            err=True,
        )
