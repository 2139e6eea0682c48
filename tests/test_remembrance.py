"""Cards and citizens, from what is read to what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.idcard.chip.passive import Authenticity, Verdict
from kiosk.idcard.chip.reading import ChipReading
from kiosk.idcard.synthetic import payload, synthetic, zone
from kiosk.store import outbox
from kiosk.store.database import Database
from kiosk.vision.percepts import CardText, CardView, Enrolment, Percept
from kiosk.visit.events import Way
from kiosk.visit.state import Phase
from tests.attending import CARD, KEY, SETTINGS, TEMPLATE, Scene
from wire import CardEvidence, CitizenEnrolled


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "kiosk.db", KEY) as opened:
        yield opened


CHILD = replace(synthetic(4), date_of_birth="2019-05-05", number="001219000444")
WITH_CHIPS = SETTINGS.model_copy(
    update={"reader": SETTINGS.reader.model_copy(update={"chip": "pcsc"})}
)


def picks(scene: Scene, *options: str) -> None:
    for option in options:
        scene.attendant.picked(option, Way.KEYPAD)


def at_the_card(scene: Scene) -> Scene:
    scene.takes_a_ticket("ho_tich")
    picks(scene, "remember")
    return scene


def enrolled(db: Database) -> CitizenEnrolled:
    [body] = [e.body for e in outbox.pending(db, 50) if isinstance(e.body, CitizenEnrolled)]
    return body


def shows(scene: Scene, **seen: object) -> None:
    scene.at += 0.1
    scene.attendant.saw(Percept(0, scene.at, (1280, 720), **seen))  # type: ignore[arg-type]


def collected(scene: Scene, portrait: float | None = None) -> None:
    scene.attendant.collected(Enrolment(1, TEMPLATE, "model", 0.9, 5, portrait))


def test_a_code_that_cannot_be_read_says_how_to_hold_the_card(db: Database) -> None:
    scene = at_the_card(Scene(db))
    shows(scene, card=CardView("closer", (0, 0, 50, 50)))
    assert scene.attendant.visit.hint == "closer"
    shows(scene)
    assert scene.attendant.visit.hint == ""


def test_the_zone_on_the_back_will_do(db: Database) -> None:
    scene = at_the_card(Scene(db))
    shows(scene, text=CardText("zone", ("not", "a", "zone")))
    assert scene.phase is Phase.CARD
    shows(scene, text=CardText("zone", tuple(zone(CARD).splitlines())))
    assert scene.phase is Phase.CONSENT
    picks(scene, "agree:keep_identity", "decline:recognise")
    body = enrolled(db)
    assert (body.identity.number, body.identity.source) == (CARD.number, "mrz")
    assert (body.template, [c.purpose for c in body.consents]) == (None, ["keep_identity"])


def test_print_is_kept_once_confirmed_and_says_so(db: Database) -> None:
    scene = at_the_card(Scene(db))
    lines = (
        f"Số / No.: {CARD.number}",
        "Họ và tên / Full name:",
        CARD.name.upper(),
        "Ngày sinh / Date of birth: " + "/".join(reversed(CARD.date_of_birth.split("-"))),
    )
    shows(scene, text=CardText("printed", lines))
    assert scene.phase is Phase.CHECK
    picks(scene, "right", "agree:keep_identity", "decline:recognise")
    body = enrolled(db)
    assert (body.identity.source, body.evidence.confirmed) == ("ocr", True)
    assert "read_by_machine" in body.identity.warnings


def test_a_child_is_remembered_on_the_word_of_an_adult(db: Database) -> None:
    scene = at_the_card(Scene(db))
    scene.shows(0.1, code=payload(CHILD))
    scene.shows(0.1, code=payload(CHILD))
    assert scene.attendant.visit.trouble == "not_representative"
    scene.shows(0.1, code=payload(CARD))
    picks(scene, "agree:keep_identity", "agree:recognise", "agree:assent")
    collected(scene)
    body = enrolled(db)
    assert body.identity.number == CHILD.number
    by = body.consents[0].representative
    assert by is not None
    assert (by.masked.name, body.consents[0].assent) == (CARD.masked_name, True)


# ── the chip ──────────────────────────────────────────────────────────────────────────────────


def reading(authenticity: Authenticity, number: str = CARD.number) -> ChipReading:
    document = replace(CARD, source="chip", number=number)
    return ChipReading(document, b"a portrait", Verdict(authenticity), genuine=True)


def at_the_chip(db: Database) -> Scene:
    scene = at_the_card(Scene(db, WITH_CHIPS))
    scene.shows(0.1, code=payload(CARD))
    assert scene.phase is Phase.CHIP
    return scene


def test_the_code_gives_the_keys_of_the_chip(db: Database) -> None:
    [keys] = at_the_chip(db).world.keys
    assert {key.document_number for key in keys} == {CARD.number[3:]}


def test_a_chip_whose_portrait_is_the_face_in_front_is_the_best_evidence(db: Database) -> None:
    scene = at_the_chip(db)
    scene.attendant.cards.chip_read(reading(Authenticity.VERIFIED))
    picks(scene, "agree:keep_identity", "agree:recognise")
    assert scene.world.portraits == [b"a portrait"]
    collected(scene, portrait=1e-7)
    assert enrolled(db).evidence == CardEvidence(chip="verified", face="alike")
    assert enrolled(db).identity.source == "chip"


def test_somebody_elses_face_is_not_kept_with_the_card(db: Database) -> None:
    scene = at_the_chip(db)
    scene.attendant.cards.chip_read(reading(Authenticity.ISSUER_UNKNOWN))
    picks(scene, "agree:keep_identity", "agree:recognise")
    collected(scene, portrait=0.4)
    assert scene.attendant.visit.trouble == "not_holder"
    assert db.rows("SELECT * FROM citizen") == []


@pytest.mark.parametrize(
    ("read", "trouble"),
    [
        (reading(Authenticity.FAILED), "chip_failed"),
        (reading(Authenticity.VERIFIED, "001185999999"), "card_two"),
    ],
)
def test_a_chip_that_is_forged_or_anothers_keeps_nothing(
    db: Database, read: ChipReading, trouble: str
) -> None:
    scene = at_the_chip(db)
    scene.attendant.cards.chip_read(read)
    assert (scene.phase, scene.attendant.visit.trouble) == (Phase.THANKS, trouble)


# ── slips, forgetting, the scanner ────────────────────────────────────────────────────────────


def test_a_slip_tells_what_was_agreed_to_and_no_name(db: Database) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.is_remembered()
    picks(scene, "slip")
    [slip] = scene.world.slips
    consent = enrolled(db).consents[0]
    said = " ".join((slip.title, *slip.lines))
    assert slip.reference == str(consent.consent)
    assert consent.version in said
    assert CARD.name.split()[-1] not in said
    assert CARD.number not in said


def test_forget_me_erases_and_gives_it_in_writing(db: Database) -> None:
    scene = Scene(db)
    scene.takes_a_ticket("ho_tich")
    scene.is_remembered()
    [citizen] = scene.world.enrolled
    scene.shows(3, track=None)
    scene.shows(0.5, track=2)
    picks(scene, "my_data")
    scene.shows(0.1, track=2, code=payload(CARD))
    assert scene.phase is Phase.FORGET
    picks(scene, "forget")
    assert scene.world.enrolled == {}
    assert db.rows("SELECT * FROM citizen") == []
    assert [slip.reference for slip in scene.world.slips] == [citizen]
    assert outbox.pending(db, 50)[-1].body.kind in ("citizen_erased", "visit_ended")


def test_a_scanner_reads_cards_where_they_are_asked_for(db: Database) -> None:
    scene = Scene(db)
    scene.shows(0.5)
    scene.attendant.scanned(b"https://example.org")
    scene.attendant.scanned(payload(CARD).encode())
    assert (scene.phase, scene.attendant.visit.trouble) == (Phase.CHOOSE, "")
    at_the_card(scene)
    scene.attendant.scanned(payload(CARD).encode())
    assert scene.phase is Phase.CONSENT
