"""One's own account: the password and the second factor."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from central.db.accounts import User, UserRole
from central.services import accounts, recovery
from central.services.accounts import AccountFault
from central.services.signing_in import begin_anew
from central.web.codes import code_svg
from central.web.login import set_session
from central.web.page import Page, PageDep, pages

router = pages(*UserRole)
Text = Annotated[str, Form(max_length=500)]
_SECRET = re.compile(r"[A-Z2-7]{32}")
_ISSUER = "Một cửa"
"""What an authenticator app calls the account."""


@router.get("/account")
def get_account(page: PageDep) -> Response:
    """What one can change."""
    with page.database.reading() as session:
        user = _user(session, page)
        left = recovery.codes_left(session, user) if user.totp else None
        return page.show("account.html", account=user, left=left, few=recovery.FEW)


@router.get("/account/password")
def get_password(page: PageDep) -> Response:
    """The form for another password."""
    return page.show("password.html", fault=None)


@router.post("/account/password")
def post_password(page: PageDep, old: Text, new: Text, again: Text) -> Response:
    """Choose another password. Every other browser is signed out."""
    with page.database.writing() as session:
        user = _user(session, page)
        fault = _change(session, user, old, new, again)
        token = "" if fault else begin_anew(session, user, page.now)
        if not fault:
            page.record(session, "account.password", page.actor)
    if fault:
        why = page.text(f"web.account.{fault}", least=accounts.SHORTEST)
        return page.show("password.html", 422, fault=why)
    response = page.go("/", "web.account.password_changed")
    set_session(page, response, token)
    return response


@router.get("/account/second-factor")
def get_second_factor(page: PageDep) -> Response:
    """A new secret, as a code for the telephone."""
    return _offer(page, accounts.new_totp())


@router.post("/account/second-factor")
def post_second_factor(page: PageDep, secret: Text, code: Text, password: Text) -> Response:
    """Take the secret, once a code shows that the telephone has it."""
    if not _SECRET.fullmatch(secret):
        return _offer(page, accounts.new_totp(), "web.account.wrong_code")
    with page.database.writing() as session:
        user = _user(session, page)
        token, codes = "", list[str]()
        fault = _begin_codes(session, page, user, secret, code, password)
        if not fault:
            token = begin_anew(session, user, page.now)
            codes = recovery.new_codes(session, page.database.keys, user)
            page.record(session, "account.second_factor", page.actor)
    if fault:
        return _offer(page, secret, fault)
    page.go_on_as(token)
    response = page.show("recovery_codes.html", codes=codes, begun=True)
    set_session(page, response, token)
    return response


@router.get("/account/recovery-codes")
def get_recovery_codes(page: PageDep) -> Response:
    """The form for new codes in place of a lost telephone."""
    return _codes_form(page)


@router.post("/account/recovery-codes")
def post_recovery_codes(page: PageDep, password: Text) -> Response:
    """New codes, shown this once; earlier ones are void."""
    with page.database.writing() as session:
        user = _user(session, page)
        if user.totp is None:
            return page.go("/account/second-factor")
        codes: list[str] = []
        if accounts.is_password(user, password):
            codes = recovery.new_codes(session, page.database.keys, user)
            page.record(session, "account.recovery_codes", page.actor)
    if not codes:
        return _codes_form(page, "web.account.wrong_password")
    return page.show("recovery_codes.html", codes=codes, begun=False)


def _begin_codes(
    session: Session, page: Page, user: User, secret: str, code: str, password: str
) -> str | None:
    if not accounts.is_password(user, password):
        return "web.account.wrong_password"
    if not accounts.set_totp(session, page.database.keys, user, secret, code, page.now):
        return "web.account.wrong_code"
    return None


def _change(session: Session, user: User, old: str, new: str, again: str) -> str | None:
    if not accounts.is_password(user, old):
        return "wrong_password"
    if new != again:
        return "not_the_same"
    if new == old:
        return "not_new"
    try:
        accounts.set_password(session, user, new, chosen_by_user=True)
    except AccountFault as fault:
        return fault.reason
    return None


def _codes_form(page: Page, fault: str | None = None) -> Response:
    with page.database.reading() as session:
        user = _user(session, page)
        if user.totp is None:
            return page.go("/account/second-factor")
        left = recovery.codes_left(session, user)
    why = fault and page.text(fault)
    return page.show("recovery_form.html", 422 if fault else 200, left=left, fault=why)


def _offer(page: Page, secret: str, fault: str | None = None) -> Response:
    with page.database.reading() as session:
        uri = accounts.totp_uri(_user(session, page), secret, _ISSUER)
    return page.show(
        "second_factor.html",
        422 if fault else 200,
        secret=secret,
        grouped=" ".join(re.findall("....", secret)),
        picture=code_svg(uri, page.text("web.account.code_picture")),
        fault=fault and page.text(fault),
    )


def _user(session: Session, page: Page) -> User:
    return session.get_one(User, page.me.id)
