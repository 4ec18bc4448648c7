"""Signing in as a person does: with a phone that shows codes, a passkey, the provider's page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.browser.conftest import CHROMIUM, grave, wait_until
from tests.factories import make_editor
from tests.login.signing_in import FACTORS, LOGIN, PAGE, PASSWORD, shown

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium"),
]


def give_password(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/admin/logout/")


def assert_accessible(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        wait_until(page, "document.getAnimations().length === 0")
        assert grave(page) == [], page.url


def test_a_second_factor_from_its_first_code_to_its_last(page: Page) -> None:
    make_editor()
    page.goto(LOGIN)
    assert_accessible(page)
    give_password(page)
    page.get_by_role("link", name="Two-factor authentication").click()
    assert_accessible(page)
    page.get_by_role("link", name="Activate").click()
    confirm(page)
    assert_accessible(page)
    secret = page.locator(".sign-in-secret").inner_text()
    page.get_by_label("Authenticator code").fill(shown(secret))
    page.get_by_role("button", name="Activate").click()
    codes = page.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10
    assert_accessible(page)
    sign_out(page)

    # The code that set it up is used up, and the next is half a minute away.
    cache.clear()
    give_password(page)
    assert_accessible(page)
    page.get_by_label("Code").fill(shown(secret))
    page.get_by_role("button", name="Sign In", exact=True).click()
    page.wait_for_url(f"**{PAGE}")
    sign_out(page)

    for code, opened in [(codes[0], True), (codes[0], False)]:
        give_password(page)
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Sign In", exact=True).click()
        if opened:
            page.wait_for_url(f"**{PAGE}")
            sign_out(page)
    expect(page.locator(".errorlist")).to_contain_text("Incorrect code")


def test_a_passkey_signs_in_without_a_password(page: Page) -> None:
    make_editor()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    give_password(page)
    page.goto(f"{FACTORS}webauthn/add/")
    confirm(page)
    assert_accessible(page)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    sign_out(page)
    page.goto(PAGE)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"**{PAGE}")


def test_the_providers_page_leads_back_to_where_one_was_going(page: Page, provider: str) -> None:
    page.goto(PAGE)
    page.get_by_role("button", name="Go on with Marram ID").click()
    page.wait_for_url(f"{provider}/**")
    page.get_by_role("button", name="s-1").click()
    page.wait_for_url(f"**{PAGE}")
    assert User.objects.get().username == "ana"
