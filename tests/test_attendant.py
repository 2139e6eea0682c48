"""The attendant with a real database: what is kept, when, and what survives a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.attendant import TIDY_S
from kiosk.idcard.synthetic import payload, synthetic
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.store.templates import Template
from kiosk.vision.percepts import Candidate, Enrolment
from kiosk.visit.events import Way
from kiosk.visit.state import Phase
from wire import PossibleDuplicate

from .attending import CARD, KEY, TEMPLATE, Scene


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "kiosk.db", KEY) as opened:
        yield opened


def test_a_first_visit_leaves_a_ticket_a_citizen_and_their_events(db: Database) -> None:
    scene = Scene(db)
    ticket = scene.takes_a_ticket("chung_thuc")
    assert (ticket.number, scene.phase) == ("C001", Phase.TICKET)
    scene.is_remembered()
    assert scene.phase is Phase.THANKS
    [template] = scene.world.enrolled.values()
    assert template is not None
    np.testing.assert_allclose(template, np.frombuffer(TEMPLATE, "<f4"), atol=1e-6)
    scene.shows(3, track=None)
    kinds = [event.body.kind for event in outbox.pending(db, 10)]
    assert kinds == ["ticket_issued", "ticket_printed", "citizen_enrolled", "visit_ended"]
    [record] = scene.world.records
    assert (record.ticket, record.enrolled, record.recognised) == ("C001", True, False)
    assert record.approach_to_ticket_s is not None
    assert set(record.stages_ms) >= {"choose", "confirm", "print", "ticket", "consent"}


def test_a_second_visit_is_greeted_by_a_masked_name_and_the_ticket_says_who(db: Database) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.is_remembered()
    scene.shows(3, track=None)
    [citizen] = scene.world.enrolled
    scene.takes_a_ticket("dat_dai", track=2, candidate=Candidate(citizen, 0.9, 1e-9, 1.0, 1, 3))
    name = scene.world.papers[-1].name
    assert name is not None
    assert name == CARD.masked_name
    assert CARD.name.split()[-1] not in name
    issued = [e.body for e in outbox.pending(db, 10) if e.body.kind == "ticket_issued"]
    assert [str(body.citizen) for body in issued] == ["None", citizen]
    assert [body.match for body in issued] == ["", "face_clear"]


def test_a_face_that_looks_like_another_citizens_is_told_to_the_staff(db: Database) -> None:
    scene = Scene(db)
    assert scene.records is not None
    template = Template(TEMPLATE, "model", 0.9)
    twin = scene.records.citizens.enrol(synthetic(2), "2026-01", template)
    scene.world.alike.append(twin)
    scene.takes_a_ticket("ho_tich")
    scene.is_remembered()
    [citizen] = set(scene.world.enrolled) - {twin}
    told = [e.body for e in outbox.pending(db, 10) if isinstance(e.body, PossibleDuplicate)]
    assert [{str(pair.first), str(pair.second)} for pair in told] == [{citizen, twin}]


def test_a_citizen_who_has_not_come_for_too_long_is_taken_for_nobody_any_more(
    db: Database,
) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.is_remembered()
    scene.attendant.consult()
    assert len(scene.world.enrolled) == 1
    db.execute("UPDATE citizen SET last_visit = '2020-01-01T00:00:00.000+00:00'")
    scene.shows(TIDY_S, track=None)
    scene.attendant.consult()
    assert scene.world.enrolled == {}
    assert db.rows("SELECT * FROM template") == []


def test_a_template_that_arrives_after_the_person_left_is_dropped(db: Database) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.attendant.picked("remember", Way.HAND)
    scene.shows(0.1, code=payload(CARD))
    scene.attendant.picked("agree:keep_identity", Way.HAND)
    scene.attendant.picked("agree:recognise", Way.HAND)
    scene.shows(3, track=None)
    scene.attendant.collected(Enrolment(1, TEMPLATE, "model", 0.9, 5))
    assert db.rows("SELECT * FROM citizen") == []


def test_a_face_collected_for_an_earlier_visit_is_not_kept_with_this_card(db: Database) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.attendant.picked("remember", Way.HAND)
    scene.shows(0.1, code=payload(CARD))
    scene.attendant.picked("agree:keep_identity", Way.HAND)
    scene.attendant.picked("agree:recognise", Way.HAND)
    scene.attendant.collected(Enrolment(7, TEMPLATE, "model", 0.9, 5))
    assert scene.phase is Phase.ENROL
    assert db.rows("SELECT * FROM citizen") == []


def test_a_wrong_code_is_reported_once_and_the_right_one_still_works(db: Database) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.attendant.picked("remember", Way.HAND)
    scene.shows(1, code="https://example.org")
    assert scene.phase is Phase.CARD
    assert scene.attendant.visit.trouble
    scene.shows(0.1, code=payload(CARD))
    assert scene.phase is Phase.CONSENT


def test_without_a_database_citizens_are_sent_to_the_staff() -> None:
    scene = Scene(None)
    scene.shows(0.5)
    scene.attendant.picked("field:ho_tich", Way.TOUCH)
    scene.shows(1.7)
    assert (scene.phase, scene.attendant.visit.trouble) == (Phase.THANKS, "store_closed")
    assert scene.world.said[-1] == "ask_staff"


def test_a_full_disk_gives_no_number_and_loses_none(
    db: Database, expected_warnings: list[str]
) -> None:
    expected_warnings.append("ERROR kiosk.attendant")
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    [[pages]] = db.rows("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages}")
    refused = ""
    for track in range(2, 200):
        scene.shows(3, track=None)
        scene.shows(0.5, track=track)
        scene.attendant.picked("field:ho_tich", Way.HAND)
        scene.shows(1.7, track=track)
        refused = scene.attendant.visit.trouble
        if refused:
            break
        scene.attendant.printed(scene.world.papers[-1].ticket.id, "printed", "")
    assert refused == "store_full"
    given = [row["sequence"] for row in db.rows("SELECT sequence FROM ticket ORDER BY sequence")]
    assert given == list(range(1, len(scene.world.papers) + 1))
