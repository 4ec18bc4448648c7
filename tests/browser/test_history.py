"""The history of a text, as an editor reads it and goes back in it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bulletin.models import Bulletin
from tests.browser.conftest import save
from tests.factories import make_bulletin


def test_an_editor_sees_what_changed_and_restores_it(admin_page: Page) -> None:
    bulletin = make_bulletin(status="draft", publish_at=None, essay="We moved a rack.")
    url = f"/admin/bulletin/bulletin/{bulletin.pk}/change/"
    admin_page.goto(url)
    for words in ("We moved two racks.", "We moved two racks by night."):
        admin_page.locator("textarea[name=essay]").fill(words)
        save(admin_page)

    admin_page.get_by_role("link", name="History").click()
    newest = admin_page.locator(".history ol > li").first
    expect(newest.locator("ins")).to_be_hidden()
    newest.locator("summary").click()
    expect(newest.locator("ins")).to_be_visible()
    expect(newest.locator("ins")).to_have_text(" by night")
    expect(newest).to_contain_text("editor")
    oldest = admin_page.locator(".history ol > li").last
    oldest.get_by_role("link", name="Restore…").click()
    expect(admin_page.locator("textarea[name=essay]")).to_have_value("We moved a rack.")
    assert Bulletin.objects.get().essay == "We moved two racks by night."
    save(admin_page)
    assert Bulletin.objects.get().essay == "We moved a rack."

    admin_page.get_by_role("link", name="History").click()
    expect(admin_page.locator(".history ol > li").first).to_contain_text(
        "Restored what was saved on"
    )
    expect(admin_page.locator(".history ol > li")).to_have_count(4)
