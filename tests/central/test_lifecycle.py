"""Offices of one server: made, renamed, closed and opened again, each with a life of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from sqlalchemy import select, text

from central.db.accounts import AuditRow, UserRole, WebSession
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Citizen, Device, Office, Role, Tombstone
from central.db.tombstones import Grave
from central.services import audit, rotation
from central.services.accounts import AccountFault, add_user, disable
from central.services.admission import Denial
from central.services.board import Board, read_board, read_pace
from central.services.changes import read_changes
from central.services.citizens import bury_again
from central.services.devices import (
    NameTaken,
    OfficeClosed,
    add_device,
    device_of,
    named,
    revoke_device,
)
from central.services.enrolment import enrol, invite
from central.services.lifecycle import OfficeFault, close, make, rename, reopen, standings
from central.services.offices import all_locked, all_offices, locked, restart_streams
from central.services.retention import Removed, Retention, enforce, keep
from central.services.signing_in import Refused, begin_anew, found_session, sign_in
from tests.central.conftest import NOON, Api, DeviceKey, Listening, postgresql_only
from tests.central.people import citizen_id, enrolled, tell
from tests.central.queueing import TODAY, Hall
from tests.central.test_requests import ZONE

PASSWORD = "hoa sen nở trong hồ"
DAY = timedelta(days=1)
MakeIssued = Callable[..., dict[str, Any]]


def shut(database: Database, office: int) -> None:
    with database.writing() as session:
        close(session, office, NOON)


def open_again(database: Database, office: int) -> None:
    with database.writing() as session:
        reopen(session, office)


@pytest.fixture
def theirs(
    server: Listening, database: Database, elsewhere: int, http: requests.Session
) -> tuple[DeviceKey, Api]:
    """The second office's kiosk."""
    key = DeviceKey()
    key.enrol(database, "K1", elsewhere)
    return key, Api(http, server.url, key.sign)


def test_offices_are_numbered_and_no_two_have_one_name(database: Database) -> None:
    with database.writing() as session:
        assert make(session, "  Phường   Bến Nghé ").name == "Phường Bến Nghé"
        assert make(session, "Phường Đa Kao").id == 3
        rename(session, FIRST_OFFICE, "Sở")
        rename(session, FIRST_OFFICE, "SỞ")  # the same, in capitals, is its own
    for name, reason in (
        ("phường bến nghé", "name_taken"), ("sở", "name_taken"), (" ", "name_empty"),
        ("x" * 201, "name_long"),
    ):  # fmt: skip
        for act in (lambda session, name=name: make(session, name),
                    lambda session, name=name: rename(session, 3, name)):  # fmt: skip
            with pytest.raises(OfficeFault) as refused, database.writing() as session:
                act(session)
            assert refused.value.reason == reason
    with database.reading() as session:
        names = [office.name for office in all_offices(session)]
    assert names == ["SỞ", "Phường Bến Nghé", "Phường Đa Kao"]


def test_a_kiosk_known_to_a_worker_is_refused_while_its_office_is_closed(
    theirs: tuple[DeviceKey, Api], kiosk: Api, database: Database, elsewhere: int
) -> None:
    _, api = theirs
    tell(api, enrolled(1))
    before = api.get("changes").json()
    shut(database, elsewhere)
    refused = api.get("changes")
    assert (refused.status_code, refused.json()["reason"]) == (403, "revoked")
    assert kiosk.get("changes").status_code == 200, "the other office's is not"
    open_again(database, elsewhere)
    # It has forgotten everything, as a revoked one does, and hears it all again.
    told = [item["body"] for item in api.get("changes").json()["items"]]
    assert [body["kind"] for body in told] == ["citizen_known", "secret_issued", "secret_issued"]
    keys = database.keys
    assert {body["secret"]["id"] for body in told[1:]} == {
        keys.secret("template").id, keys.secret("number").id,
    }  # fmt: skip
    assert before["items"][0]["body"] == told[0]


def test_who_was_revoked_alone_stays_so(database: Database, elsewhere: int) -> None:
    with database.writing() as session:
        tokens = [add_device(session, elsewhere, f"Q{each}", Role.OFFICE, NOON) for each in "123"]
        revoke_device(session, elsewhere, "Q1", NOON)
    shut(database, elsewhere)
    with database.writing() as session:
        assert not any(device_of(session, token) for token in tokens)
        revoke_device(session, elsewhere, "Q2", NOON)
    open_again(database, elsewhere)
    with database.reading() as session:
        let_in = [device.name for token in tokens if (device := device_of(session, token))]
    assert let_in == ["Q3"]


