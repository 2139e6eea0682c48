"""Signing in and out, and the language, which needs nobody signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response

from central.db.accounts import UserRole
from central.locale import Language
from central.services.signing_in import (
    Refused,
    end_session,
    found_session,
    give_code,
    lifetime,
    sign_in,
)
from central.web.menu import start_of
from central.web.page import Page, PageDep, cookie_name, local_path, pages

router = pages()
Next = Annotated[str, Query(alias="next", max_length=500)]
Text = Annotated[str, Form(max_length=500)]


@router.get("/")
def get_start(page: PageDep) -> Response:
    """Where whoever asks begins."""
    return page.go(start_of(page.user) if page.user else "/login")


@router.get("/language/{language}")
def get_language(page: PageDep, language: Language, next_: Next = "/") -> Response:
    """Go on in another language."""
    return page.in_language(language, local_path(next_))


@router.get("/login")
def get_login(page: PageDep, next_: Next = "/") -> Response:
    """The form for name and password."""
    if page.user:
        return page.go(start_of(page.user))
    return _form(page, next_)


@router.post("/login")
def post_login(
    page: PageDep, name: Text, password: Text, next_: Annotated[str, Form(alias="next")] = "/"
) -> Response:
    """Sign in."""
    try:
        token = sign_in(page.database, name, password, page.address, page.now)
    except Refused as refused:
        return _form(page, next_, name, refused)
    if page.user:
        with page.database.writing() as session:
            end_session(session, page.user.token)
    return _signed_in(page, token, local_path(next_))


@router.get("/login/code")
def get_code(page: PageDep) -> Response:
    """The form for the second factor's code."""
    if page.user is None or page.user.duty != "/login/code":
        return page.go("/")
    return page.show("code.html", refused=None)


@router.post("/login/code")
def post_code(page: PageDep, code: Text) -> Response:
    """Show the second factor."""
    if page.user is None or page.user.duty != "/login/code":
        return page.go("/login")
    try:
        token, left = give_code(page.database, page.user.token, code, page.address, page.now)
    except Refused as refused:
        return page.show("code.html", 401, refused=_why(page, refused, "web.login.wrong_code"))
    except LookupError:
        return page.go("/login")
    if left is None:
        return _signed_in(page, token, "/")
    return _signed_in(page, token, "/account", "web.account.recovery_used", left=left)


@router.post("/logout")
def post_logout(page: PageDep) -> Response:
    """Sign out."""
    if page.user:
        with page.database.writing() as session:
            end_session(session, page.user.token)
            page.record(session, "sign_out")
    response = page.go("/login", "web.login.signed_out")
    secure = page.request.url.scheme == "https"
    response.delete_cookie(cookie_name(page.request), secure=secure, httponly=True)
    return response


def set_session(page: Page, response: Response, token: str) -> None:
    """Give the browser its session: until it is closed, or on the wall for as long as it lasts."""
    with page.database.reading() as session:
        found = found_session(session, token, page.now)
        lasts = found is not None and found[1].role == UserRole.DISPLAY
    response.set_cookie(
        cookie_name(page.request),
        token,
        max_age=int(lifetime(UserRole.DISPLAY).longest.total_seconds()) if lasts else None,
        path="/",
        secure=page.request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _signed_in(page: Page, token: str, path: str, flash: str = "", **fields: str | int) -> Response:
    response = page.go(path, flash, **fields)
    set_session(page, response, token)
    return response


def _form(page: Page, next_: str, name: str = "", refused: Refused | None = None) -> Response:
    return page.show(
        "login.html",
        401 if refused else 200,
        next=local_path(next_),
        name=name,
        refused=refused and _why(page, refused, "web.login.wrong"),
    )


def _why(page: Page, refused: Refused, wrong: str) -> str:
    if refused.office_closed:
        return page.text("web.login.office_closed")
    if refused.wait is None:
        return page.text(wrong)
    return page.text("web.login.wait", until=f"{page.local(refused.wait):%H:%M:%S}")
