from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given

from bulletin.trend_tables import tables
from bulletin.views.trends import trailing
from incidents.models import Incident
from incidents.weeks import Period
from tests.factories import make_bulletin, make_incident
from tests.incidents.test_trends import rows

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "?year=2024") -> Any:
    response = client.get(f"/trends/{query}")
    assert response.status_code == 200
    return response


def body(client: Client, query: str = "?year=2024") -> str:
    return str(page(client, query).content.decode())


def test_a_year_costs_as_many_queries_with_one_incident_as_with_many(client: Client) -> None:
    make_bulletin()
    make_incident(regions="GRU", services="Gateway")
    with CaptureQueriesContext(connection) as few:
        page(client)
    for number in range(8):
        one = make_incident(
            title=f"Fire {number}",
            started_at=datetime(2024, 1 + number, 3, tzinfo=UTC),
            regions="IAD GRU",
            services=f"Volumes Gateway {number}",
        )
        one.related.add(make_incident(title="Smoke", minutes=None))
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few) <= 9


def test_private_incidents_are_never_counted(client: Client) -> None:
    make_incident(title="Told")
    make_incident(title="Not yet", publish_at=None, regions="GRU")
    make_incident(title="Tomorrow", publish_at=timezone.now() + timedelta(days=1))
    response = page(client)
    assert len(response.context["trends"].incidents) == 1
    assert "GRU" not in response.content.decode()
    assert "Not yet" not in response.content.decode()


def test_the_year_is_the_sites_own(client: Client) -> None:
    """Midnight of New Year in New York is five in the morning of UTC."""
    make_incident(title="Last", started_at=datetime(2025, 1, 1, 4, 59, tzinfo=UTC))
    make_incident(title="First", started_at=datetime(2025, 1, 1, 5, tzinfo=UTC))
    response = page(client)
    assert len(response.context["trends"].incidents) == 1
    assert response.context["years"] == [2025, 2024]
    assert "Last. Dec 31, 23:59" in response.content.decode()


def test_weeks_lead_to_their_bulletin_or_where_none_tells_of_them_to_the_index(
    client: Client,
) -> None:
    make_bulletin()
    make_incident()
    make_incident(started_at=datetime(2024, 3, 5, 12, tzinfo=UTC))
    links = re.findall(r'<a href="([^"]*)" aria-label="([^"]*?): (\d) incident', body(client))
    assert links == [
        ("/incidents/?year=2024", "Mar 3–9", "1"),
        ("/2024-07-06/", "Jun 30–Jul 6", "1"),
    ]


def test_counts_lead_to_the_index_with_their_filter(client: Client) -> None:
    make_incident(regions="GRU", services="Gateway", impact=3, scope="region")
    make_incident(impact=None)
    text = body(client)
    for query in ("region=GRU", "service=Gateway", "impact=major", "scope=region"):
        assert f'href="/incidents/?year=2024&amp;{query}"' in text
    assert 'href="/incidents/?region=GRU"' in body(client, "")


@given(rows())
def test_sums_equal_a_recount(incidents: list[Incident]) -> None:
    impacts, scopes, regions, _services = tables(incidents, None).values()
    by_impact = Counter(incident.impact for incident in incidents)
    assert [line.number for line in impacts.lines] == [
        by_impact[impact] for impact in (4, 3, 2, 1, 0)
    ]
    assert impacts.without == by_impact[None]
    assert impacts.lines[-1].higher == len(incidents) - by_impact[None]
    regions_of = [[region.code for region in row.regions.all()] for row in incidents]
    by_region = Counter(code for codes in regions_of for code in codes)
    assert {line.name: line.number for line in regions.lines} == by_region
    assert regions.counts == by_region.total() + regions_of.count([])
    assert scopes.counts == sum(line.number for line in scopes.lines) + scopes.without
    assert scopes.counts == len(incidents)


def test_the_sums_can_be_checked_by_eye(client: Client) -> None:
    make_incident(regions="GRU IAD", services="Gateway", impact=4)
    make_incident(regions="GRU", impact=None)
    make_incident(impact=1)
    response = page(client)
    impacts, scopes, regions, services = response.context["trends"].tables.values()
    numbers = [(line.name, line.number, line.higher) for line in impacts.lines if line.number]
    assert (numbers, impacts.without) == ([("critical", 1, 1), ("minor", 1, 2)], 1)
    assert (any(line.number for line in scopes.lines), scopes.without) == (False, 3)
    assert [(line.name, line.number) for line in regions.lines] == [("GRU", 2), ("IAD", 1)]
    assert [(line.name, line.number) for line in services.lines] == [("Gateway", 1)]
    assert (regions.without, services.without) == (1, 2)
    assert "together 4 for 3" in response.content.decode()


def test_a_median_says_what_it_leaves_out(client: Client) -> None:
    make_incident(minutes=20)
    make_incident(minutes=60, precision="about")
    make_incident(minutes=None)
    text = " ".join(body(client).split())
    assert "<dd>40m</dd> <dd>median of 2, 1 of them approximate; 1 of unknown length</dd>" in text


def test_a_torn_edge_is_explained_where_a_box_has_one(client: Client) -> None:
    torn = "A box with a torn edge is longer than its cell can show."
    make_incident(minutes=None, precision="ongoing")
    assert torn not in body(client)
    make_incident(minutes=20 * 60)
    assert torn in body(client)


def test_recurrences_are_told_with_links(client: Client) -> None:
    one = make_incident(title="Power lost")
    other = make_incident(title="Volumes resynchronise", minutes=None)
    one.related.add(other)
    text = body(client)
    assert "2 incidents, linked as related" in text
    assert f'<a href="{other.get_absolute_url()}"><bdi>Volumes resynchronise</bdi></a>' in text


def test_the_newest_weeks_end_where_readers_were_told_of() -> None:
    now = datetime(2024, 9, 18, 12, tzinfo=UTC)
    assert trailing(now).last == date(2024, 9, 21)
    make_incident()
    assert trailing(now) == Period(date(2023, 7, 9), date(2024, 7, 6))
    quiet = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    make_bulletin(date=date(2024, 7, 13), **quiet)
    assert trailing(now).last == date(2024, 7, 13)
    make_incident(title="Planned", started_at=now + timedelta(days=40))
    assert trailing(now).last == date(2024, 7, 13)


def test_a_year_without_incidents_says_so(client: Client) -> None:
    assert "No incident is published yet." in body(client, "")
    make_incident()
    text = body(client, "?year=2023")
    assert "No incident of 2023 is published." in text
    assert '<a href="?year=2024">2024</a>' in text
    assert "?year=2023" not in text.partition("<main")[2]


@pytest.mark.parametrize("year", ["24", "1812", "9999", "20245", "next", "２０２４", "-202", "\0"])
def test_an_impossible_year_is_not_found(client: Client, year: str) -> None:
    assert client.get("/trends/", {"year": year}).status_code == 404


def test_the_page_may_be_shared_and_stays_the_same_for_the_hour(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_incident(minutes=None, precision="ongoing")
    tags = []
    for minute in (1, 59):
        now = datetime(2024, 7, 8, 12, minute, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        response = page(client)
        assert response["Cache-Control"].startswith("public")
        assert "Cookie" not in response.get("Vary", "")
        tags.append(response["ETag"])
    assert tags[0] == tags[1]
    assert client.get("/trends/?year=2024", headers={"If-None-Match": tags[0]}).status_code == 304
