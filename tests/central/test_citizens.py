"""Citizens at central: sealed, found by number, and, once forgotten, never there again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy import event as event_api

from central.app import create_app
from central.db.engine import Database
from central.db.keys import KeyFileError
from central.db.models import (
    FIRST_OFFICE,
    Citizen,
    Consent,
    Device,
    DuplicatePair,
    FaceTemplate,
    Office,
    Role,
    StoredEvent,
    Ticket,
    Tombstone,
)
from central.services.changes import read_changes
from central.services.citizens import bury_again, citizen_of, identity_of
from central.services.devices import add_device
from central.services.ingest import Unread, ingest
from central.services.visitor import evidence_of
from central.settings import Settings
from tests.central.conftest import sqlite_only
from tests.central.people import (
    ADDRESS,
    NAME,
    NOON,
    NUMBER,
    citizen_id,
    enrolled,
    erased,
    event,
    tell,
    template,
)
from wire import AnyChange, CitizenForgotten, CitizenKnown

MakeIssued = Callable[..., dict[str, Any]]
ID = UUID(citizen_id(1))


def count(database: Database, table: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.suffix != ".keys")


@sqlite_only
def test_nobody_can_be_read_in_the_database_file(
    kiosk: Any, desk: Any, tmp_path: Path, issued: MakeIssued
) -> None:
    tell(kiosk, enrolled(1), issued(2, citizen=citizen_id(1)))
    [citizen] = desk.items("citizens")
    assert (citizen["name"], citizen["number"]) == (NAME, NUMBER)
    assert (citizen["address"], citizen["source"]) == (ADDRESS, "qr")
    assert citizen["date_of_birth"] == "1990-05-17"
    written = files(tmp_path)
    for secret in (NAME, NUMBER, ADDRESS, "1990-05-17"):
        assert secret.encode() not in written
        assert secret.encode("utf-16-le") not in written
    assert NUMBER not in desk.get("events").text


def test_staff_find_a_citizen_by_number(kiosk: Any, desk: Any) -> None:
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"))

    def found(number: str, **more: Any) -> list[str]:
        answer = desk.get("citizens", number=number, **more)
        return [citizen["id"] for citizen in answer.json()["items"]]

    assert found(NUMBER) == [citizen_id(1)]
    assert found("001190000002") == [citizen_id(2)]
    assert found("001190000003") == []
    assert found(NUMBER, after=1) == []
    assert desk.get("citizens", number="x").status_code == 422


def test_a_sealed_column_opens_in_no_other_row(kiosk: Any, database: Database) -> None:
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"))
    with database.writing() as session:
        one, other = (citizen_of(session, UUID(citizen_id(which))) for which in (1, 2))
        assert one is not None
        assert other is not None
        other.identity = one.identity
        with pytest.raises(KeyFileError):
            identity_of(database.keys, other)
        assert identity_of(database.keys, one).name == NAME


def test_who_consented_for_a_child_is_kept_and_told(
    kiosk: Any, call: Any, database: Database
) -> None:
    child = enrolled(1, evidence={"chip": "verified", "face": "alike", "confirmed": False})
    parent = {"number_index": "ab" * 32, "masked": {"name": "TRẦN T** M**", "birth": "19**"}}
    for consent in child["body"]["consents"]:
        consent |= {"representative": parent, "assent": True}
    tell(kiosk, child)
    told = call(Role.KIOSK).get("changes").json()["items"]
    [known] = [item["body"] for item in told if item["body"]["kind"] == "citizen_known"]
    assert [(each["representative"], each["assent"]) for each in known["consents"]] == [
        (parent, True)
    ] * 2
    with database.reading() as session:
        citizen = citizen_of(session, ID)
        assert citizen is not None
        assert evidence_of(citizen) == "chip_face"


@pytest.mark.parametrize("reasons", [["same_face", "same_number"], ["same_number", "same_face"]])
def test_a_number_shown_by_two_faces_is_the_reason_that_stays(
    kiosk: Any, database: Database, reasons: list[str]
) -> None:
    ids: dict[str, Any] = {"first": citizen_id(1), "second": citizen_id(2)}
    tell(
        kiosk,
        *(
            event(seq, "possible_duplicate", reason=why, **ids)
            for seq, why in enumerate(reasons, start=1)
        ),
    )
    with database.reading() as session:
        assert [row.reason for row in session.scalars(select(DuplicatePair))] == ["same_number"]


def test_one_number_under_two_ids_is_kept_apart_and_noted(kiosk: Any, call: Any, desk: Any) -> None:
    other = call(Role.KIOSK)
    tell(kiosk, enrolled(1, 1))
    tell(other, enrolled(2, 2, NOON + timedelta(hours=1)))
    tell(other, enrolled(3, 2, NOON + timedelta(hours=2)))
    assert {row["id"] for row in desk.items("citizens")} == {citizen_id(1), citizen_id(2)}
    [pair] = desk.items("duplicates")
    assert (pair["first"], pair["second"]) == (citizen_id(1), citizen_id(2))


# ── erasure ───────────────────────────────────────────────────────────────────────────────────


def test_erasure_takes_everything_but_the_proof_of_consent(
    kiosk: Any, desk: Any, issued: MakeIssued, database: Database
) -> None:
    pair = event(3, "possible_duplicate", first=citizen_id(1), second=citizen_id(2))
    tell(kiosk, enrolled(1), issued(2, citizen=citizen_id(1)), pair, erased(4))
    for name in ("citizens", "duplicates"):
        assert desk.items(name) == []
    assert [ticket["citizen"] for ticket in desk.items("tickets")] == [None]
    assert count(database, FaceTemplate) == 0
    assert count(database, Consent) == 2
    assert count(database, Tombstone) == 1


@pytest.mark.parametrize("late", ["enrolment", "template", "pair", "ticket", "erasure"])
def test_what_comes_late_brings_nobody_back(
    kiosk: Any, call: Any, desk: Any, issued: MakeIssued, database: Database, late: str
) -> None:
    tell(kiosk, erased(1))
    before = kiosk.get("changes").json()["items"]
    message = {
        "enrolment": enrolled(2, at=NOON + timedelta(days=1)),
        "template": event(2, "template_issued", citizen=citizen_id(1), template=template()),
        "pair": event(2, "possible_duplicate", first=citizen_id(1), second=citizen_id(2)),
        "ticket": issued(2, citizen=citizen_id(1)),
        "erasure": erased(2),
    }[late]
    tell(call(Role.KIOSK), message)
    assert [count(database, table) for table in (Citizen, FaceTemplate, Consent)] == [0, 0, 0]
    assert desk.items("duplicates") == []
    assert [ticket["citizen"] for ticket in desk.items("tickets")] == [None] * (late == "ticket")
    assert kiosk.get("changes").json()["items"] == before
    assert count(database, StoredEvent) == 2, "acknowledged, and not asked for again"


def test_the_desk_forgets_whoever_asks(kiosk: Any, desk: Any, database: Database) -> None:
    tell(kiosk, enrolled(1))
    assert desk.call("DELETE", f"citizens/{citizen_id(1)}").status_code == 204
    assert desk.call("DELETE", f"citizens/{citizen_id(1)}").status_code == 204
    assert desk.items("citizens") == []
    [told] = kiosk.get("changes").json()["items"]
    assert told["body"]["kind"] == "citizen_forgotten"


@sqlite_only
def test_what_was_erased_is_overwritten(kiosk: Any, database: Database, tmp_path: Path) -> None:
    tell(kiosk, enrolled(1))
    with database.reading() as session:
        citizen, face = citizen_of(session, ID), session.get(FaceTemplate, ID)
        assert citizen is not None
        assert face is not None
        gone = (citizen.identity, face.vector, "NGUYỄN V** T**".encode())

    def written() -> bytes:
        with database.reading() as session:
            session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return (tmp_path / "central.db").read_bytes()

    assert [each in written() for each in gone] == [True] * 3
    tell(kiosk, erased(2))
    assert [each in written() for each in gone] == [False] * 3


@sqlite_only
def test_an_older_copy_of_the_database_brings_nobody_back(
    kiosk: Any, database: Database, tmp_path: Path, expected_warnings: list[str]
) -> None:
    expected_warnings.append("1 citizens were forgotten since")
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"))
    stream = kiosk.get("changes").json()["stream"]
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("central.db", "central.db-wal"):
        shutil.copy(tmp_path / name, copy)
    tell(kiosk, erased(3))
    for name in ("central.keys", "central.tombstones"):
        shutil.copy(tmp_path / name, copy)
    app = create_app(Settings(database=f"sqlite:///{copy / 'central.db'}"), now=lambda: NOON)
    restored: Database = app.state.server.database
    with restored.reading() as session:
        assert citizen_of(session, ID) is None
        assert citizen_of(session, UUID(citizen_id(2))) is not None
        assert str(session.get_one(Office, FIRST_OFFICE).stream) != stream
    with restored.writing() as session:
        assert bury_again(session, restored.tombstones.read()) == 0
    restored.close()


class Cut(Exception):
    """The power fails."""


def bury(database: Database) -> None:
    with database.writing() as session:
        session.add(Tombstone(citizen=ID, office_id=1, erased_at=NOON, reason="asked"))


def test_a_tombstone_is_on_the_disk_before_its_transaction_is(database: Database) -> None:
    def cut(_connection: object) -> None:
        raise Cut

    event_api.listen(Engine, "commit", cut)
    with pytest.raises(Cut):
        bury(database)
    event_api.remove(Engine, "commit", cut)
    [grave] = database.tombstones.read()
    assert (grave.citizen, grave.erased_at, grave.reason) == (ID, NOON, "asked")
    with database.writing() as session:
        assert bury_again(session, [grave]) == 1


def test_a_torn_line_of_the_tombstone_file_is_passed_over(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "central.tombstones"
    path.write_bytes(b'{"citizen": "0000\xff\n[]\n{"at": 7}\nnull\n{"citizen": "x", "at"')
    bury(database)
    assert [grave.citizen for grave in database.tombstones.read()] == [ID]


def test_how_a_citizen_was_recognised_is_kept_with_them_and_no_longer(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    known = issued(2, citizen=citizen_id(1), match="card")
    tell(kiosk, enrolled(1), known, issued(3, match="card"))  # of nobody there is nothing to say
    assert [ticket["match"] for ticket in desk.items("tickets")] == ["card", ""]
    tell(kiosk, erased(4))
    assert [ticket["match"] for ticket in desk.items("tickets")] == ["", ""]


# ── any order ─────────────────────────────────────────────────────────────────────────────────

Step = tuple[str, int, int]
kinds = st.sampled_from(["enrol", "erase", "ticket", "template"])
steps = st.lists(st.tuples(kinds, st.integers(1, 3), st.integers(0, 30)), max_size=20)


def happened(step: Step, seq: int) -> dict[str, Any]:
    what, which, days = step
    at = NOON - timedelta(days=30 - days)
    if what == "enrol":
        return enrolled(seq, which, at, number=f"00119000000{which}")
    if what == "erase":
        return erased(seq, which, at)
    if what == "template":
        return event(seq, "template_issued", at, citizen=citizen_id(which), template=template())
    return event(
        seq,
        "ticket_issued",
        at,
        ticket=str(UUID(int=10_000 + seq)),
        number="C001",
        reference="".join("ABCDEFGHIJ"[int(digit)] for digit in f"{seq:016d}"),
        sequence=seq,
        field="civil",
        day="2026-03-02",
        citizen=citizen_id(which),
        way="hand",
    )


class Kiosk:
    """What a kiosk makes of the stream."""

    def __init__(self) -> None:
        self.stream: UUID | None = None
        self.cursor = 0
        self.people: dict[UUID, AnyChange] = {}

    def listen(self, database: Database) -> None:
        with database.reading() as session:
            office = session.get_one(Office, FIRST_OFFICE)
            items, self.cursor, _ = read_changes(
                session, database.keys, office, self.stream, self.cursor
            )
            self.stream = office.stream
        for item in items:
            assert isinstance(item.body, CitizenKnown | CitizenForgotten)
            # A visit of which nobody was told yet is all that a newcomer may know more.
            self.people[item.body.citizen] = item.body.model_copy(update={"last_visit": NOON})


@given(history=steps, order=st.randoms(use_true_random=False))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_whatever_order(
    begun_anew: Callable[[], Database], history: list[Step], order: random.Random
) -> None:
    """Nobody who was forgotten is there, and who listened all along knows what a newcomer does."""
    with closing(begun_anew()) as database:
        with database.writing() as session:
            add_device(session, FIRST_OFFICE, "K1", Role.KIOSK, NOON)
        messages = [happened(step, seq) for seq, step in enumerate(history, start=1)]
        order.shuffle(messages)
        listening, newcomer = Kiosk(), Kiosk()
        for message in messages:
            with database.writing() as session:
                device = session.scalars(select(Device)).one()
                ack = ingest(session, database.keys, device.id, [Unread(**message)], NOON)
                assert ack.refused == ()
            if order.random() < 0.5:
                listening.listen(database)
        listening.listen(database)
        newcomer.listen(database)
        assert listening.people == newcomer.people
        erased_ids = {UUID(citizen_id(which)) for what, which, _ in history if what == "erase"}
        with database.reading() as session:
            living = set(session.scalars(select(Citizen.id)))
            faces = set(session.scalars(select(FaceTemplate.citizen)))
            holders = set(
                session.scalars(select(Ticket.citizen).where(Ticket.citizen.is_not(None)))
            )
        assert not (living | faces | holders) & erased_ids
        assert faces <= living
        told = {who: body.kind for who, body in newcomer.people.items()}
        assert told == dict.fromkeys(living, "citizen_known") | dict.fromkeys(
            erased_ids, "citizen_forgotten"
        )
