"""Who gets in where: every page as every role, and as nobody.

The table is written by hand and complete: a page that is not in it fails the test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
import requests
from fastapi.routing import APIRoute

from central.db.accounts import UserRole, WebSession
from central.db.engine import Database
from central.db.models import Role
from central.services.devices import digest
from central.web.routes import ROUTERS
from tests.central.conftest import Api, Listening

OFFICER, MANAGER = UserRole.OFFICER, UserRole.MANAGER
ADMINISTRATOR, DISPLAY = UserRole.ADMINISTRATOR, UserRole.DISPLAY
EVERYBODY = frozenset({None, *UserRole})
SIGNED_IN = frozenset(UserRole)
MATRIX: dict[str, frozenset[UserRole | None]] = {
    "/": EVERYBODY,
    "/login": EVERYBODY,
    "/logout": EVERYBODY,
    "/language": EVERYBODY,
    "/t": EVERYBODY,
    "/account": SIGNED_IN,
    "/counter": frozenset({OFFICER}),
    "/display": SIGNED_IN,
    "/citizens": frozenset({OFFICER, MANAGER}),
    "/requests": frozenset({OFFICER, MANAGER}),
    "/requests/*/done": frozenset({MANAGER}),
    "/requests/*/refuse": frozenset({MANAGER}),
    "/duplicates": frozenset({MANAGER}),
    "/reports": frozenset({MANAGER}),
    "/users": frozenset({ADMINISTRATOR}),
    "/devices": frozenset({ADMINISTRATOR}),
    "/law": frozenset({ADMINISTRATOR}),
    "/releases": frozenset({ADMINISTRATOR}),
    "/office": frozenset({ADMINISTRATOR}),
    "/counters": frozenset({ADMINISTRATOR}),
    "/offices": frozenset({ADMINISTRATOR}),
    "/retention": frozenset({ADMINISTRATOR}),
    "/audit": frozenset({ADMINISTRATOR, MANAGER}),
}
OF_SERVER = ("/offices", "/releases")
"""Pages for the office that runs the server alone."""
ROUTES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


def expected(path: str) -> frozenset[UserRole | None]:
    """What the table says of the longest part of ``path`` that is in it."""
    parts = re.sub(r"\{\w+\}", "*", path).strip("/").split("/")
    for end in range(len(parts), 0, -1):
        key = "/" + "/".join(parts[:end])
        if key in MATRIX:
            return MATRIX[key]
    raise KeyError(path)


def test_the_table_says_who_may_open_every_page() -> None:
    for _, path in ROUTES:
        expected(path)


@pytest.mark.slow
@pytest.mark.parametrize("role", [None, *UserRole])
def test_who_gets_in(
    role: UserRole | None,
    server: Listening,
    database: Database,
    signed_in: Callable[[UserRole], str],
    http: requests.Session,
) -> None:
    for method, path in ROUTES:
        token = signed_in(role) if role else ""
        status, to = ask(http, server, database, token, method, path)
        where = f"{method} {path} as {role or 'nobody'}: {status} {to}"
        assert status < 500, where
        if role in expected(path):
            assert status not in (401, 403), where
            assert path == "/" or not to.startswith("/login?"), where
        elif role is None:
            assert (status, to[:6]) == (303, "/login"), where
        else:
            assert status == 403, where


def test_other_offices_administrators_do_not_run_the_server(
    server: Listening,
    database: Database,
    signed_in: Callable[..., str],
    elsewhere: int,
    http: requests.Session,
) -> None:
    token = signed_in(ADMINISTRATOR, "theirs", elsewhere)
    for method, path in ROUTES:
        if path.startswith(OF_SERVER):
            status, _ = ask(http, server, database, token, method, path)
            assert status == 403, f"{method} {path}"
    shown = http.get(f"{server.url}/devices", cookies={"central": token}, timeout=20).text
    assert 'href="/users"' in shown
    assert not [path for path in OF_SERVER if f'href="{path}"' in shown]


def ask(
    http: requests.Session,
    server: Listening,
    database: Database,
    token: str,
    method: str,
    path: str,
) -> tuple[int, str]:
    """Status and where it leads to."""
    url = server.url + re.sub(r"\{(\w+)\}", lambda found: dummy(found[1]), path)
    cookies = {"central": token} if token else {}
    data = {"csrf": csrf_of(database, token)} if token else {}
    with http.request(
        method, url, cookies=cookies, data=data if method == "POST" else None,
        allow_redirects=False, timeout=20, stream=True,
    ) as response:  # fmt: skip
        return response.status_code, response.headers.get("Location", "")


def dummy(name: str) -> str:
    return {
        "citizen": str(UUID(int=1)),
        "language": "en",
        "kind": "csv",
        "reference": "A" * 16,
        "step": "recall",
        "position": "1",
        "number": "999",
    }[name]


def csrf_of(database: Database, token: str) -> str:
    with database.reading() as session:
        return session.get_one(WebSession, digest(token)).csrf


def test_a_browser_is_no_program_and_a_program_no_browser(
    server: Listening,
    http: requests.Session,
    signed_in: Callable[[UserRole], str],
    call: Callable[[Role | None], Api],
) -> None:
    cookies = {"central": signed_in(MANAGER)}
    assert http.get(f"{server.url}/v1/citizens", cookies=cookies, timeout=10).status_code == 401
    desk = call(Role.OFFICE)
    assert desk.get("citizens").status_code == 200
    response = desk.call("GET", "../citizens", allow_redirects=False)
    assert (response.status_code, response.headers["Location"][:6]) == (303, "/login")


def test_someone_with_something_to_do_first_gets_nowhere_else(
    server: Listening,
    http: requests.Session,
    database: Database,
    signed_in: Callable[[UserRole], str],
) -> None:
    token = signed_in(ADMINISTRATOR)
    with database.writing() as session:
        row = session.get_one(WebSession, digest(token))
        row.code_given = False
    for method, path in ROUTES:
        if None in expected(path):
            continue
        status, to = ask(http, server, database, token, method, path)
        assert (status, to) in ((303, "/login/code"), (403, "")), f"{method} {path}"
