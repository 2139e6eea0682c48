"""The published contract: it is what the code says, and nothing that fits it brings central down.

Schemathesis makes requests from the schema, good ones and bad ones, signed as a kiosk's or with
the office's token. ``HYPOTHESIS_PROFILE=campaign`` makes it long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from central.app import create_app
from central.db.cluster import Cluster
from central.db.models import FIRST_OFFICE, Role
from central.services.devices import add_device
from central.settings import Settings
from scripts.publish_api import differing
from tests.central.conftest import NOON, DeviceKey, Listening
from tests.central.fuzzing import try_

EXAMPLES = settings().max_examples // 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    "POST /v1/enrolment",
    "POST /v1/events",
    "GET /v1/changes",
    "GET /v1/releases",
    "GET /v1/releases/{sha256}",
    "GET /v1/citizens",
    "DELETE /v1/citizens/{citizen}",
    "GET /v1/tickets",
    "GET /v1/tickets/without-paper",
    "POST /v1/tickets/{ticket}/reprint",
    "POST /v1/fields/{field}/next",
]


def test_docs_api_is_what_the_code_says() -> None:
    assert differing() == [], "run scripts/publish_api.py"


class Target:
    """One server for all requests of this file, and both kinds of credentials."""

    def __init__(self, listening: Listening, asked: Settings) -> None:
        listening.app = create_app(asked, now=lambda: NOON)
        self.database = listening.app.state.server.database
        self.key = DeviceKey()
        self.key.enrol(self.database, "K1")
        with self.database.writing() as session:
            self.token = add_device(session, FIRST_OFFICE, "Q1", Role.OFFICE, NOON)
        document = listening.app.openapi()
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.config.update(base_url=listening.url)

    def credentials(self, operation: Any) -> str:
        secured = operation.definition.raw.get("security", [])
        return self.key.sign() if {"kiosk": []} in secured else self.token


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def target(
    listening: Listening,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("api")
    url = f"sqlite:///{folder / 'central.db'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        cluster.create("api")
        url = cluster.url("api")
    made = Target(listening, Settings(database=url, key_file=folder / "central.keys"))
    yield made
    made.database.close()


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_that_is_sent_is_a_fault_of_the_server(
    target: Target, http: requests.Session, name: str
) -> None:
    method, path = name.split(" ")
    operation = target.schema[path][method]

    def ask(case: Any) -> None:
        headers = {"Authorization": f"Bearer {target.credentials(operation)}"}
        response = case.call(session=http, headers=headers)
        case.validate_response(response, checks=CHECKS)

    try_(operation, EXAMPLES, ask)
