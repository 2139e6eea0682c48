"""The offices of this server, for those who run it: another one, its name, closing it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, HTTPException
from fastapi.responses import Response
from sqlalchemy.orm import Session

from central.db.accounts import UserRole
from central.db.models import FIRST_OFFICE
from central.services import accounts, lifecycle
from central.services.accounts import AccountFault
from central.services.lifecycle import OfficeFault, Standing
from central.web.page import Page, PageDep, RowId, pages

router = pages(UserRole.ADMINISTRATOR, of_server=True)
Text = Annotated[str, Form(max_length=500)]
Step = Literal["rename", "close", "reopen"]
_SAID = {"rename": "renamed", "close": "closed", "reopen": "reopened"}


@router.get("/offices")
def get_offices(page: PageDep) -> Response:
    """Every office, and how it stands."""
    return _list(page)


@router.post("/offices")
def post_offices(page: PageDep, office: Text, full_name: Text, name: Text) -> Response:
    """Make an office and its first administrator; shows their password, this once."""
    password, role = accounts.new_password(), UserRole.ADMINISTRATOR
    try:
        with page.database.writing() as session:
            made = lifecycle.make(session, office).id
            user = accounts.add_user(session, made, name, full_name, role, password, page.now)
            page.record_of(session, made, "office.added", f"office:{made}")
            page.record_of(session, made, "user.added", f"user:{user.id}", role=role)
            return page.show("user_password.html", user=user, password=password, back="/offices")
    except OfficeFault as fault:
        why = f"offices.fault.{fault.reason}"
    except AccountFault as fault:
        why = f"users.fault.{fault.reason}"
    return _list(page, why, {"office": office, "full_name": full_name, "name": name})


@router.get("/offices/{number}")
def get_office(page: PageDep, number: RowId) -> Response:
    """One office, and what can be done with it."""
    return _one(page, number)


@router.post("/offices/{number}")
def post_office(
    page: PageDep, number: RowId, step: Annotated[Step, Form()], name: Text = ""
) -> Response:
    """Do it."""
    try:
        with page.database.writing() as session:
            _standing(page, session, number)
            if step == "rename":
                office = lifecycle.rename(session, number, name)
            elif step == "close":
                office = lifecycle.close(session, number, page.now)
            else:
                office = lifecycle.reopen(session, number)
            said = office.name
            page.record_of(session, number, f"office.{_SAID[step]}", f"office:{number}")
    except OfficeFault as fault:
        return _one(page, number, f"offices.fault.{fault.reason}", name)
    return page.go(f"/offices/{number}", f"offices.{step}_said", name=said)


def _list(page: Page, fault: str = "", typed: dict[str, str] | None = None) -> Response:
    with page.database.reading() as session:
        return page.show(
            "offices.html",
            422 if fault else 200,
            rows=lifecycle.standings(session, page.today),
            fault=page.text(fault, least=accounts.SHORTEST) if fault else "",
            typed=typed or {"office": "", "full_name": "", "name": ""},
        )


def _one(page: Page, number: int, fault: str = "", typed: str = "") -> Response:
    with page.database.reading() as session:
        row = _standing(page, session, number)
        return page.show(
            "office_standing.html",
            422 if fault else 200,
            row=row,
            runs_server=number == FIRST_OFFICE,
            fault=page.text(fault) if fault else "",
            typed=typed or row.office.name,
        )


def _standing(page: Page, session: Session, number: int) -> Standing:
    found = [row for row in lifecycle.standings(session, page.today) if row.office.id == number]
    if not found:
        raise HTTPException(404)
    return found[0]
