"""When an incident began: a header's date and clock, without a year, as an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bulletin.importing.lines import ImportTextError
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
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was written; 24:00 and 25:61 too."""

    hour: int
    minute: int


@dataclass(frozen=True, slots=True)
class When:
    """The time that a header gives, as it was written: nothing in it need exist."""

    month: int
    day: int
    year: int | None
    clock: Clock
    end_clock: Clock | None
    zone: str
    last_day: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """`warnings` are sentences on what was assumed."""

    at: datetime
    end: datetime | None
    zone: ZoneInfo
    warnings: tuple[str, ...] = ()

    @property
    def minutes(self) -> float | None:
        """From start to end."""
        if self.end is None:
            return None
        return (self.end.astimezone(UTC) - self.at.astimezone(UTC)).total_seconds() / 60


def start_of(when: When, on: date, line: int, site_zone: ZoneInfo) -> Start:
    """The last such day and time that is at most DAYS_AHEAD after `on`, unless `when` has a
    year; ImportTextError for a day or a time that no calendar or clock shows."""
    letters = when.zone.partition("/")[0]
    zone = zone_of(letters) or site_zone
    day = _day(when, on, line)
    wall = _wall(day, when.clock, line)
    try:
        at = _at(wall, zone, letters)
        end = _end(wall, when.end_clock, zone, line)
    except OverflowError as error:
        raise ImportTextError(f"the year {day.year} is out of reach", line) from error
    warnings = [*_zone_warnings(when.zone, at), *_clock_warnings(wall, zone, letters)]
    if day > on:
        warnings.append(f"{day} is after the bulletin’s date")
    return Start(at, end, zone, tuple(warnings))


def _day(when: When, on: date, line: int) -> date:
    for month, day in filter(None, [(when.month, when.day), when.last_day]):
        if not 1 <= day <= _DAYS_IN_MONTH[month - 1]:
            raise ImportTextError(f"there is no {_name(month)} {day}", line)
    year = when.year or _year(when.month, when.day, on)
    try:
        return date(year, when.month, when.day)
    except ValueError as error:
        name = _name(when.month)
        raise ImportTextError(f"there is no {name} {when.day} in {year}", line) from error


def _year(month: int, day: int, on: date) -> int:
    latest = date.fromordinal(min(on.toordinal() + DAYS_AHEAD, date.max.toordinal()))
    return latest.year - ((month, day) > (latest.month, latest.day))


def _name(month: int) -> str:
    return MONTHS[month - 1].title()


def _wall(day: date, clock: Clock, line: int) -> datetime:
    if clock.hour > 23 or clock.minute > 59:
        raise ImportTextError(f"{clock.hour}:{clock.minute:02} is no time of day", line)
    return datetime.combine(day, time(clock.hour, clock.minute))


def _end(wall: datetime, clock: Clock | None, zone: ZoneInfo, line: int) -> datetime | None:
    return (
        resolve_wall_time(following(wall, _wall(wall.date(), clock, line).time()), zone)
        if clock
        else None
    )


def following(wall: datetime, clock: time) -> datetime:
    """The first time after `wall` at which a clock shows `clock`."""
    then = datetime.combine(wall.date(), clock)
    return then if then > wall else then + timedelta(days=1)


def _zone_warnings(written: str, at: datetime) -> list[str]:
    letters = written.partition("/")[0]
    if letters and zone_of(letters) is None:
        return [f"“{written}” is no zone known here; the time was read as {at.tzinfo}’s"]
    if is_wrong_dst(letters, at):
        return [
            f"{written} was read as {at.tzinfo}’s wall clock: {abbreviation_of(at)} on that day"
        ]
    return []


def _clock_warnings(wall: datetime, zone: ZoneInfo, letters: str) -> list[str]:
    if is_skipped(wall, zone):
        return [f"{wall:%H:%M} is skipped by the clock change of {wall:%Y-%m-%d}"]
    if is_ambiguous(wall, zone) and not _is_told_apart(wall, zone, letters):
        return [f"{wall:%H:%M} occurs twice on {wall:%Y-%m-%d}; the first was taken"]
    return []


def _at(wall: datetime, zone: ZoneInfo, letters: str) -> datetime:
    at = resolve_wall_time(wall, zone)
    if is_ambiguous(wall, zone) and is_wrong_dst(letters, at):
        return at.replace(fold=1)
    return at


def _is_told_apart(wall: datetime, zone: ZoneInfo, letters: str) -> bool:
    """Whether the letters say which of two times is meant: EST the later, EDT the first."""
    first = resolve_wall_time(wall, zone)
    return is_wrong_dst(letters, first) != is_wrong_dst(letters, first.replace(fold=1))
