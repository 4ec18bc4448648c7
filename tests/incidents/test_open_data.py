from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar
from jsonschema import Draft202012Validator

from bulletin import api
from bulletin.models import Author
from incidents import exports, views
from incidents.choices import Impact, Kind, Precision, Scope
from incidents.models import SLUG_LENGTH, Addendum, Incident
from tests.factories import PUBLISHED, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
START = datetime(2024, 7, 2, 19, tzinfo=UTC)
FORMATS = ["json", "csv", "ics", "xml"]


def results(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get(f"/incidents.json{query}").content)[
        "results"
    ]
    return found


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    text = client.get(f"/incidents.csv{query}").content.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def events(client: Client, query: str = "") -> list[Any]:
    return list(Calendar.from_ical(client.get(f"/incidents.ics{query}").content).walk("VEVENT"))


def entries(client: Client, query: str = "") -> list[Any]:
    feed = feedparser.parse(client.get(f"/incidents.xml{query}").content)
    assert not feed.bozo, feed.get("bozo_exception")
    return list(feed.entries)


def test_a_record_says_all_that_the_log_knows(client: Client) -> None:
    other, secret = make_incident(title="Other"), make_incident(title="Secret", publish_at=None)
    one = make_incident(
        title="Packets lost by `eth0`",
        regions="GRU",
        services="api",
        zone="Asia/Kolkata",
        scope="region",
        status_url="https://status.example.com/1",
        status_posted_at=START + timedelta(minutes=11),
    )
    one.services.update(ours=False)
    one.related.set([other, secret])
    Addendum.objects.create(incident=one, body="Two *switches*.", publish_at=PUBLISHED)
    first = next(each for each in results(client) if each["slug"] == one.slug)
    assert first == {
        "slug": "2024-07-02-packets-lost-by-eth0",
        "uid": str(one.uid),
        "url": "http://127.0.0.1:8000/incidents/2024-07-02-packets-lost-by-eth0/",
        "title": "Packets lost by `eth0`",
        "started_at": "2024-07-03T00:30:00+05:30",
        "ended_at": "2024-07-03T01:00:00+05:30",
        "duration_minutes": 30,
        "precision": "exact",
        "zone": "Asia/Kolkata",
        "impact": "partial",
        "scope": "region",
        "kind": "incident",
        "regions": ["GRU"],
        "places": {"GRU": "São Paulo, Brazil"},
        "services": ["api"],
        "partners": ["api"],
        "body": "A switch dropped packets.",
        "published_at": "2024-07-07T21:30:00+05:30",
        "addenda": [{"published_at": "2024-07-07T21:30:00+05:30", "body": "Two *switches*."}],
        "related": ["2024-07-02-other"],
        "postmortem_url": None,
        "status_url": "https://status.example.com/1",
        "status_posted_at": "2024-07-03T00:41:00+05:30",
        "status_lag_minutes": 11,
        "proposed": [],
    }


def test_the_published_schema_describes_what_is_answered(client: Client) -> None:
    make_incident(minutes=None, impact=None, zone="Africa/Monrovia", regions="GRU")
    make_incident(started_at=datetime(1971, 1, 1, tzinfo=UTC), zone="Africa/Monrovia")
    schema = json.loads(client.get("/incidents.schema.json").content)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "http://127.0.0.1:8000/incidents.schema.json"
    document = json.loads(client.get("/incidents.json").content)
    Draft202012Validator(schema).validate(document)
    described = schema["$defs"]["incident"]["properties"]
    assert list(document["results"][0]) == list(described)
    for name, choices in (("precision", Precision), ("scope", Scope), ("kind", Kind)):
        assert described[name]["enum"] == [*choices.values, None][: len(described[name]["enum"])]
    assert described["impact"]["enum"] == [*(impact.word for impact in Impact), None]
    assert described["slug"]["maxLength"] == SLUG_LENGTH
    assert all(field["description"].endswith(".") for field in described.values())


