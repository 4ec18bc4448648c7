"""A link shows one draft to whoever has it, until it expires or is revoked."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import Http404
from django.test import Client
from django.urls import clear_script_prefix, reverse, set_script_prefix
from django.utils import timezone

from bulletin import publishing, review
from bulletin.models import Article, Bulletin, SiteSettings, Status
from incidents.models import Incident
from tests.factories import PUBLISHED, make_account, make_article, make_bulletin, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
DRAFT: dict[str, Any] = {"status": Status.DRAFT, "publish_at": None}
THURSDAY = datetime(2024, 7, 11, 19, tzinfo=UTC)


@pytest.fixture
def draft() -> Bulletin:
    """The draft of the week after a published one."""
    make_bulletin()
    week = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    return make_bulletin(**DRAFT | week, date=date(2024, 7, 13), essay="## One part\n\nText.")


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(make_account("writer", "Writers"))
    return client


def link_to(post: Bulletin | Article, days: float = 7) -> str:
    return review.address(post, timezone.now() + timedelta(days=days))


def read(link: str) -> Any:
    return Client().get(link)


def review_page(post: Bulletin | Article) -> str:
    return reverse(f"admin:bulletin_{post._meta.model_name}_review", args=[post.pk])


# What a reviewer gets -----------------------------------------------------------------


def test_a_reviewer_reads_the_draft_as_its_own_page_has_it(draft: Bulletin) -> None:
    SiteSettings.objects.create(about="What this is.")
    incident = make_incident(title="Slow disks", started_at=THURSDAY, publish_at=None)
    response = read(link_to(draft))
    body = response.content.decode()
    assert response.status_code == 200
    assert response.templates[0].name == "bulletin/bulletin.html"
    for words in (
        "What this is.",
        "Slow disks",
        incident.body,
        "One part",
        "This review link",
    ):
        assert words in body
    assert f'data-slug="{incident.slug}"' in body
    assert "only editors see this" not in body


def test_nobody_keeps_lists_or_follows_the_page(draft: Bulletin) -> None:
    response = read(link_to(draft))
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    body = response.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in body
    for words in ('rel="canonical"', 'property="og:', 'name="twitter', 'rel="alternate"'):
        assert words not in body
    assert Client().post(link_to(draft)).status_code == 405


def test_the_public_page_keeps_its_canonical_address_card_and_feeds(draft: Bulletin) -> None:
    body = Client().get("/2024-07-06/").content.decode()
    for words in ('rel="canonical"', 'property="og:', 'rel="alternate"'):
        assert words in body
    assert "noindex" not in body


def test_no_link_on_the_page_is_a_dead_end(draft: Bulletin) -> None:
    make_incident(title="Known already")
    make_incident(title="Untold", started_at=THURSDAY, publish_at=None)
    make_incident(
        title="Scheduled", started_at=THURSDAY, publish_at=timezone.now() + timedelta(days=1)
    )
    article = make_article(**DRAFT, incidents=list(Incident.objects.all()))
    for post in (draft, article):
        address = link_to(post)
        body = Client().get(address).content.decode()
        ids = set(re.findall(r'\sid="([^"]+)"', body))
        for href in set(re.findall(r'<a [^>]*href="(/[^"]*)"', body)):
            path, _hash, anchor = href.partition("#")
            assert Client().get(path).status_code == 200, href
            assert path != address or not anchor or anchor in ids, href
        assert post.get_absolute_url() not in body


def test_only_that_draft_becomes_readable(draft: Bulletin) -> None:
    """Nor what other weeks in its picture hold back."""
    secret = make_incident(title="Held back", publish_at=None)
    known = make_incident(title="Known already")
    own = make_incident(title="Own", started_at=THURSDAY, publish_at=None)
    body = read(link_to(draft)).content.decode()
    assert secret.slug not in body
    assert "Held back" not in body
    assert known.slug in body
    client = Client()
    client.get(link_to(draft))
    for path in (draft.get_absolute_url(), own.get_absolute_url(), secret.get_absolute_url()):
        assert client.get(path).status_code == 404
    assert client.get(f"{draft.get_absolute_url()}grid.png").status_code == 404


def test_an_articles_draft_shows_its_incidents() -> None:
    incident = make_incident(title="Slow disks", publish_at=None)
    article = make_article(**DRAFT, incidents=[incident])
    body = read(link_to(article)).content.decode()
    assert "What broke" in body
    assert "Slow disks" in body
    assert incident.get_absolute_url() not in body


# When it ends -------------------------------------------------------------------------


def test_forged_expired_and_revoked_links_get_one_answer(draft: Bulletin) -> None:
    paths = [link_to(draft, days=-0.001), link_to(draft)]
    Bulletin.objects.filter(pk=draft.pk).update(review_key=uuid.uuid4())
    draft.refresh_from_db()
    live = link_to(draft)
    later = live.replace("-", "-9", 1)
    paths += [later, f"{live[:-3]}AA/", f"/review/{uuid.uuid4().hex}/", "/review/x/"]
    paths += [
        f"/review/bulletin-{draft.pk}-9999999999.x/",
        "/review/user-1-9.x/",
        "/review/a-b-c.x/",
    ]
    answers = [Client().get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Client().get(live).status_code == 200


def test_a_link_of_one_post_shows_no_other(draft: Bulletin) -> None:
    other = make_article(**DRAFT)
    assert Client().get(link_to(draft).replace("bulletin", "article")).status_code == 404
    assert Client().get(link_to(other).replace(f"-{other.pk}-", "-0-")).status_code == 404


def test_a_link_ends_at_its_instant(draft: Bulletin) -> None:
    end = datetime(2024, 7, 20, tzinfo=UTC)
    signed = review.address(draft, end).split("/")[-2]
    assert review.open_link(signed, end - timedelta(microseconds=1)) == (draft, end)
    with pytest.raises(Http404):
        review.open_link(signed, end)


def test_once_the_post_is_public_its_link_leads_there(draft: Bulletin) -> None:
    link, expired = link_to(draft), link_to(draft, days=-1)
    draft.status, draft.publish_at = Status.PUBLISHED, timezone.now() + timedelta(days=1)
    publishing.sync_publication(draft, timezone.now())
    assert read(link).status_code == 200
    draft.publish_at = PUBLISHED
    publishing.sync_publication(draft, timezone.now())
    response = read(link)
    assert (response.status_code, response["Location"]) == (302, "/2024-07-13/")
    assert response["Cache-Control"] == "private, no-store"
    draft.status = Status.DRAFT
    publishing.sync_publication(draft, timezone.now())
    assert read(expired).status_code == 404


def test_under_a_prefix_all_of_it_works(draft: Bulletin, writer: Client, settings: Any) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000/infra-log"
    settings.PREFIX = settings.FORCE_SCRIPT_NAME = "/infra-log"
    set_script_prefix("/infra-log/")
    link = link_to(draft)
    try:
        staff = Client(SCRIPT_NAME="/infra-log")
        staff.force_login(make_account("ana", "Writers"))
        inside = review_page(draft).removeprefix("/infra-log")
        made = staff.post(inside, {"days": "7"}).context["address"]
        assert made.startswith("http://127.0.0.1:8000/infra-log/review/")
        path = link.removeprefix("/infra-log")
        body = Client(SCRIPT_NAME="/infra-log").get(path).content.decode()
        assert f'href="{link}#incidents"' in body
        robots = Client(SCRIPT_NAME="/infra-log").get("/robots.txt").content.decode()
        assert "Disallow: /infra-log/review/\n" in robots
    finally:
        clear_script_prefix()


# The admin's page ----------------------------------------------------------------------


def test_a_writer_makes_a_link_and_revokes_all(writer: Client, draft: Bulletin) -> None:
    shown = writer.get(reverse("admin:bulletin_bulletin_change", args=[draft.pk]))
    assert f'href="{review_page(draft)}"' in shown.content.decode()
    page = writer.post(review_page(draft), {"days": "30"})
    left = page.context["expires_at"] - timezone.now()
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    address = page.context["address"]
    assert address.startswith("http://127.0.0.1:8000/review/")
    assert f'value="{address}"' in page.content.decode()
    link = address.removeprefix("http://127.0.0.1:8000")
    assert read(link).status_code == 200
    assert writer.post(review_page(draft), {"revoke": "1"})["Location"] == review_page(draft)
    assert read(link).status_code == 404
    messages = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert messages == ["Made a review link of 30 days.", "Revoked the review links."]


@pytest.mark.parametrize("typed", [{}, {"days": "31"}, {"days": "-1"}, {"days": "x"}])
def test_no_other_length_is_taken(writer: Client, draft: Bulletin, typed: dict[str, str]) -> None:
    page = writer.post(review_page(draft), typed)
    assert page.status_code == 200
    assert "address" not in page.context


def test_who_may_not_change_the_post_makes_no_link(writer: Client, draft: Bulletin) -> None:
    scheduled = make_article(publish_at=timezone.now() + timedelta(days=1))
    assert writer.post(review_page(scheduled), {"days": "7"}).status_code == 403
    editor = Client()
    editor.force_login(make_account("editor", "Editors"))
    assert "address" in editor.post(review_page(scheduled), {"days": "7"}).context
    public = Bulletin.objects.get(date=date(2024, 7, 6))
    answer = editor.post(review_page(public), {"days": "7"}, follow=True)
    assert "is public: send its own address" in answer.content.decode()


# Sending a draft for review --------------------------------------------------------------


def send(client: Client, post: Bulletin | Article, button: str, **typed: Any) -> Any:
    url = reverse(f"admin:bulletin_{post._meta.model_name}_change", args=[post.pk])
    return client.post(url, form_of(client.get(url)) | typed | {button: "1"}, follow=True)


def test_a_writer_sends_what_was_typed_for_review_and_editors_see_it(
    writer: Client, draft: Bulletin
) -> None:
    page = send(writer, draft, "_send_for_review", essay="We moved a rack.")
    assert "editors see it on their dashboard" in page.content.decode()
    assert "writer sent it for review" in page.content.decode()
    draft.refresh_from_db()
    assert (draft.essay, str(draft.review_requested_by)) == ("We moved a rack.", "writer")
    assert "For review" not in writer.get("/admin/").content.decode()
    editor = Client()
    editor.force_login(make_account("editor", "Editors"))
    dashboard = editor.get("/admin/").context["dashboard"]
    assert [line.post for line in dashboard.for_review] == [draft]
    assert "sent by writer" in editor.get("/admin/").content.decode()
    history = reverse("admin:bulletin_bulletin_history", args=[draft.pk])
    assert "Sent for review." in editor.get(history).content.decode()


@pytest.mark.parametrize("role", ["Writers", "Editors"])
def test_a_review_is_ended_by_either_side(writer: Client, draft: Bulletin, role: str) -> None:
    send(writer, draft, "_send_for_review")
    other = Client()
    other.force_login(make_account("other", role))
    url = reverse("admin:bulletin_bulletin_change", args=[draft.pk])
    button = "Take back" if role == "Writers" else "Send back"
    assert button in other.get(url).content.decode()
    send(other, draft, "_end_review")
    draft.refresh_from_db()
    assert (draft.review_requested_at, draft.review_requested_by) == (None, None)


def test_a_published_draft_waits_for_review_no_more(writer: Client, draft: Bulletin) -> None:
    send(writer, draft, "_send_for_review")
    draft.refresh_from_db()
    draft.status = Status.PUBLISHED
    publishing.sync_publication(draft, timezone.now())
    draft.refresh_from_db()
    assert draft.review_requested_at is None


def test_who_may_publish_sends_nothing_for_review(draft: Bulletin) -> None:
    editor = Client()
    editor.force_login(make_account("editor", "Editors"))
    url = reverse("admin:bulletin_bulletin_change", args=[draft.pk])
    assert "Send for review" not in editor.get(url).content.decode()
