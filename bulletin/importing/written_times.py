"""Days and times of day as people write them, and the instants that are meant. Pure.

Patterns are for `re.X`, and each is bounded; what they match is read by the names of its groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bulletin.importing.text import ImportTextError
from incidents.time_zones import (
    ABBREVIATIONS,
    abbreviation_of,
    is_ambiguous,
    is_skipped,
    is_wrong_dst,
    resolve_wall_time,
    zone_of,
)

# A bulletin may be dated before its week is over; what lies further ahead was a year ago.
DAYS_AHEAD = 7
_LEAP_YEAR = 2000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
WEEKDAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_MONTH = rf"(?:{MONTH}|{MONTH.upper()})"
# "2, 14:05" is no range of days.
_DAY = r"(?P<{}>\d{{1,2}})(?!\d|:\d\d(?!\d))(?:st|nd|rd|th)?"
# Of a version, "1.2024", neither is a day.
_ALONE = r"(?<!\w)(?<!\d\.)"
# Between the first day and the last.
TO = r"\ ?(?:[-–—/&,]|to|through|and)\ ?"

_LETTERS = "|".join(sorted(ABBREVIATIONS, key=len, reverse=True))
# "-10:30" is the end of a range, "-05:00" after a space an offset.
ZONE = rf"""(?:(?:(?:utc|gmt)(?:\ ?\+|-|\ -(?!\d+:))|\+)(?:1[0-4]|0?\d)(?::?\d{{2}})?(?!\d)
    |(?<=\s)-0[2-9]:?00(?!\d)
    |(?:eastern|central|mountain|pacific)(?:\ (?:standard|daylight))?(?:\ time)?(?!\w)
    |(?:{_LETTERS})(?!\w))"""
# Letters that aren't known, too: who reads them warns of them.
ANY_ZONE = rf"""(?:{ZONE}
    |(?!internal\b)[a-z]{{1,14}}(?:/[a-z_]{{1,20}}){{0,2}}(?:(?:\ [a-z]{{1,12}}){{0,2}}\ time)?)"""
_HALF = rf"[ap](?:\.m\.?|m)(?=(?:{_LETTERS})?(?![a-z]))"
_HOURS = r"\s?(?:h|hrs|hours|o['’]clock)\b"
_DASH = r"->|→|-|–|—|\bto\b|\buntil\b|\btill\b|\bthrough\b|\band\b"


def date_pattern(to: str = "(?!)") -> str:
    """A date for `read_date`, and where `to` can match, a range of days."""
    return rf"""(?:(?:{WEEKDAY}\.?,?\ )?
        (?:(?P<month>{_MONTH})\.?\ {{1,3}}{_DAY.format("day")}
         (?:{to}(?:(?P<month2>{_MONTH})\.?\ {{1,3}})?{_DAY.format("day2")})?
        |{_ALONE}{_DAY.format("day_first")}(?:{to}{_DAY.format("day_first2")})?
         \ (?:of\ )?(?P<month_last>{_MONTH})\.?)
        (?:,?\ (?P<year>\d{{4}}))?
        |{_ALONE}(?P<iso>\d{{4}}-\d{{2}}-\d{{2}}))"""


def clock(which: str = "", zone: str = ZONE, bare: str = "(?!)") -> str:
    """A time of day, in groups named time, half and zone with `which` after each. A number by
    itself, or 1405, is one only beside what says so; `bare` is what else is one."""
    return rf"""(?:(?P<time{which}>\d{{1,2}}[:.]\d{{2}}(?!\d)(?::\d{{2}})?
        |\d{{1,2}}(?=\s?(?:{_HALF}|o['’]clock))
        |\d{{1,2}}(?=\s?(?:{_DASH})\s?\d{{1,2}}(?::\d{{2}})?\s?{_HALF})
        |\d{{1,2}}(?=(?:{_HOURS})?(?:\s(?:to|until|till|and)\s|[-–])\d{{1,2}}:\d{{2}})
        |[012]?\d[0-5]\d(?=(?:{_HOURS})|\s?(?:(?:{_DASH})\s?\d{{3,4}}\s?)?{ZONE})
        |noon\b|midday\b|midnight\b|{bare})
        (?:\s?(?P<half{which}>{_HALF}))?(?:{_HOURS})?
        (?:\s?(?P<bracket{which}>\()?(?P<zone{which}>{zone})(?(bracket{which})\)))?)"""


def span(zone: str = ZONE, dash: str = "(?!)", bare: str = "(?!)") -> str:
    """A time of day, or from one to another, for `read_span`. `dash` is for what else may be
    between the two: the same time in two zones."""
    return rf"""[~≈]?\s?{clock(zone=zone)}
        (?:\s?(?P<dash>{_DASH}|{dash})\s?(?:[~≈]|(?:about|around)\ )?{clock("2", zone, bare)})?"""


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day that was written, and need not exist. `last` ends a range, a month and a day; a
    `weekday`, from 0 for Monday, is in place of month and day."""

    month: int = 0
    day: int = 0
    year: int | None = None
    last: tuple[int, int] | None = None
    weekday: int | None = None

    def resolve(self, on: date) -> date:
        """The last such day that is at most DAYS_AHEAD after `on`, unless a year is written;
        ImportTextError for a day that no calendar has."""
        if self.weekday is not None:
            return on - timedelta(days=(on.weekday() - self.weekday) % 7)
        if self.month not in range(1, 13):
            raise ImportTextError(f"there is no {self.year:04}-{self.month:02}-{self.day:02}")
        first = self.month, self.day
        for month, day in filter(None, (first, self.last)):
            _date(_LEAP_YEAR, month, day)
        latest = date.fromordinal(min(on.toordinal() + DAYS_AHEAD, date.max.toordinal()))
        year = self.year or latest.year - (first > (latest.month, latest.day))
        return _date(year, *first, f" in {year}")


@dataclass(frozen=True, slots=True)
class WrittenSpan:
    """Hours and minutes that were written, which no clock need show; `zone` is as written."""

    start: tuple[int, int]
    end: tuple[int, int] | None
    zone: str

    def resolve(self, day: date, site_zone: ZoneInfo, fold: int = 0) -> ResolvedTimes:
        """`fold` is 1 for the second of two such times, where the clocks are set back that day
        and the letters of the zone don't say which. ImportTextError for a time that no clock
        shows."""
        letters = self.zone.partition("/")[0]
        zone = zone_of(letters) or site_zone
        wall = datetime.combine(day, _time_of_day(self.start))
        try:
            instants = _instants(wall, zone, letters)
            end = self._end(wall, zone, fold)
        except OverflowError as error:
            raise ImportTextError(f"the year {day.year} is out of reach") from error
        at = instants[-1] if fold else instants[0]
        warnings = [_zone_warning(self.zone, at)]
        if is_skipped(wall, zone):
            warnings.append(f"{wall:%H:%M} is skipped by the clock change of {day}")
        if len(instants) > 1:
            warnings.append(f"{wall:%H:%M} occurs twice on {day}; the first was taken")
        if self.end == self.start:
            warnings.append(f"an end at {wall:%H:%M}, when it began, was not taken")
        precision = "exact" if end else "unknown"
        return ResolvedTimes(at, end, zone, precision, [text for text in warnings if text])

    def _end(self, wall: datetime, zone: ZoneInfo, fold: int) -> datetime | None:
        if self.end is None or self.end == self.start:
            return None
        end = datetime.combine(wall.date(), _time_of_day(self.end))
        later = resolve_wall_time(end if end > wall else end + timedelta(days=1), zone)
        return later.replace(fold=fold)


@dataclass(frozen=True, slots=True)
class ResolvedTimes:
    """`precision` is of the length; `warnings` are sentences on what was assumed. A length is
    `proposed` that was read from the prose, and wants confirming."""

    start: datetime
    end: datetime | None
    zone: ZoneInfo
    precision: str
    warnings: list[str] = field(default_factory=list)
    proposed: bool = False


def read_date(found: re.Match[str]) -> WrittenDay:
    """What `date_pattern` matched."""
    if found["iso"]:
        year, month, day = map(int, found["iso"].split("-"))
        return WrittenDay(month, day, year)
    month = _month_of(found["month"] or found["month_last"])
    last_day = found["day2"] or found["day_first2"]
    last_month = _month_of(found["month2"]) if found["month2"] else month
    return WrittenDay(
        month=month,
        day=int(found["day"] or found["day_first"]),
        year=int(found["year"]) if found["year"] else None,
        last=(last_month, int(last_day)) if last_day else None,
    )


def read_span(found: re.Match[str]) -> WrittenSpan:
    """What `clock` or `span` matched."""
    groups = found.groupdict()
    start, end = read_clock(groups["time"], groups.get("half")), None
    if groups.get("time2") and groups["dash"] not in "/,;|":
        half = groups.get("half2")
        end = read_clock(groups["time2"], half)
        if half and not groups.get("half") and groups["time"][0] != "0":
            # "2 to 3pm", and "11 to 1pm", which begins in the morning.
            late = read_clock(groups["time"], half)
            start = late if late < end or start > end else start
    return WrittenSpan(start, end, groups.get("zone") or groups.get("zone2") or "")


def read_clock(written: str, half: str | None) -> tuple[int, int]:
    """Hour, of 24, and minute; `half` of the day is "am" or "pm", however it is spelt."""
    if written.isalpha():
        return (0 if written.lower() == "midnight" else 12), 0
    hours, minutes, *_seconds = [*re.split("[:.]", written), ""]
    if len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    hour = int(hours)
    if half and hour <= 12:
        hour = hour % 12 + 12 * half.lower().startswith("p")
    return hour, int(minutes or 0)


def _month_of(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _date(year: int, month: int, day: int, where: str = "") -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        name = MONTHS[month - 1].title()
        raise ImportTextError(f"there is no {name} {day}{where}") from error


def _time_of_day(hour_and_minute: tuple[int, int]) -> time:
    try:
        return time(*hour_and_minute)
    except ValueError as error:
        raise ImportTextError("{}:{:02} is no time of day".format(*hour_and_minute)) from error


def _instants(wall: datetime, zone: ZoneInfo, letters: str) -> list[datetime]:
    """Those at which the clocks show `wall`: of two the letters may say which is meant."""
    first = resolve_wall_time(wall, zone)
    if not is_ambiguous(wall, zone):
        return [first]
    both = [first, first.replace(fold=1)]
    return [each for each in both if not is_wrong_dst(letters, each)] or both


def _zone_warning(written: str, at: datetime) -> str:
    letters = written.partition("/")[0]
    if letters and zone_of(letters) is None:
        return f"“{written}” is no zone known here; the time was read as {at.tzinfo}’s"
    if is_wrong_dst(letters, at):
        return f"{written} was read as {at.tzinfo}’s wall clock: {abbreviation_of(at)} on that day"
    return ""
