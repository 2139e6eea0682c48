"""Whatever is sent to a page, it is never a fault of the server.

Schemathesis makes requests from a schema of the pages, good ones and bad ones, as somebody whom the
page lets in. ``HYPOTHESIS_PROFILE=campaign`` makes it long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import settings
from schemathesis.core.result import Ok

from central.db.accounts import UserRole
from central.db.engine import Database
from central.web.routes import ROUTERS
from tests.central.conftest import Listening, postgresql_only
from tests.central.fuzzing import try_
from tests.central.web.test_roles import csrf_of, expected

pytestmark = [pytest.mark.slow, postgresql_only]  # which refuses more than SQLite
EXAMPLES = max(3, settings().max_examples // 16)
ENDS_THE_SESSION = ("/logout", "/account/password", "/account/second-factor", "/login")


def is_tried(path: str) -> bool:
    """Not streams, which have no end, nor what would sign the visitor out."""
    return not path.endswith("/events") and path not in ENDS_THE_SESSION


@pytest.mark.parametrize("role", list(UserRole))
def test_nothing_sent_to_a_page_is_a_fault_of_the_server(
    role: UserRole,
    server: Listening,
    database: Database,
    signed_in: Callable[[UserRole], str],
    http: requests.Session,
    monkeypatch: pytest.MonkeyPatch,
    expected_warnings: list[str],
) -> None:
    expected_warnings.append(r"python_multipart\.multipart: Found invalid character \d+ in header")
    described = FastAPI()
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and is_tried(route.path):
                monkeypatch.setattr(route, "include_in_schema", role in expected(route.path))
        described.include_router(router)
    schema = schemathesis.openapi.from_dict(described.openapi())
    schema.config.update(base_url=server.url)
    token = signed_in(role)
    headers = {"Cookie": f"central={token}", "X-CSRF-Token": csrf_of(database, token)}
    tried = 0

    def ask(case: Any) -> None:
        response = case.call(session=http, headers=headers, allow_redirects=False)
        assert response.status_code < 500, f"{case.method} {case.path}: {response.text[:500]}"

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        try_(found.ok(), EXAMPLES, ask)
        tried += 1
    assert tried >= 5
