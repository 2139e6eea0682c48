"""Users and their passwords, and two who try at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from central.db.accounts import SignInTries, UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.services import accounts
from central.services.accounts import AccountFault, add_user
from central.services.signing_in import FREE_TRIES, Refused, sign_in
from tests.central.conftest import NOON

PASSWORD = "hoa sen trong hồ"


def add(database: Database, name: str = "lan", role: UserRole = UserRole.OFFICER) -> int:
    with database.writing() as session:
        return add_user(session, FIRST_OFFICE, name, "Nguyễn Thị Lan", role, PASSWORD, NOON).id


@pytest.mark.parametrize(
    ("name", "full_name", "password", "reason"),
    [
        ("L", "Lan", PASSWORD, "name_odd"),
        ("hoa hồng", "Hoa", PASSWORD, "name_odd"),
        ("a/b", "Hoa", PASSWORD, "name_odd"),
        ("hoa", " ", PASSWORD, "full_name_empty"),
        ("hoa", "H" * 101, PASSWORD, "full_name_empty"),
        ("hoa", "Hoa", "ngắn", "password_short"),
        ("hoa", "Hoa", "x" * 201, "password_short"),
        ("hoa", "Hoa", "aaaabbbbcccc", "password_plain"),
        ("hoa", "Hoa", "Hoa-1990-abc", "password_plain"),
        ("LAN", "Lan", PASSWORD, "name_taken"),
    ],
)
def test_what_cannot_be(
    name: str, full_name: str, password: str, reason: str, database: Database
) -> None:
    add(database)
    with pytest.raises(AccountFault) as refused, database.writing() as session:
        add_user(session, FIRST_OFFICE, name, full_name, UserRole.OFFICER, password, NOON)
    assert refused.value.reason == reason


def test_passwords_are_kept_as_argon2id(database: Database) -> None:
    add(database)
    with database.reading() as session:
        user = accounts.user_named(session, " Lan ")
        assert user is not None
        assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert accounts.is_password(user, PASSWORD)
        assert not accounts.is_password(user, PASSWORD + " ")
    assert not accounts.is_password(None, PASSWORD)


def test_made_up_passwords_are_good_ones(database: Database) -> None:
    made = {accounts.new_password() for _ in range(100)}
    assert len(made) == 100
    with database.writing() as session:
        add_user(session, FIRST_OFFICE, "binh", "Bình", UserRole.OFFICER, made.pop(), NOON)


def test_the_last_administrator_stays(database: Database) -> None:
    add(database, role=UserRole.ADMINISTRATOR)
    with database.writing() as session:
        user = accounts.user_named(session, "lan")
        assert user is not None
        with pytest.raises(AccountFault, match="last_administrator"):
            accounts.disable(session, user, NOON)
        with pytest.raises(AccountFault, match="last_administrator"):
            accounts.change_role(session, user, UserRole.OFFICER)
    add(database, "binh", UserRole.ADMINISTRATOR)
    with database.writing() as session:
        user = accounts.user_named(session, "lan")
        assert user is not None
        accounts.disable(session, user, NOON)


def test_many_guesses_at_once_are_no_way_around_the_waiting(database: Database) -> None:
    add(database)
    refused: list[bool] = []

    def guess() -> None:
        try:
            sign_in(database, "lan", "wrong", "10.0.0.1", NOON)
        except Refused as no:
            refused.append(no.wait is not None)

    guesses = [threading.Thread(target=guess) for _ in range(12)]
    for each in guesses:
        each.start()
    for each in guesses:
        each.join()
    assert (refused.count(False), refused.count(True)) == (FREE_TRIES, 12 - FREE_TRIES)


def test_old_tries_are_forgotten(database: Database) -> None:
    add(database)
    with pytest.raises(Refused):
        sign_in(database, "lan", "wrong", "10.0.0.1", NOON)
    sign_in(database, "lan", PASSWORD, "10.0.0.2", NOON + timedelta(hours=25))
    with database.reading() as session:
        assert session.query(SignInTries).count() == 2  # of this try alone
