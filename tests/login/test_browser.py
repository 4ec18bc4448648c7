"""Signing in as a person does, with a phone that shows codes."""

from __future__ import annotations

import time
from base64 import b32decode
from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from tests.browser.conftest import CHROMIUM, wait_until
from tests.factories import make_editor
from tests.login.signing_in import PASSWORD, shown

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium"),
]


def give_password(page: Page, word: str = PASSWORD) -> None:
    page.goto("/admin/bulletin/article/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(word)
    page.get_by_role("button", name="Log in").click()


def give_code(page: Page, code: str) -> None:
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/admin/logout/")


def assert_accessible(page: Page) -> None:
    """Nothing serious in what isn't the stock admin's frame, light or dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        wait_until(page, "document.getAnimations().length === 0")
        found = Axe().run(page, "#content", {"preload": False}).response["violations"]
        serious = [one for one in found if one["impact"] in {"serious", "critical"}]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in serious], page.url


def test_a_second_factor_from_its_first_code_to_its_last(page: Page) -> None:
    make_editor()
    give_password(page)
    page.get_by_role("link", name="Second factor").click()
    assert_accessible(page)
    page.get_by_role("link", name="Set it up").click()
    assert_accessible(page)
    key = b32decode(page.locator(".sign-in-secret").inner_text().replace(" ", ""))
    page.get_by_role("textbox", name="Code").fill(shown(key))
    page.get_by_role("button", name="Turn it on").click()
    codes = page.locator(".sign-in-codes code").all_inner_texts()
    assert_accessible(page)
    page.get_by_role("link", name="I have stored them").click()
    expect(page.locator("#content")).to_contain_text("10 recovery codes are left")
    assert_accessible(page)
    sign_out(page)

    # The code that set it up is used up, and the next is half a minute away.
    TOTPDevice.objects.update(last_t=int(time.time()) // 30 - 2)
    give_password(page)
    assert_accessible(page)
    give_code(page, shown(key))
    page.wait_for_url("**/admin/bulletin/article/")
    sign_out(page)

    give_password(page)
    give_code(page, codes[0])
    page.wait_for_url("**/admin/bulletin/article/")
    page.get_by_role("link", name="Audit log").click()
    expect(page.locator("#content tbody tr").first).to_contain_text(
        "signed in with a recovery code"
    )
    assert_accessible(page)
    sign_out(page)

    give_password(page)
    give_code(page, codes[0])
    expect(page.locator(".errorlist")).to_contain_text("wrong, or it was used before")
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()


def test_five_wrong_passwords_lock_out(page: Page) -> None:
    make_editor()
    for _ in range(4):
        give_password(page, "wrong")
        expect(page.locator(".errornote")).to_contain_text("Please enter the correct username")
    before = timezone.localtime()
    give_password(page, "wrong")
    expect(page.get_by_role("heading", name="Too many wrong passwords")).to_be_visible()
    hour = page.locator("#content strong").inner_text()
    assert 14 * 60 <= (_today_at(hour) - before).total_seconds() % 86400 <= 15 * 60 + 5
    assert_accessible(page)
    give_password(page)
    expect(page.get_by_role("heading", name="Too many wrong passwords")).to_be_visible()


def _today_at(hour: str) -> datetime:
    hours, minutes = map(int, hour.split()[0].split(":"))
    return timezone.localtime().replace(hour=hours, minute=minutes, second=0, microsecond=0)
