"""That the database walks an index where the log is read, and never all of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict

from bulletin.models import Bulletin
from bulletin.sitemaps import Incidents
from incidents.filters import Filters
from incidents.weeks import Period
from tests.factories import PUBLISHED, make_incident

pytestmark = pytest.mark.django_db


def plan(rows: Any) -> str:
    """Of the first page. PostgreSQL prefers to read a small table whole, if it may."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    return str(rows[:101].explain())


def rows(asked: str) -> Any:
    filters = Filters(QueryDict(asked), PUBLISHED)
    assert filters.is_valid()
    return filters.rows()


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("", "started_at"),
        ("order=happened", "started_at"),
        ("order=told", "publish_at"),
        ("order=-told", "publish_at"),
        ("order=lag", "incident_by_lag"),
        ("order=-lag", "incident_by_lag"),
        ("order=title", "incident_by_title"),
        ("order=-title", "incident_by_title"),
        ("order=impact", "incident_by_impact_up"),
        ("order=-impact", "incident_by_impact_down"),
        ("order=length", "incident_by_length_up"),
        ("order=-length", "incident_by_length_down"),
        ("impact=major&kind=incident&order=-length", "incident_by_length_down"),
    ],
)
def test_each_order_walks_its_index(asked: str, index: str) -> None:
    made = plan(rows(asked))
    assert index in made
    assert "SCAN incidents_incident\n" not in f"{made}\n"
    assert "Seq Scan on incidents_incident" not in made
    if index.startswith("incident_by"):
        assert "TEMP B-TREE" not in made
        assert "Sort" not in made


def test_a_later_page_begins_in_the_index() -> None:
    for number in range(3):
        make_incident(title=f"Packet loss {number}", minutes=10 + number)
    made = plan(rows("order=-length&before=2024-07-02-packet-loss-1"))
    assert "incident_by_length_down" in made
    if connection.vendor == "sqlite":
        assert "SEARCH incidents_incident USING INDEX incident_by_length_down" in made


@pytest.mark.parametrize(("few", "walks"), [(0, True), (2_000, False)])
def test_many_of_a_region_are_come_across_and_few_are_fetched(
    monkeypatch: pytest.MonkeyPatch, few: int, walks: bool
) -> None:
    monkeypatch.setattr("incidents.querysets.FEW", few)
    make_incident(regions="GRU")
    made = str(rows("region=GRU").query)
    assert ("EXISTS" in made) == walks
    if connection.vendor == "sqlite":
        assert ("USING INDEX incidents_incident_started_at" in plan(rows("region=GRU"))) == walks


@pytest.mark.parametrize("way", ["newest", "of days", "first"])
def test_bulletins_are_walked_by_their_dates(way: str) -> None:
    published = Bulletin.objects.published(PUBLISHED)
    days = Period(date(2024, 1, 1), date(2024, 12, 31))
    walked = {
        "newest": published.by_index_on_date(),
        "of days": published.dated_in(days).order_by(),
        "first": published.by_index_on_date().filter(date__lt=date(2024, 1, 1)),
    }
    made = plan(walked[way].values("pk"))
    by_date = {"sqlite": "(date>? AND date<?)", "postgresql": "date"}
    assert by_date[connection.vendor] in made
    assert "TEMP B-TREE" not in made
    assert "Sort" not in made


def test_a_page_of_the_sitemap_walks_the_index() -> None:
    made = plan(Incidents(PUBLISHED).items())
    assert "Seq Scan on incidents_incident" not in made
    if connection.vendor == "sqlite":
        # PostgreSQL goes by what it knows of a table, and this one is empty.
        assert "incidents_incident_started_at" in made
        assert "incidents_incident_publish_at" not in made