def test_every_format_answers_the_same_query(client: Client) -> None:
    for n in range(3):
        make_incident(title=f"Loss {n}", regions="GRU", started_at=START + timedelta(hours=n))
    make_incident(title="Elsewhere", regions="AMS")
    make_incident(title="Secret", regions="GRU", publish_at=None)
    query = "?region=GRU&order=start"
    slugs = [one["slug"] for one in results(client, query)]
    assert slugs == [f"2024-07-02-loss-{n}" for n in range(3)]
    assert [row["slug"] for row in rows(client, query)] == slugs
    assert [str(event["summary"]) for event in events(client, query)] == [
        "Loss 0",
        "Loss 1",
        "Loss 2",
    ]
    assert sorted(entry.title for entry in entries(client, query)) == ["Loss 0", "Loss 1", "Loss 2"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("query", ["year=abc", "impact=huge", "region=%00", "before=none"])
def test_a_wrong_query_is_a_400_that_names_the_field(client: Client, form: str, query: str) -> None:
    make_incident()
    response = client.get(f"/incidents.{form}?{query}")
    assert response.status_code == 400
    assert response.content.decode().startswith(query.partition("=")[0] + ": ")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_any_page_of_the_web_may_read_the_data(client: Client) -> None:
    first = client.get("/incidents.json")
    assert first["Access-Control-Allow-Origin"] == "*"
    again = client.get("/incidents.json", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/incidents/")


def test_the_json_goes_on_at_a_whole_address(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for n in range(5):
        make_incident(title=f"Loss {n}")
    seen, address = [], "/incidents.json?order=start"
    while address:
        page = json.loads(client.get(address).content)
        seen += [one["title"] for one in page["results"]]
        assert page["next"] is None or page["next"].startswith(
            "http://127.0.0.1:8000/incidents.json?"
        )
        address = page["next"]
    assert seen == [f"Loss {n}" for n in range(5)]


def test_the_cost_of_data_is_one_of_pages_not_of_rows(client: Client) -> None:
    def counts() -> list[int]:
        numbers = []
        for form in FORMATS:
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/incidents.{form}")
            numbers.append(len(queries))
        return numbers

    make_incident(regions="GRU", services="api")
    before = counts()
    for n in range(4):
        one = make_incident(title=f"Loss {n}", regions="GRU AMS", services="api dns")
        one.related.set(Incident.objects.exclude(pk=one.pk))
        Addendum.objects.create(incident=one, body="Late.", publish_at=PUBLISHED)
    assert counts() == before
    assert max(before) <= 7


# CSV ----------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(client: Client, start: str) -> None:
    make_incident(
        title=f"{start}1+1", body=f'{start}HYPERLINK("x")', services=f"{start}api".strip()
    )
    (row,) = rows(client)
    assert row["title"] == f"'{start}1+1"
    assert row["body"] == f'\'{start}HYPERLINK("x")'
    assert not any(value.startswith(tuple("=+-@\t\r\n")) for value in row.values())


def test_a_sheet_reads_back_line_ends_quotes_lists_and_numbers(client: Client) -> None:
    body = 'He said "no";\r\nthen,\nyes 🔥'
    one = make_incident(body=body, regions="GRU AMS", status_posted_at=START - timedelta(minutes=5))
    Addendum.objects.create(incident=one, body="Two.", publish_at=PUBLISHED)
    (row,) = rows(client)
    assert row["body"] == body
    assert row["regions"] == "AMS; GRU"
    assert row["places"] == "AMS: Amsterdam, Netherlands; GRU: São Paulo, Brazil"
    assert row["status_lag_minutes"] == "-5"
    assert row["addenda"] == "2024-07-07T12:00:00-04:00: Two."
    assert client.get("/incidents.csv").content.count(b"\r\n") >= 2


def test_a_full_sheet_says_where_the_rest_is(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(exports, "MAX_SHEET_CHARACTERS", 800)
    for n in range(5):
        make_incident(title=f"Loss {n}")
    seen, address = [], "/incidents.csv?order=start"
    while address:
        response = client.get(address)
        seen += [row["title"] for row in csv.DictReader(io.StringIO(response.content.decode()))]
        address = response.get("Link", "").partition(">")[0].removeprefix("<http://127.0.0.1:8000")
    assert seen == [f"Loss {n}" for n in range(5)]
    assert "Link" not in client.get("/incidents.csv?q=Loss+1")


# Calendar -----------------------------------------------------------------------------


def test_an_event_is_what_a_calendar_needs(client: Client) -> None:
    one = make_incident(
        title="`eth0`; packets, lost", regions="GRU", body="A *switch*.\n\nTwo & <three>.\x07"
    )
    (event,) = events(client)
    assert str(event["uid"]) == str(one.uid)
    assert event.decoded("dtstart") == START
    assert event.decoded("dtend") == START + timedelta(minutes=30)
    assert event.decoded("dtstamp") == one.edited_at.replace(microsecond=0)
    assert event.decoded("last-modified") == event.decoded("dtstamp")
    assert str(event["summary"]) == "eth0; packets, lost"
    assert str(event["url"]) == "http://127.0.0.1:8000" + one.get_absolute_url()
    assert str(event["description"]) == "A switch.\n\nTwo & <three>."
    assert event["categories"].cats == ["incident", "partial", "GRU"]


@pytest.mark.parametrize(
    "length",
    [{"minutes": None}, {"minutes": None, "precision": "ongoing"}, {"minutes": 0}],
)
def test_an_event_without_a_length_has_no_end(client: Client, length: dict[str, Any]) -> None:
    make_incident(**length)
    (event,) = events(client)
    assert "dtend" not in event


def test_a_calendar_is_lines_of_75_octets_and_the_same_each_time(client: Client) -> None:
    make_incident(title="Störung 🔥 " * 20, body="w" * 5000)
    first = client.get("/incidents.ics").content
    assert client.get("/incidents.ics").content == first
    assert first.endswith(b"END:VCALENDAR\r\n")
    lines = first.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_calendar_is_named_for_its_query(client: Client) -> None:
    make_incident()
    calendar = Calendar.from_ical(client.get("/incidents.ics?impact=minor&q=a%07").content)
    assert (
        str(calendar["x-wr-calname"])
        == "The Infra Log: incidents (Words: a, Impact at least: minor)"
    )


def test_a_calendar_without_events_still_holds_a_component(client: Client) -> None:
    calendar = Calendar.from_ical(client.get("/incidents.ics").content)
    assert [one.name for one in calendar.subcomponents] == ["VTIMEZONE"]


def test_an_addendum_changes_when_an_event_was_modified(client: Client) -> None:
    one = make_incident()
    later = one.edited_at + timedelta(hours=2)
    Addendum.objects.create(incident=one, body="Two.", publish_at=later)
    assert events(client)[0].decoded("last-modified") == later.replace(microsecond=0)


# Atom ---------------------------------------------------------------------------------


def test_the_feed_of_a_query_has_its_own_address_and_permanent_ids(client: Client) -> None:
    one = make_incident(title="A bell \x07 rang", regions="GRU", body="See [it](/x/).")
    query = "?region=GRU&q=bell"
    feed = feedparser.parse(client.get(f"/incidents.xml{query}&order=delay").content)
    address = "http://127.0.0.1:8000/incidents.xml?q=bell&region=GRU"
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [address]
    assert feed.feed.title == "The Infra Log: incidents (Words: bell, Region: GRU)"
    (entry,) = feed.entries
    assert entry.id == one.uid.urn
    assert entry.link == "http://127.0.0.1:8000" + one.get_absolute_url()
    assert 'href="http://127.0.0.1:8000/x/"' in entry.content[0].value
    Incident.objects.update(title="Renamed bell", publish_at=PUBLISHED + timedelta(days=1))
    assert entries(client, query)[0].id == one.uid.urn


def test_the_newest_told_come_first_and_an_addendum_is_news(client: Client) -> None:
    old = make_incident(title="Old", publish_at=PUBLISHED + timedelta(hours=1))
    make_incident(title="New", started_at=START + timedelta(days=1))
    added = PUBLISHED + timedelta(days=2)
    Addendum.objects.create(incident=old, body="Two.", publish_at=added)
    first, second = entries(client)
    assert [first.title, second.title] == ["Old", "New"]
    assert first.published == "2024-07-07T17:00:00+00:00"
    assert first.updated == added.isoformat()
    assert "Two." in first.content[0].value


# Bulletins ----------------------------------------------------------------------------


def test_bulletins_are_data_too(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(api, "PAGE", 1)
    make_incident()
    make_incident(title="Secret", publish_at=None)
    bulletin = make_bulletin(intro="Hi.", essay="## What broke\n\nA *switch*.")
    Incident.objects.filter(title="Secret").update(publish_at=None)
    bulletin.authors.add(Author.objects.create(name="The team"))
    week = timedelta(days=7)
    make_bulletin(
        date=bulletin.date - week,
        period_first=bulletin.period_first - week,
        period_last=bulletin.period_last - week,
        publish_at=PUBLISHED - week,
    )
    document = json.loads(client.get("/bulletins.json").content)
    (first,) = document["results"]
    picture = first.pop("picture")
    assert picture.startswith("http://127.0.0.1:8000/2024-07-06/grid.")
    assert first == {
        "date": "2024-07-06",
        "period": ["2024-06-30", "2024-07-06"],
        "title": "June 30–July 6, 2024",
        "url": "http://127.0.0.1:8000/2024-07-06/",
        "uid": str(bulletin.uid),
        "published_at": "2024-07-07T12:00:00-04:00",
        "updated_at": "2024-07-07T12:00:00-04:00",
        "authors": [{"name": "The team", "url": None}],
        "intro": "Hi.",
        "essay_heading": "",
        "essay": "## What broke\n\nA *switch*.",
        "sections": [
            {"heading": "What broke", "url": "http://127.0.0.1:8000/2024-07-06/#what-broke"}
        ],
        "incidents": ["2024-07-02-packet-loss"],
    }
    assert document["next"] == "http://127.0.0.1:8000/bulletins.json?before=2024-07-06"
    rest = json.loads(client.get(document["next"]).content)
    assert [one["date"] for one in rest["results"]] == ["2024-06-29"]
    assert rest["next"] is None
    assert client.get("/bulletins.json?before=%00").status_code == 400
