"""Headers whose time is before the title, each a line of its own: "Nov 29, 14:05 UTC - Title",
"Nov 30 (09:10 CET): Title", "Monday 22:00 to 23:30: Title"."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence

from bulletin.importing.headers import (
    CLOCK,
    DAY,
    LEAD,
    MAX_TITLE_CHARS,
    Header,
    Lead,
    header_time,
    is_time,
    read_lead,
    read_title,
)
from bulletin.importing.start_times import HeaderTime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(
    rf"""^(?P<lead>{LEAD.pattern})
    (?:{DAY}|(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|s|sday|nesday|rs|rsday|urday)?\.?)
    [*_]{{0,3}}(?:,?\ (?i:at\ )?|,?\ (?P<bracket>\())
    (?i:{CLOCK.format("")}(?:\s?(?P<dash>[-–—]|\bto\b|\buntil\b)\s?{CLOCK.format("2")})?)
    (?(bracket)\))[*_]{{0,3}}\ ?(?::|[-–—](?=\ ))[*_]{{0,3}}\ ?(?=\S)""",
    re.M | re.X,
)
_TITLE_END = re.compile(r"[*_]{0,3}:[*_]{0,3}(?=\s|$)|(?<=[^\W\d_]{2})[.!?](?=\s|$)|$", re.M)


def find_dated_lines(text: str, masked: str, headers: Sequence[Header]) -> list[Header]:
    """The headers of this form beside `headers`; where these are no list items, such items are
    the times of an incident's own list."""
    known = [header.start for header in headers]
    found = []
    for line in _LINE.finditer(masked):
        lead = read_lead(line, line["lead"])
        is_detail = bool(headers) and lead.is_item and not headers[0].lead.is_item
        is_indented = lead.indent > (headers[0].lead.indent if headers else 0) + 1
        is_known = any(line.start() <= start < line.end() for start in _near(known, line.start()))
        if is_time(line) and not (is_detail or is_indented or is_known):
            found.append(_header(line, lead, text))
    return found


def is_dated_line(masked: str, start: int) -> bool:
    return bool(_LINE.match(masked, start))


def _near(known: Sequence[int], start: int) -> Iterator[int]:
    at = bisect(known, start)
    yield from known[max(0, at - 1) : at + 1]


def _header(line: re.Match[str], lead: Lead, text: str) -> Header:
    end = _TITLE_END.search(text, line.end(), line.end() + MAX_TITLE_CHARS)
    close = end.start() if end else line.end() + MAX_TITLE_CHARS
    title, internal = read_title(text[line.end() : close])
    zones = [zone or "" for zone in (line["zone"], line["zone2"])]
    return Header(
        start=line.start(),
        end=end.end() if end else close,
        time=_time(line, zones),
        title=title,
        internal=internal,
        lead=lead,
    )


def _time(line: re.Match[str], zones: list[str]) -> HeaderTime:
    if not line["weekday"]:
        return header_time(line, line, zones)
    return header_time(line, line, zones, weekday=WEEKDAYS.index(line["weekday"].lower()))