def test_nothing_is_added_to_a_closed_office(database: Database, elsewhere: int) -> None:
    key = DeviceKey()
    with database.writing() as session:
        token = invite(session, elsewhere, "K9", NOON)
    shut(database, elsewhere)
    with pytest.raises(Denial, match="token"), database.writing() as session:
        enrol(session, database.keys, key.asking(token), NOON)
    with pytest.raises(OfficeClosed), database.writing() as session:
        invite(session, elsewhere, "K8", NOON)
    with pytest.raises(OfficeClosed), database.writing() as session:
        add_device(session, elsewhere, "Q8", Role.OFFICE, NOON)
    open_again(database, elsewhere)
    with database.writing() as session:
        assert enrol(session, database.keys, key.asking(token), NOON).name == "K9"


@postgresql_only
def test_what_is_added_while_an_office_is_being_closed_is_refused_too(
    database: Database, elsewhere: int
) -> None:
    """On SQLite one of the two waits for the other's end anyway."""
    added, may_go = threading.Event(), threading.Event()

    def add() -> str:
        with database.writing() as session:
            token = add_device(session, elsewhere, "Q1", Role.OFFICE, NOON)
            session.flush()
            added.set()
            may_go.wait(20)
            return token

    with ThreadPoolExecutor(2) as pool:
        token = pool.submit(add)
        added.wait(20)
        closing = pool.submit(shut, database, elsewhere)
        while not closing.done() and not waits_for_a_lock(database):
            pass
        may_go.set()
        closing.result()
    with database.reading() as session:
        assert device_of(session, token.result()) is None


def waits_for_a_lock(database: Database) -> bool:
    with database.looking() as session:
        asked = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                     " AND datname = current_database()")  # fmt: skip
        return bool(session.scalar(asked))


def test_nobody_of_a_closed_office_signs_in_and_is_told_why(
    database: Database, elsewhere: int
) -> None:
    with database.writing() as session:
        lan = add_user(session, elsewhere, "lan", "Lan", UserRole.OFFICER, PASSWORD, NOON)
        binh = add_user(session, FIRST_OFFICE, "binh", "Bình", UserRole.OFFICER, PASSWORD, NOON)
        mine, theirs = begin_anew(session, binh, NOON), begin_anew(session, lan, NOON)
    shut(database, elsewhere)
    with database.reading() as session:
        assert found_session(session, theirs, NOON) is None
        assert found_session(session, mine, NOON)
        assert [row.user_id for row in session.scalars(select(WebSession))] == [2]
    for password, is_told in ((PASSWORD, True), (PASSWORD + "!", False)):
        with pytest.raises(Refused) as refused:
            sign_in(database, "lan", password, "a", NOON)
        assert refused.value.office_closed is is_told
    open_again(database, elsewhere)
    assert sign_in(database, "lan", PASSWORD, "a", NOON)


def test_counters_close_with_their_office(database: Database, elsewhere: int) -> None:
    hall = Hall(database, office=elsewhere)
    hall.officer(9, hall.counter("1"))

    def board() -> Board:
        with database.reading() as session:
            return read_board(session, elsewhere, ZONE, read_pace(session, elsewhere, NOON), NOON)

    assert [(len(board().counters), board().is_closed)] == [(1, False)]
    shut(database, elsewhere)
    assert [(len(board().counters), board().is_closed)] == [(0, True)]


def test_the_office_that_runs_the_server_is_never_closed(database: Database) -> None:
    with pytest.raises(OfficeFault, match="runs_server"):
        shut(database, FIRST_OFFICE)


def test_how_each_stands(
    theirs: tuple[DeviceKey, Api], database: Database, elsewhere: int, issued: MakeIssued
) -> None:
    tell(theirs[1], issued(1), issued(2, field="land"))
    with database.writing() as session:
        add_user(session, elsewhere, "lan", "Lan", UserRole.OFFICER, PASSWORD, NOON)
        add_device(session, elsewhere, "Q1", Role.OFFICE, NOON)

    def seen() -> list[tuple[int, int, int, bool]]:
        with database.reading() as session:
            return [(each.kiosks, each.users, each.waiting, each.synced_at is not None)
                    for each in standings(session, TODAY)]  # fmt: skip

    assert seen() == [(0, 0, 0, False), (1, 1, 2, True)]
    shut(database, elsewhere)
    assert seen()[1] == (1, 1, 2, True), "what is there, not what is let in"


