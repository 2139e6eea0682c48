"""Words for every place a visit can stand."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from kiosk.attendant import policy_of
from kiosk.config import Settings
from kiosk.locale import LANGUAGES, Language
from kiosk.ui.screen import Feedback, Notice, Opening
from kiosk.vision.percepts import FLAWS
from kiosk.visit.events import HandState, Person
from kiosk.visit.state import Machine, Phase, Visit, options

from .pages import CARD, GREETING, NOW, PERSON, SETTINGS, VISITS, office, page, show


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", VISITS)
def test_every_page_asks_one_question(name: str, language: Language) -> None:
    shown = page(name, language)
    assert shown.page == VISITS[name].phase
    assert shown.question
    assert shown.instruction


@pytest.mark.parametrize("name", VISITS)
def test_every_option_can_be_seen(name: str) -> None:
    shown = page(name)
    seen = {tile.id for tile in (*shown.tiles, *shown.band.looks)}
    assert seen == {option.id for option in options(VISITS[name], policy_of(office(name)))}


def test_tiles_say_how_busy_a_field_is() -> None:
    waiting = {tile.id: tile.waiting for tile in show(VISITS["choose"], "en").tiles}
    assert waiting["field:ho_tich"] == "4 waiting · ≈\u00a012\u00a0min"
    assert waiting["field:chung_thuc"] == "2 waiting"
    assert waiting["field:xay_dung"] == "No waiting"
    assert waiting["field:bao_tro"] == ""


def test_a_greeting_is_masked_and_withdrawn_when_somebody_stands_near() -> None:
    greeted = VISITS["choose-greeted"]
    assert show(greeted).aside.title == GREETING.name
    assert show(replace(greeted, others=1)).aside.title == ""
    assert show(replace(greeted, greeted=None)).aside.title == ""
    assert show(replace(greeted, phase=Phase.CONFIRM, field="ho_tich")).aside.title == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["consent-identity", "consent-recognise"])
def test_consent_says_what_the_law_asks_for(name: str, language: Language) -> None:
    words = " ".join(page(name, language).paragraphs)
    assert str(SETTINGS.privacy.template_days) in words
    assert SETTINGS.office.name.in_(language) in words
    if name == "consent-recognise":
        assert {"vi": "dữ liệu nhạy cảm", "en": "sensitive data"}[language] in words
        assert "AI" in words


def test_each_consent_question_is_for_one_purpose_and_grave() -> None:
    tiles = {tile.id: tile for tile in show(VISITS["consent-identity"]).tiles}
    assert tiles["agree:keep_identity"].grave
    assert not tiles["decline:keep_identity"].grave
    assert CARD.holder in show(VISITS["consent-identity"]).aside.detail


@pytest.mark.parametrize(
    ("left", "counted"),
    [(25.0, ""), (8.01, ""), (8.0, "8"), (5.2, "6"), (0.1, "1"), (0.0, "")],
)
def test_only_the_last_seconds_are_counted_down(left: float, counted: str) -> None:
    shown = show(replace(VISITS["choose"], deadline=NOW + left))
    assert (counted in shown.countdown) if counted else shown.countdown == ""


@pytest.mark.parametrize(
    ("person", "seen", "feedback"),
    [
        (None, 0.0, Feedback("Please step closer", "hint")),
        (PERSON, 0.0, Feedback("We see you", "good")),
        (
            Person(1, near=True, hand="engaged", flaw="dark"),
            0.0,
            Feedback("We see your hand", "good"),
        ),
        (Person(1, near=True, flaw="turned"), 0.0, Feedback("Please face the screen", "hint")),
        (PERSON, 0.9, Feedback("Are you still there?", "hint")),
    ],
)
def test_feedback_says_what_is_seen(person: Person | None, seen: float, feedback: Feedback) -> None:
    visit = replace(VISITS["choose"], person=person, seen_at=NOW - seen)
    assert show(visit, "en").feedback == feedback


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("choose", ["We see you", "Raise your hand a bit", "Please open your hand"]),
        ("consent-recognise", ["We see you", "Raise your hand a bit", "Please open your hand"]),
        ("card", ["We see you"] * 3),
        ("confirm", ["We see you"] * 3),
    ],
)
def test_a_hand_is_asked_for_where_an_answer_is(name: str, told: list[str]) -> None:
    hands: tuple[HandState, ...] = ("none", "low", "closed")
    people = [replace(PERSON, hand=hand) for hand in hands]
    visits = [replace(VISITS[name], person=person, seen_at=NOW) for person in people]
    assert [show(visit, "en").feedback.text for visit in visits] == told


@pytest.mark.parametrize("hand", get_args(HandState))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_hand_has_its_sentence(hand: HandState, language: Language) -> None:
    shown = show(replace(VISITS["choose"], person=replace(PERSON, hand=hand)), language).feedback
    assert shown.tone == ("good" if hand in ("none", "raising", "engaged") else "hint")


@pytest.mark.parametrize("flaw", FLAWS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flaw_has_its_sentence(flaw: str, language: Language) -> None:
    visit = replace(VISITS["choose"], person=Person(1, near=True, flaw=flaw))
    assert show(visit, language).feedback.tone == "hint"


@pytest.mark.parametrize(
    ("visit", "told"),
    [
        (replace(VISITS["choose"], greeted="c1"), False),
        (replace(VISITS["choose"], denied=True), False),
        (replace(VISITS["choose"], phase=Phase.CONFIRM, field="ho_tich"), False),
        (replace(VISITS["choose"], phase=Phase.ENROL), True),
    ],
    ids=["greeted", "not me", "chosen", "enrolling"],
)
def test_nobody_is_told_to_take_off_a_mask_for_nothing(visit: Visit, told: bool) -> None:
    masked = replace(visit, person=Person(1, near=True, flaw="mask"), seen_at=NOW)
    assert show(masked).feedback.text.startswith("Bỏ khẩu trang") is told


def test_trouble_says_what_to_do() -> None:
    assert show(VISITS["choose"]).notice is None
    for name in ("choose-crowded", "choose-no-camera", "ticket-failed", "card-refused"):
        notice = page(name, "en").notice
        assert notice is not None, name
        assert notice.do, name


def test_the_printers_own_reason_is_named_when_it_has_a_name() -> None:
    bad = replace(VISITS["choose"], machine=Machine(printer="bad", printer_reason="printer_fault"))
    what = [
        shown.notice.what
        for shown in (show(VISITS["choose-greeted-printer-bad"], "en"), show(bad, "en"))
        if shown.notice
    ]
    assert what == ["The printer is out of paper", "The printer is not ready"]


def test_what_a_citizen_can_do_least_about_is_said_first() -> None:
    everything = Machine(
        camera=False, printer="bad", printer_reason="printer_none", store_reason="store_full"
    )
    numbers = replace(everything, store_reason="")
    paper = replace(numbers, printer="ok")
    what = [
        shown.notice.what
        for machine in (everything, numbers, paper)
        if (shown := show(Visit(machine=machine), "en")).notice
    ]
    assert [sentence.split()[-1] for sentence in what] == ["full", "tickets", "resting"]


def test_an_unknown_printer_is_no_trouble() -> None:
    unknown = replace(VISITS["choose"], machine=Machine(printer="unknown"))
    assert show(unknown).notice is None


@pytest.mark.parametrize("name", ["ticket-uncertain", "ticket-failed"])
def test_a_ticket_without_paper_is_one_to_photograph_and_to_tell_the_staff(name: str) -> None:
    shown = show(VISITS[name], "en")
    assert isinstance(shown.notice, Notice)
    assert "tell the staff" in shown.notice.do
    assert "photograph" in shown.instruction
    assert shown.ticket is not None
    assert (shown.ticket.number, shown.ticket.qr) == ("C012", "T7K2-M4QX")
    assert shown.tiles == ()


def test_a_paper_of_somebody_else_is_named_wherever_the_visit_stands() -> None:
    for name in ("choose", "confirm", "ticket", "thanks"):
        machine = Machine(other_paper="A003", printer="bad", printer_reason="printer_paper_out")
        notice = show(replace(VISITS[name], machine=machine), "en").notice
        assert notice is not None
        assert "A003" in notice.what
    own = show(VISITS["ticket-reprinted"], "en").notice
    assert own is not None
    assert "Your ticket" in own.what


# ── whom the office serves, and when ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "language", "opening"),
    [
        ("attract-closed", "vi", Opening("Mở cửa lúc", "13:30", "hôm nay")),
        ("attract-closed-monday", "en", Opening("Opens at", "07:30", "Monday, 30/11/2026")),
        ("attract-closed-unknown", "en", None),
        ("attract", "en", None),
    ],
)
def test_out_of_hours_the_screen_says_when_to_come_back(
    name: str, language: Language, opening: Opening | None
) -> None:
    shown = page(name, language)
    assert shown.opening == opening
    if name != "attract":
        assert (shown.tiles, shown.notice) == ((), None)
        assert shown.aside.note == ""
        assert shown.beside[0] == page(name, "vi" if language == "en" else "en").question


def test_a_visit_that_began_in_time_goes_on() -> None:
    shown = show(replace(VISITS["choose"], machine=Machine(open=False)), "en")
    assert (shown.opening, shown.question) == (None, show(VISITS["choose"], "en").question)


def test_a_field_without_numbers_is_pale_and_says_so() -> None:
    tiles = {tile.id: tile for tile in page("choose-field-full", "en").tiles}
    assert tiles["field:dat_dai"].spent
    assert tiles["field:dat_dai"].waiting == "No numbers left today"
    assert not tiles["field:ho_tich"].spent
    assert tiles["field:ho_tich"].waiting == "4 waiting · ≈\u00a012\u00a0min"


def test_a_priority_class_is_named_from_the_choice_to_the_ticket() -> None:
    asked, claimed = (
        next(tile for tile in page(name, "en").tiles if tile.kind == "priority")
        for name in ("choose-priority", "choose-priority-claimed")
    )
    assert (asked.title, asked.chosen, asked.digit) == ("I have priority", False, 9)
    assert asked.detail == "Elderly · Severely disabled people · Pregnant or with a small child"
    assert (claimed.title, claimed.chosen) == ("Pregnant or with a small child", True)
    assert page("confirm-priority", "en").caption.startswith("Severely disabled people\n")
    ticket = page("ticket-priority", "en").ticket
    assert ticket is not None
    assert ticket.priority == "Pregnant or with a small child"


def test_nothing_is_said_about_people_ahead_when_nobody_knows() -> None:
    visit = VISITS["ticket"]
    assert visit.ticket is not None
    ahead = [
        shown.ticket.ahead
        for known in (None, 0, 3)
        if (shown := show(replace(visit, ticket=replace(visit.ticket, ahead=known)), "en")).ticket
    ]
    assert ahead == ["", "You are next", "3 people before you"]


def test_without_recognition_the_screen_says_that_faces_are_not_compared() -> None:
    off = SETTINGS.recognition.model_copy(update={"enabled": False})
    settings: Settings = SETTINGS.model_copy(update={"recognition": off})
    assert "not recognised" in show(VISITS["choose"], "en", settings).aside.note


def test_without_a_camera_the_screen_asks_for_touch() -> None:
    assert "touch" in show(VISITS["choose-no-camera"], "en").instruction


def test_both_languages_stand_on_the_first_page_only() -> None:
    assert show(VISITS["attract"], "vi").beside[0] == show(VISITS["attract"], "en").question
    assert show(VISITS["choose"]).beside == ()


def test_the_date_is_written_the_way_it_is_read() -> None:
    assert show(VISITS["attract"]).header.date == "Thứ Ba, 24/11/2026"
    assert show(VISITS["attract"], "en").header.date == "Tuesday, 24/11/2026"
