"""The manager's pages: how long people wait, when they come, how the kiosks are, and the yearly
report on recognition."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import File, HTTPException, Query, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.accounts import UserRole
from central.db.models import Device, Printer, Role
from central.services.reports import (
    LONGEST,
    Group,
    Period,
    Report,
    read_recognition,
    read_report,
)
from central.web.charts import Bar, bars, columns, heat
from central.web.devices import SILENT
from central.web.exports import FileKind, Table, as_file
from central.web.fields import Names, names_of
from central.web.page import Page, PageDep, pages

router = pages(UserRole.MANAGER)
TARGET_MIN = 15.0
_LARGEST = 1 << 20
"""Bytes of an uploaded result."""
_FIGURES = 200

First = Annotated[date | None, Query(alias="from")]
Last = Annotated[date | None, Query(alias="to")]
Target = Annotated[float, Query(ge=1, le=240)]


@router.get("/reports")
def get_reports(
    page: PageDep, first: First = None, last: Last = None, target: Target = TARGET_MIN
) -> Response:
    """A period at a glance; this week unless another is asked for."""
    period = _period(page, first, last)
    with page.database.reading() as session:
        report = read_report(session, page.me.office_id, page.server.zone, period, target)
        names = names_of(session, page.me.office_id, page.language)
        return page.show(
            "reports.html",
            report=report,
            names=names,
            kiosks=_kiosks(session, page),
            silent_since=page.now - SILENT,
            charts=_charts(page, report, names),
            query=f"from={period.first}&to={period.last}&target={target:g}",
            spans=_spans(page),
        )


@router.get("/reports/file.{kind}")
def get_file(
    page: PageDep,
    kind: FileKind,
    first: First = None,
    last: Last = None,
    target: Target = TARGET_MIN,
) -> Response:
    """The same figures, for a spreadsheet."""
    period = _period(page, first, last)
    with page.database.reading() as session:
        report = read_report(session, page.me.office_id, page.server.zone, period, target)
        names = names_of(session, page.me.office_id, page.language)
    return as_file(f"{period.first}_{period.last}", kind, _tables(page, report, names))


@router.get("/reports/recognition")
def get_recognition(
    page: PageDep, year: Annotated[int | None, Query(ge=2020, le=2200)] = None
) -> Response:
    """What the office answers for once a year."""
    return _recognition(page, year or page.today.year, ())


@router.post("/reports/recognition")
async def post_recognition(
    page: PageDep,
    measured: Annotated[UploadFile, File()],
    year: Annotated[int | None, Query(ge=2020, le=2200)] = None,
) -> Response:
    """The same, with what ``kiosk bench … --json`` measured beside it. Nothing of it is kept."""
    content = await measured.read(_LARGEST + 1)
    figures = figures_of(content) if len(content) <= _LARGEST else None
    if figures is None:
        return _recognition(page, year or page.today.year, (), "reports.measured_odd", 422)
    return _recognition(page, year or page.today.year, figures)


def figures_of(content: bytes) -> list[tuple[str, float]] | None:
    """Every number in a JSON object, by where it stands; None when it is none."""
    try:
        told: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    found: list[tuple[str, float]] = []
    left: list[tuple[str, object]] = [("", told)]
    while left and len(found) < _FIGURES:
        where, value = left.pop(0)
        if isinstance(value, dict):
            left += [(f"{where} {key}".strip()[:80], each) for key, each in value.items()]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append((where, float(value)))
    return found or None


def _recognition(
    page: Page,
    year: int,
    figures: Sequence[tuple[str, float]],
    fault: str | None = None,
    status: int = 200,
) -> Response:
    with page.database.reading() as session:
        told = read_recognition(session, page.me.office_id, page.server.zone, year)
    return page.show("recognition_year.html", status, told=told, figures=figures, fault=fault)


def _period(page: Page, first: date | None, last: date | None) -> Period:
    last = last or max(page.today, first or page.today)
    first = first or min(last, page.today - timedelta(days=6))
    if first > last or last - first > LONGEST or first.year < 2000 or last.year > 9000:
        raise HTTPException(422)
    return Period(first, last)


@dataclass(frozen=True, slots=True)
class Span:
    """A period that is often asked for. ``name``: key of its name."""

    name: str
    query: str


def _spans(page: Page) -> list[Span]:
    today = page.today
    begins = {
        "reports.today": today,
        "reports.week": today - timedelta(days=6),
        "reports.month": today - timedelta(days=29),
        "reports.year": today - timedelta(days=364),
    }
    return [Span(name, f"from={first}&to={today}") for name, first in begins.items()]


def _kiosks(session: Session, page: Page) -> list[tuple[Device, Printer | None]]:
    found = session.execute(
        select(Device, Printer)
        .outerjoin(Printer, Printer.device_id == Device.id)
        .where(
            Device.office_id == page.me.office_id,
            Device.role == Role.KIOSK,
            Device.revoked_at.is_(None),
        )
        .order_by(Device.name)
    )
    return [(device, printer) for device, printer in found]


def _charts(page: Page, report: Report, names: Names) -> dict[str, Any]:
    t = page.text

    def short(minutes: float) -> str:
        return page.number(minutes, ".1f" if minutes < 10 else ".0f")

    def waits(groups: Sequence[Group], named: Any) -> list[Bar]:
        return [
            Bar(
                named(each.key),
                each.waiting.median,
                each.waiting.p90,
                t("reports.bar", median=short(each.waiting.median), p90=short(each.waiting.p90)),
            )
            for each in groups
            if each.waiting
        ]

    days = [
        Bar(
            f"{date.fromisoformat(each.key):%d/%m}", each.waiting.median, each.waiting.p90, each.key
        )
        for each in report.by_day
        if each.waiting
    ]
    hours = sorted({hour for _, hour in report.arrivals})
    weekdays = sorted({day for day, _ in report.arrivals} | set(range(5)))
    rows = {day: row for row, day in enumerate(weekdays)}
    counts = {(rows[day], hour): float(count) for (day, hour), count in report.arrivals.items()}
    open_hours = list(range(hours[0], hours[-1] + 1)) if hours else []
    by_field = waits(report.by_field, names.field)
    by_counter = waits(report.by_counter, lambda key: _counter(page, key))
    by_hour = waits(report.by_hour, lambda key: f"{int(key)}h")
    alike = report.target_min, page.number
    return {
        "field": bars(t("reports.wait_field"), by_field, *alike),
        "counter": bars(t("reports.wait_counter"), by_counter, *alike),
        "hour": columns(t("reports.wait_hour"), by_hour, *alike),
        "day": columns(t("reports.wait_day"), days, *alike),
        "arrivals": heat(
            t("reports.arrivals"),
            [t(f"reports.weekday_{day}") for day in weekdays],
            open_hours,
            counts,
            page.number,
        ),
    }


def _tables(page: Page, report: Report, names: Names) -> list[Table]:
    t = page.text
    heads = [
        t("reports.calls"),
        t("reports.absent"),
        t("reports.wait_median"),
        t("reports.wait_p90"),
        t("reports.wait_within", target=page.number(report.target_min, "g")),
        t("reports.service_median"),
        t("reports.service_p90"),
    ]

    def row(name: str, group: Group) -> list[str | float | int | None]:
        wait, serve = group.waiting, group.service
        return [
            name,
            group.calls,
            group.absent,
            wait and wait.median,
            wait and wait.p90,
            wait and wait.within,
            serve and serve.median,
            serve and serve.p90,
        ]

    parts = (
        ("reports.field", report.by_field, names.field),
        ("reports.counter", report.by_counter, lambda key: _counter(page, key)),
        ("reports.hour", report.by_hour, lambda key: f"{int(key)}h"),
        ("reports.day", report.by_day, str),
    )
    tables = [Table(t("reports.whole"), ["", *heads], [row(t("reports.whole"), report.whole)])]
    tables += [
        Table(t(name), [t(name), *heads], [row(named(each.key), each) for each in groups])
        for name, groups, named in parts
    ]
    arrivals = [
        [t(f"reports.weekday_{day}"), hour, count]
        for (day, hour), count in sorted(report.arrivals.items())
    ]
    heads = [t("reports.weekday"), t("reports.hour"), t("reports.tickets")]
    return [*tables, Table(t("reports.arrivals"), heads, arrivals)]


def _counter(page: Page, label: str) -> str:
    return (
        page.text("reports.counter_label", label=label) if label else page.text("reports.software")
    )
