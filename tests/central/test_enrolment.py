"""A token lets one key in, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services.admission import Denial
from central.services.devices import NameTaken, add_device, devices_of, revoke_device
from central.services.enrolment import VALID, enrol, invite
from tests.central.conftest import DeviceKey, sqlite_only
from wire import DeviceEnrolled

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
Invite = Callable[[str], str]


@pytest.fixture
def invited(database: Database) -> Invite:
    def make(name: str) -> str:
        with database.writing() as session:
            return invite(session, FIRST_OFFICE, name, NOON)

    return make


def ask(call: Any, token: str, key: DeviceKey) -> Any:
    return call(None).post("enrolment", json=key.asking(token).model_dump(mode="json"))


def is_denied(answer: Any) -> bool:
    return (answer.status_code, answer.json()["reason"]) == (401, "token")


def test_a_token_makes_a_kiosk(call: Any, invited: Invite, database: Database) -> None:
    key = DeviceKey()
    answer = DeviceEnrolled.model_validate_json(ask(call, invited("K1"), key).content)
    assert (answer.name, answer.as_of, answer.office) == ("K1", NOON, None)
    assert answer.secrets == (database.keys.secret("template"), database.keys.secret("number"))
    key.device = answer.device
    headers = {"Authorization": f"Bearer {key.sign()}"}
    assert call(None).call("GET", "changes", headers=headers).status_code == 200


def test_a_token_is_good_for_one_key(call: Any, invited: Invite) -> None:
    token, key = invited("K1"), DeviceKey()
    first = ask(call, token, key)
    assert is_denied(ask(call, token, DeviceKey()))
    again = ask(call, token, key)
    assert again.json() == first.json(), "the answer may have been lost on the way"


def test_of_two_that_race_for_a_token_one_wins(
    call: Any, invited: Invite, database: Database
) -> None:
    token = invited("K1")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(call, token, DeviceKey()), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]
    with database.reading() as session:
        assert [device.name for device in devices_of(session, FIRST_OFFICE)] == ["K1"]


def test_a_token_is_good_for_a_week(database: Database, invited: Invite) -> None:
    token, key = invited("K1"), DeviceKey()
    with database.writing() as session, pytest.raises(Denial):
        enrol(session, database.keys, key.asking(token), NOON + VALID)
    with database.writing() as session:
        last = NOON + VALID - timedelta(seconds=1)
        assert enrol(session, database.keys, key.asking(token), last).name == "K1"


def test_a_new_token_for_a_name_replaces_the_last_one(call: Any, invited: Invite) -> None:
    old, new = invited("K1"), invited("K1")
    assert is_denied(ask(call, old, DeviceKey()))
    assert ask(call, new, DeviceKey()).status_code == 200


def test_a_new_storage_card_takes_over_from_the_old_one(call: Any, invited: Invite) -> None:
    old, new = DeviceKey(), DeviceKey()
    old.device = ask(call, invited("K1"), old).json()["device"]
    token = invited("K1")

    def status(key: DeviceKey) -> int:
        headers = {"Authorization": f"Bearer {key.sign()}"}
        return call(None).call("GET", "changes", headers=headers).status_code

    assert status(old) == 200, "until the token is used"
    new.device = ask(call, token, new).json()["device"]
    assert new.device == old.device
    assert (status(old), status(new)) == (401, 200)


def test_who_was_revoked_stays_out(call: Any, invited: Invite, database: Database) -> None:
    token, key = invited("K1"), DeviceKey()
    ask(call, token, key)
    with database.writing() as session:
        revoke_device(session, FIRST_OFFICE, "K1", NOON)
    assert is_denied(ask(call, token, key))
    with pytest.raises(NameTaken):
        invited("K1")


def test_a_kiosk_cannot_take_the_place_of_the_offices_software(
    call: Any, invited: Invite, database: Database
) -> None:
    token = invited("Q1")
    with database.writing() as session:
        add_device(session, FIRST_OFFICE, "Q1", Role.OFFICE, NOON)
    assert is_denied(ask(call, token, DeviceKey()))
    with pytest.raises(NameTaken):
        invited("Q1")


@pytest.mark.parametrize("token", ["x" * 32, "_" * 64])
def test_a_guess_is_denied(call: Any, token: str) -> None:
    assert is_denied(ask(call, token, DeviceKey()))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"token": "short", "public_key": "AA=="}', b"[" * 10_000]
)
def test_what_is_no_request_is_not_taken(call: Any, body: bytes) -> None:
    assert call(None).post("enrolment", data=body).status_code == 422


@sqlite_only
def test_a_token_is_not_kept(invited: Invite, tmp_path: Path) -> None:
    token = invited("K1")
    assert all(token.encode() not in file.read_bytes() for file in tmp_path.iterdir())
