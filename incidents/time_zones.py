"""Time zones as people abbreviate them, and the instants that their wall clocks show: pure.

An abbreviation names the clock on a region's walls, whatever the season: many write EST in July.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones


@functools.cache
def names() -> frozenset[str]:
    """Those that are known here. Looked up once: each time takes milliseconds of reading files,
    and a bulletin's page asks for every row."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """`zone` is an IANA name; `summer` is None where the letters fit the whole year."""

    zone: str
    summer: bool | None = None


# Of each zone the letters in winter, in summer, and all year.
_LETTERS = (
    ("America/New_York", "EST", "EDT", "ET"),
    ("America/Chicago", "CST", "CDT", "CT"),
    ("America/Denver", "MST", "MDT", "MT"),
    ("America/Los_Angeles", "PST", "PDT", "PT"),
    ("Europe/Paris", "CET", "CEST", ""),
    # Not London's: in summer, too, those who write GMT mean UTC.
    ("Etc/GMT", "", "", "GMT"),
    ("Europe/London", "", "BST", ""),
    ("UTC", "", "", "UTC Z"),
    ("Asia/Tokyo", "", "", "JST"),
    ("Asia/Singapore", "", "", "SGT"),
    ("Australia/Sydney", "AEST", "AEDT", ""),
)
ABBREVIATIONS: Final = {
    letters: Abbreviation(zone, summer)
    for zone, *seasons in _LETTERS
    for summer, written in zip((False, True, None), seasons, strict=True)
    for letters in written.split()
}
_FULL_NAME = re.compile(
    r"(EASTERN|CENTRAL|MOUNTAIN|PACIFIC)(?: (STANDARD|DAYLIGHT))?(?: TIME)?", re.I
)
_OFFSET = re.compile(r"(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d{2}))?", re.I)
# Zones that keep an offset of no whole hours all year.
_BROKEN_OFFSETS = {
    "+4:30": "Asia/Kabul",
    "+5:30": "Asia/Kolkata",
    "+5:45": "Asia/Kathmandu",
    "+6:30": "Asia/Yangon",
    "+9:30": "Australia/Darwin",
}


def zone_of(written: str) -> ZoneInfo | None:
    """The zone meant by an abbreviation of either case, by "Eastern Time" or by an offset such as
    "+02:00"; None where it is not known."""
    if entry := ABBREVIATIONS.get(_abbreviate(written)):
        return ZoneInfo(entry.zone)
    if not (offset := _OFFSET.fullmatch(written)):
        return None
    sign, hours, minutes = offset[1], int(offset[2]), offset[3] or "00"
    # The signs of these names are POSIX's: Etc/GMT-2 is two hours ahead.
    whole = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if minutes == "00" else ""
    name = whole or _BROKEN_OFFSETS.get(f"{sign}{hours}:{minutes}", "")
    return ZoneInfo(name) if name in names() else None


def _abbreviate(written: str) -> str:
    if name := _FULL_NAME.fullmatch(written):
        return f"{name[1][0]}{(name[2] or '')[:1]}T".upper()
    return written.upper()


def is_wrong_dst(abbreviation: str, moment: datetime) -> bool:
    """Whether the letters name summer time in winter, or the reverse: EST in July."""
    entry = ABBREVIATIONS.get(_abbreviate(abbreviation))
    if entry is None or entry.summer is None:
        return False
    return bool(moment.astimezone(ZoneInfo(entry.zone)).dst()) != entry.summer


def abbreviation_of(moment: datetime) -> str:
    """The letters that are true at an aware `moment` in its zone: "EDT", "SGT", or "UTC+03"."""
    name = moment.tzname() or ""
    if name.isalpha():
        return name
    key = getattr(moment.tzinfo, "key", None)
    letters = (letters for letters, entry in ABBREVIATIONS.items() if entry.zone == key)
    return next(letters, f"UTC{name.removeprefix('UTC')}")


def resolve_wall_time(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clocks of `zone` show the naive `wall`.

    A time that occurs twice is the first of the two; one that a clock change skips counts on from
    the change (02:30 becomes 03:30). OverflowError at the ends of the calendar.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)


def add_elapsed(moment: datetime, by: timedelta) -> datetime:
    """The instant `by` after the aware `moment`, whatever its clocks do meanwhile."""
    return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)


def is_ambiguous(wall: datetime, zone: ZoneInfo) -> bool:
    early, late = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return early is not None and late is not None and early > late


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    return resolve_wall_time(wall, zone).replace(tzinfo=None) != wall
