"""Synthetic citizens as kiosks tell of them."""

from __future__ import annotations

import struct
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
NAME, NUMBER, ADDRESS = "Nguyễn Văn Thử", "001190012345", "Số 7 phố Giả Định, Hà Nội"


def citizen_id(which: int) -> str:
    return str(UUID(int=9000 + which))


def template(secret: str = "5a" * 8, value: float = 0.5, model: str = "m") -> dict[str, Any]:
    vector = b64encode(struct.pack("<4f", *[value] * 4)).decode()
    return {"model": model, "secret": secret, "vector": vector, "quality": 0.75}


def event(seq: int, kind: str, at: datetime = NOON, **body: object) -> dict[str, Any]:
    return {
        "id": str(UUID(int=70_000 + seq)),
        "seq": seq,
        "at": at.isoformat(),
        "body": {"kind": kind, **body},
    }


def enrolled(
    seq: int, which: int = 1, at: datetime = NOON, number: str = NUMBER, **body: object
) -> dict[str, Any]:
    """An enrolment with everything a kiosk of this release tells."""
    consents = [
        {
            "consent": str(UUID(int=50_000 + 10 * seq + place)),
            "purpose": purpose,
            "version": "2026-01",
            "given_at": at.isoformat(),
        }
        for place, purpose in enumerate(("recognise", "keep_identity"))
    ]
    identity = {
        "number": number,
        "name": NAME,
        "date_of_birth": "1990-05-17",
        "sex": "M",
        "address": ADDRESS,
        "source": "qr",
    }
    told = {
        "citizen": citizen_id(which),
        "identity": identity,
        "consents": consents,
        "masked": {"name": "NGUYỄN V** T**", "birth": "19**"},
        "template": template(),
    }
    return event(seq, "citizen_enrolled", at, **(told | body))


def erased(seq: int, which: int = 1, at: datetime = NOON) -> dict[str, Any]:
    return event(seq, "citizen_erased", at, citizen=citizen_id(which), reason="asked")


def tell(kiosk: Any, *events: dict[str, Any]) -> None:
    answer = kiosk.post("events", json={"events": list(events)}).json()
    assert (len(answer["stored"]), answer["refused"]) == (len(events), [])
