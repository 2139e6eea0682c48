"""One request for a page: who asks, in which language, and the ways to answer."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from central.api.access import Server
from central.db.accounts import User, UserRole, WebSession
from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.locale import LANGUAGES, Language, catalogue, number, text
from central.services import audit
from central.services.signing_in import found_session, is_to_be_noted, note_life
from central.web import csrf
from central.web.templates import render

_FLASH, _LANGUAGE = "flash", "language"
_A_YEAR_S = 365 * 24 * 3600
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


class SignInNeeded(Exception):
    """The page is for somebody who is signed in."""


class NotForThem(Exception):
    """The page is for another role. ``page``: whose request it is."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.request.url.path)
        self.page = page


class DutyFirst(Exception):
    """Something is to be done before anything else. ``path``: where."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose browser it is."""

    id: int
    office_id: int
    full_name: str
    role: UserRole
    token: str
    """Of the session."""
    csrf: str
    duty: str | None
    """Path of what they must do before anything else: give a code, choose a password, set up a
    second factor."""

    @property
    def runs_server(self) -> bool:
        """Whether it is somebody of the office that runs the server."""
        return self.office_id == FIRST_OFFICE

    @classmethod
    def of(cls, row: WebSession, user: User, token: str) -> SignedIn:
        """Of a session that was found."""
        role = UserRole(user.role)
        duty = _duty(row, user)
        return cls(user.id, user.office_id, user.full_name, role, token, row.csrf, duty)


def _duty(row: WebSession, user: User) -> str | None:
    if user.totp is not None and not row.code_given:
        return "/login/code"
    if user.must_change:
        return "/account/password"
    if user.role == UserRole.ADMINISTRATOR and user.totp is None:
        return "/account/second-factor"
    return None


class Page:
    """A request for a page, and what can be answered to it."""

    def __init__(self, request: Request, user: SignedIn | None) -> None:
        self.request, self.user = request, user
        self.server = cast("Server", request.app.state.server)
        chosen = request.cookies.get(_LANGUAGE)
        self.language: Language = chosen if chosen in LANGUAGES else "vi"

    @property
    def me(self) -> SignedIn:
        """Who is signed in. Raises :class:`SignInNeeded`."""
        if self.user is None:
            raise SignInNeeded
        return self.user

    @property
    def database(self) -> Database:
        """The database."""
        return self.server.database

    @property
    def now(self) -> datetime:
        """This moment, UTC."""
        return self.server.now()

    @property
    def today(self) -> date:
        """The office's day."""
        return self.server.today()

    @property
    def asks_for_part(self) -> bool:
        """Whether htmx asks, which puts the answer into the page that is open."""
        return "HX-Request" in self.request.headers

    @property
    def address(self) -> str:
        """Where the browser is."""
        return self.request.client.host if self.request.client else "nowhere"

    @property
    def actor(self) -> str:
        """Who is asking, for the audit log."""
        return f"user:{self.user.id}" if self.user else "nobody"

    @property
    def language_path(self) -> str:
        """Leads to this page in the other language."""
        other = next(each for each in LANGUAGES if each != self.language)
        return f"/language/{other}?next={_quoted(self.request)}"

    def go_on_as(self, token: str) -> None:
        """Answer to the session that has just taken the place of the one that asked."""
        with self.database.reading() as session:
            found = found_session(session, token, self.now)
            self.user = SignedIn.of(*found, token) if found else None

    def is_at(self, *paths: str) -> bool:
        """Whether this page is one of ``paths`` or below it."""
        here = self.request.url.path
        return any(here == path or here.startswith(f"{path}/") for path in paths)

    def local(self, moment: datetime) -> datetime:
        """A moment on the office's clock."""
        return moment.astimezone(self.server.zone)

    def date(self, moment: datetime) -> str:
        """A moment's day on the office's clock, as people write it."""
        return f"{self.local(moment):%d/%m/%Y}"

    def time(self, moment: datetime) -> str:
        """A moment on the office's clock, as people write it."""
        return f"{self.local(moment):%d/%m/%Y %H:%M}"

    def number(self, value: float, spec: str) -> str:
        """A number as people write it, ``1,5`` in Vietnamese; ``spec``: as of :func:`format`."""
        return number(self.language, value, spec)

    def text(self, key: str, /, **fields: object) -> str:
        """A sentence in the language of this browser."""
        return text(self.language, key, **fields)

    def named(self, key: str, otherwise: str) -> str:
        """The sentence ``key`` if there is one."""
        return catalogue(self.language).get(key, otherwise)

    def show(self, template: str, status: int = 200, **context: Any) -> Response:
        """The page that ``template`` makes of ``context``."""
        context |= {"flash": self._flash()}
        response = HTMLResponse(render(self, template, context), status)
        if context["flash"]:
            response.delete_cookie(_FLASH)
        return response

    def go(self, path: str, flash: str = "", **fields: str | int) -> Response:
        """Send the browser to ``path``, there to show the sentence ``flash`` once."""
        if self.asks_for_part:
            response = Response(status_code=204, headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, 303)
        if flash:
            said = json.dumps([flash, fields]).encode()
            response.set_cookie(
                _FLASH, urlsafe_b64encode(said).decode(), max_age=60, httponly=True, samesite="lax"
            )
        return response

    def record(
        self, session: Session, action: str, subject: str = "", **detail: str | int | bool | None
    ) -> None:
        """Add a row to the audit log; the last thing to do in a transaction."""
        mine = self.user.office_id if self.user else None
        self.record_of(session, mine, action, subject, **detail)

    def record_of(
        self,
        session: Session,
        office: int | None,
        action: str,
        subject: str = "",
        /,
        **detail: str | int | bool | None,
    ) -> None:
        """As :meth:`record`, of an office that need not be the one of whoever asks."""
        keys, actor = self.database.keys, self.actor
        audit.record(session, keys, self.now, office, actor, action, subject, **detail)

    def in_language(self, language: Language, path: str) -> Response:
        """Go on in another language."""
        response = RedirectResponse(path, 303)
        response.set_cookie(_LANGUAGE, language, max_age=_A_YEAR_S, httponly=True, samesite="lax")
        return response

    def _flash(self) -> str | None:
        """What the last request wanted said. A cookie: only sentences of the catalogue."""
        try:
            key, fields = json.loads(urlsafe_b64decode(self.request.cookies[_FLASH]))
            return self.text(key, **fields) if key in catalogue(self.language) else None
        except (KeyError, ValueError, TypeError, IndexError, AttributeError):
            return None


