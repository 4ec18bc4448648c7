"""The dress of the editor's page, in a real browser: its columns, the focus, the text's tools."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from bulletin.models import Bulletin, Status
from incidents.models import Incident
from tests.factories import make_bulletin, make_incident

BULLETINS = "/admin/bulletin/bulletin/"
INCIDENTS = "/admin/incidents/incident/"


@pytest.fixture
def draft(admin_page: Page) -> Page:
    """The page of a draft with an incident."""
    make_incident(publish_at=None, regions="GRU")
    make_bulletin(status=Status.DRAFT, publish_at=None)
    admin_page.goto(f"{BULLETINS}{Bulletin.objects.get().pk}/change/")
    return admin_page


def place(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box
    return box["x"], box["y"]


def left(locator: Locator) -> float:
    return place(locator)[0]


# Columns and focus --------------------------------------------------------------------


def test_a_wide_window_has_the_text_the_preview_and_the_rest_beside_each_other(
    draft: Page,
) -> None:
    essay, pane, week = (
        draft.locator(part) for part in ("[name=essay]", ".admin-pane", "[name=date]")
    )
    draft.set_viewport_size({"width": 1600, "height": 900})
    assert left(essay) < left(pane) < left(week)
    draft.set_viewport_size({"width": 1440, "height": 900})
    assert left(essay) == left(week) < left(pane)


@pytest.mark.parametrize("width", [390, 1280, 1600])
def test_an_error_is_beside_its_field_and_the_first_wrong_field_has_the_focus(
    admin_page: Page, width: int
) -> None:
    incident = make_incident()
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto(f"{INCIDENTS}{incident.pk}/change/")
    admin_page.locator("[name=length]").fill("soonish")
    admin_page.get_by_role("button", name="Update").click()
    error = admin_page.locator(".field-length .errorlist")
    expect(error).to_contain_text("no length")
    length = admin_page.locator("[name=length]")
    expect(length).to_be_focused()
    x, y = place(error)
    assert abs(x - place(length)[0]) < 20
    assert 0 < place(length)[1] - y < 80


def test_a_wrong_field_of_a_row_has_the_focus_too(draft: Page) -> None:
    draft.locator(".period-row > summary").first.click()
    draft.locator("[name=incidents-0-started_at_1]").fill("noon")
    draft.locator("[name=date]").fill("2024-02-30")
    draft.get_by_role("button", name="Save", exact=True).click()
    # The row stands before the date.
    expect(draft.locator("[name=incidents-0-started_at_0]")).to_be_focused()
    expect(draft.locator(".cell-started_at .errorlist")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"{BULLETINS}add/", "title"),
        (f"{INCIDENTS}add/", "title"),
        ("/admin/incidents/region/add/?_popup=1", "code"),
    ],
)
def test_the_first_field_of_a_new_page_has_the_focus(
    admin_page: Page, address: str, name: str
) -> None:
    admin_page.goto(address)
    expect(admin_page.locator(f"[name={name}]")).to_be_focused()


def test_now_is_of_the_zone_that_the_form_names(admin_page: Page) -> None:
    incident = make_incident(publish_at=None, zone="Asia/Tokyo")
    admin_page.goto(f"{INCIDENTS}{incident.pk}/change/")
    there = """() => new Intl.DateTimeFormat("sv-SE", {
      timeZone: "Asia/Tokyo", dateStyle: "short", timeStyle: "medium" }).format(new Date())"""
    before = admin_page.evaluate(there)
    for link in ("Today", "Now"):
        admin_page.locator(".field-ended_at").get_by_role("link", name=link).click()
    typed = [admin_page.locator(f"[name=ended_at_{n}]").input_value() for n in (0, 1)]
    assert before <= " ".join(typed) <= admin_page.evaluate(there)


def test_a_double_click_on_save_adds_one_incident(admin_page: Page) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    admin_page.locator("[name=title]").fill("Slow disks")
    for link in ("Today", "Now"):
        admin_page.locator(".field-started_at").get_by_role("link", name=link).click()
    admin_page.get_by_role("button", name="Save", exact=True).dblclick()
    expect(admin_page.locator(".messagelist")).to_contain_text("added successfully")
    assert Incident.objects.count() == 1


def test_nothing_moves_as_the_focus_goes_through_a_row(draft: Page) -> None:
    draft.locator(".period-row > summary").first.click()
    row = draft.locator(".period-row").first
    place = "row => [row.getBoundingClientRect().height, document.body.scrollHeight]"
    before = row.evaluate(place)
    fields = row.locator("input:visible, select:visible, textarea:visible")
    for number in range(fields.count()):
        fields.nth(number).focus()
        assert row.evaluate(place) == before, fields.nth(number).get_attribute("name")
