"""A browser at central's pages, signed in as somebody of a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from central.db.accounts import User, UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.services.accounts import add_user, new_totp, user_named
from central.services.signing_in import begin_anew
from tests.central.conftest import NOON, Listening

PASSWORD = "hoa sen nở trong hồ"
OUT = Path(__file__).parents[3] / "out" / "web"
NAMES = {
    UserRole.OFFICER: "Nguyễn Thị Lan",
    UserRole.MANAGER: "Trần Văn Minh",
    UserRole.ADMINISTRATOR: "Lê Quản Trị",
    UserRole.DISPLAY: "Màn hình sảnh",
}
# Quiet towards the outside, where nothing is; the sandbox wants a user who is not root.
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000
"""A machine that does other things besides; nothing waits so long when all is well."""
expect.set_options(timeout=PATIENCE_MS)
Browse = Callable[..., Page]
Look = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # A module's, not the session's: Playwright leaves an event loop running in the thread.
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM)
        )
        yield running
        running.close()


@pytest.fixture
def user(database: Database) -> Callable[..., int]:
    """The id of the user of a role, named as the role unless it is said, with nothing left to
    set up."""

    def find(role: UserRole, name: str = "", office: int = FIRST_OFFICE) -> int:
        with database.writing() as session:
            found = user_named(session, name or role)
            if found is None:
                found = add_user(session, office, name or role, NAMES[role], role, PASSWORD, NOON)
                found.must_change = False
                if role is UserRole.ADMINISTRATOR:
                    found.totp = database.keys.seal(new_totp().encode(), found.uid)
            return found.id

    return find


@pytest.fixture
def signed_in(database: Database, user: Callable[..., int]) -> Callable[..., str]:
    """The token of a new session of the user of a role."""

    def begin(role: UserRole, name: str = "", office: int = FIRST_OFFICE) -> str:
        user_id = user(role, name, office)
        with database.writing() as session:
            return begin_anew(session, session.get_one(User, user_id), NOON)

    return begin


@pytest.fixture
def browse(chromium: Browser, server: Listening, signed_in: Callable[..., str]) -> Iterator[Browse]:
    """Open a page as somebody of a role, or as nobody. What the browser complains of (an inline
    script, a fault in ours) fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(f"{message.location['url']}: {message.text}")

    def open_page(
        role: UserRole | None = None,
        path: str = "/",
        width: int = 1280,
        language: str = "vi",
        height: int = 800,
        name: str = "",
    ) -> Page:
        context = chromium.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            locale="vi-VN",
            reduced_motion="reduce",
        )
        contexts.append(context)
        cookies = {"language": language} | ({"central": signed_in(role, name)} if role else {})
        context.add_cookies(
            [{"name": name, "value": said, "url": server.url} for name, said in cookies.items()]
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "the browser complained:\n" + "\n".join(complaints)


@pytest.fixture(scope="session")
def look() -> Look:
    """Take a picture of the page into ``out/web/NAME.png``; axe-core finds no serious fault."""
    axe = Axe()

    def take(page: Page, name: str) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=OUT / f"{name}.png", full_page=True, caret="initial")
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [
            f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html']}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{name}: not everybody can use it:\n" + "\n".join(serious)

    return take
