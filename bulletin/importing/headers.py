"""The headers of incidents in a text, each with its date at the start of a line.

The time is in parentheses after the title, "July 2: Title (Internal) (15:00 EST): body", where the
date may also be fused to the end of the item before it; or it follows the date: "Nov 29, 14:05 UTC
- Title", "Nov 30 (09:10 CET): Title", "Monday 22:00 to 23:30: Title", "[Nov 29, 14:05 UTC] Title";
or both follow the title: "Title (Nov 29, 14:05 UTC): body". Every pattern is bounded,
and each looks at a stretch of text of bounded length, so that the search is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from bulletin.importing.text import BULLET, ends_sentence, join_title, may_be_code
from bulletin.importing.written_times import (
    ANY_ZONE,
    TO,
    WEEKDAY,
    WEEKDAYS,
    WrittenDay,
    WrittenSpan,
    clock,
    date_pattern,
    read_clock,
    read_date,
    read_span,
    span,
)
from incidents.time_zones import zone_of

MAX_TITLE_CHARS = 300
# A link's address may stand between the title and the time.
_MAX_HEADER_CHARS = MAX_TITLE_CHARS + 200
_MAX_LEAD_CHARS = 40

_SPAN = span(ANY_ZONE, dash="[/,;|]", bare=r"\d{1,2}(?!\d)")
_DATE = re.compile(
    rf"""(?:{date_pattern(TO)}|(?<!\w)(?P<weekday>{WEEKDAY})\.?)[*_]{{0,3}}
    (?:,?\ (?:(?i:at\ |@\ ?)?|(?P<open>\())(?i:{_SPAN})(?(open)\))[*_]{{0,3}}
     (?:\ ?(?::(?!\d)|[-–—](?=\ ))[*_]{{0,3}}\ ?(?=\S)
      |(?P<closed>[\])])[*_]{{0,3}}(?P<end>\ ?(?::|[-–—](?=\ )))?[*_]{{0,3}}(?=\s|$)
      |(?P<bare>\ )(?=[A-Z`]))
    |(?P<internal>\ \((?i:internal)\))?\ ?(?:(?P<colon>:)|[-–—](?=\ ))[*_]{{0,3}})""",
    re.X,
)
# "… – November 25 01:30 EST: Title", after the start.
_UNTIL = re.compile(
    rf"{date_pattern()},?\ {clock()}[*_]{{0,3}}\ ?[:–—-][*_]{{0,3}}\ ?", re.X | re.I
)
_LEAD = re.compile(
    rf"(?P<heading>[ ]{{0,3}}\#{{1,6}}[ \t]+)?(?P<bullet>{BULLET.pattern})?(?:\[[ xX]\]\ )?"
    r"[ \t]*(?P<open>[*_]{0,3}[(\[]?[*_]{0,3})"
)
_TITLED = re.compile(rf"{_LEAD.pattern}(?P<title>[A-Z0-9`][^\n().!?]{{2,100}}?)[*_]{{0,3}} \(")
_FUSED_AFTER = tuple(".!?…)]”’`")
# After such a word a date is part of the sentence, wherever the line was broken.
_IN_SENTENCE = re.compile(
    r"(?:,|\b(?:since|on|of|from|until|till?|by|before|after|around|and|or|the|to|in|for|is|was"
    r"|see|like|than|between|through|as|at|this|our|both))$",
    re.I,
)
_TIME = re.compile(
    rf"""\(\s?(?:internal(?:\s?[,;/|–—-])?\s)?
    (?:(?:at|around|about|approx\.?|approximately|circa|ca\.?|starting(?:\sat)?|from|since)\s)?
    {_SPAN}(?:(?:\s?[,;/|–—-])?\s?internal)?\s?\)""",
    re.I | re.X,
)
_TITLE_END = re.compile(r"[*_]{0,3}:[*_]{0,3}(?=\s|$)|(?<=[^\W\d_]{2})[.!?](?=\s|$)|$", re.M)
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
    day: WrittenDay
    span: WrittenSpan
    title: str
    internal: bool
    lead: Lead
    opened: str = ""


class _Candidate(NamedTuple):
    """A date where a header may begin; `lead` is None where it is fused to what precedes it.
    `title` is where a title before it begins."""

    start: int
    date: re.Match[str]
    lead: Lead | None
    title: int | None = None

    @property
    def day(self) -> WrittenDay:
        if weekday := self.date["weekday"]:
            return WrittenDay(weekday=WEEKDAYS.index(weekday[:3].lower()))
        return read_date(self.date)


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
        if candidate.date["time"]:
            header = _time_first(candidate, text)
        else:
            header = _title_first(candidate, text, masked, limit)
        if header:
            headers.append(header)
        elif candidate.lead and (candidate.date["colon"] or candidate.date["time"]):
            missing_time.append(candidate.start)
    return headers, missing_time


def _candidates(masked: str) -> Iterator[_Candidate]:
    for date in _DATE.finditer(masked):
        if date["weekday"] and not date["time"]:
            continue
        line_start = masked.rfind("\n", max(0, date.start() - _MAX_LEAD_CHARS), date.start()) + 1
        if line_start or date.start() <= _MAX_LEAD_CHARS:
            lead = _LEAD.fullmatch(masked, line_start, date.start())
            if lead and not (lead[0].strip() == "" and _continues(masked, line_start)):
                yield _Candidate(line_start, date, _read_lead(lead))
                continue
        line_start = masked.rfind("\n", max(0, date.start() - 150), date.start()) + 1
        if date["end"] and (titled := _TITLED.fullmatch(masked, line_start, date.start())):
            yield _Candidate(titled.start(), date, _read_lead(titled), titled.start("title"))
            continue
        if date["colon"] and (start := _fused_start(masked, date.start())) is not None:
            yield _Candidate(start, date, None)


def _read_lead(lead: re.Match[str]) -> Lead:
    indent = len(lead[0]) - len(lead[0].lstrip())
    return Lead(lead[0].count("#"), bool(lead["bullet"]), indent, lead["open"])


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
    day = candidate.day
    is_same_day = (day.month, day.day) == (last.day.month, last.day.day)
    is_below = candidate.date["time"] or usual.level > 0 or (usual.mark and is_same_day)
    return bool(lead.is_item and not usual.is_item and is_below)


def _time_first(candidate: _Candidate, text: str) -> Header | None:
    date = candidate.date
    written, start = read_span(date), date.end()
    # Without a colon or a bracket only a zone says that a time is one.
    if not _is_time(date) or (date["bare"] and not (date["iso"] and zone_of(date["zone"] or ""))):
        return None
    if until := _UNTIL.match(text, start):
        written = replace(written, end=read_clock(until["time"], until["half"]))
        start = until.end()
    if candidate.title is not None:
        title, end = text[candidate.title : date.start() - 1], start
    else:
        stop = _TITLE_END.search(text, start, start + MAX_TITLE_CHARS)
        title = text[start : stop.start() if stop else start + MAX_TITLE_CHARS]
        end = stop.end() if stop else start + MAX_TITLE_CHARS
    words, internal = _read_title(title)
    return Header(
        start=candidate.start,
        end=end,
        day=candidate.day,
        span=written,
        title=words,
        internal=internal,
        lead=candidate.lead or Lead(),
    )


def _title_first(candidate: _Candidate, text: str, masked: str, limit: int) -> Header | None:
    start, date, lead = candidate.start, candidate.date, candidate.lead or Lead()
    blank = _BLANK_LINE.search(masked, date.end(), limit)
    limit = blank.start() if blank else limit
    time = next(filter(_is_time, _TIME.finditer(masked, date.end(), limit)), None)
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
    title, internal = _read_title(written)
    return Header(
        start=start,
        end=hashes.end() if hashes else end,
        day=candidate.day,
        span=read_span(time),
        title=title,
        internal=bool(
            internal or date["internal"] or tail["internal"] or "internal" in time[0].lower()
        ),
        lead=lead,
        opened=opened,
    )


def _is_time(found: re.Match[str]) -> bool:
    """Whether it is one: "15.00 EST" and "15:00" are, "10.24" is a version."""
    return "." not in found["time"] or any(zone_of(found[z] or "") for z in ("zone", "zone2"))


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


def _read_title(written: str) -> tuple[str, bool]:
    last = _INTERNAL_LAST.search(written.rstrip(), max(0, len(written.rstrip()) - 30))
    written = written[: last.start()] if last else written
    first = _INTERNAL_FIRST.match(written)
    written = written[first.end() :] if first else written
    title = _LINK.sub(r"\1", join_title(written.split("\n")))
    title = _MARKS.sub(r"\1", title).strip(" \t*_")
    return " ".join(title.split())[:MAX_TITLE_CHARS], bool(first or last)
