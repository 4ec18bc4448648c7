"""Ctrl+S: the page stays as it was, and nothing is saved twice or lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from bulletin.models import Author, Autosave, Bulletin
from incidents.models import Incident
from tests.factories import make_bulletin, make_incident


@pytest.fixture
def draft(admin_page: Page) -> Page:
    make_incident(publish_at=None, regions="GRU")
    bulletin = make_bulletin(status="draft", publish_at=None, essay="One.\n" * 60)
    admin_page.goto(f"/admin/bulletin/bulletin/{bulletin.pk}/change/")
    admin_page.evaluate("window.stayed = true")
    return admin_page


def saved(page: Page) -> None:
    with page.expect_response(lambda got: got.request.headers.get("x-save") == "in-place"):
        page.keyboard.press("Control+s")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.stayed") is True


def test_caret_scroll_and_open_rows_stay(draft: Page) -> None:
    draft.locator(".period-row > summary").first.click()
    essay = draft.locator("textarea[name=essay]")
    essay.evaluate("text => { text.focus(); text.setSelectionRange(5, 5); text.scrollTop = 200; }")
    draft.keyboard.insert_text("Two. ")
    saved(draft)
    expect(draft.locator(".admin-saved")).to_contain_text("Saved")
    assert essay.evaluate("text => [text.selectionStart, text === document.activeElement]") == [
        10,
        True,
    ]
    expect(draft.locator(".period-row").first).to_have_attribute("open", "")
    assert Bulletin.objects.get().essay.startswith("One.\nTwo. ")


def test_a_new_row_is_saved_once_however_often_one_saves(draft: Page) -> None:
    draft.get_by_text("Add an incident").click()
    draft.locator("[name=incidents-1-title]").fill("Slow disks")
    draft.locator("[name=incidents-1-started_at_0]").fill("2024-07-01")
    draft.locator("[name=incidents-1-started_at_1]").fill("10:00")
    for words in ("One.", "Two.", "Three."):
        draft.locator("textarea[name=incidents-1-body]").fill(words)
        saved(draft)
    assert set(Incident.objects.values_list("title", "body")) >= {("Slow disks", "Three.")}
    assert Incident.objects.count() == 2
    draft.locator(".period-row > summary").first.click()
    draft.locator("textarea[name=incidents-0-body]").fill("Of the first.")
    saved(draft)
    assert Incident.objects.get(title="Packet loss").body == "Of the first."


def test_what_is_typed_while_a_save_is_on_its_way_stays_and_is_saved_next(draft: Page) -> None:
    essay = draft.locator("textarea[name=essay]")
    essay.fill("Before.")

    def type_meanwhile(route: Route) -> None:
        if route.request.method == "POST":
            essay.evaluate("text => { text.value += ' Meanwhile.'; }")
        route.continue_()

    draft.route("**/change/", type_meanwhile)
    saved(draft)
    expect(essay).to_have_value("Before. Meanwhile.")
    assert Bulletin.objects.get().essay == "Before."
    draft.unroute("**/change/")
    saved(draft)
    assert Bulletin.objects.get().essay == "Before. Meanwhile."
    assert not Autosave.objects.open().exists()


def test_what_others_saved_in_other_fields_is_taken_over(draft: Page) -> None:
    bulletin = Bulletin.objects.get()
    bulletin.title = "Theirs"
    bulletin.save()
    bulletin.authors.set([Author.objects.create(name="Storage on-call")])
    essay = draft.locator("textarea[name=essay]")
    for text in ("Mine.", "Mine again."):
        essay.fill(text)
        saved(draft)
        expect(draft.locator("[name=title]")).to_have_value("Theirs")
    expect(draft.locator(".field-authors .select2-selection")).to_contain_text("Storage on-call")
    bulletin.refresh_from_db()
    assert (bulletin.title, bulletin.essay) == ("Theirs", "Mine again.")
    assert bulletin.authors.get().name == "Storage on-call"


def test_what_the_save_made_of_a_field_is_shown(draft: Page) -> None:
    draft.locator(".period-row > summary").first.click()
    draft.locator("[name=incidents-0-length]").fill("2h")
    saved(draft)
    expect(draft.locator("[name=incidents-0-ended_at_1]")).to_have_value("17:00:00")
    expect(draft.locator(".period-row > summary").first).to_contain_text("2h")


def test_a_mistake_is_shown_beside_its_field_and_nothing_typed_is_lost(draft: Page) -> None:
    draft.locator("textarea[name=essay]").fill("Half a day of typing.")
    draft.locator("[name=period_last]").fill("2024-02-30")
    draft.keyboard.press("Control+s")
    expect(draft.locator(".field-period_last .errorlist, .errorlist").first).to_be_visible()
    expect(draft.locator("textarea[name=essay]")).to_have_value("Half a day of typing.")


def test_a_second_editors_save_is_still_met(draft: Page) -> None:
    draft.locator("textarea[name=essay]").fill("Mine.")
    saved(draft)
    Bulletin.objects.update(essay="Theirs.")
    draft.locator("textarea[name=essay]").fill("Mine again.")
    draft.keyboard.press("Control+s")
    expect(draft.locator(".admin-collisions")).to_contain_text("Theirs.")
    assert Bulletin.objects.get().essay == "Theirs."
