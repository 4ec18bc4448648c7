"""The headers of incidents in a text: "July 2: Title (Internal) (15:00 EST): body".

A header has its date at the start of a line, or fused to the end of the item before it, and its
time in parentheses. Every pattern is bounded, and each looks at a stretch of text of bounded
length, so that the search is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bulletin.importing.start_times import HeaderTime, hour_of, month_of
from bulletin.importing.text import BULLET, ends_sentence, join_title, may_be_code
from incidents.time_zones import zone_of

MAX_TITLE_CHARS = 300
# A link's address may stand between the title and the time.
_MAX_HEADER_CHARS = MAX_TITLE_CHARS + 200

MONTH_NAMES = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_MONTH = f"(?:{MONTH_NAMES}|{MONTH_NAMES.upper()})"
_DAY = r"(?P<{}>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?"
# Of a version, "1.2024", neither is a day.
_ALONE = r"(?<!\w)(?<!\d\.)"
_TO = r"\ ?(?:[-–—/&,]|to|through|and)\ ?"
DAY = (
    r"(?:(?:(?:Mon|Tue|Tues|Wed|Wednes|Thu|Thur|Thurs|Fri|Sat|Satur|Sun)(?:day)?\.?,?\ )?"
    rf"(?:(?P<month>{_MONTH})\.?\ {{1,3}}{_DAY.format('day')}"
    rf"(?:{_TO}(?:(?P<month2>{_MONTH})\.?\ {{1,3}})?{_DAY.format('day2')})?"
    rf"|{_ALONE}{_DAY.format('day_first')}(?:{_TO}{_DAY.format('day_first2')})?"
    rf"\ (?P<month_last>{_MONTH})\.?)"
    r"(?:,?\ (?P<year>\d{4}))?"
    rf"|{_ALONE}(?P<iso_year>(?:19|20|21)\d{{2}})-(?P<iso_month>0[1-9]|1[0-2])-(?P<iso_day>\d{{2}}))"
)
_DATE = re.compile(rf"{DAY}[*_]{{0,3}}\ ?(?:(?P<colon>:)|[-–—](?=\ ))[*_]{{0,3}}", re.X)
LEAD = re.compile(
    rf"(?P<heading>[ ]{{0,3}}\#{{1,6}}[ \t]+)?(?P<bullet>{BULLET.pattern})?(?:\[[ xX]\]\ )?"
    r"[ \t]*(?P<open>[*_]{0,3}\[?[*_]{0,3})"
)
_MAX_LEAD_CHARS = 40
_FUSED_AFTER = tuple(".!?…)]”’`")
# After such a word a date is part of the sentence, wherever the line was broken.
_IN_SENTENCE = re.compile(
    r"(?:,|\b(?:since|on|of|from|until|till?|by|before|after|around|and|or|the|to|in|for|is|was"
    r"|see|like|than|between|through|as|at|this|our|both))$",
    re.I,
)
CLOCK = (
    r"(?P<hour{0}>\d{{1,2}})(?:(?P<colon{0}>[:.]?)(?P<minute{0}>\d{{2}})(?!\d))?(?::\d{{2}})?\s?"
    r"(?P<half{0}>[ap]\.?m\.?(?=[^a-z]|[ECMP][SD]?T\b|UTC|GMT|CES?T))?(?:\s?(?:h|hrs|hours)\b)?"
    # "-10:30" is the end of a range, "-05:00" after a space an offset.
    r"\s?(?P<zone{0}>(?:(?:utc|gmt)(?:[+-]|\ \+)|\+)(?:1[0-4]|0?\d)(?::?\d{{2}})?(?!\d)"
    r"|(?<=\s)-0[2-9]:?00(?!\d)"
    r"|[a-z]{{1,14}}(?:/[a-z_]{{1,20}}){{0,2}}(?:(?:\ [a-z]{{1,12}}){{0,2}}\ time)?)?"
)
_TIME = re.compile(
    r"\(\s?(?P<before>internal(?:\s?[,;/|–—-])?\s)?"
    r"(?:(?:at|around|about|approx\.?|approximately|circa|ca\.?|starting(?:\sat)?|from|since)\s)?"
    rf"[~≈]?\s?{CLOCK.format('')}"
    rf"(?:\s?(?P<dash>[-–—/,;|]|\bto\b|\buntil\b)\s?[~≈]?{CLOCK.format('2')})?"
    r"(?P<after>(?:\s?[,;/|–—-])?\s?internal)?\s?\)",
    re.I,
)
_INTERNAL = r"[(\[]\s?internal(?:\sonly)?\s?[)\]]"
_INTERNAL_FIRST = re.compile(rf"\s*{_INTERNAL}", re.I)
_INTERNAL_LAST = re.compile(rf"{_INTERNAL}[\s*_]{{0,6}}$", re.I)
_TAIL = re.compile(
    rf"\]?(?:\([^()\s]{{1,300}}\))?[ \t]?(?P<internal>{_INTERNAL})?"
    r"[ \t]?(?P<colon>:|[-–—](?=[ ]))?",
    re.I,
)
_CLOSING = re.compile(r"[ \t]?(?P<mark>[*_]{1,3})[ \t]?(?::|[-–—](?=[ ]))?")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,300}\)")
_MARKS = re.compile(r"\]\([^()\s]{0,300}\)|\*\*|\\([\\*_#\[\]()!.-])")
_HASHES = re.compile(r"[ \t]*+#+[ \t]*+(?=\n|$)")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_SENTENCES = re.compile(r"[^\W\d_]{3}[.!?][\"'”’)]?\s+[A-Z]")


class Lead(NamedTuple):
    """How the line of a header begins: `level` of a heading, `indent` of a list item, and `mark`,
    which opens bold or a link."""

    level: int = 0
    is_item: bool = False
    indent: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """`start` and `end` are its place in the text; `opened` is a bold mark not yet closed."""

    start: int
    end: int
    time: HeaderTime
    title: str
    internal: bool
    lead: Lead
    opened: str = ""


class _Candidate(NamedTuple):
    """A date where a header may begin; `lead` is None where it is fused to what precedes it."""

    start: int
    date: re.Match[str]
    lead: Lead | None


def find_headers(text: str, masked: str) -> tuple[list[Header], list[int]]:
    """The headers in order, and where lines begin with a date but lack the time of a header.

    Dates are looked for in `masked`, `text` with its code crossed out.
    """
    headers: list[Header] = []
    missing_time: list[int] = []
    candidates = list(_candidates(masked))
    ends = [*(candidate.start for candidate in candidates[1:]), len(text)]
    for candidate, end in zip(candidates, ends, strict=False):
        if headers and _is_detail(candidate, headers[0], headers[-1]):
            continue
        limit = min(end, candidate.date.end() + _MAX_HEADER_CHARS)
        if header := _header(candidate, text, masked, limit):
            headers.append(header)
        elif candidate.lead and candidate.date["colon"]:
            missing_time.append(candidate.start)
    return headers, missing_time


def _candidates(masked: str) -> Iterator[_Candidate]:
    for date in _DATE.finditer(masked):
        line_start = masked.rfind("\n", max(0, date.start() - _MAX_LEAD_CHARS), date.start()) + 1
        if line_start or date.start() <= _MAX_LEAD_CHARS:
            lead = LEAD.fullmatch(masked, line_start, date.start())
            if lead and not (lead[0].strip() == "" and _continues(masked, line_start)):
                yield _Candidate(line_start, date, read_lead(lead, lead[0]))
                continue
        if date["colon"] and (start := _fused_start(masked, date.start())) is not None:
            yield _Candidate(start, date, None)


def read_lead(lead: re.Match[str], written: str) -> Lead:
    indent = len(written) - len(written.lstrip())
    return Lead(written.count("#"), bool(lead["bullet"]), indent, lead["open"])


def _continues(masked: str, line_start: int) -> bool:
    # "seen since / July 2: …"
    before = masked[max(0, line_start - 40) : line_start]
    return before.endswith("\n") and bool(_IN_SENTENCE.search(before[:-1].rstrip(" \t")))


def _fused_start(masked: str, start: int) -> int | None:
    """Where an item fused to the one before it begins; None for a date within a sentence."""
    before = masked[max(0, start - 80) : start]
    unmarked = before.rstrip("*_")
    bare = unmarked.rstrip(" ")
    if bare.endswith("•"):
        is_fused = True
    elif bare == unmarked:
        is_fused = bare[-1:].isalnum() or bare.endswith(_FUSED_AFTER) or ends_sentence(bare)
    else:
        is_fused = ends_sentence(bare) and not bare.endswith(":")
    marks = len(before) - len(unmarked)
    return start - marks if is_fused and not bare.endswith("\n") else None


def _is_detail(candidate: _Candidate, first: Header, last: Header) -> bool:
    """Whether a date is within an incident's list: the first header shows how headers look.

    Below bold headers a list may have times of that day; an item of another day is an incident.
    """
    lead, usual = candidate.lead or Lead(), first.lead
    if lead.indent > usual.indent + 1:
        return True
    is_same_day = _first_day(candidate.date) == (last.time.month, last.time.day)
    is_below = usual.level > 0 or (usual.mark and is_same_day)
    return bool(lead.is_item and not usual.is_item and is_below)


def _header(candidate: _Candidate, text: str, masked: str, limit: int) -> Header | None:
    start, date, lead = candidate.start, candidate.date, candidate.lead or Lead()
    blank = _BLANK_LINE.search(masked, date.end(), limit)
    limit = blank.start() if blank else limit
    time = next(filter(is_time, _TIME.finditer(masked, date.end(), limit)), None)
    tail = _TAIL.match(masked, time.end()) if time else None
    if time is None or tail is None:
        return None
    written = text[date.end() : time.start()]
    has_end = bool(tail["colon"]) or masked[tail.end() : tail.end() + 4].lstrip(" *_#")[:1] in "\n"
    if not _is_title(written, has_end):
        return None
    opened, end = _close(masked[start : tail.end()], lead, _CLOSING.match(masked, tail.end()))
    end += tail.end()
    hashes = _HASHES.match(masked, end) if lead.level else None
    title, internal = read_title(written)
    zones = [zone or "" for zone in (time["zone"], time["zone2"])]
    internal = bool(internal or time["before"] or time["after"] or tail["internal"])
    return Header(
        start=start,
        end=hashes.end() if hashes else end,
        time=header_time(date, time, zones),
        title=title,
        internal=internal or "internal" in map(str.lower, zones),
        lead=lead,
        opened=opened,
    )


def is_time(time: re.Match[str]) -> bool:
    """Whether it is one: "15:00", "3pm", "1500 UTC" are, "1500 users", "10.24" and "2024" not."""
    has_zone = any(zone_of(time[name] or "") for name in ("zone", "zone2"))
    return bool(time["half"] or time["colon"] == ":" or (time["minute"] and has_zone))


def _is_title(written: str, has_end: bool) -> bool:
    parts = written.split("\n")
    if len(parts) > 5 or any(ends_sentence(part.rstrip()) for part in parts[:-1]):
        return False
    if any(BULLET.match(part) or part.lstrip().startswith("#") for part in parts[1:]):
        return False
    split_by_code = len(parts) % 2 == 1 and all(may_be_code(part.strip()) for part in parts[1::2])
    return has_end or (split_by_code and not _SENTENCES.search(written))


def _close(header: str, lead: Lead, closing: re.Match[str] | None) -> tuple[str, int]:
    """The bold mark that a header opened and nothing closes, and the length of what closes it."""
    opened = lead.mark.strip("[")
    mark = next((mark for mark in ("**", "__") if header.count(mark) % 2), "")
    mark = mark or (opened if len(opened) == 1 and header.count(opened) % 2 else "")
    if mark and closing and mark in closing["mark"]:
        return "", len(closing[0])
    return mark, 0


def read_title(written: str) -> tuple[str, bool]:
    last = _INTERNAL_LAST.search(written.rstrip(), max(0, len(written.rstrip()) - 30))
    written = written[: last.start()] if last else written
    first = _INTERNAL_FIRST.match(written)
    written = written[first.end() :] if first else written
    title = _LINK.sub(r"\1", join_title(written.split("\n")))
    title = _MARKS.sub(r"\1", title).strip(" \t*_")
    return " ".join(title.split())[:MAX_TITLE_CHARS], bool(first or last)


def header_time(
    date: re.Match[str], time: re.Match[str], zones: list[str], weekday: int | None = None
) -> HeaderTime:
    month, day = (0, 0) if weekday is not None else _first_day(date)
    year = date["year"] or date["iso_year"]
    is_range = time["hour2"] and time["dash"] not in "/,;|"
    last_month = month_of(date["month2"]) if date["month2"] else month
    last_day = date["day2"] or date["day_first2"]
    return HeaderTime(
        month=month,
        day=day,
        year=int(year) if year else None,
        clock=_clock(time, ""),
        end_clock=_clock(time, "2") if is_range else None,
        zone=next((zone for zone in zones if zone and zone.lower() != "internal"), ""),
        last_day=(last_month, int(last_day)) if last_day else None,
        weekday=weekday,
    )


def _first_day(date: re.Match[str]) -> tuple[int, int]:
    if date["iso_year"]:
        return int(date["iso_month"]), int(date["iso_day"])
    return month_of(date["month"] or date["month_last"]), int(date["day"] or date["day_first"])


def _clock(time: re.Match[str], which: str) -> tuple[int, int]:
    hour, minute, half = (time[f"{part}{which}"] for part in ("hour", "minute", "half"))
    return hour_of(hour, half), int(minute or 0)