def local_path(path: str, otherwise: str = "/") -> str:
    """``path`` if it leads nowhere but here."""
    return path if _LOCAL.fullmatch(path) else otherwise


def sign_in_path(request: Request) -> str:
    """Where to sign in, to come back here."""
    return f"/login?next={_quoted(request)}" if request.method == "GET" else "/login"


def _quoted(request: Request) -> str:
    query = request.url.query
    return quote(request.url.path + (f"?{query}" if query else ""), safe="/")


def cookie_name(request: Request) -> str:
    """Of the session. Over TLS a name that browsers let nobody else set."""
    return "__Host-central" if request.url.scheme == "https" else "central"


def _page(request: Request) -> Page:
    server = cast("Server", request.app.state.server)
    token, now = request.cookies.get(cookie_name(request), ""), server.now()
    if not token:
        return Page(request, None)
    with server.database.looking() as session:
        found = found_session(session, token, now)
        user = SignedIn.of(*found, token) if found else None
        stale = found is not None and is_to_be_noted(found[0], now)
    if stale:
        with server.database.noting() as session:
            note_life(session, token, now)
    return Page(request, user)


async def _checked(page: Annotated[Page, Depends(_page)]) -> Page:
    await csrf.check(page.request, page.user.csrf if page.user else None)
    sent = [*page.request.query_params.values()]
    if page.request.method == "POST":
        sent += [said for said in (await page.request.form()).values() if isinstance(said, str)]
    if any("\0" in said for said in sent):  # PostgreSQL keeps no such text
        raise HTTPException(422)
    return page


RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""A row's number in an address; larger ones no database would take."""
PageDep = Annotated[Page, Depends(_checked)]
"""The request, known to be no other site's doing."""


@dataclass(frozen=True, slots=True)
class Only:
    """Lets in who has one of ``roles`` and nothing more urgent to do; everybody when empty."""

    roles: frozenset[UserRole]
    of_server: bool = False
    """Of them those of the office that runs the server."""

    def __call__(self, page: PageDep) -> None:
        """Raises what sends the browser elsewhere."""
        if not self.roles:
            return
        if page.user is None:
            raise SignInNeeded
        if page.user.duty not in (None, page.request.url.path):
            raise DutyFirst(page.user.duty)
        if page.user.role not in self.roles or (self.of_server and not page.user.runs_server):
            raise NotForThem(page)


def pages(*roles: UserRole, of_server: bool = False) -> APIRouter:
    """A router of pages for ``roles``; of none: for everybody. ``of_server``: at the office that
    runs the server."""
    guard = cast("Callable[..., Any]", Only(frozenset(roles), of_server))
    return APIRouter(dependencies=[Depends(guard)], include_in_schema=False)
