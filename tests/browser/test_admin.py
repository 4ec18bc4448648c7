"""An editor's Monday, in a real browser."""

from __future__ import annotations

import io
import re
from pathlib import Path

import feedparser
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from bulletin.models import Bulletin
from incidents.models import Addendum, Incident
from tests.browser.conftest import save
from tests.factories import make_bulletin, make_incident

SAMPLE = Path(__file__).resolve().parents[2] / "docs" / "samples" / "2024-07-27.txt"
TEXT = """\
August 5: Slow disks in GRU (14:00 UTC): Reads took seconds for `volumes`. It lasted 40 minutes.
August 7: A test page that paged (Internal) (9:30EST): Nobody saw it, no customer impact.
This Week In Infra Engineering
We replaced the disks.
"""


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 32), "#6132cf").save(buffer, "JPEG")
    return buffer.getvalue()


def test_a_pasted_week_becomes_a_draft(admin_page: Page) -> None:
    admin_page.goto("/admin/bulletin/bulletin/")
    admin_page.get_by_role("link", name="Import text").click()
    admin_page.get_by_label("Date of the bulletin").fill("2024-08-10")
    admin_page.locator("textarea[name=text]").fill(TEXT)
    admin_page.get_by_role("button", name="Read it").click()
    reading = admin_page.get_by_role("region", name="What was read")
    expect(reading).to_contain_text("Slow disks in GRU")
    expect(reading.locator("mark").first).to_have_text("40m")
    admin_page.get_by_role("button", name="Save as a draft").click()
    expect(admin_page.locator(".messagelist")).to_contain_text("Made 2 incidents")
    assert Bulletin.objects.get().status == "draft"
    assert Incident.objects.get(scope="").length_text == "40m"
    admin_page.goto("/2024-08-10/")
    expect(admin_page.locator(".draft")).to_be_visible()


def test_an_imported_sample_is_published_and_seen_by_everybody(
    admin_page: Page, context: BrowserContext
) -> None:
    call_command("import_bulletin", str(SAMPLE), "--date", "2024-07-27", stdout=io.StringIO())
    Incident.objects.filter(title__startswith="Packet").update(impact=2)
    Incident.objects.filter(impact=None).update(impact=0)
    admin_page.goto(f"/admin/bulletin/bulletin/{Bulletin.objects.get().pk}/change/")
    admin_page.get_by_role("button", name="Publish…").click()
    # What the text doesn't say (regions, lengths) is asked about, and may be so.
    admin_page.get_by_role("button", name="Publish anyway").click()
    expect(admin_page.locator(".messagelist")).to_contain_text("5 incidents are published with it")
    context.clear_cookies()

    admin_page.goto("/2024-07-27/")
    expect(
        admin_page.get_by_role("heading", name="Packet Loss Between GRU and EZE")
    ).to_be_visible()
    expect(admin_page.get_by_text("Draining old servers reached the halfway mark")).to_be_visible()
    box = admin_page.locator(
        "svg a[data-slug='2024-07-24-packet-loss-between-gru-and-eze']:visible"
    )
    assert box.get_attribute("data-minutes") == "180"
    box.click()
    assert admin_page.url.endswith("/2024-07-27/#2024-07-24-packet-loss-between-gru-and-eze")

    for path in ("/feed.xml", "/rss.xml"):
        (entry,) = feedparser.parse(admin_page.request.get(path).body()).entries
        assert "Packet Loss Between GRU and EZE" in entry.content[-1].value
    (item,) = admin_page.request.get("/feed.json").json()["items"]
    assert "Draining old servers" in item["content_html"]
    picture = Image.open(io.BytesIO(admin_page.request.get("/2024-07-27/grid.png").body()))
    assert picture.format == "PNG"
    # The box of partial impact is drawn in its shade.
    assert (0x8C, 0x69, 0xDC) in picture.convert("RGB").get_flattened_data()


