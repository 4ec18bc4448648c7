"""A link shows one draft to whoever has it, until it expires or is revoked."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import clear_script_prefix, reverse, set_script_prefix
from django.utils import timezone

from bulletin import publishing, review
from bulletin.models import Article, Bulletin, ReviewLink, SiteSettings, Status
from incidents.models import Incident
from tests.factories import PUBLISHED, make_account, make_article, make_bulletin, make_incident

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


def link_to(post: Bulletin | Article, days: float = 7) -> ReviewLink:
    kind = {"bulletin" if isinstance(post, Bulletin) else "article": post}
    return ReviewLink.objects.create(**kind, expires_at=timezone.now() + timedelta(days=days))


def read(link: ReviewLink) -> Any:
    return Client().get(review.address(link))


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
    assert Client().post(review.address(link_to(draft))).status_code == 405


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
        address = review.address(link_to(post))
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
    client.get(review.address(link_to(draft)))
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
    expired, revoked = link_to(draft, days=-0.001), link_to(draft)
    paths = [review.address(expired), review.address(revoked)]
    revoked.delete()
    live = review.address(link_to(draft))
    paths += [live[:-3] + "AA/", f"/review/{uuid.uuid4().hex}/", "/review/x/", "/review/a.b/"]
    paths.append(f"/review/{review.SIGNER.sign('no-uid')}/")
    answers = [Client().get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Client().get(live).status_code == 200


def test_a_link_ends_at_its_instant(draft: Bulletin) -> None:
    link = link_to(draft)
    for moment, is_open in ((-1, True), (0, False), (1, False)):
        at = link.expires_at + timedelta(microseconds=moment)
        assert link.is_open(at) is is_open
        assert ReviewLink.objects.open(at).exists() is is_open


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
    link = link_to(draft)
    set_script_prefix("/infra-log/")
    try:
        staff = Client(SCRIPT_NAME="/infra-log")
        staff.force_login(make_account("ana", "Writers"))
        inside = review_page(draft).removeprefix("/infra-log")
        whole = f"http://127.0.0.1:8000{review.address(link)}"
        assert whole.startswith("http://127.0.0.1:8000/infra-log/review/")
        assert whole in staff.get(inside).content.decode()
        path = review.address(link).removeprefix("/infra-log")
        body = Client(SCRIPT_NAME="/infra-log").get(path).content.decode()
        assert f'href="{review.address(link)}#incidents"' in body
        robots = Client(SCRIPT_NAME="/infra-log").get("/robots.txt").content.decode()
        assert "Disallow: /infra-log/review/\n" in robots
    finally:
        clear_script_prefix()


# The admin's page ----------------------------------------------------------------------


def test_a_writer_makes_copies_and_revokes_a_link(writer: Client, draft: Bulletin) -> None:
    shown = writer.get(reverse("admin:bulletin_bulletin_change", args=[draft.pk]))
    assert f'href="{review_page(draft)}"' in shown.content.decode()
    before = timezone.now()
    assert writer.post(review_page(draft), {"days": "30"})["Location"] == review_page(draft)
    link = ReviewLink.objects.get()
    assert (link.post, str(link.made_by)) == (draft, "writer")
    assert timedelta(days=30) <= link.expires_at - before < timedelta(days=30, minutes=1)
    page = writer.get(review_page(draft)).content.decode()
    assert f'value="http://127.0.0.1:8000{review.address(link)}"' in page
    assert "Made by writer" in page
    writer.post(review_page(draft), {"revoke": link.pk})
    assert read(link).status_code == 404
    messages = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert messages == ["Made a review link of 30 days.", "Revoked a review link."]


@pytest.mark.parametrize("typed", [{}, {"days": "31"}, {"days": "-1"}, {"days": "x"}])
def test_no_other_length_is_taken(writer: Client, draft: Bulletin, typed: dict[str, str]) -> None:
    assert writer.post(review_page(draft), typed).status_code == 200
    assert not ReviewLink.objects.exists()


def test_a_link_of_another_post_is_not_revoked(writer: Client, draft: Bulletin) -> None:
    other = link_to(make_article(**DRAFT))
    writer.post(review_page(draft), {"revoke": other.pk})
    assert read(other).status_code == 200
    assert not LogEntry.objects.exists()
    assert writer.post(review_page(draft), {"revoke": "x"}).status_code == 404


def test_who_may_not_change_the_post_makes_no_link(writer: Client, draft: Bulletin) -> None:
    scheduled = make_article(publish_at=timezone.now() + timedelta(days=1))
    assert writer.post(review_page(scheduled), {"days": "7"}).status_code == 403
    editor = Client()
    editor.force_login(make_account("editor", "Editors"))
    assert editor.post(review_page(scheduled), {"days": "7"}).status_code == 302
    public = Bulletin.objects.get(date=date(2024, 7, 6))
    answer = editor.post(review_page(public), {"days": "7"}, follow=True)
    assert "is public: send its own address" in answer.content.decode()
    assert [link.post for link in ReviewLink.objects.all()] == [scheduled]
