from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from django.http import QueryDict

from incidents.filters import Filters, Order
from incidents.models import Incident
from tests.factories import PUBLISHED, make_incident

pytestmark = pytest.mark.django_db
NOW = PUBLISHED + timedelta(days=30)
START = datetime(2024, 7, 2, 19, tzinfo=UTC)


def asking(query: str) -> Filters:
    return Filters(QueryDict(query), NOW)


def titles(query: str) -> list[str]:
    filters = asking(query)
    assert filters.is_valid(), filters.errors
    return [incident.title for incident in filters.rows()]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Drill", "Loss", "Quiet"]),
        ("region=GRU", ["Loss"]),
        ("service=api", ["Loss"]),
        ("impact=none", ["Drill", "Loss"]),
        ("impact=minor", ["Loss"]),
        ("impact=critical", []),
        ("scope=global", ["Loss"]),
        ("kind=maintenance", ["Drill"]),
        ("q=switch", ["Loss"]),
        ("q=LOSS", ["Loss"]),
        ("kind=maintenance&region=GRU", []),
        ("utm_source=mail&order=start", ["Drill", "Loss", "Quiet"]),
    ],
)
def test_each_filter_leaves_what_it_names(query: str, expected: list[str]) -> None:
    make_incident(title="Loss", regions="GRU AMS", services="api dns", scope="global", impact=2)
    make_incident(title="Drill", kind="maintenance", impact=0, body="")
    make_incident(title="Quiet", impact=None, body="")
    assert sorted(titles(query)) == expected


@pytest.mark.parametrize(("query", "expected"), [("year=2023", ["Old"]), ("year=2024", ["New"])])
def test_a_year_ends_at_midnight_of_the_site(query: str, expected: list[str]) -> None:
    make_incident(title="Old", started_at=datetime(2024, 1, 1, 4, 59, tzinfo=UTC))
    make_incident(title="New", started_at=datetime(2024, 1, 1, 5, tzinfo=UTC))
    assert titles(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "year=abc",
        "year=1969",
        "year=99999999999999999999",
        "region=%00",
        "region=gone",
        "service=%F0%9F%94%A5",
        "impact=huge",
        "impact=2",
        "scope=all",
        "kind=%27",
        "q=%00",
        "q=" + "x" * 10_000,
        "order=pk",
        "order=title",
        "offset=-1",
        "order=--start",
        "before=none",
        "before=%00",
        "before=" + "x" * 81,
    ],
)
def test_a_wrong_value_is_refused_at_its_field_and_not_repeated(query: str) -> None:
    make_incident()
    errors = asking(query).errors
    name, _equals, value = query.partition("=")
    assert list(errors) == [name]
    assert errors[name][0].endswith(".")
    assert value not in errors[name][0]


def test_what_is_not_published_yet_shows_nowhere() -> None:
    make_incident(title="Loss", regions="GRU", services="api")
    hidden = {"title": "Secret", "regions": "AMS", "services": "vault"}
    early = datetime(2019, 7, 2, tzinfo=UTC)
    private = make_incident(**hidden, publish_at=None, started_at=early)
    late = make_incident(**hidden, publish_at=NOW + timedelta(hours=1), started_at=early)
    filters = asking("")
    assert titles("") == ["Loss"]
    assert filters.is_valid()
    assert filters.matches.count() == 1
    page = str(filters)
    assert all(word in page for word in ("GRU", "api", "2024"))
    assert not any(word in page for word in ("AMS", "vault", "2019"))
    for query in ("region=AMS", "service=vault", f"before={private.slug}", f"before={late.slug}"):
        assert not asking(query).is_valid()
    assert titles("year=2019") == []


def test_years_are_offered_from_the_first_published_start_to_the_last() -> None:
    for year in (2021, 2024):
        make_incident(started_at=datetime(year, 7, 2, tzinfo=UTC))
    make_incident(started_at=datetime(2020, 7, 2, tzinfo=UTC), publish_at=None)
    filters = asking("year=2030")
    assert filters.is_valid()
    assert [one[0] for one in filters.fields["year"].widget.choices] == [
        "",
        *(2030, 2024, 2023, 2022, 2021),
    ]


def many() -> None:
    """Twelve, many of them equal in their keys, some without one."""
    for n in range(12):
        make_incident(
            title=["`b`", "B", "a", "é"][n % 4],
            started_at=START + timedelta(hours=n // 3),
            minutes=[None, 30, 5, 30, None][n % 5],
            impact=[None, 3, 0, 3][n % 4],
            publish_at=PUBLISHED + timedelta(days=n // 4),
        )


def paged(query: str) -> Iterator[int]:
    """The keys of the rows, five a page, each page from where the one before says."""
    while query:
        filters = asking(query)
        assert filters.is_valid(), filters.errors
        page = filters.page(filters.rows(), 5)
        yield from (one.pk for one in page.incidents)
        query = page.next_query.removeprefix("?")
        assert not query or "kind=incident" in query


def test_pages_hold_each_incident_once_in_every_order() -> None:
    many()
    make_incident(title="Drill", kind="maintenance")
    for order in Order:
        query = f"order={order.value}&kind=incident"
        filters = asking(query)
        assert filters.is_valid()
        whole = [one.pk for one in filters.rows()]
        assert len(set(whole)) == 12
        assert list(paged(query)) == whole, order


@pytest.mark.parametrize(("key", "attribute"), [("length", "length"), ("delay", "publish_delay")])
def test_what_is_not_known_comes_last_either_way(key: str, attribute: str) -> None:
    many()
    for descends in (False, True):
        filters = asking(f"order={'-' * descends}{key}")
        assert filters.is_valid()
        values = [getattr(incident, attribute) for incident in filters.rows()]
        known = [value for value in values if value is not None]
        assert values == sorted(known, reverse=descends) + [None] * (len(values) - len(known))


def test_a_query_string_has_only_what_is_asked() -> None:
    make_incident(regions="GRU")
    filters = asking("region=GRU&year=&impact=minor&order=-start&q=&offset=3&utm_source=x")
    assert filters.is_valid()
    query = parse_qs(filters.query_string().removeprefix("?"))
    assert query == {"region": ["GRU"], "impact": ["minor"]}
    assert filters.query_string(region="", impact="") == ""
    assert filters.active() == [
        ("Region: GRU", "?impact=minor"),
        ("Impact at least: minor", "?region=GRU"),
    ]


def test_a_column_reverses_its_own_order() -> None:
    assert Order.LONGEST.toggled("length") == "length"
    assert {Order.LONGEST.toggled(key) for key in ("start", "delay")} == {"-start", "-delay"}


def test_an_incident_has_its_delays() -> None:
    incident = make_incident(status_posted_at=START - timedelta(minutes=2))
    assert incident.status_delay == timedelta(minutes=-2)
    assert Incident(started_at=START).publish_delay is None
