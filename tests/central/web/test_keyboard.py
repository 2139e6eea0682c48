"""Every page with the keyboard alone: Tab reaches whatever can be clicked, in the order in which it
is read; where the focus is can be seen; and Tab always leads on and out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from central.db.accounts import User, UserRole
from central.db.engine import Database
from central.db.models import Role
from central.db.requests import RequestKind
from central.services import serving
from central.services.citizens import citizen_of
from central.services.requests import receive
from tests.central.conftest import Api, sqlite_only
from tests.central.people import citizen_id, enrolled, event, tell
from tests.central.queueing import NOON, TODAY, Hall, desk
from tests.central.web.conftest import PASSWORD, Browse
from tests.central.web.test_roles import ROUTES, expected

pytestmark = [pytest.mark.slow, sqlite_only]
NO_PAGE = re.compile(r"/(events|file\.|speech|language|queue|code)|^/$")
"""Parts of pages, streams, files, and what only leads elsewhere."""
MOST = 400
"""Stops on one page; a trap would never come to an end."""
# What can be clicked, in reading order, but what is inside something closed; of a group of radio
# buttons one.
CLICKABLE = """() => {
    const clickable = () => [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
        .filter(each => each.checkVisibility({visibilityProperty: true})
            && !each.disabled && each.tabIndex >= 0);
    window.stops = [];
    document.addEventListener("focusin", ({target}) => {
        const style = getComputedStyle(target), box = target.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        const scrolls = target.scrollWidth > target.clientWidth;
        window.stops.push({
            place: clickable().indexOf(target),
            of: target.outerHTML.slice(0, 120),
            outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
            shown: scrolls || Boolean(top && (target.contains(top) || top.contains(target))),
            scrolls,
        });
    });
    return clickable().map(each => each.outerHTML.slice(0, 120));
}"""
TO_THE_TOP = """() => {
    const top = document.createElement("span");
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.remove();
}"""


class Stop(NamedTuple):
    """Where the focus came to rest."""

    place: int
    """Among what can be clicked; -1: something else."""
    of: str
    outlined: bool
    shown: bool
    scrolls: bool


@pytest.fixture
def office(
    database: Database, call: Callable[[Role], Api], user: Callable[..., int], elsewhere: int
) -> dict[str, str]:
    """An office at work, with something on every page; what stands for the parts of addresses."""
    hall = Hall(database)
    kiosk = call(Role.KIOSK)
    pair = event(3, "possible_duplicate", first=citizen_id(1), second=citizen_id(2))
    tell(kiosk, enrolled(1), enrolled(2, 2, number="001190000002"), pair)
    officer = user(UserRole.OFFICER)
    hall.officer(officer, hall.counter("1"))
    held = hall.ticket("land", at=-9)
    reference = hall.row(hall.ticket("civil", at=-8, citizen=UUID(citizen_id(1)))).reference
    hall.ticket("stamp", at=-7)
    with database.writing() as session:
        mine = desk(session, officer)
        serving.call_next(session, mine, TODAY, NOON)
        serving.hold(session, mine, held, TODAY, NOON)
        serving.call_next(session, mine, TODAY, NOON)
        citizen = citizen_of(session, UUID(citizen_id(1)))
        assert citizen is not None
        by = session.get_one(User, officer)
        zone = ZoneInfo("Asia/Ho_Chi_Minh")
        request = receive(session, citizen, RequestKind.CORRECTION, by, NOON, zone).id
    return {
        "/users": str(officer),
        "/devices": "1",
        "/offices": str(elsewhere),
        "/requests": str(request),
        "/citizens": citizen_id(1),
        "/t": reference,
    }


WALKERS = (UserRole.OFFICER, UserRole.MANAGER, UserRole.ADMINISTRATOR, None)
"""A page of several roles is walked by the last of them here, who may do most on it."""


def pages_of(role: UserRole | None, office: dict[str, str]) -> list[str]:
    return [
        re.sub(r"\{\w+\}", office.get(path.split("/{")[0], ""), path)
        for method, path in ROUTES
        if method == "GET"
        and not NO_PAGE.search(path)
        and [each for each in WALKERS if each in expected(path)][-1] is role
    ]


@pytest.mark.parametrize("role", WALKERS)
def test_tab_reaches_everything_in_order_and_leads_out_again(
    role: UserRole | None, browse: Browse, office: dict[str, str]
) -> None:
    paths = pages_of(role, office)
    page = browse(role, paths[0])
    found: list[str] = []
    for path in paths:
        page.goto(path)
        found += [f"{path}: {fault}" for fault in walk(page)]
    assert not found, "\n".join(found)


def walk(page: Page) -> list[str]:
    """What is wrong when one tabs through the page from its top."""
    page.evaluate(TO_THE_TOP)
    everything: list[str] = page.evaluate(CLICKABLE)
    stops: list[Stop] = []
    while len(stops) < MOST and [stop.place for stop in stops].count(0) < 2:
        for _ in range(10):
            page.keyboard.press("Tab")
        stops = [Stop(**stop) for stop in page.evaluate("window.stops")]
    round_trip = stops[: [stop.place for stop in stops].index(0, 1)]
    reached = [stop.place for stop in round_trip if stop.place >= 0]
    faults = [f"cannot be reached: {everything[each]}"
              for each in range(len(everything)) if each not in reached]  # fmt: skip
    if reached != sorted(set(reached)):
        faults.append(f"out of order: {reached}")
    for stop in round_trip:
        if stop.place < 0 and not stop.scrolls:
            faults.append(f"is no control: {stop.of}")
        if not stop.outlined:
            faults.append(f"has the focus and does not show it: {stop.of}")
        if not stop.shown:
            faults.append(f"has the focus and is hidden: {stop.of}")
    return faults


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Tab on until what is called so has the focus."""
    named = page.locator(":focus").and_(page.get_by_text(name).or_(page.get_by_label(name)))
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if named.count():
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_an_officer_at_work_with_tab_and_enter_alone(
    browse: Browse, database: Database, user: Callable[..., int]
) -> None:
    hall = Hall(database)
    hall.counter("1")
    user(UserRole.OFFICER)
    for at in (-3, -2):
        hall.ticket("civil", at=at)
    page = browse(path="/login")
    page.keyboard.type("officer")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mở quầy")
    tab_to(page, "Đến nội dung")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # past the band, into the page
    expect(page.locator("main :focus")).to_have_attribute("name", "fields")
    tab_to(page, "Mở quầy 1")
    page.keyboard.press("Enter")
    tab_to(page, "Gọi số tiếp theo")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_contain_text("Đã đến quầy")  # what comes next, at once
    tab_to(page, "Chuyển")
    page.keyboard.press("Enter")
    tab_to(page, "Sang lĩnh vực")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Sang lĩnh vực")).to_be_hidden()
    expect(page.locator("summary:focus")).to_contain_text("Chuyển")
    tab_to(page, "Giữ lại", back=True)
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_contain_text("Gọi số tiếp theo")
    tab_to(page, "Xếp lại hàng A001")
    hall.ticket("land", at=-1)  # the list is put in anew
    expect(page.locator("#queue")).to_contain_text("B003")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Xếp lại hàng A001")
    page.keyboard.press("Enter")
    expect(page.locator("#queue")).not_to_contain_text("Xếp lại hàng")
    tab_to(page, "Đóng quầy")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã đóng quầy.")).to_be_visible()
    tab_to(page, "Đăng xuất")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Bạn đã đăng xuất.")).to_be_visible()
