"""A day at the office in real browsers: one kiosk, two counters, the board and a phone."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from central.db.accounts import AuditRow, UserRole
from central.db.engine import Database
from central.db.models import Role
from central.db.queue import Outcome
from central.services import serving
from tests.central.conftest import Api, sqlite_only
from tests.central.people import NAME, NUMBER, citizen_id, enrolled, tell
from tests.central.queueing import NOON, TODAY, Hall, desk
from tests.central.web.conftest import OUT, Browse, Look

pytestmark = pytest.mark.slow


@pytest.fixture
def hall(database: Database) -> Hall:
    made = Hall(database)
    made.counter("1", ["civil", "stamp"])
    made.counter("2")
    return made


def opens(page: Page, counter: str) -> None:
    page.get_by_role("button", name=f"Mở quầy {counter}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Quầy {counter}")
    page.wait_for_load_state("domcontentloaded")  # keys work from then on


def presses(page: Page, key: str, then: str, number: str = "") -> None:
    """A key, and what the counter then says of which number."""
    page.keyboard.press(key)
    if number:
        expect(page.locator("[data-number]")).to_have_text(number)
    expect(page.locator("#console .state")).to_have_text(then)


@sqlite_only
def test_a_day(browse: Browse, look: Look, hall: Hall) -> None:
    wall = browse(UserRole.DISPLAY, "/display", width=1920, height=1080)
    expect(wall.locator("#board")).to_contain_text("Chưa gọi số nào")
    look(wall, "display-empty")
    lan = browse(UserRole.OFFICER, "/counter", name="lan")
    look(lan, "counter-open")
    opens(lan, "1")
    expect(lan.locator("#console")).to_contain_text("Quầy đang trống")
    lan.keyboard.press("n")
    expect(lan.locator("#console")).to_contain_text("Không có ai đang chờ")
    look(lan, "counter-idle")
    minh = browse(UserRole.OFFICER, "/counter", name="minh")
    opens(minh, "2")

    tickets = [hall.ticket("civil", at=-9), hall.ticket("land", at=-8), hall.ticket("stamp", at=-7)]
    tickets += [hall.ticket("civil", at=-6, priority="elderly"), hall.ticket("civil", at=-5)]
    expect(lan.locator("#queue")).to_contain_text("(4)")
    phone = browse(path=f"/t/{hall.row(tickets[4]).reference}", width=390, height=780)
    expect(phone.locator("[data-ahead]")).to_have_text("2")
    look(phone, "phone-waiting")

    presses(lan, "n", "Đang gọi", "AU004")  # an hour's head start
    presses(minh, "n", "Đang gọi", "A001")
    expect(wall.locator(".newest")).to_contain_text("A001")
    expect(wall.locator(".before")).to_contain_text("AU004")
    look(lan, "counter-called")
    lan.keyboard.press("r")
    expect(lan.locator("#console")).to_contain_text("đã gọi lại 1 lần")
    expect(wall.locator(".newest")).to_contain_text("AU004")
    look(wall, "display")
    presses(lan, "d", "Đang phục vụ")
    look(lan, "counter-serving")

    presses(minh, "v", "Quầy đang trống")  # nobody came
    expect(minh.locator("#queue")).to_contain_text("Vắng mặt")
    presses(minh, "n", "Đang gọi", "B002")
    presses(minh, "d", "Đang phục vụ")
    presses(minh, "g", "Quầy đang trống")  # held
    look(minh, "counter-aside")

    presses(lan, "n", "Đang gọi", "C003")  # done, and the next at once
    presses(lan, "d", "Đang phục vụ")
    lan.keyboard.press("c")
    expect(lan.get_by_label("Sang lĩnh vực")).to_be_focused()
    look(lan, "counter-transfer")
    lan.get_by_label("Sang lĩnh vực").select_option("land")
    lan.keyboard.press("Tab")
    lan.keyboard.press("Tab")
    lan.keyboard.press("Enter")
    expect(lan.locator("#console")).to_contain_text("Quầy đang trống")

    presses(minh, "n", "Đang gọi", "C003")
    presses(lan, "n", "Đang gọi", "A005")
    expect(phone.locator(".go")).to_have_text("Mời bạn đến quầy 1")
    expect(phone).to_have_title(re.compile("Mời bạn đến quầy 1"))
    look(phone, "phone-called")
    presses(lan, "d", "Đang phục vụ")
    expect(phone.locator("#turn")).to_contain_text("đang được phục vụ tại quầy 1")
    presses(lan, "2", "Quầy đang trống")  # papers are missing
    expect(phone.locator("#turn")).to_contain_text("phục vụ xong")
    expect(phone.locator("#notify")).to_have_count(0)
    look(phone, "phone-done")

    minh.get_by_role("button", name="Đóng quầy").click()
    expect(minh.get_by_role("status").filter(has_text="đang ở quầy")).to_be_visible()
    presses(minh, "1", "Quầy đang trống")
    minh.get_by_role("button", name="Đóng quầy").click()
    expect(minh.get_by_text("Đã đóng quầy.")).to_be_visible()


@sqlite_only
def test_the_officer_sees_who_comes_if_they_agreed(
    browse: Browse, look: Look, hall: Hall, database: Database, call: Callable[[Role], Api]
) -> None:
    kiosk = call(Role.KIOSK)
    tell(kiosk, enrolled(1))
    citizen = UUID(citizen_id(1))
    earlier = hall.ticket("civil", at=-60, citizen=citizen)  # of a kiosk that does not say how
    now = hall.ticket("civil", at=-5, citizen=citizen, match="face_enough")
    page = browse(UserRole.OFFICER, "/counter")
    opens(page, "1")
    presses(page, "n", "Đang gọi", hall.row(earlier).number)
    visitor = page.locator(".visitor")
    expect(visitor).to_contain_text(NAME)
    expect(visitor).to_contain_text("••••••••2345")
    expect(visitor).not_to_contain_text(NUMBER)
    expect(visitor).to_contain_text("1990")
    expect(visitor).to_contain_text("Chưa có lần nào")
    expect(visitor).to_contain_text("Ki-ốt không cho biết")
    presses(page, "1", "Quầy đang trống")
    presses(page, "n", "Đang gọi", hall.row(now).number)
    expect(visitor).to_contain_text("Đã giải quyết")  # the earlier visit
    expect(visitor).to_contain_text("đủ giống để chào; có thể nhầm")
    look(page, "counter-visitor")
    with database.reading() as session:
        seen = session.execute(select(AuditRow.actor, AuditRow.subject)).all()
    assert len(seen) == 2
    assert {subject for _, subject in seen} == {f"citizen:{citizen_id(1)}"}


@sqlite_only
@pytest.mark.parametrize("key", ["c", "g"])
def test_a_key_at_the_very_moment_the_counter_changes_counts(
    browse: Browse, hall: Hall, key: str
) -> None:
    """Officers press the next key when they see the new state; nothing may still be settling."""
    ticket = hall.ticket("civil", at=-3)
    page = browse(UserRole.OFFICER, "/counter")
    opens(page, "1")
    presses(page, "n", "Đang gọi", hall.row(ticket).number)
    # The key comes from within the change itself, before the browser does anything else.
    page.evaluate(
        """keys => {
            const mark = document.documentElement.dataset;
            document.addEventListener("htmx:afterSettle", () => { mark.settled = "yes"; });
            new MutationObserver(() => {
                if (!document.querySelector("#console .now.serving") || !keys.length) return;
                document.activeElement.dispatchEvent(
                    new KeyboardEvent("keydown", {key: keys.shift(), bubbles: true}));
            }).observe(document.getElementById("desk"), {childList: true});
        }""",
        [key],
    )
    page.keyboard.press("d")
    if key == "c":
        expect(page.locator("html[data-settled]")).to_be_attached()
        expect(page.get_by_label("Sang lĩnh vực")).to_be_focused()
    else:
        expect(page.locator("#console .state")).to_have_text("Quầy đang trống")
        expect(page.locator("html[data-settled]")).to_be_attached()  # not loaded anew


@sqlite_only
def test_every_page_in_english(browse: Browse, look: Look, hall: Hall) -> None:
    hall.officer(99, 2)
    ticket = hall.ticket("land", at=-3)
    phone = browse(path=f"/t/{hall.row(ticket).reference.lower()}", width=390, language="en")
    expect(phone.get_by_text("You are next")).to_be_visible()
    expect(phone.get_by_text("Land")).to_be_visible()
    look(phone, "phone-english")
    page = browse(UserRole.OFFICER, "/counter", language="en")
    page.get_by_role("button", name="Open counter 1").click()
    expect(page.get_by_text("The counter is free")).to_be_visible()
    look(page, "counter-english")
    wall = browse(UserRole.MANAGER, "/display?voice=vi,en", language="en", width=1920, height=1080)
    expect(wall.get_by_text("No number called yet")).to_be_visible()


@sqlite_only
def test_a_ticket_nobody_has(browse: Browse, hall: Hall) -> None:
    page = browse(path=f"/t/{'Z' * 16}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có trang này")


@sqlite_only
def test_called_numbers_can_be_read_from_eight_metres(browse: Browse, hall: Hall) -> None:
    """A 55-inch screen is 685 mm high; characters of 16 minutes of arc (ISO 9241-303) are 37 mm
    high at eight metres. Be Vietnam Pro's capitals are 0.7 of the font's size."""
    hall.officer(99, 2)
    for at in range(7):
        hall.ticket("civil", at=at - 9)
        with hall.database.writing() as session:
            one = serving.call_next(session, desk(session, 99), TODAY, NOON)
            assert one is not None
            serving.finish(session, desk(session, 99), one.id, Outcome.SERVED, TODAY, NOON)
    wall = browse(UserRole.DISPLAY, "/display", width=1920, height=1080)
    expect(wall.locator(".called-number")).to_have_count(6)
    sizes = wall.eval_on_selector_all(
        ".called-number, .called-counter",
        "all => all.map(each => parseFloat(getComputedStyle(each).fontSize))",
    )
    assert len(sizes) == 12
    assert min(sizes) * 0.7 / 1080 * 685 >= 37
    overflow = "all => all.some(each => each.scrollWidth > each.clientWidth)"
    assert not wall.eval_on_selector_all("#display, .newest, .before li", overflow)
    wall.screenshot(path=OUT / "display-full.png")


@sqlite_only
def test_a_call_is_heard_in_the_hall(browse: Browse, hall: Hall) -> None:
    hall.officer(99, 2)
    ticket = hall.ticket("civil", at=-3)
    wall = browse(UserRole.DISPLAY, "/display?voice=vi,en")
    wall.keyboard.press("Enter")  # browsers make no sound before somebody does something
    with hall.database.writing() as session:
        serving.call_next(session, desk(session, 99), TODAY, datetime.now(UTC))
    expect(wall.locator("body")).to_have_attribute("data-saying", hall.row(ticket).number)
    expect(wall.locator("body")).to_have_attribute("data-calls", "1", timeout=30_000)
    answer = wall.request.get("/display/speech/1.wav")
    with wave.open(io.BytesIO(answer.body())) as sound:
        assert 2 < sound.getnframes() / sound.getframerate() < 12
    assert wall.request.get("/display/speech/2.wav").status == 404
