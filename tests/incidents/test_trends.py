from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incidents import trends
from incidents.trends import Fact, Summary, recurrences
from incidents.weeks import SUNDAY, Period
from tests.incidents.grid.facts import NEW_YORK, make_entry

YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))


def make_fact(starts: str = "2024-07-02 15:00", minutes: float | None = 60, **given: Any) -> Fact:
    """One that was told a day after it began."""
    own = {name: given.pop(name) for name in Fact.__dataclass_fields__ if name in given}
    entry = make_entry(starts, minutes, **given)
    return Fact(**{"entry": entry, "publish_at": entry.starts + timedelta(days=1)} | own)


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    made = []
    for number in range(draw(st.integers(0, 25))):
        start = datetime(2024, 1, 1, tzinfo=NEW_YORK) + timedelta(
            minutes=draw(st.integers(0, 366 * 1440 - 1))
        )
        precision = draw(st.sampled_from(["exact", "about", "unknown", "ongoing"]))
        known = precision in ("exact", "about")
        made.append(
            make_fact(
                f"{start:%Y-%m-%d %H:%M}",
                draw(st.integers(0, 3000)) if known else None,
                precision=precision,
                slug=str(number),
                impact=draw(st.sampled_from([0, 1, 2, 3, 4, None])),
                scope=draw(st.sampled_from(["", "region", "global"])),
                regions=tuple(draw(st.sets(st.sampled_from(["AMS", "GRU", "IAD"])))),
                services=tuple(draw(st.sets(st.sampled_from(["Gateway", "Volumes"])))),
            )
        )
    return made


@given(facts())
def test_weeks_and_months_hold_each_incident_once_and_their_own_medians(told: list[Fact]) -> None:
    for spans in (list(trends.months(YEAR)), trends.weeks(YEAR, SUNDAY)):
        summaries = trends.summarize(told, spans)
        assert sorted(one.entry.slug for each in summaries for one in each.facts) == sorted(
            one.entry.slug for one in told
        )
        for each in summaries:
            inside = [one for one in told if one.entry.day in each.days]
            known = [one.minutes for one in inside if one.entry.precision in ("exact", "about")]
            assert each.durations.median == (median(known) if known else None)
            assert each.durations.known == len(known)
            assert each.durations.unknown + each.durations.ongoing == len(inside) - len(known)


def test_a_year_ends_and_begins_within_a_week() -> None:
    weeks = trends.weeks(YEAR, SUNDAY)
    assert weeks[0] == Period(date(2024, 1, 1), date(2024, 1, 6))
    assert weeks[-1] == Period(date(2024, 12, 29), date(2024, 12, 31))
    assert sum(map(len, weeks)) == 366
    leap = trends.weeks(Period(date(2028, 1, 1), date(2028, 12, 31)), SUNDAY)
    assert (len(leap), len(leap[0])) == (54, 1)


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    start = datetime(2024, 11, 3, 1, 30, tzinfo=NEW_YORK)
    over = datetime(2024, 11, 3, 1, 30, tzinfo=NEW_YORK, fold=1)
    one = make_fact(starts="2024-11-03 01:30", ends=over, publish_at=over)
    assert (start.astimezone(UTC).hour, one.minutes, one.delay) == (5, 60, 60)


def test_what_is_not_known_is_in_no_median() -> None:
    told = [
        make_fact(minutes=10),
        make_fact(minutes=30, precision="about"),
        make_fact(minutes=None),
        make_fact(minutes=None, precision="ongoing"),
    ]
    assert Summary(YEAR, told).durations == trends.Durations(
        20, known=2, about=1, unknown=1, ongoing=1
    )
    assert Summary(YEAR, []).durations.median is None
    assert Summary(YEAR, []).delay is None


def test_what_was_told_ahead_did_not_wait() -> None:
    starts = make_entry().starts
    assert make_fact(publish_at=starts - timedelta(days=3), kind="maintenance").delay == 0


def whose(told: list[Fact]) -> list[tuple[str, str]]:
    return [
        (one.reason, "".join(fact.entry.slug for fact in one.facts)) for one in recurrences(told)
    ]


def test_links_connect_over_others() -> None:
    told = [
        make_fact("2024-07-03 10:00", slug="c", title="C", related=frozenset("b")),
        make_fact("2024-07-01 10:00", slug="a", title="A", related=frozenset("b")),
        make_fact("2024-07-02 10:00", slug="b", title="B", related=frozenset("ac")),
        make_fact("2024-07-02 11:00", slug="d", title="D", related=frozenset(["elsewhere"])),
    ]
    assert whose(told) == [("related", "abc")]


def test_a_title_recurs_whatever_its_case() -> None:
    told = [make_fact(slug="a", title="Builds wait"), make_fact(slug="b", title="builds  Wait")]
    assert whose(told) == [("title", "ab")]


def test_a_place_recurs_within_four_weeks_of_the_time_before() -> None:
    there = {"services": ("Volumes",), "regions": ("GRU",)}
    told = [
        make_fact("2024-03-02 10:00", slug="a", title="A", **there),
        make_fact("2024-03-30 11:00", slug="b", title="B", **there),
        make_fact("2024-04-27 11:01", slug="c", title="C", **there),
        make_fact("2024-05-25 11:01", slug="d", title="D", **there),
        make_fact("2024-05-25 12:00", slug="e", title="E", services=("Volumes",)),
    ]
    # In March the clocks go forward, so that b comes 28 days after a to the minute.
    assert whose(told) == [("place", "cd"), ("place", "ab")]


def test_what_is_in_a_larger_recurrence_is_told_there_alone() -> None:
    there = {"services": ("Volumes", "Gateway"), "regions": ("GRU",), "title": "Builds wait"}
    told = [
        make_fact("2024-07-01 10:00", slug="a", **there),
        make_fact("2024-07-02 10:00", slug="b", **there, related=frozenset("a")),
        make_fact("2024-07-03 10:00", slug="c", **there | {"title": "Other"}),
    ]
    assert whose(told) == [("place", "abc")]
