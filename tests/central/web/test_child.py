"""What is kept of a child's consent and of a card, where staff read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import requests

from central.db.accounts import UserRole
from central.db.engine import Database
from central.services import serving
from tests.central.conftest import Listening
from tests.central.people import citizen_id, enrolled, event, tell
from tests.central.queueing import NOON, TODAY, Hall, desk


def test_staff_read_who_consented_and_what_was_compared(
    kiosk: Any,
    server: Listening,
    database: Database,
    user: Callable[..., int],
    signed_in: Callable[..., str],
) -> None:
    child = enrolled(1, evidence={"chip": "verified", "face": "alike"})
    parent = {"number_index": "ab" * 32, "masked": {"name": "TRẦN T** M**", "birth": "19**"}}
    for consent in child["body"]["consents"]:
        consent |= {"representative": parent, "assent": True}
    ids: dict[str, Any] = {"first": citizen_id(1), "second": citizen_id(2)}
    pair = event(3, "possible_duplicate", reason="same_number", **ids)
    tell(kiosk, child, enrolled(2, 2, number="001190000002"), pair)
    hall = Hall(database)
    officer = user(UserRole.OFFICER)
    hall.officer(officer, hall.counter("1"))
    hall.ticket(citizen=UUID(citizen_id(1)))
    with database.writing() as session:
        assert serving.call_next(session, desk(session, officer), TODAY, NOON) is not None

    def read(role: UserRole, path: str) -> str:
        cookies = {"central": signed_in(role)}
        answer = requests.get(server.url + path, cookies=cookies, timeout=20)
        assert answer.status_code == 200
        return answer.text

    genuine = "Chip của thẻ là thật, khuôn mặt giống ảnh trong chip"
    assert genuine in read(UserRole.OFFICER, "/counter")
    citizen = read(UserRole.MANAGER, f"/citizens/{citizen_id(1)}")
    assert genuine in citizen
    assert "TRẦN T** M**, sinh 19**" in citizen
    assert "Trẻ cũng đồng ý" in citizen
    assert "Chỉ đọc mặt thẻ" in read(UserRole.MANAGER, f"/citizens/{citizen_id(2)}")
    assert "Một số định danh, hai khuôn mặt" in read(UserRole.MANAGER, "/duplicates")
