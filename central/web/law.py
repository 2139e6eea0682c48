"""What the law asks of the office as a whole: a file of each breach, and the facts an impact
assessment rests on. Nobody's data: people stand here by their ids."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import Form, HTTPException
from fastapi.responses import Response
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.db.breaches import Breach
from central.db.models import Office
from central.services.accounts import users_of
from central.services.breaches import (
    KINDS,
    Account,
    account_of,
    breaches_of,
    note_breach,
    report_by,
)
from central.services.devices import devices_of
from central.services.impact import Impact, impact_of
from central.web.exports import FileKind, Table, as_file
from central.web.page import Page, PageDep, RowId, pages

router = pages(UserRole.ADMINISTRATOR)
Text = Annotated[str, Form(max_length=2000)]
Short = Annotated[str, Form(max_length=80)]
_FIRST_YEAR = 2000
_MOMENT = "%Y-%m-%dT%H:%M"
"""As a browser sends a date and time."""


@router.get("/law")
def get_law(page: PageDep) -> Response:
    """The breaches, what to note one with, and the impact assessment."""
    return _overview(page)


@router.post("/law/breaches")
def post_breach(
    page: PageDep,
    discovered: Short,
    begun: Short,
    ended: Short,
    scope: Short,
    what: Text,
    measures: Text = "",
) -> Response:
    """Note a breach; whom it concerned is found and kept with it."""
    typed = {"discovered": discovered, "begun": begun, "ended": ended, "scope": scope,
             "what": what.strip(), "measures": measures.strip()}  # fmt: skip
    try:
        breach = _read(page, typed)
    except ValueError:
        return _overview(page, typed, "law.fault_time")
    if not breach.what:
        return _overview(page, typed, "law.fault_what")
    with page.database.writing() as session:
        if breach.scope not in _scopes(page, session):
            raise HTTPException(422)
        people = note_breach(session, breach)
        number = breach.id
        detail = {"scope": breach.scope, "people": people}
        page.record(session, "breach.noted", f"breach:{number}", **detail)
    return page.go(f"/law/breaches/{number}", "law.noted", people=people)


@router.get("/law/breaches/{number}")
def get_breach(page: PageDep, number: RowId) -> Response:
    """The file of one, to be printed."""
    with page.database.writing() as session:
        account = _account(page, session, number)
        page.record(session, "breach.seen", f"breach:{number}")
        return page.show(
            "breach.html",
            account=account,
            breach=account.breach,
            scope=_scopes(page, session).get(account.breach.scope, account.breach.scope),
            noted_by=session.get_one(User, account.breach.noted_by),
            left=_left(page, account.breach),
            kinds=KINDS,
        )


@router.get("/law/breaches/{number}/file.{kind}")
def get_breach_file(page: PageDep, number: RowId, kind: FileKind) -> Response:
    """The same, for a spreadsheet."""
    with page.database.writing() as session:
        account = _account(page, session, number)
        scope = _scopes(page, session).get(account.breach.scope, account.breach.scope)
        tables = _breach_tables(page, account, scope)
        page.record(session, "breach.exported", f"breach:{number}", kind=kind)
    return as_file(f"vi-pham-{number}", kind, tables)


@router.post("/law/breaches/{number}/reported")
def post_reported(page: PageDep, number: RowId) -> Response:
    """The authority was told."""
    with page.database.writing() as session:
        breach = _account(page, session, number).breach
        breach.reported_at = breach.reported_at or page.now
        page.record(session, "breach.reported", f"breach:{number}")
    return page.go(f"/law/breaches/{number}", "law.reported_said")


@router.get("/law/impact")
def get_impact(page: PageDep) -> Response:
    """The facts of an impact assessment, to be printed."""
    with page.database.writing() as session:
        office = session.get_one(Office, page.me.office_id)
        facts = impact_of(session, office, page.now)
        page.record(session, "impact.seen")
        return page.show("impact.html", facts=facts, office=office)


@router.get("/law/impact/file.{kind}")
def get_impact_file(page: PageDep, kind: FileKind) -> Response:
    """The same, for a spreadsheet."""
    with page.database.writing() as session:
        facts = impact_of(session, session.get_one(Office, page.me.office_id), page.now)
        page.record(session, "impact.exported", kind=kind)
    return as_file(f"danh-gia-tac-dong-{page.today}", kind, _impact_tables(page, facts))


def _overview(
    page: Page, typed: dict[str, str] | None = None, fault: str | None = None
) -> Response:
    today = page.today.isoformat()
    now = page.local(page.now).strftime(_MOMENT)
    empty = {"discovered": now, "begun": today, "ended": today, "scope": "all", "what": "",
             "measures": ""}  # fmt: skip
    with page.database.reading() as session:
        rows = [
            (breach, people, _left(page, breach))
            for breach, people in breaches_of(session, page.me.office_id)
        ]
        scopes = _scopes(page, session)
        return page.show(
            "law.html",
            422 if fault else 200,
            rows=rows,
            scopes=list(scopes.items()),
            named=scopes,
            typed=typed or empty,
            fault=page.text(fault) if fault else "",
        )


def _read(page: Page, typed: dict[str, str]) -> Breach:
    """What was typed. Raises :class:`ValueError` for times that cannot be."""
    zone = page.server.zone
    discovered = datetime.strptime(typed["discovered"][:16], _MOMENT).replace(tzinfo=zone)
    begun, ended = (date.fromisoformat(typed[each]) for each in ("begun", "ended"))
    if min(begun.year, discovered.year) < _FIRST_YEAR or not begun <= ended <= page.today:
        raise ValueError
    if discovered > page.now:
        raise ValueError
    return Breach(
        office_id=page.me.office_id,
        discovered_at=discovered,
        begun_at=datetime.combine(begun, time.min, zone),
        ended_at=datetime.combine(ended, time(23, 59, 59), zone),
        scope=typed["scope"],
        what=typed["what"],
        measures=typed["measures"],
        noted_at=page.now,
        noted_by=page.me.id,
    )


def _scopes(page: Page, session: Session) -> dict[str, str]:
    """What a breach may have been of, and how it is called."""
    return (
        {"all": page.text("law.scope_all")}
        | {
            f"device:{device.id}": page.text(f"law.scope_{device.role}", name=device.name)
            for device in devices_of(session, page.me.office_id)
        }
        | {
            f"user:{user.id}": page.text("law.scope_user", name=user.full_name)
            for user in users_of(session, page.me.office_id)
        }
    )


def _left(page: Page, breach: Breach) -> tuple[str, str]:
    """How long there is to report it, and the class of the badge that says so."""
    if breach.reported_at:
        return page.text("law.reported", time=page.time(breach.reported_at)), "good"
    hours = int((report_by(breach) - page.now).total_seconds() // 3600)
    if hours < 0:
        return page.text("law.late", hours=-hours), "bad"
    return page.text("law.left", hours=hours), "bad" if hours < 24 else ""


def _account(page: Page, session: Session, number: int) -> Account:
    account = account_of(session, page.me.office_id, number)
    if account is None:
        raise HTTPException(404)
    return account


def _breach_tables(page: Page, account: Account, scope: str) -> list[Table]:
    breach, t = account.breach, page.text
    facts = [
        (t("law.discovered"), page.time(breach.discovered_at)),
        (t("law.report_by"), page.time(report_by(breach))),
        (t("law.period"), f"{page.date(breach.begun_at)} – {page.date(breach.ended_at)}"),
        (t("law.scope"), scope),
        (t("law.what"), breach.what),
        (t("law.measures"), breach.measures),
        (t("law.people"), len(account.people)),
        *((t(f"law.data_{kind}"), count) for kind, count in account.by_kind.items()),
    ]
    people = [
        (str(person.citizen), _data(page, person.data), t("law.erased") if person.erased else "")
        for person in account.people
    ]
    heads = (t("law.citizen"), t("law.data"), t("law.note"))
    return [
        Table(t("law.breach", number=breach.id), (t("law.fact"), t("law.value")), facts),
        Table(t("law.people"), heads, people),
    ]


def _data(page: Page, kinds: str) -> str:
    return " · ".join(page.text(f"law.data_{kind}") for kind in kinds.split())


def _impact_tables(page: Page, facts: Impact) -> list[Table]:
    t = page.text
    parts = ("what", "why", "where")
    kept = [
        (*(t(f"law.kept.{each}_{part}") for part in parts), count, _days(page, facts.days[each]))
        for each, count in facts.kept.items()
    ]
    people: list[tuple[Any, ...]] = [
        *((t(f"citizens.purpose_{each}"), count) for each, count in facts.consents.items()),
        (t("law.children"), facts.children),
        (t("law.kiosks"), facts.kiosks),
        (t("law.programs"), facts.programs),
        *((t(f"web.role.{role}"), count) for role, count in facts.users.items()),
        (t("law.without_second_factor"), facts.without_second_factor),
    ]
    asked = [(t(f"requests.kind.{one.kind}"), one.closed, one.open, one.late)
             for one in facts.requests]  # fmt: skip
    heads = [t(f"law.{each}") for each in ("kept_what", "kept_why", "kept_where", "count", "days")]
    asked_heads = [t(f"law.{each}") for each in ("kind", "closed", "open_", "too_late")]
    return [
        Table(t("law.impact"), heads, kept),
        Table(t("law.who"), (t("law.fact"), t("law.count")), people),
        Table(t("requests.title"), asked_heads, asked),
    ]


def _days(page: Page, days: int | None) -> str:
    return page.text("law.for_good") if days is None else page.text("law.in_days", days=days)
