from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import config
from kiosk.config import Bilingual, PriorityClass
from kiosk.errors import ConfigError
from kiosk.locale import Language
from kiosk.printer.specimen import specimen
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
