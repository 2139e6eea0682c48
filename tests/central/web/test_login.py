"""Signing in and out in a real browser."""

from __future__ import annotations

import re
from base64 import b32decode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, expect

from central.db.accounts import UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE
from central.services.accounts import add_user
from tests.central.conftest import NOON, sqlite_only
from tests.central.web.conftest import PASSWORD, Browse, Look

pytestmark = [pytest.mark.slow, sqlite_only]


def fill(page: Page, **said: str) -> None:
    for name, value in said.items():
        page.locator(f"[name={name}]").fill(value)
    page.keyboard.press("Enter")


def test_sign_in_and_out(browse: Browse, look: Look, user: Callable[[UserRole], int]) -> None:
    user(UserRole.OFFICER)
    page = browse(path="/account")
    look(page, "login")
    fill(page, name="Officer", password="not this one at all")
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    expect(page.locator("[name=name]")).to_have_value("Officer")
    look(page, "login-wrong")
    fill(page, password=PASSWORD)
    expect(page).to_have_url(re.compile("/account$"))
    look(page, "account")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("status")).to_contain_text("đã đăng xuất")
    page.goto("/account")
    expect(page).to_have_url(re.compile("/login"))


def test_the_first_sign_in_of_an_administrator(
    browse: Browse, look: Look, database: Database
) -> None:
    with database.writing() as session:
        add_user(session, FIRST_OFFICE, "lan", "Lan", UserRole.ADMINISTRATOR, "abcdefghijk", NOON)
    page = browse(path="/login", language="en")
    fill(page, name="lan", password="abcdefghijk")
    expect(page).to_have_url(re.compile("/account/password$"))
    look(page, "password")
    fill(page, old="abcdefghijk", new="lotus in the lake", again="lotus in the pond")
    expect(page.get_by_role("alert")).to_contain_text("not the same")
    fill(page, old="abcdefghijk", new="lotus in the lake", again="lotus in the lake")
    expect(page).to_have_url(re.compile("/account/second-factor$"))
    look(page, "second-factor")
    key = b32decode(page.locator("[name=secret]").input_value())
    code = TOTP(key, 6, SHA1(), 30).generate(NOON.timestamp()).decode()  # noqa: S303
    fill(page, code=code, password="lotus in the lake")
    expect(page.locator(".codes li")).to_have_count(10)
    look(page, "recovery-codes")
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Lan").click()
    page.get_by_role("link", name="Make new recovery codes").click()
    look(page, "recovery-form")
    fill(page, password="lotus in the lake")
    expect(page.locator(".codes li")).to_have_count(10)


def test_the_other_language(browse: Browse) -> None:
    page = browse(path="/login?next=/account")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert page.url.endswith("/login?next=/account")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_page_that_is_not_there(browse: Browse, look: Look) -> None:
    page = browse(UserRole.MANAGER, "/nothing-here")
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có trang này")
    look(page, "fault-404")