# ── each office for itself ────────────────────────────────────────────────────────────────────


def test_two_offices_may_call_a_kiosk_the_same_and_neither_takes_the_others(
    theirs: tuple[DeviceKey, Api], key: DeviceKey, database: Database, elsewhere: int
) -> None:
    with database.writing() as session:
        mine, other = named(session, FIRST_OFFICE, "K1"), named(session, elsewhere, "K1")
        assert mine is not None
        assert other is not None
        assert (mine.uid, other.uid) == (key.device, theirs[0].device)
        with pytest.raises(NameTaken):
            add_device(session, elsewhere, "K1", Role.OFFICE, NOON)
    again = DeviceKey()
    assert again.enrol(database, "K1", elsewhere).device == theirs[0].device
    with database.reading() as session:
        kept = named(session, FIRST_OFFICE, "K1")
        assert kept is not None
        assert kept.public_key == key.public, "another card of theirs is no card of ours"


def test_each_office_keeps_an_administrator(database: Database, elsewhere: int) -> None:
    with database.writing() as session:
        role = UserRole.ADMINISTRATOR
        add_user(session, FIRST_OFFICE, "lan", "Lan", role, PASSWORD, NOON)
        binh = add_user(session, elsewhere, "binh", "Bình", role, PASSWORD, NOON)
        with pytest.raises(AccountFault, match="last_administrator"):
            disable(session, binh, NOON)
        with pytest.raises(AccountFault, match="name_taken"):
            add_user(session, elsewhere, "lan", "Lan", role, PASSWORD, NOON)


def test_each_office_keeps_things_as_long_as_it_decided_closed_ones_too(
    theirs: tuple[DeviceKey, Api], kiosk: Api, database: Database, elsewhere: int
) -> None:
    long_ago = NOON - 100 * DAY
    tell(kiosk, enrolled(1, at=long_ago))
    tell(theirs[1], enrolled(2, 2, long_ago), enrolled(3, 3))
    with database.writing() as session:
        policy = Retention(visitor_days=99, consent_days=30)
        keep(session.get_one(Office, elsewhere), policy)
    shut(database, elsewhere)
    assert enforce(database, NOON) == Removed(1, 0, 0, 0)
    with database.reading() as session:
        left = set(session.scalars(select(Citizen.id)))
        assert left == {UUID(citizen_id(1)), UUID(citizen_id(3))}
        assert session.scalars(select(Tombstone.office_id)).all() == [elsewhere]
        [row] = session.scalars(select(AuditRow).where(AuditRow.action == "retention.enforced"))
        assert row.office_id == elsewhere
    assert enforce(database, NOON + 31 * DAY) == Removed(0, 2, 0, 0)


def test_the_log_is_kept_as_long_as_the_office_a_row_concerns_wants(
    database: Database, elsewhere: int
) -> None:
    for days, office in ((30, FIRST_OFFICE), (20, elsewhere), (10, FIRST_OFFICE), (5, None)):
        with database.writing() as session:
            audit.record(session, database.keys, NOON - days * DAY, office, "user:1", "x")
    for mine, others, removed in ((25, 25, 1), (7, 25, 0), (7, 15, 2)):
        before = {FIRST_OFFICE: NOON - mine * DAY, elsewhere: NOON - others * DAY}
        with database.writing() as session:
            count = audit.remove_before(session, database.keys, before, NOON, "command:x")
        assert count == removed, (mine, others)
        with database.reading() as session:
            assert audit.verify(session, database.keys)[1] is None


