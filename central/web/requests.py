"""Requests under the law, with their deadlines counting down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, HTTPException
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.db.requests import PrivacyRequest, RequestKind
from central.services.people import Person, person_of
from central.services.requests import (
    RequestFault,
    answer,
    carry_out,
    closed_requests,
    next_deadline,
    open_requests,
    refuse,
)
from central.web.page import Page, PageDep, RowId, pages
from wire import IdentityData

router = pages(UserRole.OFFICER, UserRole.MANAGER)
deciding = pages(UserRole.MANAGER)
Text = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long there is."""

    days: int
    """Whole calendar days; negative: too late by so many."""
    said: str
    urgency: str
    """Class of the badge: ``good``, none, ``bad``."""


@router.get("/requests")
def get_requests(page: PageDep) -> Response:
    """What is to be done, most urgent first, and what was done."""
    with page.database.reading() as session:
        office = page.me.office_id
        return page.show(
            "requests.html",
            open=sorted(open_requests(session, office), key=next_deadline),
            closed=closed_requests(session, office),
            countdown=lambda request: countdown(page, request),
        )


@router.get("/requests/{number}")
def get_request(page: PageDep, number: RowId) -> Response:
    """One request, and what can be done about it."""
    with page.database.writing() as session:
        return _shown(page, session, _request(page, session, number))


@router.post("/requests/{number}/answer")
def post_answer(page: PageDep, number: RowId) -> Response:
    """The citizen was told that it was received and what happens."""
    with page.database.writing() as session:
        request = _request(page, session, number)
        try:
            answer(request, page.now)
        except RequestFault as fault:
            return page.go(f"/requests/{number}", f"requests.fault.{fault.reason}")
        page.record(session, "request.answered", f"citizen:{request.citizen}", request=number)
    return page.go(f"/requests/{number}", "requests.answered_said")


@deciding.post("/requests/{number}/done")
def post_done(
    page: PageDep,
    number: RowId,
    name: Text = "",
    identity_number: Annotated[str, Form(alias="number", max_length=20)] = "",
    date_of_birth: Text = "",
    sex: Text = "",
    address: Text = "",
) -> Response:
    """Do what was asked for."""
    typed = {
        "name": name.strip(),
        "number": identity_number.replace(" ", ""),
        "date_of_birth": date_of_birth.strip(),
        "sex": sex or None,
        "address": address.strip(),
    }
    with page.database.writing() as session:
        request = _request(page, session, number)
        try:
            corrected = _corrected(page, session, request, typed)
        except ValidationError as error:
            odd = [str(fault["loc"][0]) for fault in error.errors(include_input=False)]
            return _shown(page, session, request, 422, typed, odd)
        me = session.get_one(User, page.me.id)
        try:
            carry_out(session, page.database.keys, request, me, page.now, corrected)
        except RequestFault as fault:
            return page.go(f"/requests/{number}", f"requests.fault.{fault.reason}")
        subject = f"citizen:{request.citizen}"
        page.record(session, "request.done", subject, request=number, kind=request.kind)
    return page.go("/requests", "requests.done_said")


@deciding.post("/requests/{number}/refuse")
def post_refuse(page: PageDep, number: RowId, reason: Text = "") -> Response:
    """Say no, and why."""
    with page.database.writing() as session:
        request = _request(page, session, number)
        try:
            refuse(request, session.get_one(User, page.me.id), page.now, reason)
        except RequestFault as fault:
            return page.go(f"/requests/{number}", f"requests.fault.{fault.reason}")
        page.record(session, "request.refused", f"citizen:{request.citizen}", request=number)
    return page.go("/requests", "requests.refused_said")


def countdown(page: Page, request: PrivacyRequest) -> Countdown:
    """How long there is for the next step."""
    days = (page.local(next_deadline(request)).date() - page.today).days
    key = "late" if days < 0 else "today" if days == 0 else "left"
    urgency = "bad" if days <= 1 else "good" if days > 3 else ""
    return Countdown(days, page.text(f"requests.countdown.{key}", days=abs(days)), urgency)


def _shown(
    page: Page,
    session: Session,
    request: PrivacyRequest,
    status: int = 200,
    typed: dict[str, Any] | None = None,
    odd: list[str] | None = None,
) -> Response:
    person = _person(page, session, request)
    context: dict[str, Any] = {
        "request": request,
        "person": person,
        "typed": typed or (person.identity.model_dump() if person else {}),
        "odd": odd or [],
        "countdown": countdown(page, request),
        "decides": page.me.role == UserRole.MANAGER,
        "received_by": session.get_one(User, request.received_by),
        "closed_by": session.get(User, request.closed_by) if request.closed_by else None,
    }
    page.record(session, "request.seen", f"citizen:{request.citizen}", request=request.id)
    return page.show("request.html", status, **context)


def _corrected(
    page: Page, session: Session, request: PrivacyRequest, typed: dict[str, Any]
) -> IdentityData | None:
    person = _person(page, session, request)
    if request.kind != RequestKind.CORRECTION or person is None:
        return None
    was = person.identity.model_dump()
    return IdentityData.model_validate(was | typed | {"source": "typed"})


def _request(page: Page, session: Session, number: int) -> PrivacyRequest:
    request = session.get(PrivacyRequest, number)
    if request is None or request.office_id != page.me.office_id:
        raise HTTPException(404)
    return request


def _person(page: Page, session: Session, request: PrivacyRequest) -> Person | None:
    return person_of(session, page.database.keys, page.me.office_id, request.citizen)
