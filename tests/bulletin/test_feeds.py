from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from time import struct_time
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import Client

from bulletin import publishing
from bulletin.models import Author, SiteSettings, Status
from incidents.models import Addendum, Incident
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
FORMATS = {"/feed.xml": "atom10", "/rss.xml": "rss20"}
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Client, path: str) -> Any:
    feed = feedparser.parse(client.get(path).content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def instant(parsed: struct_time) -> datetime:
    return datetime(*parsed[:6], tzinfo=UTC)


def updated(client: Client) -> datetime:
    return instant(read(client, "/feed.xml").entries[0].updated_parsed)


@pytest.mark.parametrize("path", FORMATS)
def test_a_reader_finds_the_whole_bulletin(client: Client, path: str) -> None:
    make_incident(title="Packets lost by `eth0`", body='See [the notice](/notice/ "x").')
    bulletin = make_bulletin(essay="We moved a rack.\n\n![A rack](/media/uploads/rack.png)")
    bulletin.authors.add(Author.objects.create(name="Infrastructure team"))
    feed = read(client, path)
    assert feed.version == FORMATS[path]
    (entry,) = feed.entries
    content = entry.content[-1].value
    assert entry.title == "June 30–July 6, 2024"
    assert entry.link == "http://127.0.0.1:8000/2024-07-06/"
    assert entry.id == bulletin.uid.urn
    assert entry.author == "Infrastructure team"
    assert "We moved a rack." in content
    assert "eth0" in content
    assert 'src="http://127.0.0.1:8000/2024-07-06/grid.' in content
    assert 'src="http://127.0.0.1:8000/media/uploads/rack.png"' in content
    assert 'href="http://127.0.0.1:8000/notice/"' in content
    assert 'src="/' not in content
    assert 'href="/' not in content
    assert 'alt="' in content


def test_the_guid_of_rss_is_no_permalink(client: Client) -> None:
    make_bulletin()
    root = ElementTree.fromstring(client.get("/rss.xml").content)
    assert root.find("channel/item/guid").get("isPermaLink") == "false"


def test_json_feed_holds_the_same(client: Client) -> None:
    bulletin = make_bulletin()
    response = client.get("/feed.json")
    assert response["Content-Type"].startswith("application/feed+json")
    feed = json.loads(response.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://127.0.0.1:8000/feed.json"
    (item,) = feed["items"]
    assert item["id"] == bulletin.uid.urn
    assert item["url"] == "http://127.0.0.1:8000/2024-07-06/"
    assert "We moved a rack." in item["content_html"]
    assert item["date_published"] == "2024-07-07T16:00:00+00:00"


def test_bulletins_and_articles_come_newest_first_and_twenty_at_most(client: Client) -> None:
    for number in range(15):
        hour = PUBLISHED + timedelta(hours=2 * number)
        make_article(slug=f"article-{number}", title=f"Article {number}", publish_at=hour)
        day = date(2024, 1, 6) + timedelta(days=7 * number)
        make_bulletin(
            date=day,
            title=f"Bulletin {number}",
            period_first=day - timedelta(days=6),
            period_last=day,
            publish_at=hour + timedelta(hours=1),
        )
    titles = [entry.title for entry in read(client, "/feed.xml").entries]
    assert len(titles) == 20
    assert titles[:3] == ["Bulletin 14", "Article 14", "Bulletin 13"]


def test_updated_is_the_hour_of_publication_at_first(client: Client) -> None:
    make_incident()
    make_bulletin()
    assert updated(client) == PUBLISHED


def test_an_addendum_and_a_late_incident_are_news(client: Client) -> None:
    incident = make_incident()
    make_bulletin()
    added = PUBLISHED + timedelta(hours=3)
    Addendum.objects.create(incident=incident, body="Two.", publish_at=added)
    assert updated(client) == added
    late = make_incident(publish_at=None)
    publishing.publish_incidents([late], added + timedelta(hours=1))
    assert updated(client) == added + timedelta(hours=1)


def test_any_other_edit_changes_content_and_validator_but_not_updated(client: Client) -> None:
    bulletin = make_bulletin()
    before = client.get("/feed.xml")
    bulletin.essay = "We moved two racks."
    bulletin.save()
    after = client.get("/feed.xml")
    assert after["ETag"] != before["ETag"]
    assert "two racks" in after.content.decode()
    assert updated(client) == PUBLISHED


def test_telling_subscribers_moves_updated_forward_only(client: Client) -> None:
    bulletin = make_bulletin()
    publishing.notify_subscribers(bulletin, PUBLISHED + timedelta(hours=5))
    assert updated(client) == PUBLISHED + timedelta(hours=5)
    publishing.notify_subscribers(bulletin, PUBLISHED + timedelta(hours=4))
    assert updated(client) == PUBLISHED + timedelta(hours=5)


def test_withdrawing_a_late_incident_does_not_move_updated_back(client: Client) -> None:
    make_bulletin()
    late = make_incident(publish_at=PUBLISHED + timedelta(hours=2))
    assert updated(client) == PUBLISHED + timedelta(hours=2)
    publishing.unpublish_incidents([late], PUBLISHED + timedelta(hours=9))
    assert not Incident.objects.published(PUBLISHED + timedelta(days=1)).exists()
    assert updated(client) == PUBLISHED + timedelta(hours=2)


def test_updated_never_moves_back(client: Client) -> None:
    incident = make_incident()
    bulletin = make_bulletin()
    added = PUBLISHED + timedelta(hours=48)
    at = added + timedelta(hours=1)
    Addendum.objects.create(incident=incident, body="Two.", publish_at=added)
    publishing.unpublish_incidents([incident], at)
    assert updated(client) == added
    bulletin.publish_at = PUBLISHED - timedelta(hours=5)
    bulletin.save()
    publishing.sync_publication(bulletin, at)
    assert updated(client) == added
    bulletin.status = Status.DRAFT
    publishing.sync_publication(bulletin, at)
    bulletin.status, bulletin.publish_at = Status.PUBLISHED, PUBLISHED
    publishing.sync_publication(bulletin, at)
    assert updated(client) == added


def test_moving_a_corrected_incident_to_another_week_does_not_move_updated_back(
    client: Client,
) -> None:
    incident = make_incident()
    make_bulletin()
    added = PUBLISHED + timedelta(hours=48)
    Addendum.objects.create(incident=incident, body="Two.", publish_at=added)
    publishing.preserve_updated_at_of([incident], added)
    incident.started_at = incident.ended_at = datetime(2024, 5, 1, tzinfo=UTC)
    incident.save()
    assert updated(client) == added


def test_an_addendum_is_news_of_the_article_too(client: Client) -> None:
    incident = make_incident()
    make_article(incidents=[incident])
    added = PUBLISHED + timedelta(hours=3)
    Addendum.objects.create(incident=incident, body="It was *two* switches.", publish_at=added)
    assert updated(client) == added
    assert "<em>two</em>" in read(client, "/feed.xml").entries[0].content[-1].value


def test_the_feeds_own_date_is_the_newest_of_its_entries(client: Client) -> None:
    bulletin = make_bulletin()
    publishing.notify_subscribers(bulletin, PUBLISHED + timedelta(hours=5))
    root = ElementTree.fromstring(client.get("/feed.xml").content)
    assert root.find(f"{ATOM}updated").text == "2024-07-07T21:00:00+00:00"


def test_a_feed_without_entries_is_the_same_each_time(client: Client) -> None:
    assert client.get("/feed.xml")["ETag"] == client.get("/feed.xml")["ETag"]


@pytest.mark.parametrize("path", [*FORMATS, "/feed.json"])
def test_an_unpublished_post_changes_the_validator(client: Client, path: str) -> None:
    article = make_article()
    make_bulletin()
    before = client.get(path)["ETag"]
    article.status = Status.DRAFT
    publishing.sync_publication(article, PUBLISHED)
    assert client.get(path, headers={"if-none-match": before}).status_code == 200


def test_one_control_character_fails_no_feed(client: Client) -> None:
    make_incident(title="A bell \x07 rang", body="Ding \x07 \x1b[0m \ufffe.")
    bulletin = make_bulletin(title="Bell \x07 week", essay="A form\x0cfeed.")
    bulletin.authors.add(Author.objects.create(name="In\x07fra"))
    SiteSettings.objects.create(name="The Lo\x07g", tagline="What \x1b broke.")
    for path in FORMATS:
        feed = read(client, path)
        (entry,) = feed.entries
        assert (feed.feed.title, entry.title) == ("The Log", "Bell  week")
        assert entry.author == "Infra"
    assert "\\u0007" not in client.get("/feed.json").content.decode()


@pytest.mark.parametrize("path", FORMATS)
def test_a_title_is_no_markup_in_a_summary(client: Client, path: str) -> None:
    make_incident(title="The <b>bold</b> & <img src=x onerror=alert(1)>")
    make_bulletin()
    (entry,) = read(client, path).entries
    assert "<img" not in entry.summary
    assert "&lt;b&gt;bold" in entry.summary or "<b>bold" not in entry.summary


def test_ids_outlive_unpublishing_and_a_new_date(client: Client) -> None:
    bulletin = make_bulletin()
    before = read(client, "/feed.xml").entries[0].id
    bulletin.status = Status.DRAFT
    publishing.sync_publication(bulletin, PUBLISHED)
    bulletin.status, bulletin.date = Status.PUBLISHED, date(2024, 7, 7)
    publishing.sync_publication(bulletin, PUBLISHED)
    assert read(client, "/feed.xml").entries[0].id == before


@pytest.mark.parametrize("path", ["/", "/archive/", "/incidents/", "/nothing/"])
def test_every_page_leads_to_the_feeds(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    for feed in ("/feed.xml", "/rss.xml", "/feed.json"):
        assert f'href="{feed}"' in page