def test_whom_a_row_of_the_log_concerns_is_sealed_with_it(
    database: Database, elsewhere: int
) -> None:
    with database.writing() as session:
        for office in (FIRST_OFFICE, elsewhere, None):
            audit.record(session, database.keys, NOON, office, "command:x", "x")
        audit.record(session, database.keys, NOON, elsewhere, "user:1", "office.closed", "office:2")
    with database.reading() as session:
        read = {office: list(session.scalars(select(AuditRow.position).where(
                    audit.concerns(office)).order_by(AuditRow.position)))
                for office in (FIRST_OFFICE, elsewhere)}  # fmt: skip
        assert read == {FIRST_OFFICE: [1, 3, 4], elsewhere: [2, 4]}
        for office in (FIRST_OFFICE, None):  # as if it were another's, or nobody's
            row = session.get_one(AuditRow, 2)
            row.office_id = office
            with session.no_autoflush:
                assert audit.verify(session, database.keys)[1] == audit.Broken(2, "changed")
            session.expunge_all()


# ── the server as a whole ─────────────────────────────────────────────────────────────────────


def told(database: Database, office: int) -> list[str]:
    with database.reading() as session:
        row = session.get_one(Office, office)
        items, *_ = read_changes(session, database.keys, row, None, 0)
        return [item.body.kind for item in items]


def test_new_secrets_are_told_to_the_kiosks_of_all_offices(
    theirs: tuple[DeviceKey, Api], kiosk: Api, database: Database, elsewhere: int
) -> None:
    tell(kiosk, enrolled(1))
    tell(theirs[1], enrolled(2, 2))
    with database.writing() as session:
        assert rotation.renew_secret(session, database.keys, "number", NOON) == 2
    for office in (elsewhere, FIRST_OFFICE):
        with database.writing() as session:
            assert rotation.reindex(session, database.keys, office) == 1
        assert told(database, office) == ["secret_issued", "citizen_known"]
    with database.writing() as session:
        assert rotation.renew_column_key(session, database.keys, NOON) == 2
    for office in (elsewhere, FIRST_OFFICE):
        with database.writing() as session:
            assert rotation.reseal(session, database.keys, office) == 1
            assert rotation.reseal(session, database.keys, office) == 0


def test_offices_are_locked_in_one_order(database: Database, elsewhere: int) -> None:
    with database.writing() as session:
        assert [office.id for office in all_locked(session)] == [FIRST_OFFICE, elsewhere]
        locked(session, FIRST_OFFICE)  # again: it is held already
    with database.writing() as session:
        locked(session, elsewhere)
        with pytest.raises(RuntimeError, match="in the order of their ids"):
            locked(session, FIRST_OFFICE)
    with database.writing() as session:
        locked(session, FIRST_OFFICE)
        with session.begin_nested(), pytest.raises(RuntimeError, match="before the first"):
            locked(session, elsewhere)


def test_every_stream_begins_anew(database: Database, elsewhere: int) -> None:
    def streams() -> set[UUID]:
        with database.reading() as session:
            return {office.stream for office in all_offices(session)}

    before = streams()
    with database.writing() as session:
        restart_streams(session)
    assert len(streams()) == 2
    assert not streams() & before


def test_who_was_forgotten_at_an_office_is_buried_there_again(
    database: Database, elsewhere: int
) -> None:
    with database.writing() as session:
        for citizen, office in ((1, elsewhere), (2, FIRST_OFFICE)):
            grave = Tombstone(citizen=UUID(int=citizen), office_id=office, erased_at=NOON,
                              reason="asked")  # fmt: skip
            session.add(grave)
    graves = database.tombstones.read()
    assert [(grave.citizen.int, grave.office) for grave in graves] == [(1, elsewhere), (2, 1)]
    with database.writing() as session:  # an older copy was put back
        for row in session.scalars(select(Tombstone)):
            session.delete(row)
    younger = Grave(UUID(int=3), NOON, "asked", 9)
    with database.writing() as session:
        assert bury_again(session, [*graves, younger]) == 3
        buried = session.execute(select(Tombstone.citizen, Tombstone.office_id)).all()
    assert {(citizen.int, office) for citizen, office in buried} == {(1, 2), (2, 1), (3, 1)}
    assert told(database, elsewhere) == ["citizen_forgotten"]


def test_devices_of_a_closed_office_are_marked(database: Database, elsewhere: int) -> None:
    with database.writing() as session:
        add_device(session, elsewhere, "Q1", Role.OFFICE, NOON)
    for act, expected in ((shut, (NOON, True)), (shut, (NOON, True)), (open_again, (None, False))):
        act(database, elsewhere)
        with database.reading() as session:
            row = session.scalars(select(Device)).one()
            assert (row.revoked_at, row.closed_with_office) == expected
