"""Every page of people and trust, in a real browser, as somebody who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from central.db.accounts import AuditRow, UserRole
from central.db.engine import Database
from central.services import releases
from central.settings import Settings
from tests.central.conftest import NOON, Api, postgresql_only
from tests.central.people import citizen_id, enrolled, event, tell
from tests.central.web.conftest import Browse, Look
from tests.publishing import bundle

pytestmark = [pytest.mark.slow, postgresql_only]
EXAMINED = {
    "release": "0.1.0",
    "worst": "bad",
    "checks": [
        {
            "check": name,
            "concern": "hardware",
            "level": level,
            "name": {"vi": said, "en": name},
            "what": {"vi": what, "en": ""},
            "do": {"vi": do, "en": ""},
        }
        for name, level, said, what, do in (
            ("temperature", "good", "Nhiệt độ", "52 °C", ""),
            ("printer", "bad", "Máy in", "Hết giấy", "Thay cuộn giấy"),
            ("space", "watch", "Chỗ trống", "Còn 900 MB", "Dọn thẻ nhớ"),
        )
    ],
}
OFFICER, MANAGER, ADMINISTRATOR = UserRole.OFFICER, UserRole.MANAGER, UserRole.ADMINISTRATOR


@pytest.fixture
def people(kiosk: Api, issued: Callable[..., dict[str, object]]) -> None:
    """Three citizens, two of whom may be one, and a visit."""
    other = {"number": "001190054321", "name": "Nguyễn Văn Thử", "date_of_birth": "1988"}
    third = {"number": "001185000777", "name": "Trần Thị Mẫu", "date_of_birth": "1985-01-02"}
    base = enrolled(1)["body"]["identity"]
    tell(
        kiosk,
        enrolled(1),
        enrolled(2, 2, identity=base | other),
        enrolled(3, 3, identity=base | third, masked={"name": "TRẦN T** M**", "birth": "19**"}),
        issued(4, citizen=citizen_id(1)),
        event(5, "possible_duplicate", first=citizen_id(1), second=citizen_id(2)),
    )


def audited(database: Database, action: str) -> list[str]:
    with database.reading() as session:
        rows = select(AuditRow.subject).where(AuditRow.action == action)
        return list(session.scalars(rows.order_by(AuditRow.position)))


def search(page: Page, sought: str) -> None:
    page.get_by_label("Số định danh hoặc họ tên").fill(sought)
    page.keyboard.press("Enter")


def test_a_citizen_is_found_and_every_look_is_written_down(
    people: None, browse: Browse, look: Look, database: Database
) -> None:
    page = browse(OFFICER, "/citizens")
    look(page, "citizens")
    search(page, "nguyen van thu")
    expect(page.locator("tbody tr")).to_have_count(2)
    look(page, "citizens-found")
    search(page, "001190012345")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "001190012345" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Nguyễn Văn Thử").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nguyễn Văn Thử")
    look(page, "citizen")
    page.get_by_role("link", name="Bản trích").click()
    expect(page.locator("main")).to_contain_text("001190012345")
    look(page, "citizen-extract")
    me = f"citizen:{citizen_id(1)}"
    assert audited(database, "citizen.found").count(me) == 2
    assert audited(database, "citizen.seen") == [me]
    assert audited(database, "citizen.extract") == [me]


def test_a_request_from_receipt_to_deletion_with_the_keyboard_alone(
    people: None, browse: Browse, look: Look, database: Database, kiosk: Api
) -> None:
    page = browse(OFFICER, f"/citizens/{citizen_id(3)}")
    page.get_by_label("Công dân yêu cầu").focus()
    page.keyboard.type("Xoá")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã ghi nhận yêu cầu")
    look(page, "request-officer")
    assert page.get_by_role("button", name="Xoá vĩnh viễn").count() == 0

    page = browse(MANAGER, "/requests")
    expect(page.locator("tbody tr").first).to_contain_text("Còn 2 ngày")
    look(page, "requests")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Xoá dữ liệu")
    look(page, "request-manager")
    page.get_by_role("button", name="Xoá vĩnh viễn").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã thực hiện")
    look(page, "requests-closed")
    forgotten = [
        change["body"]["citizen"]
        for change in kiosk.get("changes").json()["items"]
        if change["body"]["kind"] == "citizen_forgotten"
    ]
    assert forgotten == [citizen_id(3)]
    page.goto(f"/citizens/{citizen_id(3)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có trang này")


def test_a_correction_reaches_the_kiosks(
    people: None, browse: Browse, look: Look, kiosk: Api
) -> None:
    page = browse(MANAGER, f"/citizens/{citizen_id(3)}")
    page.get_by_label("Công dân yêu cầu").select_option("correction")
    page.get_by_role("button", name="Ghi nhận yêu cầu").click()
    page.get_by_label("Số định danh").fill("12")
    page.get_by_label("Họ và tên").fill("Trần Thị Mẫu Đơn")
    page.get_by_role("button", name="Sửa dữ liệu").click()
    expect(page.get_by_role("alert")).to_contain_text("Chưa đúng")
    expect(page.get_by_label("Họ và tên")).to_have_value("Trần Thị Mẫu Đơn")
    look(page, "request-correction")
    page.get_by_label("Số định danh").fill("001185000778")
    page.get_by_role("button", name="Sửa dữ liệu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thực hiện")
    known = {
        change["body"]["citizen"]: change["body"]["masked"]["name"]
        for change in kiosk.get("changes").json()["items"]
        if change["body"]["kind"] == "citizen_known"
    }
    assert known[citizen_id(3)] == "TRẦN T** M** Đ**"


def test_two_records_of_one_person(people: None, browse: Browse, look: Look, kiosk: Api) -> None:
    page = browse(MANAGER, "/duplicates")
    look(page, "duplicates")
    page.get_by_role("button", name="giữ bản thứ nhất").click()
    expect(page.get_by_role("status")).to_contain_text("Đã giữ một bản ghi")
    expect(page.locator("main")).to_contain_text("Không có cặp nào")
    bodies = [change["body"] for change in kiosk.get("changes").json()["items"]]
    second = str(max(UUID(citizen_id(1)), UUID(citizen_id(2))))
    assert [body["citizen"] for body in bodies if body["kind"] == "citizen_forgotten"] == [second]


def test_a_user_is_added_and_locked_out(browse: Browse, look: Look) -> None:
    page = browse(ADMINISTRATOR, "/users")
    page.get_by_label("Họ và tên").fill("Phạm Thị Hoa")
    page.get_by_label("Tên đăng nhập").fill("Hoa Hồng")
    page.get_by_role("button", name="Thêm").click()
    expect(page.get_by_role("alert")).to_contain_text("Tên đăng nhập gồm")
    page.get_by_label("Tên đăng nhập").fill("hoa")
    page.get_by_role("button", name="Thêm").click()
    expect(page.locator("code")).to_have_text(re.compile(r"^\w{5}-\w{5}-\w{5}$"))
    look(page, "user-password")
    page.get_by_role("link", name="Xong").click()
    look(page, "users")
    page.get_by_role("link", name="Phạm Thị Hoa").click()
    look(page, "user")
    page.get_by_role("button", name="Khoá người dùng").click()
    expect(page.get_by_role("status")).to_contain_text("Đã khoá")
    page.goto("/users")
    page.locator("main").get_by_role("link", name="Lê Quản Trị").click()
    page.get_by_role("button", name="Khoá người dùng").click()
    expect(page.get_by_role("status")).to_contain_text("quản trị cuối cùng")


def test_a_kiosk_is_invited_and_another_refused(kiosk: Api, browse: Browse, look: Look) -> None:
    assert kiosk.get("changes").status_code == 200
    tell(kiosk, event(1, "device_examined", **EXAMINED))
    page = browse(ADMINISTRATOR, "/devices")
    page.get_by_label("Tên").fill("K7")
    page.get_by_role("button", name="Tạo mã").click()
    expect(page.get_by_role("img")).to_be_visible()
    look(page, "device-token")
    page.get_by_role("link", name="Xong").click()
    look(page, "devices")
    page.get_by_role("link", name="device 1").click()
    expect(page.locator("tbody tr").first).to_contain_text("Máy in")
    look(page, "device")
    page.goto("/devices")
    page.get_by_text("Không nhận nữa…").click()
    page.get_by_role("button", name="Không nhận device 1 nữa").click()
    expect(page.get_by_role("status")).to_contain_text("không còn được nhận")
    assert kiosk.get("changes").status_code == 403


def test_a_release_is_let_out_and_taken_back(
    browse: Browse, look: Look, database: Database, settings: Settings, tmp_path: Path
) -> None:
    release = releases.take_in(settings.releases, bundle(tmp_path / "2.0.bundle"))
    with database.writing() as session:
        releases.publish(session, release, NOON)
    page = browse(ADMINISTRATOR, "/devices")
    page.get_by_role("link", name="Bản cập nhật").click()
    page.get_by_label("Cho bao nhiêu %").fill("10")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2.0: 10 %")
    look(page, "releases")
    page.get_by_text("Thu hồi…").click()
    page.get_by_role("button", name="Thu hồi bản 2.0").click()
    expect(page.locator("tbody")).to_contain_text("Đã thu hồi")
    assert not list(settings.releases.iterdir())
    told = audited(database, "release.staged") + audited(database, "release.withdrawn")
    assert told == ["release:1"] * 2
    page.goto("/audit")
    expect(page.locator("tbody tr").first).to_contain_text("2.0")


def test_a_breach_from_its_discovery_to_the_report(
    people: None, browse: Browse, look: Look, database: Database
) -> None:
    page = browse(ADMINISTRATOR, "/law")
    look(page, "law")
    page.get_by_label("Phạm vi").select_option(label="Kiosk device 1")
    page.get_by_label("Điều đã xảy ra").fill("Mất kiosk ở sảnh.")
    page.get_by_label("Đến ngày").fill("2026-03-01")
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_role("alert")).to_contain_text("Thời gian chưa đúng")
    expect(page.get_by_label("Điều đã xảy ra")).to_have_value("Mất kiosk ở sảnh.")
    page.get_by_label("Đến ngày").fill("2026-03-02")
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_role("status")).to_contain_text("3 người")
    expect(page.locator("main")).to_contain_text("Còn 72 giờ")
    expect(page.locator("tbody")).to_contain_text(citizen_id(1))
    look(page, "breach")
    page.get_by_role("button", name="Đã báo").click()
    expect(page.locator("main")).to_contain_text("Đã báo 02/03/2026")
    page.goto("/law/impact")
    expect(page.locator("tbody tr").first).to_contain_text("3")
    look(page, "impact")
    for path in ("/law/impact", "/law/breaches/1"):
        for kind in ("csv", "xlsx"):
            file = page.request.get(f"{path}/file.{kind}")
            assert file.status == 200
            if kind == "csv":
                said = file.text()
                assert (citizen_id(1) in said) == ("breaches" in path)
                for name in ("Nguyễn Văn Thử", "NGUYỄN V**", "001190012345"):
                    assert name not in said + page.content()
    told = ("breach.noted", "breach.seen", "breach.exported", "breach.reported", "impact.exported")
    assert [len(audited(database, each)) for each in told] == [1, 2, 2, 1, 2]


def test_the_office_is_set_up_from_nothing(browse: Browse, look: Look, kiosk: Api) -> None:
    page = browse(ADMINISTRATOR, "/office")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_contain_text("fields")
    for column, said in (
        ("id", "ho_tich"), ("prefix", "H"), ("name_vi", "Hộ tịch"), ("examples_vi", "Khai sinh"),
        ("minutes_each", "7,5"),
    ):  # fmt: skip
        page.locator(f"[name='fields.0.{column}']").fill(said)
    page.get_by_label("Thứ hai").fill("07:30-11:30, 13:30-17:00")
    page.get_by_label("Ngày nghỉ").fill("2027-02-06\n2027-02-08")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    look(page, "office")
    [told] = [change["body"]["office"] for change in kiosk.get("changes").json()["items"]]
    assert told["fields"][0]["minutes_each"] == 7.5
    assert told["hours"] == {"mon": ["07:30-11:30", "13:30-17:00"]}
    assert told["holidays"] == ["2027-02-06", "2027-02-08"]


def test_retention(browse: Browse, look: Look) -> None:
    page = browse(ADMINISTRATOR, "/retention")
    look(page, "retention")
    page.get_by_label("Nhật ký truy cập").fill("400")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu thời hạn")
    expect(page.get_by_label("Nhật ký truy cập")).to_have_value("400")


def test_the_audit_log(people: None, browse: Browse, look: Look) -> None:
    browse(OFFICER, f"/citizens/{citizen_id(1)}")
    page = browse(ADMINISTRATOR, "/audit")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("status")).to_contain_text("Nguyên vẹn")
    look(page, "audit")
    page.get_by_role("link", name="Nguyễn Thị Lan").first.click()
    expect(page.locator(".note")).to_contain_text("Nguyễn Thị Lan")


@pytest.mark.parametrize("role", [OFFICER, ADMINISTRATOR])
def test_on_a_telephone_and_in_english(role: UserRole, browse: Browse, look: Look) -> None:
    page = browse(role, "/", width=390, language="en")
    look(page, f"phone-{role}")
    wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wider
