from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.factories import make_incident

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def links(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/subscribe/{query}").content.decode()
    return [unescape(href) for href in re.findall(r'<a href="([^"]+)"', page.partition("<main")[2])]


def test_the_addresses_are_whole_and_stand_there_to_be_copied(client: Client) -> None:
    page = client.get("/subscribe/").content.decode()
    for path in ("/feed.xml", "/rss.xml", "/feed.json", "/incidents.xml", "/incidents.ics"):
        assert f">{SITE}{path}</code>" in page
        assert f"{SITE}{path}" in links(client)
    assert "webcal://127.0.0.1:8000/incidents.ics" in links(client)


def test_a_choice_is_in_the_addresses_of_incidents_and_in_no_others(client: Client) -> None:
    make_incident(regions="GRU", services="Apps&More")
    chosen = links(client, "?region=GRU&service=Apps%26More&impact=partial")
    asked = {"region": ["GRU"], "service": ["Apps&More"], "impact": ["partial"]}
    filtered = {urlsplit(one).path for one in chosen if parse_qs(urlsplit(one).query) == asked}
    files = {f"/incidents.{ending}" for ending in ("xml", "ics", "json", "csv")}
    assert filtered == files | {"/incidents/"}
    assert {urlsplit(one).query for one in links(client, "?region=&service=&impact=")} == {""}


def test_what_is_told_of_can_be_chosen_and_nothing_else(client: Client) -> None:
    make_incident(regions="GRU", services="Apps")
    make_incident(title="Secret", regions="AMS", services="Hush", publish_at=None)
    page = client.get("/subscribe/").content.decode()
    assert 'value="GRU"' in page
    assert 'value="Apps"' in page
    assert "AMS" not in page
    assert "Hush" not in page


@pytest.mark.parametrize("query", ["?region=AMS", "?impact=awful", "?service=%00%F0%9F%94%A5"])
def test_a_wrong_choice_is_said_and_is_in_no_address(client: Client, query: str) -> None:
    response = client.get(f"/subscribe/{query}")
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert {urlsplit(one).query for one in links(client, query)} == {""}


def test_the_page_is_public_and_costs_two_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    make_incident(regions="GRU AMS", services="A B C")
    with django_assert_num_queries(3):
        response = client.get("/subscribe/")
    assert response["Cache-Control"].startswith("public")
    assert response["ETag"]
