"""When an incident began: a header's date and time of day, without a year, as an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bulletin.importing.text import ImportTextError
from incidents.time_zones import (
    abbreviation_of,
    is_ambiguous,
    is_skipped,
    is_wrong_dst,
    resolve_wall_time,
    zone_of,
)

# A bulletin may be dated before its week is over; what lies further ahead was a year ago.
DAYS_AHEAD = 7
# A day that lies so far back, half a year, is more often a slip than a late report.
DAYS_BACK = 182
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class HeaderTime:
    """The time that a header gives, as it was written: nothing in it need exist.

    `clock` and `end_clock` are an hour and a minute, `last_day` a month and a day. A `weekday`,
    from 0 for Monday, stands in place of month and day.
    """

    month: int
    day: int
    year: int | None
    clock: tuple[int, int]
    end_clock: tuple[int, int] | None
    zone: str
    last_day: tuple[int, int] | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class ResolvedStart:
    """`warnings` are sentences on what was assumed."""

    at: datetime
    end: datetime | None
    zone: ZoneInfo
    warnings: tuple[str, ...] = ()

    @property
    def minutes(self) -> float | None:
        if self.end is None:
            return None
        return (self.end.astimezone(UTC) - self.at.astimezone(UTC)).total_seconds() / 60


def is_long_ago(day: date, on: date) -> bool:
    return (on - day).days >= DAYS_BACK


def month_of(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def hour_of(written: str, half: str | None) -> int:
    """Of 24, where `half` of the day is "am" or "pm", however it is spelt."""
    hour = int(written)
    if half and hour <= 12:
        return hour % 12 + 12 * half.lower().startswith("p")
    return hour


def resolve_start(written: HeaderTime, on: date, line: int, site_zone: ZoneInfo) -> ResolvedStart:
    """The last such day and time that is at most DAYS_AHEAD after `on`, unless a year is written;
    ImportTextError for a day or a time that no calendar or clock shows."""
    letters = written.zone.partition("/")[0]
    zone = zone_of(letters) or site_zone
    day = _resolve_day(written, on, line)
    wall = datetime.combine(day, _time_of_day(written.clock, line))
    try:
        at, clock_warning = _resolve_with_letters(wall, zone, letters)
        end, end_warning = _resolve_end(written, wall, zone, line)
    except OverflowError as error:
        raise ImportTextError(f"the year {day.year} is out of reach", line) from error
    warnings = [_zone_warning(written.zone, at), clock_warning, end_warning]
    if day > on:
        warnings.append(f"{day} is after the bulletin’s date")
    if is_long_ago(day, on) and not written.year:
        warnings.append(f"no year is written: {day} was read, long before the bulletin’s date")
    return ResolvedStart(at, end, zone, tuple(filter(None, warnings)))


def _resolve_day(written: HeaderTime, on: date, line: int) -> date:
    if written.weekday is not None:
        return on - timedelta(days=(on.weekday() - written.weekday) % 7)
    first_day = written.month, written.day
    latest = date.fromordinal(min(on.toordinal() + DAYS_AHEAD, date.max.toordinal()))
    year = written.year or latest.year - (first_day > (latest.month, latest.day))
    for month, day in filter(None, (first_day, written.last_day)):
        _date(_LEAP_YEAR, month, day, "", line)
    return _date(year, *first_day, f" in {year}", line)


def _date(year: int, month: int, day: int, where: str, line: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        name = MONTHS[month - 1].title()
        raise ImportTextError(f"there is no {name} {day}{where}", line) from error


def _time_of_day(clock: tuple[int, int], line: int) -> time:
    try:
        return time(*clock)
    except ValueError as error:
        written = "{}:{:02}".format(*clock)
        raise ImportTextError(f"{written} is no time of day", line) from error


def _resolve_end(
    written: HeaderTime, wall: datetime, zone: ZoneInfo, line: int
) -> tuple[datetime | None, str]:
    if written.end_clock is None:
        return None, ""
    if written.end_clock == written.clock:
        return None, f"an end at {wall:%H:%M}, when it began, was not taken"
    end = datetime.combine(wall.date(), _time_of_day(written.end_clock, line))
    return resolve_wall_time(end if end > wall else end + timedelta(days=1), zone), ""


def _resolve_with_letters(wall: datetime, zone: ZoneInfo, letters: str) -> tuple[datetime, str]:
    """The instant, and a warning or "": of two such times the letters may say which is meant."""
    first = resolve_wall_time(wall, zone)
    if is_skipped(wall, zone):
        return first, f"{wall:%H:%M} is skipped by the clock change of {wall:%Y-%m-%d}"
    if not is_ambiguous(wall, zone):
        return first, ""
    second = first.replace(fold=1)
    first_is_wrong = is_wrong_dst(letters, first)
    if first_is_wrong == is_wrong_dst(letters, second):
        return first, f"{wall:%H:%M} occurs twice on {wall:%Y-%m-%d}; the first was taken"
    return (second if first_is_wrong else first), ""


def _zone_warning(written: str, at: datetime) -> str:
    letters = written.partition("/")[0]
    if letters and zone_of(letters) is None:
        return f"“{written}” is no zone known here; the time was read as {at.tzinfo}’s"
    if is_wrong_dst(letters, at):
        return f"{written} was read as {at.tzinfo}’s wall clock: {abbreviation_of(at)} on that day"
    return ""
