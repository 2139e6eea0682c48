"""The key file: made once, never beside a database that needs another, changed without a stop."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from central.commands.progress import all_of
from central.db.accounts import UserRole
from central.db.engine import Database
from central.db.keys import KeyFileError, Keys, key_id
from central.db.models import FIRST_OFFICE, Citizen, Consent
from central.services import rotation
from central.services.accounts import add_user, user_named
from central.services.citizens import erase, identity_of
from central.services.people import represented_by
from central.settings import Settings
from tests.central.people import NAME, NOON, NUMBER, citizen_id, enrolled, tell
from wire import number_index

ID = UUID(int=1)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "some.keys")


def test_what_is_sealed_opens_for_its_owner_alone(keys: Keys) -> None:
    sealed = keys.seal("Tên".encode(), ID)
    assert keys.open(sealed, ID) == "Tên".encode()
    assert key_id(sealed) == keys.column_key
    assert sealed != keys.seal("Tên".encode(), ID), "the same twice does not look the same"
    for owner, changed in ((UUID(int=2), sealed), (ID, sealed[:-1]), (ID, b"\x00" + sealed[1:])):
        with pytest.raises(KeyFileError):
            keys.open(changed, owner)


def test_the_file_is_its_owners_alone(keys: Keys, tmp_path: Path) -> None:
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [
        ("some.keys", 0o600)
    ]
    keys.renew_column_key(NOON)
    assert keys.path.stat().st_mode & 0o777 == 0o600


def test_two_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "some.keys"
    first, second = Keys.create(path), Keys.create(path)
    assert first.column_key == second.column_key


def test_what_another_process_issues_is_seen_at_once(keys: Keys) -> None:
    running = Keys(keys.path)
    sealed = running.seal(b"x", ID)
    new = keys.renew_column_key(NOON)
    secret = keys.renew_secret("number", NOON)
    assert running.column_key == new
    assert running.secret("number") == secret
    assert running.open(sealed, ID) == b"x", "the older key is still there"
    assert len(running.indices(NUMBER)) == 2


def test_a_damaged_file_says_so_and_shows_nothing(keys: Keys) -> None:
    text = keys.path.read_text()
    secret = json.loads(text)["columns"][0]["key"]
    for damaged in ("", text[:-20], text.replace(secret, secret[:-8])):
        keys.path.write_text(damaged)
        with pytest.raises(KeyFileError) as fault:
            Keys(keys.path)
        assert fault.value.reason == "damaged"
        assert secret[:-8] not in str(fault.value)
        assert fault.value.__cause__ is None


def test_a_database_is_never_opened_without_its_keys(
    kiosk: Any, settings: Settings, database: Database, tmp_path: Path
) -> None:
    tell(kiosk, enrolled(1))
    path, aside = database.keys.path, tmp_path / "aside"
    path.rename(aside)
    with pytest.raises(KeyFileError, match="missing"):
        Database.open(settings.database, settings.key_file)
    assert not path.exists(), "no new keys are made beside what they could not open"
    Keys.create(path)
    with pytest.raises(KeyFileError, match="other"):
        Database.open(settings.database, settings.key_file)
    aside.replace(path)
    Database.open(settings.database, settings.key_file).close()


def test_a_database_elsewhere_needs_to_be_told_where_its_keys_are() -> None:
    with pytest.raises(KeyFileError, match="missing"):
        Database.open("sqlite://")


# ── rotation ──────────────────────────────────────────────────────────────────────────────────


def under_old(database: Database, column: Any, newest: str) -> int:
    with database.reading() as session:
        old = select(func.count()).select_from(Citizen).where(column != newest)
        return session.scalar(old) or 0


def names(database: Database) -> set[str]:
    with database.reading() as session:
        return {identity_of(database.keys, row).name for row in session.scalars(select(Citizen))}


@pytest.fixture
def three(kiosk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "STEP", 2)
    tell(kiosk, *(enrolled(n, n, number=f"00119000000{n}") for n in range(1, 4)))


@pytest.mark.usefixtures("three")
def test_every_citizen_is_sealed_anew_also_after_an_interruption(database: Database) -> None:
    now = datetime.now(UTC)
    with database.writing() as session:
        assert rotation.renew_column_key(session, database.keys, now) == 3
    new = database.keys.column_key
    with database.writing() as session:
        assert rotation.reseal(session, database.keys, FIRST_OFFICE) == 2
    assert under_old(database, Citizen.column_key, new) == 1
    assert names(database) == {NAME}
    with database.writing() as session:  # interrupted here, begun again
        assert rotation.renew_column_key(session, database.keys, now) == 1
    assert database.keys.column_key == new, "the same renewal goes on"
    for left in (1, 0):
        with database.writing() as session:
            assert rotation.reseal(session, database.keys, FIRST_OFFICE) == left
    assert under_old(database, Citizen.column_key, new) == 0
    assert names(database) == {NAME}


@pytest.mark.usefixtures("three")
def test_second_factors_are_sealed_anew_and_still_good(database: Database) -> None:
    with database.writing() as session:
        name, password = "boss", "hoa sen nở trong hồ"
        user = add_user(session, FIRST_OFFICE, name, "Boss", UserRole.ADMINISTRATOR, password, NOON)
        user.totp = database.keys.seal(b"JBSWY3DPEHPK3PXP", user.uid)
    with database.writing() as session:
        rotation.renew_column_key(session, database.keys, datetime.now(UTC))
    with database.reading() as session:
        user = user_named(session, "boss")
        assert user is not None
        assert user.totp is not None
        assert key_id(user.totp) == database.keys.column_key
        assert database.keys.open(user.totp, user.uid) == b"JBSWY3DPEHPK3PXP"


@pytest.mark.usefixtures("three")
def test_a_new_number_secret_indexes_everybody_anew_and_tells_the_kiosks(
    kiosk: Any, desk: Any, database: Database
) -> None:
    before = kiosk.get("changes").json()
    old = {item["body"]["number_index"] for item in before["items"]}
    with database.writing() as session:
        assert rotation.renew_secret(session, database.keys, "number", NOON) == 3
    with database.writing() as session:
        rotation.reindex(session, database.keys, FIRST_OFFICE)

    def found() -> list[str]:
        numbers = (f"00119000000{n}" for n in range(1, 4))
        return [desk.get("citizens", number=n).json()["items"][0]["id"] for n in numbers]

    everybody = [citizen_id(n) for n in range(1, 4)]
    assert found() == everybody, "also half-way"
    with database.writing() as session:
        assert rotation.renew_secret(session, database.keys, "number", NOON) == 1
    with database.writing() as session:
        rotation.reindex(session, database.keys, FIRST_OFFICE)
    assert found() == everybody
    where = {"stream": before["stream"], "after": before["cursor"]}
    told = [item["body"] for item in kiosk.get("changes", **where).json()["items"]]
    secrets = [body["secret"]["id"] for body in told if body["kind"] == "secret_issued"]
    assert secrets == [database.keys.secret("number").id]
    new = {body["number_index"] for body in told if body["kind"] == "citizen_known"}
    assert len(new) == 3
    assert not new & old


def test_who_consented_for_a_child_is_found_after_new_number_secrets_and_not_by_the_old_one(
    kiosk: Any, database: Database
) -> None:
    parent, old = "001185000001", database.keys.secret("number").key

    def child(which: int) -> None:
        index = number_index(old, parent)  # of a kiosk that has not heard of a newer secret
        masked = {"name": "TRẦN T** M**", "birth": "19**"}
        told = enrolled(which, which, number=f"00121500000{which}")
        for consent in told["body"]["consents"]:
            consent |= {"representative": {"number_index": index, "masked": masked}}
        tell(kiosk, told)

    def found() -> list[str]:
        with database.reading() as session:
            people = represented_by(session, database.keys, 1, parent)
            assert not represented_by(session, database.keys, 1, "001185000002")
            return [str(person.row.id) for person in people]

    def rotate() -> None:
        with database.writing() as session:
            assert rotation.renew_secret(session, database.keys, "number", NOON) > 0
        all_of(
            database,
            [partial(rotation.reindex, office_id=FIRST_OFFICE), rotation.cover_representatives],
            2,
        )

    child(1)
    assert found() == [citizen_id(1)]
    rotate()
    child(2)
    everybody = [citizen_id(1), citizen_id(2)]
    assert found() == everybody
    for _ in range(2):
        rotate()
        assert found() == everybody
    with database.writing() as session:
        erase(session, 1, UUID(citizen_id(1)), NOON, "asked")  # the proof of consent stays
    rotate()
    with database.reading() as session:
        kept = set(session.scalars(select(Consent.representative_index)))
    assert len(kept) == 2
    assert number_index(old, parent) not in kept
    assert found() == [citizen_id(2)]


def test_a_new_template_secret_reaches_the_kiosks(kiosk: Any, database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            rotation.renew_secret(session, database.keys, "template", NOON)
    [item] = kiosk.get("changes").json()["items"]
    assert item["body"]["secret"]["id"] == database.keys.secret("template").id
    assert item["body"]["secret"]["purpose"] == "template"
