from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.weeks import (
    Period,
    default_period,
    grid_window,
    uncovered,
    utc_bounds,
    week_containing,
)

DAYS = st.dates(min_value=date(1971, 1, 1), max_value=date(2199, 12, 1))


def period(text: str) -> Period:
    first, last = text.split("/")
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@given(DAYS, st.integers(0, 6))
def test_a_week_is_seven_days_from_its_first_weekday_and_holds_its_day(
    day: date, weekday: int
) -> None:
    week = week_containing(day, weekday)
    assert len(week) == 7
    assert day in week
    assert week.first.weekday() == weekday


def test_a_period_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="end"):
        Period(date(2024, 7, 2), date(2024, 7, 1))


@pytest.mark.parametrize(
    ("covered", "window"),
    [
        ("2024-06-30/2024-07-06", "2024-06-23/2024-07-06"),
        ("2024-06-23/2024-07-06", "2024-06-23/2024-07-06"),
        ("2024-06-16/2024-07-06", "2024-06-16/2024-07-06"),
        ("2024-12-29/2025-01-04", "2024-12-22/2025-01-04"),
        ("2024-07-02/2024-07-03", "2024-06-23/2024-07-06"),
    ],
)
def test_a_window_is_the_weeks_of_the_period_and_at_least_two(covered: str, window: str) -> None:
    assert grid_window(period(covered)) == period(window)


@pytest.mark.parametrize(
    ("on", "until", "expected"),
    [
        # A Saturday ends its own week; a Monday looks back to the Saturday before.
        ("2024-07-06", "2024-06-29", "2024-06-30/2024-07-06"),
        ("2024-07-08", "2024-06-29", "2024-06-30/2024-07-06"),
        # A skipped week coalesces.
        ("2024-07-06", "2024-06-22", "2024-06-23/2024-07-06"),
        # Nothing new, or nothing at all yet: the last full week.
        ("2024-07-06", "2024-07-06", "2024-06-30/2024-07-06"),
        ("2024-07-06", None, "2024-06-30/2024-07-06"),
        # Five weeks back at most.
        ("2024-07-06", "2023-01-07", "2024-06-02/2024-07-06"),
    ],
)
def test_a_period_defaults_to_the_weeks_since_the_last(
    on: str, until: str | None, expected: str
) -> None:
    published = date.fromisoformat(until) if until else None
    assert default_period(date.fromisoformat(on), published) == period(expected)


def test_the_gaps_between_periods_are_found() -> None:
    periods = [period("2024-06-16/2024-06-22"), period("2024-06-30/2024-07-06")]
    assert uncovered(periods, date(2024, 7, 13)) == [
        period("2024-06-23/2024-06-29"),
        period("2024-07-07/2024-07-13"),
    ]
    assert uncovered(periods, date(2024, 7, 6)) == [period("2024-06-23/2024-06-29")]
    assert uncovered([], date(2024, 7, 6)) == []


@pytest.mark.parametrize(
    ("day", "hours"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-07-02", 24)]
)
def test_a_local_day_has_as_many_hours_as_its_clock_says(day: str, hours: int) -> None:
    one = date.fromisoformat(day)
    first, after = utc_bounds(Period(one, one), ZoneInfo("America/New_York"))
    assert after.timestamp() - first.timestamp() == timedelta(hours=hours).total_seconds()