def test_nothing_scrolls_sideways_on_a_phone_and_the_grid_is_the_narrow_one(
    context: BrowserContext,
) -> None:
    make_incident(title="w" * 200, regions="GRU AMS IAD")
    make_bulletin(essay="| a | b |\n|---|---|\n| `" + "x" * 200 + "` | 2 |")
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 700})
    for path in ("/", "/2024-07-06/", "/archive/2024/", "/incidents/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
    page.goto("/2024-07-06/")
    expect(page.locator("svg.grid-narrow")).to_be_visible()
    expect(page.locator("svg.grid-wide")).to_be_hidden()


def test_the_preview_follows_the_typing_and_shows_what_readers_will_see(admin_page: Page) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    admin_page.locator("textarea[name=body]").fill("It was **hot** <b>here</b>.")
    expect(admin_page.locator(".admin-pane-problems")).to_contain_text(
        "Start: This field is required."
    )
    admin_page.locator("[name=title]").fill("Heat")
    admin_page.locator("[name=started_at_0]").fill("2024-07-02")
    admin_page.locator("[name=started_at_1]").fill("15:00")
    preview = admin_page.frame_locator(".admin-pane-page")
    expect(preview.locator(".prose strong")).to_have_text("hot")
    expect(preview.locator(".prose")).to_contain_text("<b>here</b>")


def test_an_addendum_added_on_the_page_has_its_preview_too(admin_page: Page) -> None:
    incident = make_incident()
    admin_page.goto(f"/admin/incidents/incident/{incident.pk}/change/")
    admin_page.get_by_text("Add another Addendum").click()
    admin_page.locator("textarea[name=addenda-0-body]").fill("It was *two* switches.")
    expect(admin_page.frame_locator(".admin-pane-page").locator(".addendum em")).to_have_text("two")
    save(admin_page, "Update")
    assert Addendum.objects.get().body == "It was *two* switches."


def test_a_picture_is_taken_in_with_its_alternative_text(admin_page: Page) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    admin_page.locator(".field-body input[type=file]").set_input_files(
        {"name": "rack.exe", "mimeType": "text/html", "buffer": photo()}
    )
    dialog = admin_page.locator("dialog.admin-dialog")
    dialog.get_by_label("What does this picture show?").fill("A rack")
    dialog.get_by_role("button", name="Insert").click()
    expect(admin_page.locator("textarea[name=body]")).to_have_value(
        re.compile(r"!\[A rack\]\(/media/uploads/[0-9a-f]{32}-64x32\.jpg\)")
    )
    address = admin_page.locator("textarea[name=body]").input_value()[10:-1]
    assert admin_page.request.get(address).status == 200


def test_a_mistake_keeps_what_was_typed(admin_page: Page) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    admin_page.locator("[name=title]").fill("Packet loss")
    admin_page.locator("[name=started_at_0]").fill("2024-07-02")
    admin_page.locator("[name=started_at_1]").fill("15:00")
    admin_page.locator("[name=length]").fill("soonish")
    admin_page.locator("textarea[name=body]").fill("A long write-up.")
    admin_page.get_by_role("button", name="Save", exact=True).first.click()
    expect(admin_page.locator(".field-length .errorlist")).to_contain_text("no length")
    expect(admin_page.locator("textarea[name=body]")).to_have_value("A long write-up.")
    admin_page.locator("[name=length]").fill("40m")
    admin_page.get_by_role("button", name="Save", exact=True).first.click()
    expect(admin_page.locator(".messagelist")).to_contain_text("added successfully")
    assert Incident.objects.get().length_text == "40m"


def test_a_region_that_is_not_found_is_added_from_its_field(admin_page: Page) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    field = admin_page.get_by_role("searchbox", name="Regions")
    field.fill("XQX")
    with admin_page.expect_popup() as opened:
        admin_page.get_by_role("option", name="Add “XQX”…").click()
    popup = opened.value
    expect(popup.get_by_label("Code")).to_have_value("XQX")
    popup.get_by_label("Place").fill("Nowhere")
    popup.get_by_role("button", name="Save", exact=True).first.click()
    chosen = admin_page.locator(".field-regions .select2-selection__choice")
    expect(chosen).to_have_count(1)
    expect(chosen).to_contain_text("XQX (Nowhere)")


def test_a_region_is_added_in_place(admin_page: Page) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    with admin_page.expect_popup() as opened:
        admin_page.locator("#add_id_regions").click()
    popup = opened.value
    popup.get_by_label("Code").fill("XQX")
    popup.get_by_label("Place").fill("Nowhere")
    popup.get_by_role("button", name="Save", exact=True).first.click()
    expect(admin_page.locator(".field-regions .select2-selection__choice")).to_contain_text("XQX")
