"""What public addresses ask of the database, whatever the log holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bulletin.models import Author
from bulletin.week import BulletinData
from incidents.models import Addendum, Incident
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
BULLETIN = "/2024-07-06/"
PATHS = [
    "/",
    BULLETIN,
    "/articles/the-switch/",
    "/incidents/2024-07-02-packet-loss/",
    "/archive/",
    "/archive/2024/",
    "/incidents/",
    "/incidents/?region=GRU&service=api&impact=none&order=-length",
    "/incidents.json",
    "/incidents.csv",
    "/incidents.ics",
    "/incidents.xml",
    "/incidents.xml?region=GRU",
    "/bulletins.json",
    "/feed.xml",
    "/rss.xml",
    "/feed.json",
    "/search/?q=packet",
    "/trends/",
    "/subscribe/",
    "/sitemap.xml",
]


def grow(weeks: range) -> None:
    """A week each: two incidents, one of them told late and added to, a bulletin, an article."""
    author = Author.objects.get_or_create(name="Ada")[0]
    for number in weeks:
        last = date(2024, 7, 6) - timedelta(weeks=number)
        first, hour = last - timedelta(days=6), PUBLISHED - timedelta(weeks=number)
        start = hour - timedelta(days=5, hours=-3)
        there = {"regions": "GRU AMS", "services": "api dns"}
        incident = make_incident(started_at=start, publish_at=hour, **there)
        again = make_incident(started_at=start, publish_at=hour + timedelta(days=7), **there)
        Addendum.objects.create(incident=again, body="Late.", publish_at=hour + timedelta(days=8))
        again.related.add(incident)
        days = {"date": last, "period_first": first, "period_last": last}
        make_bulletin(**days, publish_at=hour).authors.add(author)
        slug = f"article-{number}" if number else "the-switch"
        make_article(slug=slug, incidents=[incident, again], publish_at=hour).authors.add(author)


@pytest.fixture
def asked(client: Client) -> Callable[[str], int]:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200, path
        return len(queries)

    return asked


def test_no_address_asks_more_of_a_larger_log(asked: Callable[[str], int]) -> None:
    grow(range(3))
    few = {path: asked(path) for path in PATHS}
    grow(range(3, 15))
    assert {path: asked(path) for path in PATHS} == few
    assert few[BULLETIN] <= 11
    assert max(few.values()) <= 19


def test_a_bulletin_takes_few_queries_with_news_of_weeks_long_ago(
    client: Client, asked: Callable[[str], int]
) -> None:
    grow(range(60))
    old = Incident.objects.in_time_order()[0]
    Addendum.objects.create(incident=old, body="It was the cable.", publish_at=PUBLISHED)
    assert asked(BULLETIN) <= 12
    page = client.get(BULLETIN).content.decode()
    assert "It was the cable." in page
    # It is linked to the bulletin of its own week.
    assert f"/2023-05-20/#{old.slug}" in page


def test_a_history_published_at_once_is_no_error(
    client: Client, asked: Callable[[str], int]
) -> None:
    """As an import may leave it: news of more days than a query has parts."""
    for number in range(520):
        start = PUBLISHED - timedelta(days=10 + number)
        make_incident(title=f"Number {number}", started_at=start, publish_at=PUBLISHED)
    make_bulletin()
    assert asked(BULLETIN) <= 12
    assert "Number 519" in client.get(BULLETIN).content.decode()


def test_news_of_another_week_is_no_incident_of_the_picture(client: Client) -> None:
    grow(range(4))
    data = BulletinData([make_bulletin(**week(-1))], timezone.now())
    assert {one.local_date for one in data._in_window(data.bulletins[0])} == {date(2024, 7, 2)}
    (news,) = data.late(data.bulletins[0])
    assert news.publish_at == PUBLISHED + timedelta(days=1)


def week(number: int) -> dict[str, date | datetime]:
    last = date(2024, 7, 6) - timedelta(weeks=number)
    hour = PUBLISHED - timedelta(weeks=number)
    first = last - timedelta(days=6)
    return {"date": last, "period_first": first, "period_last": last, "publish_at": hour}
