"""That the database walks an index where the log is read, and never all of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict

from bulletin.models import Bulletin
from bulletin.sitemaps import sections
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
    "asked",
    [
        "",
        "order=start",
        "impact=major&kind=incident",
        "region=GRU",
        "before=2024-07-02-packet-loss",
    ],
)
def test_the_list_walks_the_index_on_the_start(asked: str) -> None:
    make_incident(regions="GRU")
    made = plan(rows(asked))
    assert "incidents_incident_started_at" in made
    assert "TEMP B-TREE" not in made
    # Equal starts are sorted by their keys as they are come across.
    assert "Sort" not in made.replace("Incremental Sort", "").replace("Sort Key", "")


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
    made = plan(sections(PUBLISHED)["incidents"].items())
    assert "Seq Scan on incidents_incident" not in made
    if connection.vendor == "sqlite":
        # PostgreSQL goes by what it knows of a table, and this one is empty.
        assert "incidents_incident_started_at" in made
        assert "incidents_incident_publish_at" not in made
