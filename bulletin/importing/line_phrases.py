"""What a logged line says of when, how long, how bad and for whom, as people say it. Pure.

A phrase in the middle of a sentence is taken only where a word before it says what it is ("since
9am"), or where it stands apart, between commas or at the end: titles are not torn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bulletin.importing.line_labels import (
    BEFORE,
    CUT,
    IMPACT,
    OPEN_END,
    PART_OF_TITLE,
    SCOPE,
    SCOPES,
    STATE,
    impact_of,
)
from bulletin.importing.proposals import ENDED, EVENTS
from bulletin.importing.text import mask_code
from bulletin.importing.written_times import (
    MONTH,
    WEEKDAY,
    ZONE,
    clock,
    date_pattern,
    span,
)
from incidents.durations import Duration, Mention, find_durations

_OPEN, _CLOSE = " ,;:(–—-[" + CUT, " .,;:)–—-]!" + CUT
_SEGMENT = tuple(",;(" + CUT)
NUMBERS = ("a", "one", "two", "three", "four", "five", "six", "seven")

_PART_OF_DAY = r"(?:\ (?:morning|afternoon|evening|night))?"
_DAY = rf"""(?:on\ )?(?:the\ )?(?:{date_pattern()}
    |(?P<word>yesterday|today|tonight|this\ (?:morning|afternoon|evening)|last\ night){_PART_OF_DAY}
    |(?:(?P<last>last|this|past|next)\ )?(?P<weekday>{WEEKDAY}){_PART_OF_DAY}
    |(?P<days>\d{{1,2}}|{"|".join(NUMBERS)})\ (?P<unit>day|week)s?\ ago
    )(?:(?=T\d)|(?!\w))"""
DAY_GROUPS = ("month", "month_last", "iso", "word", "weekday", "days")
_TIME = rf"{span()}(?!\w|[:.]\w)"
_CUE = r"""(?P<cue>(?:(?:since|from|at|between|around|about|circa|ca\.?|start(?:ed|ing|s)?|began
    |beginning|last(?:ed|ing))\ (?:at\ |on\ |about\ |around\ |from\ )?
    |as\ of\ |@\ ?)?)"""
_TIME_ALONE = re.compile(BEFORE + _CUE + _TIME, re.I | re.X)
_MOMENTS = (
    re.compile(rf"{BEFORE}{_CUE}{_TIME},?\ {_DAY}", re.I | re.X),
    re.compile(
        rf"{BEFORE}{_CUE}{_DAY}(?:,?\ \(?(?:at\ |around\ |about\ |from\ )?|(?<=\d)T){_TIME}\)?",
        re.I | re.X,
    ),
    _TIME_ALONE,
    re.compile(BEFORE + _CUE + _DAY, re.I | re.X),
    # "since 9"
    re.compile(
        rf"""{BEFORE}(?:{_DAY},?\ )?(?P<cue>(?:(?:start(?:ed|ing)|began)\ )?(?:since|from|at)\ )
        (?P<time>[01]?\d|2[0-3])h?(?:\ ?(?P<zone>{ZONE}))?(?=\s*(?:$|[,;)\0]))""",
        re.I | re.X,
    ),
)
# Before these a time is what a title is about.
_OF_ANOTHER = re.compile(r"(?<!\w)(?:to|by|until|of|for|the|after|before|every|each)$", re.I)
_ENDS = (
    re.compile(
        rf"""{BEFORE}(?:until|till|to|[-–—]|{ENDED}(?:\ on|\ at|\ by)?)\ {_DAY}
        (?:,?\ (?:at\ )?|(?<=\d)T){clock()}(?!\w|[:.]\w)""",
        re.I | re.X,
    ),
    re.compile(
        rf"""{BEFORE}(?:until|till|{ENDED}(?:\ at|\ by)?)\ {clock()}(?!\w|[:.]\w)
        (?:\ (?:the\ )?(?:next|following)\ (?:day|morning))?""",
        re.I | re.X,
    ),
)

_AGO = re.compile(r"\ ago\b", re.I)
_ENDED = re.compile(rf"\b{ENDED}$", re.I)
_STARTED = re.compile(r"(?:start(?:ed|ing)?|began|since|from)$", re.I)
_SO_FAR = re.compile(r"(?:since|(?:for|in|over|during)\ the\ (?:last|past))$", re.I)
_LAST = re.compile(r"(?:for|in|over|during) the (?:last|past) (?:(hour)|day)(?!\w)", re.I)
_FOR = re.compile(
    rf"(?:\b(?:{EVENTS})\ (?P<of>of)|(?<!\S)(?P<ended>{ENDED}(?:\ after|\ in)?)"
    r"|(?<!\S)(?P<cue>for|lasted|lasting|took|length:?|duration:?|total))$",
    re.I,
)
# "20 minute outage in GRU"
_NAMED = re.compile(rf"[- ](?:long )?(?:{EVENTS})\b", re.I)
# After these, and where it begins with these, a length is what the title is about.
_OF_TITLE = re.compile(
    r"(?<!\w)(?:after|at|by|each|every|for|in|last|lasted|next|of|older|over|per|than|the|to|under"
    r"|within)$",
    re.I,
)
_BOUND = re.compile(r"(?:just|over|under|shy|less|more|at|up|within)\b", re.I)
# "502s" is a status code; what was measured in seconds is marked: "~30s".
_STATUS_CODES = re.compile(r"(?:[^\d~≈]*\s)?\d+s", re.I)

_UNREAD = re.compile(
    rf"""(?<![\w.:\[])(?:\d{{1,2}}:\d{{2}}(?:h\b|(?!\w|[:.]\w))|(?:half|quarter)\ (?:past|to)\b
    |\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}})?(?!\w)|\d{{4}}/\d{{1,2}}/\d{{1,2}}(?!\w)
    |the\ \d{{1,2}}(?:st|nd|rd|th)(?!\w)
    |\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?(?![\w/])
    |\d{{4}}-\d{{2}}-\d{{2}}(?!\w)|(?:{MONTH})\.?\ \d{{1,2}}(?!\w)|tomorrow\b|yesterday\b
    |(?:last|next)\ (?:{WEEKDAY}|week|night)(?!\w)|\d{{1,2}}\ ?[ap]m\b)""",
    re.I | re.X,
)


@dataclass
class LinePhrases:
    """What has been read of a line so far; `line` is what is left of it. A phrase ends it where
    only `regions` follow."""

    line: str
    regions: re.Pattern[str]
    moment: re.Match[str] | None = None
    end: re.Match[str] | None = None
    ago: Duration | None = None
    ended_ago: Duration | None = None
    duration: Duration | None = None
    impact: int | None = None
    scope: str | None = None
    is_over: bool = False

    def __post_init__(self) -> None:
        before = ""
        # What is taken out leaves its neighbour at the end of the line, or apart.
        while before != self.line:
            before = self.line
            self._read()

    @property
    def title(self) -> str:
        """What is left, without the brackets, commas and words around what was taken out."""
        line = re.sub(rf"[(\[][\s,;]*{CUT}[\s,;{CUT}]*[)\]]", CUT, self.line)
        line = re.sub(rf"(?:\s[-–—|]\s*{CUT})+", CUT, line)
        line = re.sub(rf"{CUT}\.*(?=\s*(?:[,;)]|$))", CUT, line)
        line = re.sub(rf"(?:\s*[,;]?\s*(?:and\s+)?{CUT})+(?=\s*(?:[,;.)\]]|$))", "", line)
        line = re.sub(rf"(?:\s*{CUT}\s*)+", " ", line)
        line = re.sub(r"\.(?:\s*\.)+$", "", " ".join(line.split()))
        return line.strip(" ,;:–—-").removesuffix(" (").removesuffix(".").strip()

    def _read(self) -> None:
        self.end = self.end or self._take(_ENDS, _is_last)
        self._take_ago()
        self.duration = self.duration or self._take_duration()
        self.moment = self.moment or self._take(_MOMENTS, self._is_moment)
        if self.impact is None and (impact := self._take([IMPACT], self._is_label)):
            self.impact = impact_of(impact)
        if self.scope is None and (scope := self._take([SCOPE], self._is_label)):
            self.scope = SCOPES[re.sub("[-_]", " ", scope["scope"].lower())]
        if state := self._take([STATE], self._is_segment):
            self.is_over |= not state["ongoing"]
        if open_end := self._take([OPEN_END], lambda found, before: True):
            self.is_over |= bool(open_end["unknown"])

    def _take(
        self, patterns: Iterable[re.Pattern[str]], accept: Callable[[re.Match[str], str], bool]
    ) -> re.Match[str] | None:
        """The first match that is accepted, after what is before it, taken out of the line."""
        line = mask_code(self.line)
        for pattern in patterns:
            for found in pattern.finditer(line):
                if accept(found, line[: found.start()].rstrip()):
                    self._cut(found.start(), found.end())
                    return found
        return None

    def _cut(self, start: int, end: int) -> None:
        self.line = f"{self.line[:start]}{CUT}{self.line[end:]}"

    def _take_ago(self) -> None:
        """ "started 20 minutes ago", "for the last hour", "ended 5 minutes ago"."""
        if self.ago is None and (last := self._take([_LAST], lambda found, before: True)):
            self.ago = Duration(60.0 if last[1] else 24 * 60.0, about=False)
        line = mask_code(self.line)
        for mention in find_durations(line):
            before = line[: mention.start].rstrip()
            ago, so_far = _AGO.match(line, mention.end), _SO_FAR.search(before)
            # Days ago are a date, where a time of day is beside it.
            is_date = ago and mention.duration.minutes >= 24 * 60 and _TIME_ALONE.search(line)
            if not (ago or so_far) or is_date:
                continue
            ended = ago and _ENDED.search(before)
            if (self.ended_ago if ended else self.ago) is None:
                cue = ended or so_far or _STARTED.search(before)
                start = cue.start() if cue else mention.start
                self._cut(start, ago.end() if ago else mention.end)
                if ended:
                    self.ended_ago = mention.duration
                else:
                    self.ago = mention.duration
                return

    def _take_duration(self) -> Duration | None:
        line = mask_code(self.line)
        for mention in reversed(list(find_durations(line))):
            before = line[: mention.start].rstrip()
            cue = _FOR.search(before)
            start = cue.start(cue.lastgroup or 0) if cue else mention.start
            is_apart = self._is_apart(mention.start, mention.end)
            is_length = cue or is_apart or line[mention.start] in "~≈"
            is_sure = (cue and cue["ended"]) or (is_apart and before.endswith(_SEGMENT))
            is_other = _is_of_title(line, start, mention) or (
                not is_sure and _is_bound(line, mention)
            )
            if (is_length or _NAMED.match(line, mention.end)) and not is_other:
                self._cut(start, mention.end)
                return mention.duration
        return None

    def _is_moment(self, found: re.Match[str], before: str) -> bool:
        groups = found.groupdict()
        time, cue = groups.get("time"), groups["cue"].strip()
        has_day = any(groups.get(name) for name in DAY_GROUPS)
        # "14.00" may be a version, where nothing says that it is a time.
        if time and "." in time and not (cue or groups["time2"] or has_day):
            return False
        if groups.get("time2") and not _OF_ANOTHER.search(before):
            return True
        # "Monday", "Nov 27": a day by itself is asked about.
        if cue or (time and (has_day or not before.strip(_OPEN))):
            return True
        is_day = has_day and found[0].lower().startswith(("on ", "last "))
        if is_day and not before.strip(_OPEN):
            return True
        return self._is_apart(*found.span()) and not _OF_ANOTHER.search(before)

    def _is_label(self, found: re.Match[str], before: str) -> bool:
        """Whether a word says itself what it is, stands apart, or is before the colon that begins
        a line: "Critical: …"."""
        if found["labelled"]:
            return True
        is_first = not before.strip(_OPEN)
        after = found.string[found.end() :].lstrip(" ")
        is_apart = self._is_apart(*found.span()) or (is_first and after[:1] in (":", "]", ")"))
        return is_apart and not PART_OF_TITLE.search(before)

    def _is_segment(self, found: re.Match[str], before: str) -> bool:
        """Whether a phrase is apart on both sides."""
        return before.endswith(_SEGMENT) and self._is_apart(*found.span())

    def _is_apart(self, start: int, end: int) -> bool:
        """Whether a phrase ends the line, or stands between commas, brackets or other phrases."""
        before, after = self.line[:start].rstrip(" "), self.line[end:]
        is_last = not self.regions.sub("", after).strip(_CLOSE + _OPEN)
        return is_last or (before[-1:] in _OPEN and after.lstrip(" ")[:1] in _CLOSE)


def _is_last(found: re.Match[str], before: str) -> bool:
    return not found.re.search(found.string, found.end())


def _is_bound(line: str, mention: Mention) -> bool:
    return bool(_BOUND.match(line, mention.start))


def _is_of_title(line: str, start: int, mention: Mention) -> bool:
    is_status_code = _STATUS_CODES.fullmatch(line, mention.start, mention.end)
    return bool(is_status_code or _OF_TITLE.search(line[:start].rstrip()))


def find_unread(title: str) -> Iterator[str]:
    """Phrases of the title that look like a date, a time or a length, and were not read."""
    line = mask_code(title)
    yield from (found[0] for found in _UNREAD.finditer(line))
    for mention in find_durations(line):
        is_title = _is_bound(line, mention) or _is_of_title(line, mention.start, mention)
        if not (is_title or line[mention.end :][:1] == "-"):
            yield title[mention.start : mention.end]
