"""Publishing, scheduling and unpublishing, as an editor does it, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from reversion.models import Version

from bulletin.models import Bulletin, Status
from incidents.models import Incident, Region
from tests.browser.conftest import save
from tests.factories import make_bulletin, make_incident

BODY = "A switch dropped packets for a while, and nobody knew which of the two it was until noon."


def press(admin_page: Page, name: str) -> None:
    admin_page.get_by_role("button", name=name, exact=True).first.click()


def open_draft(admin_page: Page) -> Bulletin:
    post = make_bulletin(status=Status.DRAFT, publish_at=None)
    admin_page.goto(f"/admin/bulletin/bulletin/{post.pk}/change/")
    return post


def test_an_impact_that_nobody_rated_is_rated_in_its_row_and_the_week_published(
    admin_page: Page,
) -> None:
    Region.objects.get_or_create(code="GRU", defaults={"place": "São Paulo, Brazil"})
    make_incident(publish_at=None, impact=None, regions="GRU", body=BODY)
    open_draft(admin_page)
    admin_page.locator("textarea[name=essay]").fill("Half a day of typing.")
    press(admin_page, "Publish…")
    sheet = admin_page.locator(".sheet")
    expect(sheet).to_contain_text("Its impact is not rated.")
    expect(admin_page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    assert Client().get("/2024-07-06/").status_code == 404

    sheet.get_by_role("link", name="Packet loss").first.click()
    impact = admin_page.locator("select[name=incidents-0-impact]")
    expect(impact).to_be_visible()
    impact.select_option("minor")
    expect(admin_page.locator("textarea[name=essay]")).to_have_value("Half a day of typing.")
    press(admin_page, "Publish…")
    expect(sheet).to_contain_text("1 incident is published with it.")
    press(admin_page, "Publish")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert "Half a day of typing." in Client().get("/2024-07-06/").content.decode()


def test_a_warning_is_published_anyway(admin_page: Page) -> None:
    make_incident(publish_at=None, body=BODY)
    open_draft(admin_page)
    press(admin_page, "Publish…")
    expect(admin_page.locator(".sheet")).to_contain_text("It names no region.")
    press(admin_page, "Publish anyway")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert Client().get("/2024-07-06/").status_code == 200


def test_a_time_to_come_is_asked_for_at_the_button(admin_page: Page) -> None:
    post = open_draft(admin_page)
    press(admin_page, "Publish…")
    expect(admin_page.locator("[name=publish_at_0]")).to_be_hidden()
    admin_page.get_by_label("At a date and time").check()
    press(admin_page, "Publish")
    expect(admin_page.locator(".sheet .errorlist")).to_contain_text("Enter the date and time")
    admin_page.locator("[name=publish_at_0]").fill("2099-07-07")
    admin_page.locator("[name=publish_at_1]").fill("12:00")
    press(admin_page, "Publish")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it from Tuesday")
    post.refresh_from_db()
    assert post.state(timezone.now()) == "scheduled"


def test_unpublishing_says_what_readers_lose(admin_page: Page) -> None:
    make_incident(publish_at=None)
    post = make_bulletin()
    admin_page.goto(f"/admin/bulletin/bulletin/{post.pk}/change/")
    admin_page.get_by_role("link", name="Unpublish…").click()
    expect(admin_page.locator(".sheet")).to_contain_text("1 incident becomes private")
    assert Client().get("/2024-07-06/").status_code == 200
    press(admin_page, "Unpublish")
    expect(admin_page.locator(".messagelist")).to_contain_text("Its address gives 404")
    assert Client().get("/2024-07-06/").status_code == 404


def stored(post: Bulletin) -> tuple[Any, ...]:
    post = Bulletin.objects.get(pk=post.pk)
    versions = Version.objects.get_for_object(post).count()
    return post.status, post.publish_at, post.updated_at, post.edited_at, versions


def test_of_two_who_publish_one_draft_the_second_is_told_that_it_is_published(
    admin_page: Page,
) -> None:
    make_incident(publish_at=None, regions="GRU", body=BODY)
    post = open_draft(admin_page)
    second = admin_page.context.new_page()
    second.goto(admin_page.url)
    for page in (admin_page, second):
        press(page, "Publish…")
        expect(page.locator(".sheet")).to_be_visible()
    press(admin_page, "Publish")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    before = stored(post)
    press(second, "Publish")
    expect(second.locator(".messagelist")).to_contain_text("published already")
    assert stored(post) == before
    save(second, "Update")
    assert stored(post)[:2] == before[:2]
    assert Client().get("/2024-07-06/").status_code == 200


def test_a_double_click_publishes_once(admin_page: Page) -> None:
    make_incident(publish_at=None, regions="GRU", body=BODY)
    post = open_draft(admin_page)
    admin_page.locator("textarea[name=essay]").fill("Typed just now.")
    press(admin_page, "Publish…")
    expect(admin_page.locator(".sheet")).to_be_visible()
    sent: list[str] = []
    admin_page.on("request", lambda one: sent.append(one.method) if "/publish/" in one.url else 0)
    admin_page.get_by_role("button", name="Publish", exact=True).dblclick()
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert sent == ["POST"]
    post.refresh_from_db()
    assert (post.status, post.essay) == (Status.PUBLISHED, "Typed just now.")


def test_a_late_incident_is_saved_and_published(admin_page: Page) -> None:
    make_bulletin(title="That week")
    incident = make_incident(publish_at=None, body=BODY)
    admin_page.goto(f"/admin/incidents/incident/{incident.pk}/change/")
    press(admin_page, "Publish…")
    expect(admin_page.locator(".sheet")).to_contain_text("“That week”, published already, lists it")
    press(admin_page, "Publish anyway")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert incident.slug in Client().get("/2024-07-06/").content.decode()


def test_an_edit_of_what_is_public_asks_about_what_it_brings(admin_page: Page) -> None:
    post = make_bulletin()
    admin_page.goto(f"/admin/bulletin/bulletin/{post.pk}/change/")
    admin_page.locator("textarea[name=essay]").fill("We moved [a rack](/2023-01-01/).")
    press(admin_page, "Update")
    expect(admin_page.locator(".publish-checks")).to_contain_text("is a dead link")
    press(admin_page, "Update anyway")
    expect(admin_page.locator(".publish-checks")).to_have_count(0)
    post.refresh_from_db()
    assert "[a rack]" in post.essay


class Editor:
    """Counts what one does: a text typed, a key, a click, a choice."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def log(self, line: str) -> None:
        self.actions += 2
        field = self.page.get_by_label("Log an incident")
        field.fill(line)
        field.press("Enter")
        expect(self.page.locator(".messagelist")).to_contain_text("Logged")

    def press(self, name: str) -> None:
        self.actions += 1
        self.page.get_by_role("button", name=name).first.click()

    def choose(self, title: str, label: str, value: str) -> None:
        self.actions += 1
        row = self.page.locator(".dashboard-week li", has_text=title)
        row.get_by_label(label).select_option(value)
        expect(row.get_by_label(label)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_week_is_logged_line_by_line_and_published_in_fourteen_actions(
    admin_page: Page, width: int
) -> None:
    for code in ("GRU", "ORD", "IAD"):
        Region.objects.get_or_create(code=code)
    admin_page.set_viewport_size({"width": width, "height": 800})
    admin_page.goto("/admin/")
    editor = Editor(admin_page)
    day = timezone.localtime(timezone.now() - timedelta(days=7))
    on = f"{day:%B} {day.day}"
    editor.log(f"{on} 09:00 Packet loss 40m GRU")
    editor.log(f"{on} 11:30 Slow deploys in ORD 2h")
    editor.log(f"{on} 14:00 DNS errors in IAD 10m")
    editor.log(f"{on} 16:10 Registry down 1h critical global")
    for title in ("Packet loss", "Slow deploys", "DNS errors"):
        editor.choose(title, "Impact", "minor")
    editor.press("Draft")
    editor.press("Publish…")
    expect(admin_page.locator(".sheet")).to_contain_text("4 incidents")
    editor.press("Publish")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    page = admin_page.request.get(f"/{Bulletin.objects.get().date}/").text()
    assert all(title in page for title in ("Packet loss", "Slow deploys", "DNS errors", "Registry"))
    assert editor.actions <= 14


def test_an_incident_is_logged_on_a_phone_in_two_actions_and_ended_in_one(
    admin_page: Page,
) -> None:
    admin_page.set_viewport_size({"width": 390, "height": 800})
    admin_page.goto("/admin/")
    editor = Editor(admin_page)
    editor.log("Packet loss in GRU since 20 minutes ago")
    assert editor.actions == 2
    over = admin_page.get_by_role("button", name="It’s over")
    expect(over).to_be_in_viewport()
    over.click()
    expect(admin_page.locator(".dashboard-undo")).to_contain_text(
        "“Packet loss in GRU” is over: 20m"
    )
    assert Incident.objects.get().ended_at
