"""The slips that prove a consent and an erasure, drawn and looked at (``out/slips``)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from kiosk import config
from kiosk.locale import LANGUAGES, Language
from kiosk.printer.slip import SlipFace, render_slip
from kiosk.printer.template import TicketTemplate
from kiosk.slips import consent_slip, erasure_slip
from wire import ConsentGiven, MaskedPerson, Representative

OUT = Path(__file__).parents[2] / "out" / "slips"
SETTINGS = config.load(Path(__file__).parents[2] / "config.toml")
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
CITIZEN = "01a21958-cd39-7551-b093-01c97ee150f2"
MOTHER = Representative(number_index="0" * 64, masked=MaskedPerson(name="LÊ T** H**", birth="19**"))
GIVEN = [
    ConsentGiven(
        consent=UUID(CITIZEN),
        purpose=purpose,
        version="2026-01",
        given_at=NOW,
        representative=MOTHER,
    )
    for purpose in ("recognise", "keep_identity")
]


def slips(language: Language) -> dict[str, SlipFace]:
    return {
        "consent": consent_slip(SETTINGS, language, GIVEN, NOW),
        "erasure": erasure_slip(SETTINGS, language, CITIZEN, NOW),
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dots", [384, 576])
def test_a_slip_is_drawn_whole_on_both_papers(language: Language, dots: int) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    template = TicketTemplate(dots, 203, ("number",))
    for name, face in slips(language).items():
        sheet = render_slip(face, template)
        assert (sheet.mode, sheet.width) == ("1", dots)
        ink = ~np.asarray(sheet)
        assert not ink[:, :4].any()
        assert not ink[:, -4:].any()
        assert 0.03 < ink.mean() < 0.4
        sheet.save(OUT / f"{name}-{language}-{dots}.png")


def test_a_consent_names_purpose_text_and_representative_and_how_to_take_it_back() -> None:
    face = slips("vi")["consent"]
    said = " ".join(face.lines)
    for part in ("2026-01", "nhạy cảm", "AI", "LÊ T** H**", "Quên tôi", "180"):
        assert part in said


def test_an_erasure_says_where_it_is_and_will_be_gone() -> None:
    online = SETTINGS.model_copy(
        update={"sync": SETTINGS.sync.model_copy(update={"url": "https://central"})}
    )
    assert erasure_slip(online, "vi", CITIZEN, NOW).lines != slips("vi")["erasure"].lines
    assert slips("vi")["erasure"].reference == CITIZEN
