"""When and how long, in a logged line, as people say it. Pure.

A phrase in the middle of a sentence is taken only where a word before it says what it is ("since
9am"), or where it stands apart, between commas or at the end: titles are not torn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bulletin.importing.headers import MONTH_NAMES
from bulletin.importing.start_times import hour_of
from bulletin.importing.text import mask_code
from incidents.durations import Duration, Mention, find_durations
from incidents.time_zones import ABBREVIATIONS

# Is in a line where a phrase was taken out.
CUT = "\0"

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?"
)
NUMBERS = ("a", "one", "two", "three", "four", "five", "six", "seven")
_ZONES = "|".join(sorted(ABBREVIATIONS, key=len, reverse=True))
_ZONE = (
    rf"(?:\ ?\(?(?P<zone>(?:utc|gmt)\ ?[+-]\d{{1,2}}(?::?\d{{2}})?(?!\d)|(?:{_ZONES})(?!\w)"
    r"|(?:eastern|central|mountain|pacific)(?:\ time)?)\)?)?"
)
_PART_OF_DAY = r"(?:\ (?:morning|afternoon|evening|night))?"
_DAY = rf"""(?:on\ )?(?:the\ )?(?:
    (?P<word>yesterday|today|tonight|this\ (?:morning|afternoon|evening)|last\ night){_PART_OF_DAY}
    |(?:(?P<last>last|this|past)\ )?(?P<weekday>{WEEKDAY}){_PART_OF_DAY}
    |(?P<days>\d{{1,2}}|{"|".join(NUMBERS)})\ (?P<unit>day|week)s?\ ago
    |(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})
    |(?P<month>{MONTH_NAMES})\.?\ (?P<number>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\ (?P<year>\d{{4}}))?
    |(?P<number_first>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<month_last>{MONTH_NAMES})\.?
     (?:,?\ (?P<year_last>\d{{4}}))?
    )(?:(?=T\d)|(?!\w))"""


def _clock(which: str) -> str:
    return rf"""(?:
        (?P<hour{which}>[0-9]{{1,2}})(?P<sign{which}>[:.])(?P<minute{which}>[0-9]{{2}})
        (?::[0-9]{{2}})?
        (?:\ ?(?P<half{which}>[ap]\.?m\b\.?))?
        |(?P<hour_half{which}>[0-9]{{1,2}})\ ?(?P<half_only{which}>[ap]\.?m\b\.?)
        |(?P<military{which}>[012][0-9][0-5][0-9])(?=\ ?(?:h\b|hrs\b|hours\b|(?:{_ZONES})(?!\w)))
        (?:\ ?(?:h|hrs|hours)\b)?
        |(?P<named{which}>noon|midday|midnight)
    )"""


_TIME = rf"""[~≈]?\ ?(?:{_clock("")}|(?P<hour_of_range>[0-9]{{1,2}})
    (?=\ ?(?:-|–|to)\ ?[0-9]{{1,2}}(?::[0-9]{{2}})?\ ?[ap]m))
    (?:\ ?(?:-|–|—|to|until|till|and)\ ?{_clock("2")})?{_ZONE}(?!\w|[:.]\w)"""
_CUE = r"""(?P<cue>(?:(?:since|from|at|between|around|about|circa|ca\.?|start(?:ed|ing|s)?|began
    |beginning|last(?:ed|ing))\ (?:at\ |on\ |about\ |around\ |from\ )?
    |as\ of\ |@\ ?)?)"""
BEFORE = r"(?<![^\s(\[,;\0–—-])"
_RECOVERED = r"(?:fixed|resolved|recovered|restored|mitigated|over|back)"
_MOMENTS = tuple(
    re.compile(BEFORE + _CUE + pattern, re.I | re.X)
    for pattern in (
        rf"{_TIME},?\ {_DAY}",
        rf"{_DAY}(?:,?\ \(?(?:at\ |around\ |about\ |from\ )?|(?<=\d)T){_TIME}\)?",
        _TIME,
        _DAY,
    )
)
_BARE_HOUR = re.compile(
    rf"{BEFORE}(?:{_DAY},?\ )?(?P<cue>(?:since|from|started\ at|at)\ )(?P<hour>[01]?\d|2[0-3])"
    rf"(?:h|\ o['’]clock)?{_ZONE}(?=\s*(?:$|[,;)\0]))",
    re.I | re.X,
)
_END = re.compile(
    rf"""{BEFORE}(?:until|till|(?:end(?:ed|s)?|over|back(?:\ (?:up|online))?|restored
    |resolved|fixed|recovered|mitigated)(?:\ at|\ by)?)\ {_clock("")}{_ZONE}(?!\w|[:.]\w)""",
    re.I | re.X,
)
_TIMES = re.compile(BEFORE + _CUE + _TIME, re.I | re.X)
_AGO = re.compile(r"\ ago\b", re.I)
_STARTED = re.compile(r"(?:start(?:ed|ing)?|began|since|from)$", re.I)
_LAST = re.compile(r"(?:for|in|over|during)\ the\ (?:last|past)\ (hour|day)(?!\w)", re.I)
_SO_FAR = re.compile(r"(?:since|(?:for|in|over|during)\ the\ (?:last|past))$", re.I)
_FOR = re.compile(
    rf"(?<!\S)(?:for|lasted|lasting|took|length:?|duration:?|total|{_RECOVERED}(?:\ after|\ in)?)$",
    re.I,
)
_OUTAGE_OF = re.compile(
    r"(?:(?<=outage )|(?<=incident )|(?<=interruption )|(?<=disruption )|(?<=downtime ))of$", re.I
)
_OVER = re.compile(_RECOVERED, re.I)
# "20 minute outage in GRU"
_NAMED = re.compile(
    r"[- ](?:long )?(?:outage|incident|interruption|disruption|blip|downtime|degradation|brownout"
    r"|blackout|partition|stall)\b",
    re.I,
)
# After these, and where it begins with these, a length is what the title is about.
OF_TITLE = re.compile(
    r"(?<!\w)(?:after|at|by|each|every|for|in|last|lasted|next|of|older|over|per|than|the|to|under"
    r"|within)$",
    re.I,
)
_BOUND = re.compile(r"(?:just|over|under|shy|less|more|at|up|within)\b", re.I)
# "502s" is a status code; what was measured in seconds is marked: "~30s".
STATUS_CODES = re.compile(r"(?:[^\d~≈]*\s)?\d+\ ?s", re.I)
OPEN, CLOSE = " ,;:(–—-[" + CUT, " .,;:)–—-]!" + CUT


@dataclass
class Phrases:
    """What has been read of a line so far; `line` is what is left of it."""

    line: str
    moment: re.Match[str] | None = None
    end: re.Match[str] | None = None
    ago: Duration | None = None
    duration: Duration | None = None
    is_ongoing: bool = False
    impact: int | None = None
    scope: str | None = None
    is_over: bool = False

    def cut(self, start: int, end: int) -> None:
        self.line = f"{self.line[:start]}{CUT}{self.line[end:]}"

    def is_apart(self, start: int, end: int) -> bool:
        """Whether a phrase ends the line, or stands between commas, brackets or other phrases."""
        before, after = self.line[:start].rstrip(" "), self.line[end:]
        is_last = not after.strip(CLOSE + OPEN)
        return is_last or (before[-1:] in OPEN and after.lstrip(" ")[:1] in CLOSE)


def masked(read: Phrases) -> str:
    return mask_code(read.line)


def cut_end(read: Phrases) -> None:
    """ "resolved at 16:20", "until 10:30"; a range of one moment is read with that."""
    found = list(_END.finditer(masked(read)))
    if read.end is None and found:
        read.end = found[-1]
        read.cut(found[-1].start(), found[-1].end())


def cut_ago(read: Phrases) -> None:
    """ "started 20 minutes ago", "for the last hour"."""
    line = masked(read)
    if read.ago is None and (last := _LAST.search(line)):
        read.ago, read.is_ongoing = (
            Duration(60.0 if last[1].lower() == "hour" else 24 * 60.0, False),
            True,
        )
        read.cut(last.start(), last.end())
        return
    for mention in find_durations(line):
        before = line[: mention.start].rstrip()
        ago, so_far = _AGO.match(line, mention.end), _SO_FAR.search(before)
        # Days ago are a date, where a time of day is beside it.
        if ago and mention.duration.minutes >= 24 * 60 and any(_TIMES.finditer(line)):
            continue
        if (ago or so_far) and read.ago is None:
            started = so_far or _STARTED.search(before)
            read.ago = mention.duration
            read.is_ongoing |= bool(so_far)
            end = ago.end() if ago else mention.end
            read.cut(started.start() if started else mention.start, end)
            return


def cut_duration(read: Phrases) -> None:
    line = masked(read)
    if read.duration is not None:
        return
    for mention in reversed(list(find_durations(line))):
        before = line[: mention.start].rstrip()
        cue = _FOR.search(before) or _OUTAGE_OF.search(before)
        if not (cue or _is_length(read, line, mention)):
            continue
        is_segment = before[-1:] in f",;({CUT}" and read.is_apart(mention.start, mention.end)
        is_over = cue and _OVER.match(cue[0])
        bound = is_bound(line, mention) and not (is_over or (before and is_segment))
        if bound or STATUS_CODES.fullmatch(line[mention.start : mention.end]):
            continue
        guarded = before[: cue.start()].rstrip() if cue else before
        if OF_TITLE.search(guarded):
            continue
        read.duration = mention.duration
        read.cut(cue.start() if cue else mention.start, mention.end)
        return


def _is_length(read: Phrases, line: str, mention: Mention) -> bool:
    is_marked = line[mention.start] in "~≈" or _NAMED.match(line, mention.end)
    return bool(is_marked) or read.is_apart(mention.start, mention.end)


def is_bound(line: str, mention: Mention) -> bool:
    return bool(_BOUND.match(line[mention.start : mention.end]))


def cut_moment(read: Phrases) -> None:
    if read.moment is not None:
        return
    line = masked(read)
    candidates = [*_MOMENTS, _BARE_HOUR]
    for pattern in candidates:
        for found in pattern.finditer(line):
            if _is_moment(read, line, found):
                read.moment = found
                read.cut(found.start(), found.end())
                return


def _is_moment(read: Phrases, line: str, found: re.Match[str]) -> bool:
    groups, before = found.groupdict(), line[: found.start()].rstrip()
    has_day = any(groups.get(name) for name in ("word", "weekday", "days", "iso", "month"))
    has_day = has_day or bool(groups.get("number_first"))
    has_time = has_clock(groups)
    if not (has_time or groups.get("cue") or found[0].lower().startswith(("on ", "last "))):
        # "Monday", "Nov 27": a day by itself is asked about.
        is_guarded = re.search(r"(?<!\w)(?:to|by|until|before|of|for)$", before, re.I)
        return bool(has_day and not is_guarded and read.is_apart(found.start(), found.end()))
    # "14.00" may be a version, where nothing says that it is a time.
    if groups.get("sign") == "." and not (groups.get("cue") or clock_of(groups, "2")):
        return False
    is_cued = bool((groups.get("cue") or "").strip()) or (has_day and has_time)
    is_first = not before.strip(OPEN)
    if is_first or is_cued:
        return True
    return read.is_apart(found.start(), found.end()) and not re.search(
        r"(?<!\w)(?:of|the|after|before|by|every|each)$", before, re.I
    )


def has_clock(groups: dict[str, str | None]) -> bool:
    names = ("hour", "hour_half", "military", "named", "hour_of_range")
    return any(groups.get(name) for name in names)


def clock_of(groups: dict[str, str | None], which: str) -> tuple[int, int] | None:
    if named := groups.get(f"named{which}"):
        return (0 if named.lower() == "midnight" else 12, 0)
    if military := groups.get(f"military{which}"):
        return int(military[:2]), int(military[2:])
    if hour := groups.get(f"hour_half{which}"):
        return hour_of(hour, groups.get(f"half_only{which}")), 0
    if hour := groups.get(f"hour{which}"):
        return hour_of(hour, groups.get(f"half{which}")), int(groups.get(f"minute{which}") or 0)
    return None
