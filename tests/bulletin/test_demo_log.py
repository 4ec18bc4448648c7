"""What the demo log shows, loaded once for all that look."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from bulletin.models import Article, Bulletin, Status
from bulletin.week import BulletinData
from incidents.models import Impact, Incident, Kind, Precision, Scope, Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("log")]
THURSDAY = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def log(stage: None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: THURSDAY)
        call_command("load_demo", stdout=StringIO())


def test_a_bulletin_tells_its_incidents_at_its_own_hour() -> None:
    for bulletin in Bulletin.objects.scheduled_or_published():
        hours = set(bulletin.own_incidents().values_list("publish_at", flat=True))
        late = {
            one.publish_at
            for one in bulletin.own_incidents()
            if one.title.startswith("A host in CDG")
        }
        assert hours - late <= {bulletin.publish_at}


def test_nothing_of_the_draft_is_public_but_at_the_scheduled_hour() -> None:
    draft = Bulletin.objects.get(status=Status.DRAFT)
    scheduled = Article.objects.get(publish_at__gt=THURSDAY)
    assert timedelta(days=2) < scheduled.publish_at - THURSDAY < timedelta(days=4)  # type: ignore[operator]
    assert Counter(draft.own_incidents().values_list("publish_at", flat=True)) == {
        None: 2,
        scheduled.publish_at: 1,
    }


def test_the_july_week_tells_the_facts_of_the_example() -> None:
    zone = ZoneInfo("America/New_York")
    week = Bulletin.objects.get(date=date(2024, 7, 6))
    facts = [
        (f"{one.local_start.astimezone(zone):%d %H:%M}", one.length_text, one.impact_word)
        for one in week.incidents(THURSDAY)
    ]
    assert facts == [
        ("01 23:00", "?", "none"),
        ("02 04:00", "≈2h", "partial"),
        ("02 15:00", "≈5m", "major"),
        ("03 12:00", "≈4h", "partial"),
        ("04 20:00", "?", "minor"),
        ("05 01:00", "?", "none"),
    ]


def test_every_word_of_the_log_is_shown() -> None:
    public = Incident.objects.published(THURSDAY)
    for field, words in (
        ("precision", Precision.values),
        ("impact", Impact.values),
        ("scope", Scope.values),
        ("kind", Kind.values),
    ):
        assert set(words) <= set(public.values_list(field, flat=True)), field
    assert set(Service.objects.values_list("ours", flat=True)) == {True, False}
    assert Incident.objects.unpublished().filter(impact=None).exists()


def test_weeks_of_every_sort_are_shown() -> None:
    lengths = Counter(len(bulletin.period) for bulletin in Bulletin.objects.all())
    assert lengths == {7: 13, 14: 1, 21: 1}
    counts = [
        bulletin.own_incidents().count() for bulletin in Bulletin.objects.scheduled_or_published()
    ]
    assert min(counts) == 0
    assert max(counts) == 10
    days = Counter(one.local_date for one in Incident.objects.all())
    assert days[date(2024, 4, 17)] == 5


def test_the_fixed_weeks_leave_no_day_out() -> None:
    days = [day for one in Bulletin.objects.filter(date__year=2024) for day in one.period]
    assert sorted(days) == [date(2024, 4, 7) + timedelta(days=n) for n in range(15 * 7)]


def test_what_was_told_late_is_in_the_next_bulletin() -> None:
    bulletins = list(Bulletin.objects.published(THURSDAY))
    data = BulletinData(bulletins, THURSDAY)
    late = {one.date: [news.incident.plain_title for news in data.late(one)] for one in bulletins}
    told = {day: titles for day, titles in late.items() if titles}
    newest = max(told)
    assert told.pop(newest) == ["Slow DNS answers in LAX"]
    assert told == {
        date(2024, 4, 27): ["Power feed lost in GRU"],
        date(2024, 5, 18): ["A host in CDG forgets half of its routes"],
        date(2024, 6, 22): ["Host ord-57 is lost"],
        date(2024, 7, 13): ["Managed Redis loses its quorum in IAD"],
    }


def test_links_code_and_long_ones_are_shown() -> None:
    public = Incident.objects.published(THURSDAY)
    assert public.filter(title__contains="`").count() >= 2
    assert public.exclude(status_url="").filter(status_posted_at=None).count() == 0
    assert public.exclude(related=None).exists()
    article = Article.objects.published(THURSDAY).get()
    linked = public.exclude(postmortem_url="").get()
    assert linked.postmortem_url == settings.SITE_URL + article.get_absolute_url()
    assert list(article.incidents.all()) == [linked]
    lengths = [one.length for one in public if one.length]
    assert max(lengths) > timedelta(hours=24)
    assert sum(length > timedelta(hours=8) for length in lengths) >= 2


def test_the_article_has_code_a_table_a_footnote_and_a_stored_picture(client: Any) -> None:
    article = Article.objects.published(THURSDAY).get()
    for part in ('<code class="language-go">', "<table>", "footnote-ref", '<img src="/'):
        assert part in article.body_html
    assert 'alt="Line chart' in article.body_html
    picture = article.body_html.split('<img src="')[1].split('"')[0]
    assert default_storage.exists(f"uploads/{picture.rpartition('/')[2]}")
    assert client.get(picture)["Content-Type"] == "image/png"


def test_all_of_it_would_pass_the_editors_forms() -> None:
    refused = {}
    for one in (*Bulletin.objects.all(), *Article.objects.all(), *Incident.objects.all()):
        try:
            one.full_clean()
        except ValidationError as error:
            refused[str(one)] = error.message_dict
    assert not refused


def test_the_links_between_pages_lead_somewhere(client: Any) -> None:
    body = Bulletin.objects.get(date=date(2024, 5, 25)).essay_html
    address = body.split('<a href="')[1].split('"')[0]
    assert client.get(address).status_code == 200
