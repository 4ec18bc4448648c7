"""The dashboard in a real browser: a line while it burns, and the week's draft."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from incidents.models import Incident
from tests.browser.conftest import grave
from tests.factories import make_incident


def test_a_line_is_logged_the_week_drafted_and_a_box_ticked(admin_page: Page) -> None:
    admin_page.goto("/admin/")
    line = admin_page.get_by_label("Log an incident")
    line.fill("502s in `edge` 25:10")
    line.press("Enter")
    expect(admin_page.locator(".dashboard-line .errorlist")).to_have_text(
        "25:10 is no time of day."
    )
    expect(line).to_have_value("502s in `edge` 25:10")

    line.fill("502s in `edge` ~30m, minor")
    expect(admin_page.locator(".dashboard-reading")).to_contain_text("minor impact")
    line.fill("502s in `edge` ~30m")
    line.press("Enter")
    expect(admin_page.locator(".messagelist")).to_contain_text(
        re.compile("Logged “502s in edge”: .*≈30m")
    )
    incident = Incident.objects.get()
    box = admin_page.locator(f".dashboard-wide svg a[data-slug='{incident.slug}']")
    expect(box).to_have_attribute("href", f"/admin/incidents/incident/{incident.pk}/change/")
    week = admin_page.locator(".dashboard-week").first
    week.get_by_label("Impact").select_option("minor")
    expect(week).to_contain_text("minor impact")
    week.get_by_role("link", name="thin write-up").click()
    admin_page.wait_for_url("**/change/#id_body")

    admin_page.goto("/admin/")
    admin_page.get_by_role("button", name="Draft the next bulletin").click()
    left = admin_page.get_by_role("region", name="What is left")
    expect(left).to_contain_text("Write the essay")
    left.get_by_role("link", name="Write the essay").click()
    admin_page.locator("textarea[name=essay]").fill("We moved a rack.")
    admin_page.get_by_role("button", name="Save", exact=True).click()
    expect(left).to_have_count(0)


def test_the_front_page_fits_and_has_no_serious_fault(admin_page: Page) -> None:
    make_incident(title="y" * 300, impact=None, publish_at=None, minutes=None)
    admin_page.goto("/admin/")
    admin_page.get_by_label("Log an incident").fill("Slow disks 1h")
    admin_page.keyboard.press("Enter")
    admin_page.get_by_role("button", name="Draft the next bulletin").click()
    admin_page.wait_for_url("**/change/**")
    faults = []
    for address in ("/admin/", admin_page.url):
        for width in (390, 1280):
            admin_page.set_viewport_size({"width": width, "height": 900})
            admin_page.goto(address)
            assert admin_page.evaluate("document.documentElement.scrollWidth") <= width
            for scheme in ("light", "dark"):
                admin_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                admin_page.evaluate("document.getAnimations().forEach((one) => one.finish())")
                faults += grave(admin_page)
    assert faults == []
