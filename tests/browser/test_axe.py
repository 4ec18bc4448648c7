"""axe on the admin's pages, whole: nothing serious, light and dark, in a window and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bulletin.models import Bulletin, SiteSettings
from incidents.models import Addendum
from tests.browser.conftest import copied_to_server, grave, save, settled
from tests.factories import make_article, make_bulletin, make_incident

# What a colour scheme changes is contrast alone.
CONTRAST = {"runOnly": ["color-contrast"]}
BULLETINS = "/admin/bulletin/bulletin/"
INCIDENTS = "/admin/incidents/incident/"
TEXT = "July 2: Slow disks in GRU (14:00 UTC): Reads took roughly 40 minutes.\n"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def the_lists_and_plain_pages(page: Page) -> Iterator[str]:
    now = timezone.now()
    make_incident(title="Slow `disks`", impact=None, publish_at=None, minutes=None)
    make_incident(
        title="Burning", started_at=now - timedelta(hours=3), impact=None, publish_at=None
    )
    make_bulletin()
    make_article()
    day = timezone.localdate()
    make_bulletin(date=day, period_first=day, period_last=day, publish_at=now + timedelta(days=1))
    gone = make_incident(title="Made twice", publish_at=None)
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY)
    for address in [
        "/admin/",
        BULLETINS,
        f"{INCIDENTS}?published=no",
        f"/admin/bulletin/sitesettings/{SiteSettings.ONLY}/change/",
        "/admin/bulletin/author/add/",
        f"{INCIDENTS}add/",
        f"{INCIDENTS}{gone.pk}/delete/",
    ]:
        page.goto(address)
        yield address
    press(page, "Yes, I’m sure")
    page.goto(f"{INCIDENTS}deleted/")
    yield "deleted"


def a_bulletin_to_its_history(page: Page) -> Iterator[str]:
    make_incident(regions="GRU", services="Disks", impact=None, publish_at=None)
    make_incident(title="Slow disks", proposed=["impact"], publish_at=None)
    page.goto(f"{BULLETINS}add/")
    yield "add a bulletin"
    page.locator("[name=date]").fill("2024-07-06")
    page.locator("[name=period_first]").fill("2024-06-30")
    page.locator("[name=period_last]").fill("2024-07-06")
    page.locator("textarea[name=essay]").fill("We moved ![](/media/a.png) a [rack](/no).")
    press(page, "Publish…")
    expect(page.locator(".sheet .findings")).to_be_visible()
    yield "the publish sheet"
    page.go_back()
    page.goto(f"{BULLETINS}{Bulletin.objects.get().pk}/change/")
    page.locator(".period-row > summary").first.click()
    yield "a bulletin, a row open"
    address = f"{BULLETINS}{Bulletin.objects.get().pk}/"
    page.clock.install()
    page.goto(f"{address}change/")
    page.locator("textarea[name=essay]").fill("We moved two racks.")
    copied_to_server(page)
    page.reload()
    page.locator(".admin-autosave-pending summary").click()
    yield "what was typed is offered"
    page.locator("textarea[name=essay]").fill("Mine.")
    Bulletin.objects.update(essay="Theirs.", title="A title")
    press(page, "Save")
    expect(page.locator(".admin-collisions")).to_be_visible()
    yield "a collision"
    page.get_by_label("Keep mine").check()
    save(page)
    page.goto(f"{address}history/")
    yield "history"
    page.get_by_role("link", name="Compare with now").last.click()
    yield "compared with now"
    page.goto(f"{address}review/")
    press(page, "Make a link")
    expect(page.get_by_label("Address of the link")).to_be_visible()
    yield "review links"
    page.goto(page.get_by_label("Address of the link").input_value())
    yield "the draft that a link shows"


def what_is_told_and_the_ways_in_and_out(page: Page) -> Iterator[str]:
    incident = make_incident(regions="GRU", services="Disks")
    Addendum.objects.create(incident=incident, body="It was two switches.")
    article = make_article(incidents=[incident])
    page.goto(f"/admin/bulletin/article/{article.pk}/change/")
    yield "an article"
    page.locator("textarea[name=body]").fill("A [rack](/no).")
    press(page, "Update")
    expect(page.locator(".publish-checks")).to_be_visible()
    yield "what an edit brings"
    page.goto(f"{INCIDENTS}{incident.pk}/change/")
    yield "an incident with an addendum"
    page.goto(f"{BULLETINS}import/")
    yield "a text to import"
    page.locator("[name=date]").fill("2024-07-06")
    page.locator("textarea[name=text]").fill(TEXT)
    press(page, "Read it")
    expect(page.locator(".reading article").first).to_be_visible()
    yield "what was read out of it"
    page.goto(f"{INCIDENTS}add/")
    page.locator("[name=title]").fill("Slow disks")
    page.context.clear_cookies(name="session")
    press(page, "Save")
    expect(page.get_by_text("Nothing you typed is lost")).to_be_visible()
    yield "a login with a text that waits"
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("wrong")
    press(page, "Log in")
    expect(page.locator(".errornote")).to_be_visible()
    yield "a login that failed"
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("a long enough password")
    press(page, "Log in")
    press(page, "Log out")
    expect(page.get_by_text("You are signed out")).to_be_visible()
    yield "signed out"


@pytest.mark.parametrize(
    "walk",
    [
        the_lists_and_plain_pages,
        a_bulletin_to_its_history,
        what_is_told_and_the_ways_in_and_out,
    ],
)
def test_no_page_has_a_serious_fault_or_scrolls_sideways(
    admin_page: Page, live_server: Any, settings: Any, walk: Callable[[Page], Iterator[str]]
) -> None:
    settings.SITE_URL = live_server.url
    faults = []
    for stop in walk(admin_page):
        settled(admin_page)
        for scheme, rules in (("light", {}), ("dark", CONTRAST)):
            admin_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            admin_page.evaluate("document.getAnimations().forEach((one) => one.finish())")
            faults += [f"{stop}, {scheme}: {fault}" for fault in grave(admin_page, **rules)]
        faults += [
            f"{stop}: scrolls at {width} px" for width in (390, 1280) if scrolls(admin_page, width)
        ]
    assert faults == []


def scrolls(page: Page, width: int) -> bool:
    """Sideways, in a window so many CSS pixels wide."""
    page.set_viewport_size({"width": width, "height": 900})
    return int(page.evaluate("document.documentElement.scrollWidth")) > width
