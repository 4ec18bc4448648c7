"""Weeks, periods and windows: whole local days, pure.

A weekday number is Python's (Monday 0 … Sunday 6). The first day of the week is an argument
everywhere, because an installation fixes it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SUNDAY = 6
DAYS_IN_WEEK = 7
# A bulletin reaches at most this many weeks back.
LONGEST_PERIOD_WEEKS = 5
# The longest period that a person may type: a quarter of a year.
LONGEST_PERIOD_DAYS = 13 * DAYS_IN_WEEK
# Dates that any zone of the world can hold as an instant of UTC, with room for a window of weeks.
EARLIEST = date(1970, 1, 1)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `first` to `last`, both included; ValueError where they are out of order."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period can't end ({self.last}) before it begins ({self.first})")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def overlaps(self, other: Period) -> bool:
        return self.first <= other.last and other.first <= self.last

    def weeks(self, first_weekday: int = SUNDAY) -> list[Period]:
        """The whole weeks that the period touches, oldest first."""
        week = week_containing(self.first, first_weekday)
        weeks = [week]
        while week.last < self.last:
            week = week_containing(week.last + timedelta(days=1), first_weekday)
            weeks.append(week)
        return weeks


def week_containing(day: date, first_weekday: int = SUNDAY) -> Period:
    first = day - timedelta(days=(day.weekday() - first_weekday) % DAYS_IN_WEEK)
    return Period(first, first + timedelta(days=DAYS_IN_WEEK - 1))


def grid_window(period: Period, first_weekday: int = SUNDAY) -> Period:
    """The weeks a grid shows: those of `period`, and at least two, ending with its last."""
    weeks = period.weeks(first_weekday)
    two_weeks_back = weeks[-1].first - timedelta(days=DAYS_IN_WEEK)
    return Period(min(weeks[0].first, two_weeks_back), weeks[-1].last)


def default_period(on: date, published_until: date | None, first_weekday: int = SUNDAY) -> Period:
    """The period of a new bulletin dated `on`: from the day after `published_until`, the last
    published day, to the last full week on or before `on`, so that a skipped week coalesces.

    Where that leaves nothing, or nothing is published yet, it is that last full week; it reaches
    LONGEST_PERIOD_WEEKS back at most.
    """
    last_week = week_containing(on, first_weekday)
    if on < last_week.last:
        last_week = week_containing(last_week.first - timedelta(days=1), first_weekday)
    if published_until is None or published_until >= last_week.last:
        return last_week
    earliest = last_week.first - timedelta(days=DAYS_IN_WEEK * (LONGEST_PERIOD_WEEKS - 1))
    return Period(max(published_until + timedelta(days=1), earliest), last_week.last)


def utc_bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants from which and before which local days of `zone` lie in `period`."""
    after = period.last + timedelta(days=1)
    return (
        datetime.combine(period.first, time.min, tzinfo=zone),
        datetime.combine(after, time.min, tzinfo=zone),
    )


def uncovered(periods: Iterable[Period], until: date) -> list[Period]:
    """The gaps, oldest first, that `periods` leave between their first day and `until`."""
    gaps: list[Period] = []
    expected: date | None = None
    for period in sorted(periods):
        if expected and expected < period.first:
            gaps.append(Period(expected, period.first - timedelta(days=1)))
        expected = max(expected or period.first, period.last + timedelta(days=1))
    if expected and expected <= until:
        gaps.append(Period(expected, until))
    return gaps


def infer_period(
    days: Iterable[date], on: date, published: Sequence[Period], first_weekday: int
) -> Period:
    """The weeks of the `days` on which incidents began: five at most, and none that is published.

    Without such days it is the period of a quiet week.
    """
    free = sorted(day for day in days if not any(day in period for period in published))
    if not free:
        before = [period.last for period in published if period.last < on]
        return default_period(on, max(before, default=None), first_weekday)
    last_week = week_containing(free[-1], first_weekday)
    first = max(
        week_containing(free[0], first_weekday).first.toordinal(),
        last_week.first.toordinal() - 7 * (LONGEST_PERIOD_WEEKS - 1),
        *(each.last.toordinal() + 1 for each in published if each.last < free[-1]),
    )
    last = min([last_week.last, *_days_before(published, free[-1])])
    return Period(date.fromordinal(first), last)


def _days_before(published: Iterable[Period], day: date) -> list[date]:
    return [date.fromordinal(each.first.toordinal() - 1) for each in published if each.first > day]
