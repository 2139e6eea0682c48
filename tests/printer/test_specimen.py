from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from pydantic import ValidationError

from kiosk import config
from kiosk.config import Bilingual, PriorityClass, TicketSettings
from kiosk.errors import ConfigError
from kiosk.locale import Language
from kiosk.printer.layout import render
from kiosk.printer.specimen import specimen
from kiosk.printer.template import TicketTemplate
from kiosk.printer.ticket import TicketFace

SHIPPED = config.load(Path(__file__).parents[2] / "config.toml")
ELDERLY = PriorityClass(id="elderly", mark="U", name=Bilingual(vi="Người cao tuổi", en="Elderly"))
SETTINGS = SHIPPED.model_copy(update={"priorities": (ELDERLY,)})
NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "field", "priority"),
    [("vi", "Đất đai", "Người cao tuổi"), ("en", "Land", "Elderly")],
)
def test_a_specimen_is_in_its_language(language: Language, field: str, priority: str) -> None:
    face = specimen(SETTINGS, NOON, language=language, field="dat_dai", priority="elderly")
    assert (face.field, face.priority, face.number) == (field, priority, "BU000")
    assert (face.ahead, face.wait_min) == (4, 48)
    assert f"{face.printed_at:%H:%M}" == "12:00"  # in the office's zone
    assert face.specimen
    assert not face.reprint


def test_without_a_field_it_is_of_the_first() -> None:
    face = specimen(SETTINGS, NOON, language="vi")
    assert (face.number, face.priority) == ("A000", None)


@pytest.mark.parametrize(("field", "priority"), [("nothing", ""), ("dat_dai", "nobody")])
def test_a_ticket_of_nothing_the_office_has_is_refused(field: str, priority: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TicketFace.of(
            SETTINGS,
            field=field,
            priority=priority,
            number="A001",
            reference="KZ3QWTN5BD7FH2MA",
            issued_at=NOON,
            ahead=None,
            wait_min=None,
            name=None,
            language="vi",
        )
    assert caught.value.key == ("no_such_priority" if priority else "no_such_field")


@pytest.mark.parametrize("phone_url", ["https://xephang.example.gov.vn", "https://a.vn:8443/"])
def test_the_code_opens_the_tickets_page(phone_url: str) -> None:
    ticket = SETTINGS.ticket.model_copy(update={"phone_url": phone_url})
    face = specimen(SETTINGS.model_copy(update={"ticket": ticket}), NOON, language="vi")
    assert face.code == f"{phone_url.rstrip('/')}/t/{face.reference}"
    paper = render(face, TicketTemplate(576, 203, ticket.blocks))
    assert [code.text for code in zxingcpp.read_barcodes(paper)] == [face.code]


@pytest.mark.parametrize("phone_url", ["http://a.vn", "https://a.vn/b", "ftp://a.vn", "a.vn"])
def test_a_phone_page_is_reached_safely(phone_url: str) -> None:
    with pytest.raises(ValidationError):
        TicketSettings(phone_url=phone_url)
