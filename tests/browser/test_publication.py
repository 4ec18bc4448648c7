"""Publishing, scheduling and taking back, as an editor does it, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from reversion.models import Version

from bulletin.models import Bulletin, Status
from incidents.models import Region
from tests.factories import make_bulletin, make_incident


def press(admin_page: Page, name: str) -> None:
    admin_page.get_by_role("button", name=name, exact=True).first.click()


def open_draft(admin_page: Page) -> Bulletin:
    post = make_bulletin(status=Status.DRAFT, publish_at=None)
    admin_page.goto(f"/admin/bulletin/bulletin/{post.pk}/change/")
    return post


def test_a_week_that_nobody_judged_is_kept_judged_and_published(admin_page: Page) -> None:
    Region.objects.get_or_create(code="GRU", defaults={"place": "São Paulo, Brazil"})
    make_incident(publish_at=None, impact=None, regions="GRU")
    open_draft(admin_page)
    admin_page.locator("textarea[name=essay]").fill("Half a day of typing.")
    press(admin_page, "Publish now")
    gate = admin_page.locator(".publish-checks")
    expect(gate).to_contain_text("Saved as a draft, not published:")
    expect(gate).to_contain_text("Its impact is not rated.")
    expect(admin_page.locator("textarea[name=essay]")).to_have_value("Half a day of typing.")
    expect(admin_page.get_by_role("button", name="Restore")).to_have_count(0)
    assert Client().get("/2024-07-06/").status_code == 404

    with admin_page.expect_popup() as opened:
        gate.get_by_role("link", name="Packet loss").click()
    incident = opened.value
    incident.locator("select[name=impact]").select_option("minor")
    press(incident, "Save")
    expect(incident.locator(".messagelist")).to_contain_text("changed successfully")

    press(admin_page, "Publish now")
    expect(admin_page.locator(".messagelist")).to_contain_text("1 incident is published with it.")
    assert "Half a day of typing." in Client().get("/2024-07-06/").content.decode()


def test_a_warning_is_published_all_the_same(admin_page: Page) -> None:
    make_incident(publish_at=None)
    open_draft(admin_page)
    press(admin_page, "Publish now")
    expect(admin_page.locator(".publish-checks")).to_contain_text("It names no region.")
    admin_page.get_by_label("Publish anyway").check()
    press(admin_page, "Publish now")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert Client().get("/2024-07-06/").status_code == 200


@pytest.mark.parametrize(
    ("day", "time", "sentence"),
    [
        ("2031-11-02", "01:30", "show 01:30 twice that night: the first is meant, EDT"),
        ("2031-03-09", "02:30", "skip 02:30 that night: 03:30 EDT is meant"),
    ],
)
def test_a_schedule_for_the_night_of_a_clock_change_says_which_hour(
    admin_page: Page, day: str, time: str, sentence: str
) -> None:
    post = open_draft(admin_page)
    outlook = admin_page.locator(".effects .planned")
    expect(outlook).to_contain_text("see nothing of a draft")
    admin_page.locator("[name=publish_at_0]").fill(day)
    admin_page.locator("[name=publish_at_1]").fill(time)
    expect(outlook).to_contain_text(sentence)
    press(admin_page, "Schedule")
    expect(admin_page.locator(".messagelist")).to_contain_text(sentence)
    post.refresh_from_db()
    assert (post.status, post.state(post.edited_at)) == (Status.PUBLISHED, "scheduled")


def test_a_day_from_the_calendar_is_seen_by_the_effects(admin_page: Page) -> None:
    open_draft(admin_page)
    admin_page.locator(".field-publish_at").get_by_role("link", name="Today").click()
    expect(admin_page.locator(".effects .planned")).to_contain_text("valid time")


def test_taking_back_says_what_readers_lose(admin_page: Page) -> None:
    make_incident(publish_at=None)
    post = make_bulletin()
    admin_page.goto(f"/admin/bulletin/bulletin/{post.pk}/change/")
    admin_page.locator(".effects summary", has_text="Unpublish").click()
    expect(admin_page.locator(".effects details")).to_contain_text("1 incident becomes private")
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
    incident = make_incident(publish_at=None, regions="GRU")
    post = open_draft(admin_page)
    second = admin_page.context.new_page()
    second.goto(admin_page.url)
    press(admin_page, "Publish now")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    before = stored(post)
    press(second, "Publish now")
    expect(second.locator(".messagelist")).to_contain_text("is published already")
    expect(second.locator(".admin-collisions")).to_have_count(0)
    assert stored(post) == before

    press(second, "Save")
    expect(second.locator(".messagelist")).to_contain_text("changed successfully")
    incident.refresh_from_db()
    assert incident.publish_at == before[1]
    assert stored(post)[:2] == before[:2]
    assert Client().get("/2024-07-06/").status_code == 200


def test_a_double_click_publishes_once(admin_page: Page) -> None:
    make_incident(publish_at=None, regions="GRU")
    post = open_draft(admin_page)
    admin_page.locator("textarea[name=essay]").fill("Typed just now.")
    sent: list[str] = []
    admin_page.on(
        "request", lambda one: sent.append(one.url) if one.is_navigation_request() else None
    )
    admin_page.get_by_role("button", name="Publish now", exact=True).first.dblclick()
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    expect(admin_page.locator(".admin-collisions")).to_have_count(0)
    assert sum(url.endswith("/change/") for url in sent) == 1
    post.refresh_from_db()
    assert (post.status, post.essay) == (Status.PUBLISHED, "Typed just now.")


def test_a_late_incident_is_saved_and_told(admin_page: Page) -> None:
    make_bulletin(title="That week")
    incident = make_incident(publish_at=None)
    admin_page.goto(f"/admin/incidents/incident/{incident.pk}/change/")
    expect(admin_page.locator(".incident-effects")).to_contain_text(
        "“That week”, published already, lists it"
    )
    press(admin_page, "Save and publish")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert incident.slug in Client().get("/2024-07-06/").content.decode()


def test_a_week_whose_incidents_are_entered_is_published_in_six_actions_or_fewer(
    admin_page: Page,
) -> None:
    last_week = timezone.now() - timedelta(days=7)
    make_incident(started_at=last_week, regions="GRU", publish_at=None)
    actions = 0

    def act(name: str) -> None:
        nonlocal actions
        actions += 1
        admin_page.get_by_role("button", name=name).first.click()

    admin_page.goto("/admin/")
    act("Draft")
    admin_page.locator("textarea[name=essay]").fill("We moved a rack.")
    actions += 1
    act("Publish now")
    expect(admin_page.locator(".messagelist")).to_contain_text("Readers see it at once")
    assert actions <= 6
    bulletin = Bulletin.objects.get()
    page = admin_page.request.get(f"/{bulletin.date}/").text()
    assert "Packet loss" in page
    assert "We moved a rack." in page
