"""``central simulate-day``: living pages for somebody new, and what the estimate is worth."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from central.commands.options import (
    DEFAULT,
    DatabaseUrl,
    KeyFile,
    OfficeName,
    office_of,
    opened,
    refusal,
)
from central.services.accounts import new_password
from central.simulation.foretold import ErrorReport, report
from central.simulation.staging import CannotSimulate, Staged, staged

_FAULTS = {
    "real": (
        "Máy chủ này đang có ki-ốt thật. Hãy dùng một cơ sở dữ liệu khác: --database",
        "A real kiosk speaks to this server. Use another database: --database",
    ),
    "again": (
        "Ngày này đã có số thứ tự. Hãy chọn ngày khác (--day) hoặc cơ sở dữ liệu khác.",
        "There are tickets of this day already. Choose another (--day), or another database.",
    ),
}


def simulate_day(
    seed: Annotated[int, typer.Option(help="Ngày nào cũng lặp lại được. Same seed, same day.")] = 1,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Ngày. [default: hôm nay, tới lúc này · today]"),
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Chạy tiếp theo giờ thật. Then go on in real time (Ctrl-C)."),
    ] = False,
    office: OfficeName = "",
    as_json: Annotated[bool, typer.Option("--json", help="Cho máy đọc. For machines.")] = False,
    database: DatabaseUrl = DEFAULT.database,
    key_file: KeyFile = None,
) -> None:
    """Diễn một ngày làm việc. Play a believable day: kiosk, counters, citizens, all made up.

    Today is played up to this moment, so that counters, board and dashboards are alive; another
    day is played to its end. Prints how far off the foretold waits were, beside the naive ones
    ("tickets ahead × average").
    """
    zone, now, password = ZoneInfo(DEFAULT.timezone), datetime.now(UTC), new_password()
    chosen: date = day.date() if day else now.astimezone(zone).date()
    with opened(database, key_file) as central:
        with central.reading() as session:
            of = office_of(session, office).id
        try:
            ready = staged(central, of, zone, seed, chosen, now, password)
        except CannotSimulate as refused:
            raise refusal(*_FAULTS[refused.reason]) from refused
        _play(ready)
        errors = report(ready.day.foretold)
        if as_json:
            said = {"seed": seed, "day": chosen.isoformat(), "tickets": ready.day.tickets}
            typer.echo(json.dumps(said | (errors.as_json() if errors else {})))
        else:
            _tell(ready, errors, password)
        if live:
            with suppress(KeyboardInterrupt):
                _go_on(ready)


def _play(ready: Staged) -> None:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Người dân. Citizens", total=ready.people)
        while (at := ready.day.agenda.next_at) and (ready.until is None or at <= ready.until):
            ready.day.agenda.play(at)
            progress.update(bar, completed=ready.day.tickets)
    if ready.until is not None:
        ready.day.agenda.play(ready.until)


def _go_on(ready: Staged) -> None:
    """As the clock does."""
    while (at := ready.day.agenda.next_at) is not None:
        time.sleep(max((at - datetime.now(UTC)).total_seconds(), 0))
        ready.day.agenda.play(datetime.now(UTC))


def _tell(ready: Staged, errors: ErrorReport | None, password: str) -> None:
    console = Console()
    console.print(
        f"{ready.day.tickets} số, {ready.counters} quầy · tickets, counters"
        + (" · giờ dời quanh lúc này, hours moved around now" if ready.is_shifted else "")
    )
    if errors is not None:
        table = Table(title=f"Chờ trung bình {errors.mean_wait:.1f} phút · mean wait, minutes")
        for column in ("", "MAE", "lệch · bias", "≤ 5 phút · min"):
            table.add_column(column, justify="left" if not column else "right")
        table.add_row(
            "ước tính · estimate",
            f"{errors.estimate_mae:.1f}",
            f"{errors.estimate_bias:+.1f}",
            f"{errors.within_5_min:.0%}",
        )
        table.add_row(
            "số người trước × trung bình · tickets ahead × average",
            f"{errors.naive_mae:.1f}",
            f"{errors.naive_bias:+.1f}",
            f"{errors.naive_within_5_min:.0%}",
        )
        table.add_row("… ÷ số quầy · by open counters", f"{errors.shared_mae:.1f}", "", "")
        console.print(table)
    names = ", ".join(each + ready.ending for each in ("canbo1", "canbo2", "quanly", "manhinh"))
    console.print(
        f"Đăng nhập · sign in: {names} — {password}\n"
        "(mật khẩu của tài khoản mới · of new accounts)",
        highlight=False,
    )
