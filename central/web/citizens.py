"""Citizens: found by number or name, what is kept of them, and pairs that may be one person.

Whatever shows somebody's data leaves a row in the audit log. What is searched for is sent in a
form, never in an address, which servers and proxies write down.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, HTTPException
from fastapi.responses import Response
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.db.models import DuplicatePair
from central.db.requests import RequestKind
from central.services.citizens import erase
from central.services.people import (
    MOST,
    Person,
    by_name,
    by_number,
    person_of,
    profile_of,
    represented_by,
    unsettled_pairs,
)
from central.services.requests import RequestFault, receive, requests_of
from central.web.fields import names_of
from central.web.page import Page, PageDep, RowId, pages

router = pages(UserRole.OFFICER, UserRole.MANAGER)
settling = pages(UserRole.MANAGER)
_NUMBER = re.compile(r"\d{12}|\d{9}")


@router.get("/citizens")
def get_citizens(page: PageDep) -> Response:
    """The form to search with."""
    return page.show("citizens.html", sought="", people=None, children=(), more=False)


@router.post("/citizens")
def post_citizens(page: PageDep, sought: Annotated[str, Form(max_length=100)]) -> Response:
    """Whoever has this number or name."""
    number = re.sub(r"[\s.]", "", sought)
    keys, office = page.database.keys, page.me.office_id
    children: list[Person] = []
    with page.database.writing() as session:
        if _NUMBER.fullmatch(number):
            people, more = by_number(session, keys, office, number), False
            children = represented_by(session, keys, office, number)
        else:
            people, more = by_name(session, keys, office, sought)
        for person in (*people, *children):
            page.record(session, "citizen.found", _citizen(person.row.id))
        if not people and not children:
            page.record(session, "citizen.not_found")
        return page.show(
            "citizens.html", sought=sought, people=people, children=children, more=more, most=MOST
        )


@router.get("/citizens/{citizen}")
def get_citizen(page: PageDep, citizen: UUID) -> Response:
    """What is kept of a citizen."""
    with page.database.writing() as session:
        return _shown(page, session, citizen, "citizen.html", "citizen.seen")


@router.get("/citizens/{citizen}/extract")
def get_extract(page: PageDep, citizen: UUID) -> Response:
    """Everything that is kept, on paper for the citizen who asks to see it."""
    with page.database.writing() as session:
        return _shown(page, session, citizen, "extract.html", "citizen.extract")


@router.post("/citizens/{citizen}/requests")
def post_request(page: PageDep, citizen: UUID, kind: Annotated[RequestKind, Form()]) -> Response:
    """Note what a citizen asks for."""
    with page.database.writing() as session:
        person = _person(page, session, citizen)
        me = session.get_one(User, page.me.id)
        try:
            request = receive(session, person.row, kind, me, page.now, page.server.zone)
        except RequestFault as fault:
            return page.go(f"/citizens/{citizen}", f"requests.fault.{fault.reason}")
        number = request.id
        page.record(session, "request.received", _citizen(citizen), request=number, kind=kind)
    return page.go(f"/requests/{number}", "requests.received")


@settling.get("/duplicates")
def get_duplicates(page: PageDep) -> Response:
    """Pairs that kiosks cannot tell apart, or that show one number."""
    with page.database.writing() as session:
        pairs = [
            (pair, *both)
            for pair in unsettled_pairs(session, page.me.office_id)
            if (both := _both(page, session, pair)) is not None
        ]
        for _, one, other in pairs:
            for person in (one, other):
                page.record(session, "citizen.compared", _citizen(person.row.id))
        return page.show("duplicates.html", pairs=pairs)


@settling.post("/duplicates/{position}")
def post_duplicate(
    page: PageDep, position: RowId, verdict: Annotated[Literal["two", "first", "second"], Form()]
) -> Response:
    """Two people after all; or one, of whom the record named stays and the other goes."""
    with page.database.writing() as session:
        pair = session.get(DuplicatePair, position)
        both = _both(page, session, pair) if pair else None
        if pair is None or both is None:
            raise HTTPException(404)
        people = [str(person.row.id) for person in both]
        if verdict == "two":
            pair.settled_at = page.now
        else:
            gone = pair.second if verdict == "first" else pair.first
            erase(session, page.me.office_id, gone, page.now, "asked")
        for who in people:
            page.record(session, "duplicate.settled", f"citizen:{who}", verdict=verdict)
    return page.go(
        "/duplicates", f"citizens.duplicates.{'two_said' if verdict == 'two' else 'one_said'}"
    )


def _shown(page: Page, session: Session, citizen: UUID, template: str, action: str) -> Response:
    person = _person(page, session, citizen)
    context: dict[str, Any] = {
        "profile": profile_of(session, person),
        "person": person,
        "names": names_of(session, page.me.office_id, page.language),
        "requests": requests_of(session, citizen),
        "kinds": [(kind, page.text(f"requests.kind.{kind}")) for kind in RequestKind],
    }
    page.record(session, action, _citizen(citizen))
    return page.show(template, **context)


def _person(page: Page, session: Session, citizen: UUID) -> Person:
    person = person_of(session, page.database.keys, page.me.office_id, citizen)
    if person is None:
        raise HTTPException(404)
    return person


def _both(page: Page, session: Session, pair: DuplicatePair) -> tuple[Person, Person] | None:
    keys, office = page.database.keys, page.me.office_id
    one = person_of(session, keys, office, pair.first)
    other = person_of(session, keys, office, pair.second)
    return (one, other) if one and other and pair.settled_at is None else None


def _citizen(citizen: UUID) -> str:
    return f"citizen:{citizen}"
