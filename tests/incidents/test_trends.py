from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incidents import trends
from incidents.models import Incident, Region, Service
from incidents.trends import DateRangeStats, recurrences
from incidents.weeks import SUNDAY, Period
from tests.incidents.grid.facts import NEW_YORK

YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))


def make_row(
    starts: str = "2024-07-02 15:00",
    minutes: float | None = 60,
    *,
    regions: Iterable[str] = (),
    services: Iterable[str] = (),
    related: str = "",
    **overrides: Any,
) -> Incident:
    """An incident that is not stored, published a day after its start; `related` has slugs of one
    letter."""
    start = datetime.fromisoformat(starts).replace(tzinfo=NEW_YORK).astimezone(UTC)
    ends = None if minutes is None else start + timedelta(minutes=minutes)
    fields: dict[str, Any] = {
        "slug": "a",
        "title": "Connectivity lost",
        "started_at": start,
        "ended_at": ends,
        "precision": "unknown" if minutes is None else "exact",
        "impact": 2,
        "publish_at": start + timedelta(days=1),
    }
    row = Incident(**fields | overrides)
    row.pk = key_of(row.slug)
    row._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "regions": [Region(code=code, place=code) for code in regions],
        "services": [Service(name=name) for name in services],
        "related": [Incident(pk=key_of(slug)) for slug in related],
    }
    return row


def key_of(slug: str) -> int:
    return int.from_bytes(slug.encode())


@st.composite
def rows(draw: st.DrawFn) -> list[Incident]:
    """In time order."""
    made = []
    for number in range(draw(st.integers(0, 25))):
        start = datetime(2024, 1, 1, tzinfo=NEW_YORK) + timedelta(
            minutes=draw(st.integers(0, 366 * 1440 - 1))
        )
        precision = draw(st.sampled_from(["exact", "about", "unknown", "ongoing"]))
        known = precision in ("exact", "about")
        made.append(
            make_row(
                f"{start:%Y-%m-%d %H:%M}",
                draw(st.integers(0, 3000)) if known else None,
                precision=precision,
                slug=str(number),
                impact=draw(st.sampled_from([0, 1, 2, 3, 4, None])),
                scope=draw(st.sampled_from(["", "region", "global"])),
                regions=draw(st.sets(st.sampled_from(["AMS", "GRU", "IAD"]))),
                services=draw(st.sets(st.sampled_from(["Gateway", "Volumes"]))),
            )
        )
    return sorted(made, key=lambda row: row.started_at)


@given(rows())
def test_weeks_and_months_hold_each_incident_once_and_their_own_medians(
    incidents: list[Incident],
) -> None:
    for spans in (list(trends.months(YEAR)), trends.weeks(YEAR, SUNDAY)):
        summaries = trends.summarize(incidents, spans)
        assert [row.slug for each in summaries for row in each.incidents] == [
            row.slug for row in incidents
        ]
        for each in summaries:
            inside = [row for row in incidents if row.local_date in each.days]
            known = [row.length for row in inside if row.length is not None]
            minutes = [length.total_seconds() / 60 for length in known]
            assert each.lengths == minutes
            assert each.median_length == (median(minutes) if minutes else None)
            unknown = each.precisions["unknown"] + each.precisions["ongoing"]
            assert unknown == len(inside) - len(known)


def test_a_year_ends_and_begins_within_a_week() -> None:
    weeks = trends.weeks(YEAR, SUNDAY)
    assert weeks[0] == Period(date(2024, 1, 1), date(2024, 1, 6))
    assert weeks[-1] == Period(date(2024, 12, 29), date(2024, 12, 31))
    assert sum(map(len, weeks)) == 366
    leap = trends.weeks(Period(date(2028, 1, 1), date(2028, 12, 31)), SUNDAY)
    assert (len(leap), len(leap[0])) == (54, 1)


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    over = datetime(2024, 11, 3, 1, 30, tzinfo=NEW_YORK, fold=1).astimezone(UTC)
    start = datetime(2024, 11, 3, 5, 30, tzinfo=UTC)
    row = make_row(started_at=start, ended_at=over, publish_at=over)
    assert (trends.length(row), trends.delay(row)) == (60, 60)


def test_what_is_not_known_is_in_no_median() -> None:
    stats = DateRangeStats(
        YEAR,
        [
            make_row(minutes=10),
            make_row(minutes=30, precision="about"),
            make_row(minutes=None),
            make_row(minutes=None, precision="ongoing"),
        ],
    )
    assert (stats.median_length, stats.longest, len(stats.lengths)) == (20, 30, 2)
    assert stats.precisions == {"exact": 1, "about": 1, "unknown": 1, "ongoing": 1}
    empty = DateRangeStats(YEAR, [])
    assert (empty.median_length, empty.median_delay, empty.longest) == (None, None, None)


def test_what_was_announced_ahead_did_not_wait() -> None:
    row = make_row(publish_at=datetime(2024, 6, 29, tzinfo=UTC), kind="maintenance")
    assert trends.delay(row) == 0


def reasons(incidents: list[Incident]) -> list[tuple[str, str]]:
    found = recurrences(sorted(incidents, key=lambda row: (row.started_at, row.slug)))
    return [(each.reason, "".join(row.slug for row in each.incidents)) for each in found]


def test_links_connect_over_others() -> None:
    incidents = [
        make_row("2024-07-03 10:00", slug="c", title="C", related="b"),
        make_row("2024-07-01 10:00", slug="a", title="A", related="b"),
        make_row("2024-07-02 10:00", slug="b", title="B", related="ac"),
        make_row("2024-07-02 11:00", slug="d", title="D", related="z"),
    ]
    assert reasons(incidents) == [("related", "abc")]


def test_a_title_recurs_whatever_its_case() -> None:
    incidents = [make_row(slug="a", title="Builds wait"), make_row(slug="b", title="builds  Wait")]
    assert reasons(incidents) == [("title", "ab")]


def test_a_place_recurs_within_four_weeks_of_the_time_before() -> None:
    there = {"services": ("Volumes",), "regions": ("GRU",)}
    incidents = [
        make_row("2024-03-02 10:00", slug="a", title="A", **there),
        make_row("2024-03-30 11:00", slug="b", title="B", **there),
        make_row("2024-04-27 11:01", slug="c", title="C", **there),
        make_row("2024-05-25 11:01", slug="d", title="D", **there),
        make_row("2024-05-25 12:00", slug="e", title="E", services=("Volumes",)),
    ]
    # In March the clocks go forward, so that b comes 28 days after a to the minute.
    assert reasons(incidents) == [("place", "cd"), ("place", "ab")]


def test_what_is_in_a_larger_recurrence_is_listed_there_alone() -> None:
    there = {"services": ("Volumes", "Gateway"), "regions": ("GRU",), "title": "Builds wait"}
    incidents = [
        make_row("2024-07-01 10:00", slug="a", **there),
        make_row("2024-07-02 10:00", slug="b", **there, related="a"),
        make_row("2024-07-03 10:00", slug="c", **there | {"title": "Other"}),
    ]
    assert reasons(incidents) == [("place", "abc")]
