from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bulletin.models import Status
from bulletin.views import search
from incidents.models import Addendum
from incidents.search_query import parse
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db


def ask(client: Client, **query: Any) -> str:
    response = client.get("/search/", query)
    assert response.status_code == 200
    return response.content.decode()


def titles(page: str) -> list[str]:
    links = re.findall(r'<p class="which"><a [^>]*><bdi>(.*?)</bdi>', page)
    return [unescape(re.sub("<[^>]*>", "", link)) for link in links]


@pytest.fixture
def log() -> dict[str, Any]:
    """One of each, of July 2, 6 and 7, all about a turbine."""
    return {
        "incident": make_incident(title="Turbine `t1` stops", regions="GRU", services="Power"),
        "bulletin": make_bulletin(essay="We moved the *turbine*."),
        "article": make_article(title="A long story", body="Of a `turbine`."),
    }


def test_all_kinds_are_found_by_date_and_each_alone(client: Client, log: dict[str, Any]) -> None:
    newest_first = ["A long story", "June 30–July 6, 2024", "Turbine t1 stops"]
    page = ask(client, q="turbine")
    assert titles(page) == newest_first
    assert "3 results" in page
    for name in ("incident", "bulletin", "article"):
        assert f'href="{log[name].get_absolute_url()}"' in page
    assert page.count("<mark>") == 3
    for kind, title in zip(("articles", "bulletins", "incidents"), newest_first, strict=True):
        assert titles(ask(client, q="turbine", kind=kind)) == [title]
    assert titles(ask(client, q="turbine", kind="none", order="none", page="x")) == newest_first
    assert titles(ask(client, q="turbine", order="best"))[0] == "Turbine t1 stops"


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_what_is_not_public_is_neither_found_nor_counted(client: Client, status: str) -> None:
    hour = timezone.now() + timedelta(days=1) if status == "scheduled" else None
    kind = Status.PUBLISHED if hour else Status.DRAFT
    make_incident(title="Secret turbine", publish_at=hour)
    make_bulletin(title="Secret turbine", status=kind, publish_at=hour)
    make_article(title="Secret turbine", status=kind, publish_at=hour)
    assert "No results." in ask(client, q="turbine")
    assert "ecret" not in ask(client, q="turbine")
    later = timezone.now() + timedelta(days=2)
    found = search.find(parse("secret"), later)
    assert len(found) == (3 if hour else 0)


def test_a_row_is_shown_only_while_it_is_public_whatever_the_index_says(
    log: dict[str, Any],
) -> None:
    query = parse("turbine")
    found = search.find(query, PUBLISHED + timedelta(days=1))
    assert len(search.results(found, query, PUBLISHED + timedelta(days=1))) == 3
    assert search.results(found, query, PUBLISHED - timedelta(days=1)) == []


def test_an_excerpt_shows_where_it_was_found(client: Client, log: dict[str, Any]) -> None:
    Addendum.objects.create(incident=log["incident"], body="It was a **gull**.")
    assert "It was a <mark>gull</mark>." in ask(client, q="turbine gull")
    assert "(<mark>São Paulo</mark>, Brazil), Power" in ask(client, q='"sao paulo"')


def test_what_is_found_is_escaped(client: Client) -> None:
    make_incident(title="<script>alert(1)</script>", body="`<img onerror>` & <b>bold</b>")
    page = ask(client, q='"script alert" img')
    assert "&lt;<mark>script&gt;alert</mark>(1)" in page
    assert "&lt;<mark>img</mark> onerror&gt; &amp; &lt;b&gt;bold" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    "typed",
    [
        '"unbalanced',
        "🔥",
        "! \0",
        "AND OR NOT NEAR( * : ^ -",
        '<script>"',
        "%",
        "x" * 10_000,
        "z\0 " * 3_000,
        '" ' * 5_000,
    ],
)
def test_any_input_gets_a_friendly_page(client: Client, log: dict[str, Any], typed: str) -> None:
    page = ask(client, q=typed)
    assert "<script>" not in page
    assert 'href="/incidents/"' in page
    assert ("No results." in page) != ("Type letters or digits" in page)
    assert ("Your search was too long" in page) == (len(typed) > 1_000)
    assert 'name="robots" content="noindex' in page


def test_the_bare_page_is_a_form_that_may_be_listed(client: Client, log: dict[str, Any]) -> None:
    page = ask(client)
    assert "found" not in page.casefold()
    assert "noindex" not in page
    assert 'rel="canonical"' in page


def test_pages_are_short_and_take_a_fixed_number_of_queries(
    client: Client, log: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as few:
        ask(client, q="turbine")
    start = datetime(2024, 7, 8, 20, tzinfo=UTC)
    for hour in range(4):
        when = start + timedelta(hours=hour)
        incident = make_incident(title=f"Turbine {hour}", started_at=when, regions="GRU AMS")
        Addendum.objects.create(incident=incident, body="Late.")
    with CaptureQueriesContext(connection) as many:
        assert len(titles(ask(client, q="turbine"))) == 7
    assert len(few) == len(many) <= 8
    monkeypatch.setattr(search, "PAGE", 4)
    first = ask(client, q="turbine")
    assert titles(first) == ["Turbine 3", "Turbine 2", "Turbine 1", "Turbine 0"]
    assert 'rel="next" href="?q=turbine&amp;kind=&amp;order=&amp;page=2"' in first
    monkeypatch.setattr(search, "NEWEST", 6)
    for order in ("", "best"):
        page = ask(client, q="turbine", order=order, page=2)
        assert "More than 6 results; these are the newest 6." in page
        assert len(titles(page)) == 2


def test_it_may_be_shared_and_revalidated(client: Client, log: dict[str, Any]) -> None:
    response = client.get("/search/?q=turbine")
    assert "s-maxage=60" in response["Cache-Control"]
    headers = {"if-none-match": response["ETag"]}
    assert client.get("/search/?q=turbine", headers=headers).status_code == 304
    log["incident"].title = "Another"
    log["incident"].save()
    assert client.get("/search/?q=turbine", headers=headers).status_code == 200


def test_a_bulletin_is_ordered_by_its_date_however_late_it_is_published(client: Client) -> None:
    make_incident(title="Turbine", started_at=PUBLISHED - timedelta(days=3))
    make_bulletin(date=date(2024, 7, 3), title="Turbines", publish_at=PUBLISHED)
    assert titles(ask(client, q="turbine")) == ["Turbine", "Turbines"]
