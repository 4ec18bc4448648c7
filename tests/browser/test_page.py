"""Writing a bulletin beside its page, in a real browser."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FrameLocator, Locator, Page, expect

from bulletin.models import Author, Bulletin, Status
from incidents.models import Incident
from tests.browser.conftest import save, still
from tests.factories import make_bulletin, make_incident
from tests.servers import wait_until

PARAGRAPHS = [f"Paragraph {n} " + "of the essay says what was built. " * 4 for n in range(40)]
# Puts files on the text area as a drop or a paste does.
TRANSFER = """(area, [kind, files]) => {
  const transfer = new DataTransfer();
  for (const { name, type, bytes } of files) {
    transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
  }
  const init = { bubbles: true, cancelable: true };
  area.dispatchEvent(kind === "drop"
    ? new DragEvent("drop", { ...init, dataTransfer: transfer })
    : new ClipboardEvent("paste", { ...init, clipboardData: transfer }));
}"""


@pytest.fixture
def draft(admin_page: Page) -> Page:
    """The page of a draft with an essay that scrolls and an incident, its preview there."""
    make_incident(publish_at=None, regions="GRU", body="One.\n\nTwo.")
    make_bulletin(status=Status.DRAFT, publish_at=None, essay="\n\n".join(PARAGRAPHS))
    admin_page.set_viewport_size({"width": 1280, "height": 800})
    admin_page.goto(f"/admin/bulletin/bulletin/{Bulletin.objects.get().pk}/change/")
    expect(shown(admin_page).locator("h1")).to_be_visible()
    return admin_page


def shown(page: Page) -> FrameLocator:
    return page.frame_locator(".admin-pane-page")


def essay(page: Page) -> Locator:
    return page.locator("textarea[name=essay]")


def picture(name: str, color: str) -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 32), color).save(buffer, "PNG")
    return {"name": name, "type": "image/png", "bytes": list(buffer.getvalue())}


def top_in_page(page: Page, words: str) -> float:
    """Where a paragraph of the preview stands in the window, in CSS pixels."""
    box = shown(page).get_by_text(words).bounding_box()
    assert box
    return box["y"]


# The page -----------------------------------------------------------------------------


def test_the_preview_is_the_page_that_saving_makes(draft: Page) -> None:
    essay(draft).fill("## Racks\n\nWe moved **two** of `them`.")
    draft.locator("[name=title]").fill("A week of racks")
    draft.get_by_text("Packet loss").first.click()
    draft.locator("[name=incidents-0-impact]").select_option("critical")
    expect(shown(draft).locator("h1")).to_have_text("A week of racks")
    expect(shown(draft).locator("svg:visible a[data-slug]")).to_have_attribute(
        "data-impact", "critical"
    )
    expect(shown(draft).locator(".essay strong")).to_have_text("two")
    preview = shown(draft).locator("main").evaluate("main => main.outerHTML")
    save(draft)
    # The pane runs no script, and so has none of what the grid's adds to the page.
    draft.route("**/grid.js", lambda route: route.abort())
    draft.goto("/2024-07-06/")
    assert draft.locator("main").evaluate("main => main.outerHTML") == preview


def test_the_grid_is_drawn_anew_before_anything_is_saved(draft: Page) -> None:
    # Both shapes are there until the page has its styles.
    expect(shown(draft).locator(".panel svg:visible")).to_have_count(1)
    box = shown(draft).locator("svg:visible a[data-slug='2024-07-02-packet-loss']")
    width = box.locator("rect").bounding_box()["width"]  # type: ignore[index]
    draft.locator(".period-row summary").first.click()
    draft.locator("[name=incidents-0-length]").fill("4h")
    expect(box).to_have_attribute("data-minutes", "240")
    assert box.locator("rect").bounding_box()["width"] > 1.5 * width  # type: ignore[index]
    draft.locator("[name=incidents-0-impact]").select_option("none")
    expect(box).to_have_attribute("data-impact", "none")
    assert Incident.objects.get().length_text == "30m"


def test_an_incident_is_added_in_place(draft: Page) -> None:
    draft.get_by_role("button", name="Add an incident").click()
    row = draft.locator("#incidents-1")
    row.locator("[name=incidents-1-title]").fill("Slow disks")
    row.locator("[name=incidents-1-started_at_0]").fill("2024-07-04")
    row.locator("[name=incidents-1-started_at_1]").fill("10:00")
    row.locator("[name=incidents-1-length]").fill("1h")
    row.locator("textarea").fill("They were slow")
    row.locator("textarea").press("Control+a")
    row.locator("textarea").press("Control+b")
    row.locator(".cell-regions .select2-search__field").fill("GRU")
    draft.locator(".select2-results__option--highlighted").click()
    expect(shown(draft).locator("#\\32 024-07-04-slow-disks strong")).to_have_text("They were slow")
    save(draft)
    added = Incident.objects.get(title="Slow disks")
    assert (added.length_text, added.body) == ("1h", "**They were slow**")
    assert [region.code for region in added.regions.all()] == ["GRU"]


def test_chosen_authors_are_on_the_page_before_they_are_saved(draft: Page) -> None:
    Author.objects.create(name="Ada")
    draft.reload()
    draft.locator(".field-authors input.select2-search__field").press_sequentially("Ad")
    draft.locator(".select2-results__option", has_text="Ada").click()
    expect(shown(draft).locator(".heading")).to_contain_text("Ada")


def test_a_link_of_the_page_does_not_lead_away_from_the_text(draft: Page) -> None:
    essay(draft).fill("[elsewhere](/archive/)\n\n[down](#incidents)")
    with draft.context.expect_page() as opened:
        shown(draft).get_by_text("elsewhere").click()
    assert opened.value.url.endswith("/archive/")
    shown(draft).get_by_text("down").click()
    expect(essay(draft)).to_have_value(re.compile("elsewhere"))
    assert draft.url.endswith("/change/")


def test_a_preview_that_fails_says_so_and_keeps_the_page(draft: Page) -> None:
    draft.context.clear_cookies()
    essay(draft).fill("Typed after the login was gone.")
    expect(draft.locator(".admin-pane-problems")).to_contain_text("Sign in")
    expect(shown(draft).locator(".essay")).to_contain_text("Paragraph 3")
    expect(essay(draft)).to_have_value("Typed after the login was gone.")


def test_the_page_is_shown_as_wide_as_a_phone(draft: Page) -> None:
    draft.get_by_role("button", name="Phone").click()
    expect(shown(draft).locator("svg.grid-narrow")).to_be_visible()
    assert shown(draft).locator("html").evaluate("() => innerWidth") == 390


def test_on_a_small_screen_the_page_lies_behind_a_button(draft: Page) -> None:
    draft.set_viewport_size({"width": 390, "height": 700})
    expect(draft.locator(".admin-pane")).to_be_hidden()
    draft.get_by_role("button", name="Preview").click()
    expect(shown(draft).locator("h1")).to_be_visible()
    draft.keyboard.press("Escape")
    expect(draft.locator(".admin-pane")).to_be_hidden()
    assert draft.evaluate("document.documentElement.scrollWidth") == 390


# Scrolling ----------------------------------------------------------------------------


def caret_to(page: Page, words: str) -> None:
    essay(page).evaluate(
        "(area, words) => { area.focus(); const at = area.value.indexOf(words);"
        " area.setSelectionRange(at, at); }",
        words,
    )


def is_beside_text(page: Page, words: str) -> bool:
    box = essay(page).bounding_box()
    assert box
    return box["y"] - 30 < top_in_page(page, words) < box["y"] + box["height"]


def test_the_page_follows_the_caret_and_stays_there_while_it_changes(draft: Page) -> None:
    for n in (30, 5):
        caret_to(draft, f"Paragraph {n} ")
        # Typing brings the caret into sight.
        draft.keyboard.type("!")
        words = f"!Paragraph {n} "
        expect(shown(draft).get_by_text(words)).to_be_visible()
        wait_until(lambda words=words: is_beside_text(draft, words), words)
        still(draft)
        assert is_beside_text(draft, words)


def test_the_page_follows_the_text_that_is_scrolled_and_the_text_the_page(draft: Page) -> None:
    area = essay(draft)
    area.scroll_into_view_if_needed()
    area.evaluate("area => { area.scrollTop = area.scrollHeight / 2 }")
    middle = [f"Paragraph {n} " for n in (16, 20, 24)]
    wait_until(lambda: any(is_beside_text(draft, words) for words in middle), "the page")
    still(draft)
    place = area.evaluate("area => area.scrollTop")
    frame = draft.locator(".admin-pane-page").element_handle().content_frame()
    assert frame
    there = frame.evaluate("scrollY")
    still(draft)
    # Neither moved on by itself.
    assert (area.evaluate("area => area.scrollTop"), frame.evaluate("scrollY")) == (place, there)
    frame.evaluate("scrollBy(0, 900)")
    wait_until(lambda: area.evaluate("area => area.scrollTop") > place + 100, "the text")
    still(draft)
    assert frame.evaluate("scrollY") == there + 900


# Typing -------------------------------------------------------------------------------


SHORTCUTS = [
    # text, selected, key, becomes
    ("one two", "two", "b", "one **two**"),
    ("one **two**", "two", "b", "one two"),
    ("one two", "two", "i", "one _two_"),
    ("one two", "two", "k", "one [two](url)"),
    ("one two", "two", "e", "one `two`"),
    ("a\nx = 1\ny = 2\nb", "x = 1\ny = 2", "e", "a\n```\nx = 1\ny = 2\n```\nb"),
]


def test_a_shortcut_marks_what_is_selected_and_is_undone_in_one_step(draft: Page) -> None:
    area = essay(draft)
    for text, selected, key, becomes in SHORTCUTS:
        area.fill(text)
        at = text.index(selected)
        area.evaluate("(area, span) => area.setSelectionRange(...span)", [at, at + len(selected)])
        area.press(f"Control+{key}")
        expect(area).to_have_value(becomes)
        area.press("Control+z")
        expect(area).to_have_value(text)


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("Bold", "one **two**"),
        ("Italic", "one _two_"),
        ("Link", "one [two](url)"),
        ("Code", "one `two`"),
        ("Heading", "one ## two"),
        ("Quote", "one \n\n> two"),
        ("List", "- one two"),
        ("Numbers", "1. one two"),
    ],
)
def test_the_toolbar_formats_what_is_selected(draft: Page, name: str, becomes: str) -> None:
    area = essay(draft)
    area.fill("one two")
    area.evaluate("area => area.setSelectionRange(4, 7)")
    toolbar = draft.locator(".field-essay").get_by_role("toolbar", name="Formatting")
    toolbar.get_by_role("button", name=name, exact=True).click()
    expect(area).to_have_value(becomes)
    expect(area).to_be_focused()


def test_the_toolbar_is_one_stop_of_the_tab_key_and_arrows_go_through_it(draft: Page) -> None:
    toolbar = draft.locator(".field-essay markdown-toolbar")
    toolbar.evaluate("toolbar => toolbar.focus()")
    draft.keyboard.press("ArrowRight")
    expect(toolbar.get_by_role("button", name="Bold")).to_be_focused()


LISTS = [
    ("- a", "\nb", "- a\n- b"),
    ("  * a", "\nb", "  * a\n  * b"),
    ("9. a", "\nb", "9. a\n10. b"),
    ("- [x] a", "\nb", "- [x] a\n- [ ] b"),
    ("- a", "\n\nb", "- a\nb"),
    ("a", "\nb", "a\nb"),
]


def test_a_list_goes_on_at_enter_and_ends_at_an_empty_item(draft: Page) -> None:
    area = essay(draft)
    for text, typed, becomes in LISTS:
        area.fill(text)
        area.press("End")
        for key in typed:
            area.press("Enter" if key == "\n" else key)
        expect(area).to_have_value(becomes)
    area.press("Control+z")
    expect(area).not_to_have_value(becomes)


def test_cells_of_a_spreadsheet_become_a_table(draft: Page) -> None:
    area = essay(draft)
    area.fill("")
    cells = "<meta charset='utf-8'><table><tr><td>a<td>b<tr><td>1<td>2</table>"
    area.evaluate(
        """(area, cells) => { const data = new DataTransfer();
        data.setData("text/html", cells);
        data.setData("text/plain", "a\\tb\\n1\\t2");
        data.items.add(new File([""], "cells.png", { type: "image/png" }));
        area.dispatchEvent(new ClipboardEvent("paste",
          { clipboardData: data, bubbles: true, cancelable: true })); }""",
        cells,
    )
    expect(area).to_have_value(re.compile(r"a \| b\n-- \| --\n1 \| 2"))


def test_an_address_pasted_over_words_makes_them_a_link(draft: Page) -> None:
    area = essay(draft)
    area.fill("see the docs")
    area.evaluate("area => area.setSelectionRange(8, 12)")
    area.evaluate(
        """area => { const data = new DataTransfer();
        data.setData("text/plain", "https://example.org/");
        area.dispatchEvent(new ClipboardEvent("paste",
          { clipboardData: data, bubbles: true, cancelable: true })); }"""
    )
    expect(area).to_have_value("see the [docs](https://example.org/)")


def test_the_tab_key_is_the_keyboard_users(draft: Page) -> None:
    essay(draft).focus()
    before = essay(draft).input_value()
    draft.keyboard.press("Tab")
    assert essay(draft).input_value() == before
    assert not essay(draft).evaluate("area => area === document.activeElement")


# Pictures -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_several_pictures_are_taken_in_and_a_bad_one_is_named(draft: Page, kind: str) -> None:
    area = essay(draft)
    area.fill("Before.\n\n")
    files = [picture("a.png", "#6132cf"), picture("bad.png", "red"), picture("c.png", "teal")]
    files[1]["bytes"] = [1, 2, 3]
    area.evaluate(TRANSFER, [kind, files])
    for alt in ("A rack", "Another [rack]"):
        dialog = draft.locator("dialog.admin-dialog")
        dialog.get_by_label("What does this picture show?").fill(alt)
        dialog.get_by_role("button", name="Insert").click()
    expect(area).to_have_value(
        re.compile(
            r"Before\.\n\n!\[A rack\]\(/media/\S+\)\n\n!\[Another \\\[rack\\\]\]\(/media/\S+\)"
        )
    )
    expect(draft.locator(".field-essay .admin-status")).to_contain_text("bad.png")
    expect(draft.locator(".field-essay .admin-status")).to_contain_text("PNG, JPEG, WebP or GIF")
    expect(shown(draft).locator(".essay img").first).to_have_attribute("alt", "A rack")
