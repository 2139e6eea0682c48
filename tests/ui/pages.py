"""Every place a visit can stand, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from kiosk.attendant import policy_of
from kiosk.config import (
    Bilingual,
    FieldOfBusiness,
    Hours,
    Icon,
    Office,
    PriorityClass,
    ScreenSettings,
    Settings,
)
from kiosk.locale import Language
from kiosk.ui.screen import Greeting, Screen, Waiting
from kiosk.ui.view import screen
from kiosk.visit.events import CardRead, Person, TicketIssued, Way
from kiosk.visit.state import Machine, Phase, Visit

Look = Literal["normal", "contrast", "larger"]
LOOKS: tuple[Look, ...] = get_args(Look)
CLOCK = datetime(2026, 11, 24, 8, 42, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
NOW = 100.0
GREETING = Greeting("NGUYỄN V** A**", "19**")


def _field(
    id_: str, prefix: str, vi: tuple[str, str], en: tuple[str, str], counter: str, icon: Icon
) -> FieldOfBusiness:
    return FieldOfBusiness(
        id=id_,
        prefix=prefix,
        name=Bilingual(vi=vi[0], en=en[0]),
        examples=Bilingual(vi=vi[1], en=en[1]),
        counter=counter,
        icon=icon,
    )


FIELDS = (
    _field(
        "ho_tich",
        "A",
        ("Hộ tịch", "Khai sinh, kết hôn, trích lục"),
        ("Civil status", "Births, marriages, extracts"),
        "1",
        "family",
    ),
    _field(
        "dat_dai",
        "B",
        ("Đất đai", "Đăng ký, biến động"),
        ("Land", "Registers, changes"),
        "2",
        "land",
    ),
    _field(
        "chung_thuc",
        "C",
        ("Chứng thực", "Bản sao, chữ ký"),
        ("Certification", "Copies, signatures"),
        "3",
        "stamp",
    ),
    _field(
        "xay_dung",
        "D",
        ("Xây dựng", "Giấy phép xây dựng"),
        ("Construction", "Building permits"),
        "4",
        "building",
    ),
    _field(
        "bao_tro",
        "E",
        ("Bảo trợ xã hội", "Người có công, trợ cấp"),
        ("Social support", "Merit, allowances"),
        "5",
        "care",
    ),
    _field(
        "lao_dong",
        "F",
        ("Lao động, việc làm", "Hợp đồng, thất nghiệp"),
        ("Labour and employment", "Contracts, unemployment"),
        "",
        "work",
    ),
    _field(
        "kinh_doanh",
        "G",
        ("Kinh doanh", "Hộ kinh doanh"),
        ("Business", "Households"),
        "6",
        "shop",
    ),
)
WAITING = {
    "ho_tich": Waiting(4, 12),
    "dat_dai": Waiting(9, 35),
    "chung_thuc": Waiting(2, None),
    "xay_dung": Waiting(0, 0),
}

SETTINGS = Settings(
    office=Office(
        name=Bilingual(vi="UBND phường Hà Đông", en="Hà Đông Ward People's Committee"),
        unit=Bilingual(vi="Bộ phận Một cửa", en="One-stop office"),
        contact="Bộ phận Một cửa, điện thoại 024 0000 0000",
        hours=Hours.model_validate({"tue": ["07:30-11:30", "13:30-17:00"]}),
    ),
    fields=FIELDS,
    screen=ScreenSettings(reduced_motion=True, fullscreen=False),
)
PRIORITIES = (
    PriorityClass(id="elderly", mark="U", name=Bilingual(vi="Người cao tuổi", en="Elderly")),
    PriorityClass(
        id="disabled",
        mark="K",
        name=Bilingual(vi="Người khuyết tật nặng", en="Severely disabled people"),
    ),
    PriorityClass(
        id="pregnant",
        mark="M",
        name=Bilingual(vi="Phụ nữ mang thai hoặc có con nhỏ", en="Pregnant or with a small child"),
    ),
)
OPENS = datetime(2026, 11, 24, 13, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
CLOSED = Machine(open=False, opens=OPENS)

USED_UP = Machine(full=frozenset(field.id for field in FIELDS))

PERSON = Person(1, near=True)
HAND = replace(PERSON, hand="engaged")
TICKET = TicketIssued(NOW, "t-1", "C012", "T7K2-M4QX", "chung_thuc", "3", 2)
CARD = CardRead(NOW, "card-1", "NGUYỄN V** A**")

_here = Visit(person=PERSON, seen_at=NOW, started=NOW, since=NOW)
_choosing = replace(_here, phase=Phase.CHOOSE, deadline=NOW + 25, person=HAND)
_served = replace(_here, field="chung_thuc", way=Way.HAND, ticket=TICKET, printed="printed")

VISITS: dict[str, Visit] = {
    "attract": Visit(),
    "choose": _choosing,
    "choose-page2": replace(_choosing, page=1),
    "choose-greeted": replace(_choosing, greeted="citizen-1"),
    "choose-greeted-printer-bad": replace(
        _choosing,
        greeted="citizen-1",
        machine=Machine(printer="bad", printer_reason="printer_paper_out"),
    ),
    "choose-crowded": replace(_choosing, others=1),
    "choose-no-camera": replace(_choosing, person=None, machine=Machine(camera=False)),
    "choose-no-model": replace(
        _choosing, person=None, machine=Machine(camera=False, camera_reason="model_corrupt")
    ),
    "attract-disk-full": Visit(machine=Machine(store_reason="store_full")),
    "choose-countdown": replace(_choosing, deadline=NOW + 5.2),
    "choose-priority": _choosing,
    "choose-priority-claimed": replace(_choosing, priority="pregnant"),
    "choose-priority-greeted-printer-bad": replace(
        _choosing,
        greeted="citizen-1",
        machine=Machine(printer="bad", printer_reason="printer_cover_open"),
        deadline=NOW + 5.2,
    ),
    "choose-field-full": replace(
        _choosing, machine=Machine(full=frozenset({"dat_dai", "xay_dung"})), trouble="field_full"
    ),
    "choose-reprint": replace(_choosing, machine=Machine(other_paper="C007", other_paper_at=NOW)),
    "choose-all-full": replace(_choosing, machine=USED_UP),
    "choose-lost": replace(_choosing, person=PERSON, seen_at=NOW - 1.5),
    "choose-dark": replace(_choosing, person=replace(PERSON, flaw="dark")),
    "choose-far": replace(_choosing, person=replace(PERSON, flaw="small")),
    "choose-near": replace(_choosing, person=replace(PERSON, flaw="near")),
    "choose-bright": replace(_choosing, person=replace(PERSON, flaw="bright")),
    "attract-no-camera": Visit(machine=Machine(camera=False)),
    "attract-printer-bad": Visit(
        machine=Machine(printer="bad", printer_reason="printer_paper_out")
    ),
    "attract-full": Visit(machine=USED_UP),
    "attract-closed": Visit(machine=CLOSED),
    "attract-closed-monday": Visit(
        machine=replace(CLOSED, opens=OPENS.replace(day=30, hour=7, minute=30))
    ),
    "attract-closed-unknown": Visit(machine=replace(CLOSED, opens=None)),
    "confirm-priority": replace(
        _here, phase=Phase.CONFIRM, field="lao_dong", priority="disabled", deadline=NOW + 1.5
    ),
    "confirm": replace(_here, phase=Phase.CONFIRM, field="chung_thuc", deadline=NOW + 1.5),
    "print": replace(_served, phase=Phase.PRINT, printed=None, ticket=None),
    "print-queued": replace(_served, phase=Phase.PRINT, printed=None),
    "print-sending": replace(_served, phase=Phase.PRINT, printed=None, paper="sending"),
    "print-sent": replace(_served, phase=Phase.PRINT, printed=None, paper="sent"),
    "ticket": replace(_served, phase=Phase.TICKET, deadline=NOW + 8),
    "ticket-greeted": replace(_served, phase=Phase.TICKET, greeted="citizen-1", deadline=NOW + 8),
    "ticket-failed": replace(_served, phase=Phase.TICKET, printed="failed", deadline=NOW + 8),
    "ticket-uncertain": replace(_served, phase=Phase.TICKET, printed="uncertain", deadline=NOW + 8),
    "ticket-priority-failed": replace(
        _served,
        phase=Phase.TICKET,
        printed="failed",
        priority="pregnant",
        ticket=replace(TICKET, number="CM012", ahead=None),
    ),
    "ticket-priority": replace(
        _served,
        phase=Phase.TICKET,
        priority="pregnant",
        ticket=replace(TICKET, number="FM012", field="lao_dong", counter="", ahead=None),
    ),
    "ticket-reprinted": replace(_served, phase=Phase.TICKET, reprinted=True, deadline=NOW + 8),
    "ticket-reprint-of-another": replace(
        _served, phase=Phase.TICKET, machine=Machine(other_paper="A003", other_paper_at=NOW)
    ),
    "card": replace(_served, phase=Phase.CARD, deadline=NOW + 30),
    "card-refused": replace(
        _served, phase=Phase.CARD, deadline=NOW + 6, trouble="card_health_insurance"
    ),
    "card-closer": replace(_served, phase=Phase.CARD, deadline=NOW + 30, hint="closer"),
    "card-representative": replace(
        _served, phase=Phase.CARD, deadline=NOW + 30, card=replace(CARD, age=9)
    ),
    "card-forget": replace(
        _here, phase=Phase.CARD, deadline=NOW + 30, errand="forget", hint="tilt"
    ),
    "check": replace(
        _served,
        phase=Phase.CHECK,
        deadline=NOW + 25,
        card=replace(
            CARD,
            to_confirm=(
                ("number", "001185012345"),
                ("name", "NGUYỄN THỊ MINH AN"),
                ("date_of_birth", "14/03/1985"),
                ("address", "Số 12 ngõ 34 phố Mẫu, phường Hà Đông, thành phố Hà Nội"),
            ),
        ),
    ),
    "chip": replace(_served, phase=Phase.CHIP, card=CARD, deadline=NOW + 30),
    "chip-reading": replace(
        _served, phase=Phase.CHIP, card=CARD, deadline=NOW + 30, chip_share=0.6
    ),
    "chip-removed": replace(
        _served, phase=Phase.CHIP, card=CARD, deadline=NOW + 30, trouble="chip_removed"
    ),
    "consent-assent": replace(
        _served,
        phase=Phase.CONSENT,
        card=replace(CARD, age=9),
        representative=replace(CARD, age=40),
        consented=("keep_identity", "recognise"),
        deadline=NOW + 25,
    ),
    "forget": replace(_here, phase=Phase.FORGET, errand="forget", deadline=NOW + 25),
    "thanks-forgotten": replace(
        _here, phase=Phase.THANKS, errand="forget", forgotten=True, slip="printing"
    ),
    "thanks-not-known": replace(_here, phase=Phase.THANKS, errand="forget", trouble="not_known"),
    "thanks-kept": replace(
        _served, phase=Phase.THANKS, enrolled=True, consented=("keep_identity",)
    ),
    "thanks-not-holder": replace(_served, phase=Phase.THANKS, trouble="not_holder"),
    "consent-identity": replace(_served, phase=Phase.CONSENT, card=CARD, deadline=NOW + 25),
    "consent-recognise": replace(
        _served,
        phase=Phase.CONSENT,
        card=CARD,
        consented=("keep_identity",),
        deadline=NOW + 5,
    ),
    "enrol": replace(_served, phase=Phase.ENROL, card=CARD, deadline=NOW + 8),
    "thanks": replace(_served, phase=Phase.THANKS, deadline=NOW + 4),
    "thanks-remembered": replace(
        _served, phase=Phase.THANKS, enrolled=True, consented=("keep_identity", "recognise")
    ),
    "thanks-refused": replace(
        _here, phase=Phase.THANKS, field="chung_thuc", printed="failed", trouble="disk_full"
    ),
    "thanks-closed": replace(
        _here, phase=Phase.THANKS, field="chung_thuc", printed="failed", trouble="office_closed"
    ),
}


def show(visit: Visit, language: Language = "vi", settings: Settings = SETTINGS) -> Screen:
    """The screen of ``visit`` at a fixed moment in a fixed office."""
    return screen(
        replace(visit, language=language),
        policy_of(settings),
        NOW,
        CLOCK,
        settings,
        WAITING,
        GREETING,
    )


def office(name: str) -> Settings:
    """Where a visit of :data:`VISITS` takes place: ``priority`` in its name, some go first."""
    first = PRIORITIES if "priority" in name else ()
    return SETTINGS.model_copy(update={"priorities": first})


def page(name: str, language: Language = "vi", look: Look = "normal") -> Screen:
    """The screen of a visit of :data:`VISITS`."""
    visit = replace(VISITS[name], larger=look == "larger", contrast=look == "contrast")
    return show(visit, language, office(name))
