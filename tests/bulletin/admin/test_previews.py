"""The preview is the public page, and leaves nothing behind."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import clear_script_prefix, reverse, set_script_prefix

from bulletin.models import Article, Bulletin, SiteSettings, Status
from bulletin.publishing import save_lock
from incidents.models import Addendum, Incident
from tests.factories import make_article, make_bulletin, make_editor, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
ADD = "/admin/bulletin/bulletin/add/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def preview_of(row: Any) -> str:
    return change(row).replace("/change/", "/preview/")


def preview(staff: Client, row: Any, **typed: Any) -> dict[str, Any]:
    response = staff.post(preview_of(row), form_of(staff.get(change(row))) | typed)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    return dict(response.json())


def main_of(html: str) -> str:
    found = re.search(r"<main.*</main>", html, re.DOTALL)
    assert found
    return found[0]


def everything() -> dict[str, list[Any]]:
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def rows_of_the_week() -> Bulletin:
    make_incident(regions="GRU", services="DNS", body="One.\n\nTwo.")
    make_incident(title="Slow `disks`", minutes=None, impact=None, publish_at=None)
    return make_bulletin(status=Status.DRAFT, publish_at=None)


# What it shows ------------------------------------------------------------------------


def test_it_is_the_page_that_a_save_makes(staff: Client) -> None:
    bulletin = rows_of_the_week()
    typed = {"title": "A new *name*", "intro": "Hello.", "essay": "## Racks\n\nWe moved **two**."}
    typed |= {"incidents-0-length": "4h", "incidents-0-impact": "4", "incidents-1-title": "Slower"}
    shown = preview(staff, bulletin, **typed)
    assert shown["problems"] == []
    staff.post(change(bulletin), form_of(staff.get(change(bulletin))) | typed)
    saved = staff.get("/2024-07-06/").content.decode()
    assert "We moved <strong>two</strong>" in saved
    assert 'data-minutes="240"' in saved
    assert main_of(shown["html"]) == main_of(saved)


def test_a_new_bulletin_has_its_page_before_it_is_saved(staff: Client) -> None:
    make_incident(publish_at=None)
    typed = form_of(staff.get(ADD)) | {"date": "2024-07-06", "essay": "Text."}
    typed |= {"period_first": "", "period_last": ""}
    shown = staff.post(f"{ADD}preview/", typed).json()
    assert "June 30–July 6, 2024" in shown["html"]
    assert "Packet loss" in shown["html"]
    assert not Bulletin.objects.exists()


def test_an_article_an_incident_and_the_notice_have_theirs(staff: Client) -> None:
    incident = make_incident(publish_at=None)
    addenda = {"addenda-TOTAL_FORMS": ["0"], "addenda-INITIAL_FORMS": ["0"]}
    shown = preview(staff, incident, title="`dig` fails", body="It *failed*.", **addenda)
    assert "<code>dig</code> fails</bdi></h1>" in shown["html"]
    assert "It <em>failed</em>." in shown["html"]
    article = make_article(status=Status.DRAFT, publish_at=None)
    start = {"incident_started_at_0": "2024-07-02", "incident_started_at_1": "15:00"}
    shown = preview(staff, article, body="A *new* text.", **start)
    assert "A <em>new</em> text." in shown["html"]
    assert "15:00" in shown["html"]
    make_bulletin()
    notice = SiteSettings.objects.create(about="Old.")
    assert "<p>Only <em>news</em>.</p>" in preview(staff, notice, about="Only *news*.")["html"]


def test_an_addendum_is_on_the_page_before_it_is_saved(staff: Client) -> None:
    incident = make_incident()
    typed = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "It was *two*."}
    assert "It was <em>two</em>." in preview(staff, incident, **typed)["html"]
    assert not Addendum.objects.exists()


def test_a_public_page_is_shown_whole_to_a_browser_that_takes_gzip(staff: Client) -> None:
    incident = make_incident()
    staff.defaults["HTTP_ACCEPT_ENCODING"] = "gzip, br"
    shown = preview(staff, incident, body="It was *two* switches.")
    assert "<em>two</em>" in shown["html"]


def test_it_tells_where_each_text_stands_and_where_its_blocks_begin(staff: Client) -> None:
    bulletin = rows_of_the_week()
    shown = preview(staff, bulletin, essay="One.\n\n- a\n- b\n\n\n```\nx\n```\n")
    assert shown["places"]["essay"] == ".essay > .prose"
    assert shown["lines"]["essay"] == [0, 2, 6]
    assert shown["lines"]["incidents-0-body"] == [0, 2]
    slug = Incident.objects.get(regions__code="GRU").slug
    assert shown["places"]["incidents-0-body"] == f'[id="{slug}"] .account > .prose'


def test_it_is_shown_under_a_prefix_too(staff: Client) -> None:
    bulletin = rows_of_the_week()
    typed = form_of(staff.get(change(bulletin)))
    set_script_prefix("/infra-log/")
    try:
        there = preview_of(bulletin).removeprefix("/infra-log")
        shown = staff.post(there, typed, SCRIPT_NAME="/infra-log").json()
    finally:
        clear_script_prefix()
    assert 'href="/infra-log/2024-07-06/#incidents"' in shown["html"]


# Drafts that can't be saved yet -------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"date": "2024-02-30"}, "Date: Enter a valid date."),
        ({"period_first": "2024-07-13"}, "The period ends before it begins."),
        ({"incidents-0-length": "soonish"}, "“A new title”: Length: "),
        ({"incidents-1-precision": "exact"}, "“Slow `disks`”: Length: Enter a length"),
        ({"incidents-0-started_at_0": "9999-12-31"}, "“A new title”: Start: Ensure this value"),
    ],
)
def test_what_can_not_be_saved_gives_way_and_the_rest_is_shown(
    staff: Client, typed: dict[str, str], problem: str
) -> None:
    bulletin = rows_of_the_week()
    typed |= {"essay": "Still *shown*.", "incidents-0-title": "A new title"}
    shown = preview(staff, bulletin, **typed)
    assert "Still <em>shown</em>." in shown["html"]
    assert "A new title" in shown["html"]
    assert [one for one in shown["problems"] if one.startswith(problem)], shown["problems"]


def test_a_row_that_has_only_its_title_yet_waits(staff: Client) -> None:
    bulletin = rows_of_the_week()
    typed = {"incidents-TOTAL_FORMS": "3", "incidents-2-title": "New", "incidents-2-zone": "UTC"}
    shown = preview(staff, bulletin, **typed, essay="Still *shown*.")
    assert "Still <em>shown</em>." in shown["html"]
    assert "“New”: Start: This field is required." in shown["problems"]


def test_where_there_is_nothing_to_show_it_says_why(staff: Client) -> None:
    for model, field in (("bulletin/article", "Title"), ("incidents/incident", "Start")):
        shown = staff.post(f"/admin/{model}/add/preview/", {"body": "Text."}).json()
        assert shown["html"] == ""
        assert f"{field}: This field is required." in shown["problems"]


def test_a_save_that_would_be_held_back_is_shown(staff: Client) -> None:
    bulletin = rows_of_the_week()
    typed = form_of(staff.get(change(bulletin)))
    Bulletin.objects.update(essay="Theirs.")
    mine = typed | {"essay": "Mine."}
    assert (
        "<p>Mine.</p>"
        in staff.post(preview_of(bulletin), mine | {"_show_only": "1"}).json()["html"]
    )


# What it leaves -----------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_hundred_previews_of_four_editors_wait_for_no_save_and_hold_none_up(
    staff: Client,
) -> None:
    make_incident()
    drafts = [make_article(slug=f"{n}", status=Status.DRAFT, publish_at=None) for n in range(4)]
    forms = [form_of(staff.get(change(draft))) for draft in drafts]
    before = everything()

    def previews(number: int) -> set[str]:
        try:
            address = preview_of(drafts[number])
            tries = [forms[number] | {"body": f"Try {count}."} for count in range(25)]
            return {main_of(staff.post(address, typed).json()["html"]) for typed in tries}
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads, save_lock():
        pages = list(threads.map(previews, range(4)))
    assert [len(found) for found in pages] == [25, 25, 25, 25]
    assert everything() == before


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_previews_change_nothing_at_all(staff: Client) -> None:
    bulletin = rows_of_the_week()
    typed = form_of(staff.get(change(bulletin)))
    typed |= {"notify_subscribers": ["on"], "date": ["2024-07-07"]}
    typed |= {"incidents-TOTAL_FORMS": ["3"], "incidents-2-title": ["New"]}
    typed |= {"incidents-2-started_at_0": ["2024-07-03"], "incidents-2-started_at_1": ["10:00"]}
    typed |= {"incidents-2-zone": ["UTC"], "incidents-2-kind": ["incident"]}
    typed |= {"incidents-2-precision": ["unknown"]}
    before = everything()
    for number in range(25):
        shown = staff.post(preview_of(bulletin), typed | {"essay": [f"Try {number}."]}).json()
    assert "<p>Try 24.</p>" in shown["html"]
    assert "2024-07-03-new" in shown["html"]
    assert everything() == before


def test_the_editor_is_told_nothing_of_it_later(staff: Client) -> None:
    bulletin = rows_of_the_week()
    preview(staff, bulletin, essay="Typed.")
    assert not list(staff.get(change(bulletin)).context["messages"])


# Who may ------------------------------------------------------------------------------


def editor_with(*codenames: str) -> Client:
    user = User.objects.create_user("writer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_it_needs_the_right_to_save() -> None:
    article = make_article()
    reader = editor_with("view_bulletin", "view_article")
    assert reader.post(preview_of(article), {"title": "x"}).status_code == 403
    assert reader.post("/admin/bulletin/article/add/preview/", {}).status_code == 403
    assert "admin-pane" not in reader.get(change(article)).content.decode()
    assert Client().post(preview_of(article), {}).status_code == 403


def test_it_answers_a_post_with_a_token_only(staff: Client) -> None:
    article = make_article()
    assert staff.get(preview_of(article)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post(preview_of(article), {"title": "x"}).status_code == 403
    assert staff.post("/admin/bulletin/article/999/preview/", {}).status_code == 404


def test_a_draft_is_shown_to_no_one_who_may_not_read_drafts() -> None:
    article = make_article(status=Status.DRAFT, publish_at=None)
    writer = editor_with("change_article")
    shown = writer.post(preview_of(article), {"title": "x"}).json()
    assert shown["html"] == ""
    assert shown["problems"] == ["You may not see its page."]
    assert Article.objects.filter(title=F("title")).count() == 1
