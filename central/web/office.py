"""The office: its name, what its kiosks offer, when it is open, and how long it keeps things."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, get_args

from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from central.db.accounts import UserRole
from central.db.models import Office
from central.office_file import MOST_FIELDS, MOST_PRIORITIES, OfficeFileError, settings_from
from central.services.lifecycle import OfficeFault, rename
from central.services.offices import all_offices, settings_of, settle
from central.services.retention import Retention, keep, retention_of
from central.web.page import Page, PageDep, pages
from wire.office import Weekday

router = pages(UserRole.ADMINISTRATOR)
_DAYS: tuple[str, ...] = get_args(Weekday)
_FIELD = (
    "id", "prefix", "name_vi", "name_en", "examples_vi", "examples_en",
    "counter", "minutes_each", "daily_limit",
)  # fmt: skip
_PRIORITY = ("id", "mark", "name_vi", "name_en")
_MORE = 2
"""Empty rows to add something in."""
Rows = list[dict[str, str]]


@router.get("/office")
def get_office(page: PageDep) -> Response:
    """What the office offers, to be changed."""
    with page.database.reading() as session:
        office = _mine(session, page)
        settings = settings_of(office)
        told = settings.model_dump(mode="json") if settings else {}
        return _form(page, _typed(office.name, told))


@router.post("/office")
async def post_office(page: PageDep, request: Request) -> Response:
    """Have every kiosk offer this from now on."""
    form = await request.form()
    return await run_in_threadpool(_save, page, _sent(form))


def _save(page: Page, typed: dict[str, Any]) -> Response:
    try:
        settings = settings_from(_tables(typed))
    except OfficeFileError as error:
        fault = page.text("office.fault", where=error.where, reason=error.reason)
        return _form(page, typed, fault)
    try:
        with page.database.writing() as session:
            if typed["name"] != _mine(session, page).name:
                rename(session, page.me.office_id, typed["name"])
            settle(session, page.me.office_id, settings)
            page.record(session, "office.settings")
    except OfficeFault as fault:
        return _form(page, typed, page.text(f"offices.fault.{fault.reason}"))
    return page.go("/office", "office.saved")


@router.get("/retention")
def get_retention(page: PageDep) -> Response:
    """How long things are kept."""
    with page.database.reading() as session:
        days = retention_of(_mine(session, page)).model_dump()
    return _retention(page, days)


@router.post("/retention")
async def post_retention(page: PageDep, request: Request) -> Response:
    """Keep things so long from now on."""
    form = await request.form()
    days = {name: str(form.get(name, "")).strip() for name in Retention.model_fields}
    return await run_in_threadpool(_keep, page, days)


def _keep(page: Page, days: dict[str, str]) -> Response:
    try:
        retention = Retention.model_validate(days)
    except ValidationError:
        return _retention(page, days, page.text("office.retention.fault"))
    with page.database.writing() as session:
        keep(_mine(session, page), retention)
        page.record(session, "office.retention", **retention.model_dump())
    return page.go("/retention", "office.retention.saved")


def _retention(page: Page, days: dict[str, Any], fault: str = "") -> Response:
    with page.database.reading() as session:
        shares_log = len(all_offices(session)) > 1
        context = {"days": days, "fault": fault, "shares_log": shares_log}
        return page.show("retention.html", 422 if fault else 200, **context)


def _mine(session: Session, page: Page) -> Office:
    return session.get_one(Office, page.me.office_id)


def _form(page: Page, typed: dict[str, Any], fault: str = "") -> Response:
    return page.show("office.html", 422 if fault else 200, typed=typed, days=_DAYS, fault=fault)


def _typed(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """What the form holds at first."""
    hours = told.get("hours") or {}
    return {
        "name": name,
        "fields": _rows(told.get("fields", []), _FIELD, MOST_FIELDS),
        "priorities": _rows(told.get("priorities", []), _PRIORITY, MOST_PRIORITIES),
        "hours": {day: ", ".join(hours.get(day, [])) for day in _DAYS},
        "holidays": "\n".join(told.get("holidays", [])),
    }


def _rows(tables: list[dict[str, Any]], columns: Iterable[str], most: int) -> Rows:
    flat = [_flat(table) for table in tables] + [{}] * _MORE
    return [
        {column: str(row.get(column) or "") for column in columns} for row in flat[: max(most, 1)]
    ]


def _flat(table: dict[str, Any]) -> dict[str, Any]:
    """``name = {vi, en}`` becomes ``name_vi`` and ``name_en``."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{language}": said for language, said in value.items()}
        else:
            flat[key] = value
    return flat


def _sent(form: FormData) -> dict[str, Any]:
    """What the form holds when it comes back."""

    def said(name: str) -> str:
        return str(form.get(name, "")).strip()

    def rows(table: str, columns: tuple[str, ...], most: int) -> Rows:
        return [
            {column: said(f"{table}.{place}.{column}") for column in columns}
            for place in range(most + _MORE)
            if f"{table}.{place}.id" in form
        ]

    return {
        "name": said("office_name"),
        "fields": rows("fields", _FIELD, MOST_FIELDS),
        "priorities": rows("priorities", _PRIORITY, MOST_PRIORITIES),
        "hours": {day: said(f"hours.{day}") for day in _DAYS},
        "holidays": said("holidays"),
    }


def _tables(typed: dict[str, Any]) -> dict[str, Any]:
    """As an office file has it; rows without an id are left out."""
    hours = {day: re.split(r"[\s,;]+", spans) for day, spans in typed["hours"].items() if spans}
    tables: dict[str, Any] = {
        "fields": [_nested(row) for row in typed["fields"] if row["id"]],
        "priorities": [_nested(row) for row in typed["priorities"] if row["id"]],
        "holidays": typed["holidays"].split(),
    }
    return tables | ({"hours": hours} if hours else {})


def _nested(row: dict[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in row.items():
        name, _, language = key.rpartition("_")
        if language in ("vi", "en"):
            table.setdefault(name, {})[language] = value
        elif value or key == "counter":
            table[key] = value.replace(",", ".") if key == "minutes_each" else value
    return table
