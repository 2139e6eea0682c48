"""An administrator sets up counters and the rule, and the next call goes by it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from central.db.accounts import AuditRow, UserRole
from central.db.engine import Database
from central.services import serving
from tests.central.conftest import sqlite_only
from tests.central.queueing import TODAY, Hall, desk, minute
from tests.central.web.conftest import Browse, Look

pytestmark = [pytest.mark.slow, sqlite_only]


def test_counters_and_the_rule(browse: Browse, look: Look, database: Database) -> None:
    hall = Hall(database)
    page = browse(UserRole.ADMINISTRATOR, "/counters")
    page.get_by_label("Nhãn").fill("3")
    page.get_by_label("Nhãn").press("Enter")
    expect(page.get_by_text("Đã thêm quầy 3.")).to_be_visible()
    page.get_by_label("Nhãn").fill("3")
    page.get_by_label("Nhãn").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Đã có quầy 3")
    mine = page.get_by_role("form", name="Quầy 3")
    mine.get_by_label("Đất đai").check()
    mine.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã lưu quầy 3.")).to_be_visible()
    expect(mine.get_by_label("Đất đai")).to_be_checked()
    hall.officer(9, 1, "land")
    page.get_by_role("button", name="Bỏ quầy 3").click()
    expect(page.get_by_role("alert")).to_contain_text("đang mở")

    ordinary, _ = hall.ticket("land", at=0), hall.ticket("land", at=20, priority="elderly")
    start = page.get_by_label("Cao tuổi: sớm hơn (phút)")
    start.fill("hai")
    start.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("từ 0 đến 1440")
    start.fill("15")
    start.press("Enter")
    expect(page.get_by_text("Áp dụng ngay")).to_be_visible()
    expect(page.get_by_text("sớm hơn 15 phút")).to_be_visible()
    look(page, "counters")
    with database.writing() as session:
        called = serving.call_next(session, desk(session, 9), TODAY, minute(21))
        assert called is not None
        assert called.id == ordinary
        actions = set(session.scalars(select(AuditRow.action)))
    assert {"counter.added", "counter.changed", "queue.policy"} <= actions
