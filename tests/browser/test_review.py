"""A writer sends a draft to somebody without an account, in a real browser."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bulletin.models import Status
from tests.browser.conftest import grave
from tests.factories import make_account, make_bulletin, make_incident


@pytest.fixture
def writer(page: Page) -> Page:
    make_account("writer", "Writers")
    page.goto("/admin/")
    page.get_by_label("Username").fill("writer")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    return page


def in_both_schemes(page: Page) -> list[str]:
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate("document.getAnimations().forEach((one) => one.finish())")
        faults += grave(page)
    return faults


def test_a_draft_is_reviewed_by_a_link_until_it_is_revoked(
    writer: Page, browser: Browser, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    make_incident(title="Slow disks", publish_at=None)
    draft = make_bulletin(status=Status.DRAFT, publish_at=None, date=date(2024, 7, 6))
    writer.goto(f"/admin/bulletin/bulletin/{draft.pk}/change/")
    writer.get_by_role("link", name="Review links").click()
    writer.get_by_label("Lasts").select_option("1 day")
    writer.get_by_role("button", name="Make a link").click()
    assert in_both_schemes(writer) == []
    address = writer.get_by_label("Address of the link").input_value()
    outside = browser.new_context().new_page()
    outside.goto(address)
    expect(outside.locator(".draft")).to_contain_text("This review link expires on")
    expect(outside.get_by_role("heading", name="Slow disks")).to_be_visible()
    assert in_both_schemes(outside) == []
    outside.locator("svg.grid-wide a").first.click()
    assert outside.url.startswith(f"{address}#")
    writer.get_by_role("button", name="Revoke all links").click()
    expect(writer.locator(".messagelist")).to_contain_text("No review link shows this draft")
    answer = outside.goto(address)
    assert answer is not None
    assert answer.status == 404
    outside.context.close()
