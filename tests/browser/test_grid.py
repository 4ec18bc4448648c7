"""The picture of a bulletin and its incidents, joined in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.factories import make_bulletin, make_incident


def box(page: Page, slug: str) -> Locator:
    return page.locator(f".panel.wide a[data-slug='{slug}']")


def test_a_box_shows_its_incident_and_an_incident_its_box(page: Page) -> None:
    slug = make_incident(title="Fast `disks`", body="They were too fast.").slug
    make_bulletin()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/2024-07-06/")
    card, incident = page.locator(".peek"), page.locator(f"[id='{slug}']")
    expect(card).to_be_hidden()

    box(page, slug).locator("rect").hover()
    expect(card).to_contain_text("Fast disks")
    expect(card).to_contain_text("Jul 2, 15:00, 30m, impact: partial")
    expect(card).to_contain_text("They were too fast.")
    expect(incident).to_have_class(re.compile("marked"))
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()

    page.mouse.move(1, 1)
    expect(incident).not_to_have_class(re.compile("marked"))
    incident.get_by_role("heading").hover()
    expect(box(page, slug)).to_have_class("marked")

    incident.locator(".stamp").click()
    expect(box(page, slug)).to_be_focused()
    expect(card).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/2024-07-06/#{slug}")
    expect(box(page, slug)).to_have_class(re.compile("here"))


def test_without_a_script_boxes_lead_and_are_named(page: Page) -> None:
    slug = make_incident(title="Fast `disks`").slug
    make_bulletin()
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/2024-07-06/")
    expect(page.get_by_role("link", name="Fast disks").first).to_be_visible()
    box(page, slug).locator("rect").click()
    page.wait_for_url(f"**/2024-07-06/#{slug}")


def test_a_card_stays_on_a_page_that_is_small(page: Page) -> None:
    """As one of 1280 pixels is when it is shown four times as large."""
    slug = make_incident(body="Packets were lost, one after another. " * 9).slug
    make_bulletin()
    page.set_viewport_size({"width": 320, "height": 200})
    page.goto("/2024-07-06/")
    page.locator(f".panel.narrow a[data-slug='{slug}'] rect").hover()
    card = page.locator(".peek")
    expect(card).to_be_visible()
    there = card.bounding_box()
    assert there
    assert 0 <= there["x"] <= 320 - there["width"]
    assert there["y"] >= 0
