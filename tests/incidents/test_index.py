from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents import views
from tests.factories import make_incident

pytestmark = pytest.mark.django_db


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_a_row_has_the_start_the_publication_and_the_delay(client: Client) -> None:
    make_incident(regions="GRU")
    make_incident(title="Announced", publish_at=datetime(2024, 7, 1, 19, tzinfo=UTC))
    page = text(client, "/incidents/")
    assert "July 2, 2024, 15:00 EDT" in page
    assert "July 7, 2024" in page
    assert "5 days" in page
    assert "1 day before the start" in page
    assert "2 incidents, newest first" in page


def test_the_head_of_a_column_sorts_and_keeps_the_filters(client: Client) -> None:
    make_incident(regions="GRU")
    page = text(client, "/incidents/?region=GRU&order=-delay")
    assert page.count("aria-sort") == 1
    head = '<th scope="col" aria-sort="descending"><a href="/incidents/?region=GRU&amp;order=delay"'
    assert head in page
    assert 'href="/incidents/?region=GRU&amp;order=-length"' in page
    assert 'href="/incidents/?region=GRU"' in page
    assert '<th scope="col">Title</th>' in page


def test_what_is_filtered_is_said_with_a_way_out(client: Client) -> None:
    make_incident(regions="GRU", body="<b>&")
    page = text(client, "/incidents/?region=GRU&q=%3Cb%3E%26")
    assert "Words: &lt;b&gt;&amp;" in page
    assert 'href="/incidents/?q=%3Cb%3E%26" aria-label="Without Region: GRU"' in page
    assert 'href="/incidents/?region=GRU" aria-label="Without Words' in page
    assert "1 incident," in page


def test_a_sent_form_leads_to_the_short_addresses(client: Client) -> None:
    make_incident()
    sent = "/incidents/?q=&year=2024&region=&service=&impact=&scope=&kind=&order=-start"
    assert 'href="/incidents.json?year=2024"' in text(client, sent)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("year=abc", "year"),
        ("impact=huge&region=", "impact"),
        ("region=%00", "region"),
        ("year=abc&before=none", "year"),
    ],
)
def test_a_wrong_filter_is_explained_beside_its_field_and_shows_nothing(
    client: Client, query: str, field: str
) -> None:
    make_incident()
    page = text(client, f"/incidents/?{query}")
    assert f'id="id_{field}_error"' in page
    assert 'aria-invalid="true"' in page
    assert "<table" not in page
    assert "1 incident" not in page
    assert '<details class="filters" open>' in page


def test_pages_go_on_with_their_filters(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for n in range(3):
        make_incident(title=f"Number {n}", regions="GRU")
    page = text(client, "/incidents/?region=GRU&order=start")
    further = "/incidents/?region=GRU&amp;order=start&amp;before=2024-07-02-number-1"
    assert f'rel="next" href="{further}"' in page
    rest = text(client, further.replace("&amp;", "&"))
    assert "Number 2" in rest
    assert "Number 1<" not in rest
    assert 'href="/incidents/?region=GRU&amp;order=start">First page' in rest
    assert "offset=2" in text(client, "/incidents/?order=-length")
    assert text(client, "/incidents/?order=-length&offset=2").count("<tr>") == 2


def test_the_page_leads_to_the_same_query_as_data(client: Client) -> None:
    make_incident()
    page = text(client, "/incidents/?impact=minor&order=delay")
    for name in ("json", "csv", "ics"):
        address = f"/incidents.{name}?impact=minor&amp;order=delay"
        assert f'<link rel="alternate" href="{address}"' in page
        assert f'<a href="{address}"' in page
    assert '<a href="/incidents.xml?impact=minor"' in page


def test_the_cost_of_a_page_does_not_grow_with_what_is_filtered(client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(client, "/incidents/?region=GRU&impact=none&order=-length")
        return len(queries)

    make_incident(regions="GRU")
    before = count()
    for n in range(4):
        start = datetime(2015 + n, 7, 2, tzinfo=UTC)
        make_incident(started_at=start, regions="GRU AMS", services=f"api dns{n}")
    assert count() == before <= 9


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Not on the status page"),
        ({"impact": 0, "scope": "internal"}, "Not on the status page"),
        ({"status_url": "https://status.example.com/1"}, ">On the status page</a>"),
        (
            {"status_url": "https://status.example.com/1", "minutes_after": 37},
            '<a href="https://status.example.com/1">On the status page 37m after it began</a>',
        ),
        ({"minutes_after": 95}, "On the status page 1h 35m after it began,"),
        ({"minutes_after": -120}, "On the status page 2h before it began"),
        ({"minutes_after": 0}, "On the status page less than a minute after it began"),
    ],
)
def test_an_incident_says_when_it_was_published_and_noticed(
    client: Client, fields: dict[str, Any], words: str
) -> None:
    minutes = fields.pop("minutes_after", None)
    if minutes is not None:
        start = datetime(2024, 7, 2, 19, tzinfo=UTC)
        fields["status_posted_at"] = start + timedelta(minutes=minutes)
    page = text(client, make_incident(**fields).get_absolute_url())
    assert words in page
    assert "Published <time" in page
    assert ", 5 days after the start" in page
    assert page.count("tatus page") <= 1
