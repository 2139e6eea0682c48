"""The page of the offices, in a real browser: another one from its first administrator's first
sign-in to its closing, and what its people see of that."""

from __future__ import annotations

import re
from base64 import b32decode
from collections.abc import Callable
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, expect
from sqlalchemy import select

from central.db.accounts import AuditRow, UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.services.enrolment import enrol
from central.services.lifecycle import close, rename
from central.services.offices import all_offices
from tests.central.conftest import NOON, Api, DeviceKey, Listening, postgresql_only, sqlite_only
from tests.central.people import tell
from tests.central.web.conftest import Browse, Look
from tests.central.web.test_login import fill
from tests.central.web.test_roles import csrf_of
from tests.central.web.visiting import Visitor

CHOSEN = "sen trong hồ nở muộn"


def first_sign_in(page: Page, name: str, password: str) -> None:
    """As a new administrator does it: a password of their own, a second factor, the codes."""
    fill(page, name=name, password=password)
    fill(page, old=password, new=CHOSEN, again=CHOSEN)
    key = b32decode(page.locator("[name=secret]").input_value())
    code = TOTP(key, 6, SHA1(), 30).generate(NOON.timestamp()).decode()  # noqa: S303
    fill(page, code=code, password=CHOSEN)
    page.get_by_role("link", name="Xong").click()


@pytest.mark.slow
@postgresql_only
def test_an_office_more_from_its_first_day_to_its_closing_and_back(
    browse: Browse,
    look: Look,
    server: Listening,
    database: Database,
    http: requests.Session,
    issued: Callable[..., dict[str, Any]],
) -> None:
    page = browse(UserRole.ADMINISTRATOR, "/devices")
    page.get_by_role("link", name="Các cơ quan").click()
    page.get_by_label("Tên cơ quan").fill("Phường Bến Nghé")
    page.get_by_label("Họ và tên người quản trị").fill("Phạm Thị Hoa")
    page.get_by_label("Tên đăng nhập").fill("Hoa Hồng")
    page.get_by_role("button", name="Thêm").click()
    expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập gồm")
    expect(page.get_by_label("Tên cơ quan")).to_have_value("Phường Bến Nghé")
    page.get_by_label("Tên đăng nhập").fill("hoa")
    page.get_by_role("button", name="Thêm").click()
    password = page.locator("code").inner_text()

    there = browse(path="/login")
    first_sign_in(there, "hoa", password)
    there.goto("/devices")
    expect(there.locator("main")).to_contain_text("Chưa có thiết bị nào")
    assert there.get_by_role("link", name="Các cơ quan").count() == 0
    there.get_by_label("Tên").fill("K1")
    there.get_by_role("button", name="Tạo mã").click()
    key, token = DeviceKey(), there.locator("code").inner_text()
    with database.writing() as session:
        key.device = enrol(session, database.keys, key.asking(token), NOON).device
    kiosk = Api(http, server.url, key.sign)
    tell(kiosk, issued(1), issued(2))
    ticket = issued(1)["body"]["reference"]

    page.get_by_role("link", name="Xong").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").nth(1)).to_contain_text("Phường Bến Nghé")
    assert page.locator("tbody tr").nth(1).locator("td").all_inner_texts()[:3] == ["1", "1", "2"]
    look(page, "offices")
    page.get_by_role("link", name="Phường Bến Nghé").click()
    page.get_by_label("Tên cơ quan").fill("Phường Sài Gòn")
    page.get_by_role("button", name="Đổi tên").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phường Sài Gòn")

    page.locator("summary").focus()  # closing it, by keys alone
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Đóng Phường Sài Gòn")
    look(page, "office-to-close")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã đóng")
    look(page, "office-closed")
    assert kiosk.get("changes").status_code == 403
    assert Visitor(server.url).get(f"/t/{ticket}").status_code == 200
    there.goto("/devices")
    expect(there).to_have_url(re.compile("/login"))
    fill(there, name="hoa", password=CHOSEN)
    expect(there.get_by_role("alert")).to_contain_text("Cơ quan của bạn đã đóng")

    page.get_by_role("button", name="Mở lại").click()
    expect(page.get_by_role("status")).to_contain_text("Đã mở lại")
    assert kiosk.get("changes").status_code == 200
    page.get_by_role("link", name="Việc đã làm").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    with database.reading() as session:
        rows = session.execute(
            select(AuditRow.action, AuditRow.office_id)
            .where(AuditRow.subject == "office:2")
            .order_by(AuditRow.position)
        ).all()
    acts = ("added", "renamed", "closed", "reopened")
    assert [tuple(row) for row in rows] == [(f"office.{each}", 2) for each in acts]
    page = browse(UserRole.ADMINISTRATOR, "/offices", language="en")
    look(page, "offices-en")
    page.goto("/offices/2")
    page.goto("/offices/1")
    expect(page.locator("main")).to_contain_text("runs the server")


@sqlite_only
def test_a_wall_hears_nothing_more_of_an_office_that_was_closed(
    server: Listening, database: Database, signed_in: Callable[..., str], elsewhere: int
) -> None:
    visitor = Visitor(server.url, signed_in(UserRole.DISPLAY, "wall", elsewhere))
    with visitor.get("/display/events", stream=True) as stream:
        lines = stream.iter_lines()
        assert b"event: board" in next(lines) + next(lines)
        with database.writing() as session:
            close(session, elsewhere, NOON)
        for _ in lines:  # it ends, or this would time out
            pass
    assert visitor.get("/display").status_code == 303
    assert visitor.sign_in("wall").status_code == 401


@sqlite_only
def test_an_office_names_itself_and_never_as_another(
    server: Listening, database: Database, signed_in: Callable[..., str], elsewhere: int
) -> None:
    visitor = Visitor(server.url, signed_in(UserRole.ADMINISTRATOR, "theirs", elsewhere))
    field = {"id": "ho_tich", "prefix": "A", "name_vi": "Hộ tịch", "examples_vi": "Khai sinh"}
    form = {f"fields.0.{column}": said for column, said in field.items()}
    form |= {"csrf": csrf_of(database, visitor.token)}
    with database.writing() as session:
        rename(session, FIRST_OFFICE, "Sở Nội vụ")
    for name, status in (("Phường Sài Gòn", 303), ("sở nội vụ", 422), ("", 422)):
        answer = visitor.post("/office", data=form | {"office_name": name})
        assert answer.status_code == status, name
    with database.reading() as session:
        names = [(office.name, office.settings is None) for office in all_offices(session)]
    assert names == [("Sở Nội vụ", True), ("Phường Sài Gòn", False)]
