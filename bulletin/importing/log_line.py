"""One line that logs an incident while it burns: "502s in GRU 16:45 ~30m". Pure.

Its last words, or its first, may say when and how long; all else is the title, as it was typed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bulletin.importing.headers import MAX_TITLE_CHARS, MONTH_NAMES
from bulletin.importing.names import NameMatcher
from bulletin.importing.parser import ImportContext, ParsedIncident, build_incident
from bulletin.importing.proposals import Proposal
from bulletin.importing.start_times import (
    HeaderTime,
    ResolvedStart,
    hour_of,
    month_of,
    resolve_start,
)
from bulletin.importing.text import ImportTextError, normalize
from incidents.durations import (
    LONGEST_MINUTES,
    Duration,
    Sentence,
    find_durations,
    gettext_noop,
)
from incidents.time_zones import ABBREVIATIONS, add_elapsed, is_wrong_dst, zone_of
from incidents.weeks import EARLIEST

MAX_LINE_CHARS = MAX_TITLE_CHARS + 200
TOO_LONG = gettext_noop("A title has %(most)d characters at most; the rest is write-up.")

_DATE = (
    r"(?:(?P<word>yesterday|today)|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<month>{MONTH_NAMES})\.?\ (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\ (?P<year>\d{{4}}))?)"
    r"(?:,?\ (?:at\ )?|(?<=\d)T)"
)
_ZONES = "|".join(sorted(ABBREVIATIONS, key=len, reverse=True))
_TIME = (
    rf"(?<![^\s(,;])(?:(?:at|from|since|starting|started|around)\ )?(?:{_DATE})?[~≈]?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?"
    r"(?:\ ?(?:-|–|—|to|until)\ ?(?P<hour2>\d{1,2}):(?P<minute2>\d{2})|\ ?(?P<half>[ap]m))?"
    r"|(?P<hour12>\d{1,2})\ ?(?P<half12>[ap]m))"
    rf"(?:\ ?(?P<zone>{_ZONES}))?(?!\w|[:.]\w)"
)
_TIME_LAST = re.compile(rf"{_TIME}$", re.I | re.X)
_TIME_FIRST = re.compile(rf"{_TIME}[,:;]?\ (?:[–—-]\ )?(?=\S)", re.I | re.X)
_FOR = re.compile(r"(?<!\S)(?:for|lasted|lasting)$", re.I)
# After these, and where it begins with these, a length is what the title is about.
_OF_TITLE = re.compile(
    r"(?<!\w)(?:after|at|by|each|every|for|in|last|lasted|next|of|older|over|per|than|the|to|under"
    r"|within)$",
    re.I,
)
_BOUND = re.compile(r"(?:just|over|under|shy|less|more|at|up|within)\b", re.I)
# "502s" is a status code; what was measured in seconds is marked: "~30s".
_STATUS_CODES = re.compile(r"(?:[^\d~≈]*\s)?\d+\ ?s", re.I)
_SEPARATORS = " ,;:–—-("


class LineError(Sentence):
    """A sentence for the person who typed the line."""


def read_line(text: str, at: datetime, context: ImportContext) -> ParsedIncident:
    """The incident of a line typed at the instant `at`, on the clock of `context.zone`.

    Without a start it begins now, or ended now where a length is given; without a length it is
    ongoing. A time of day is the last such before `at`. LineError where it says the impossible.
    """
    line = _tidy(text)
    title, duration = _cut_duration(line)
    title, written = _cut_time(title)
    if written and not duration:
        title, duration = _cut_duration(title)
    try:
        start = _resolve(written, at, context) if written else None
    except ImportTextError as error:
        raise LineError("%(text)s.", text=f"{str(error)[:1].upper()}{str(error)[1:]}") from error
    _check(title, duration, start)
    if start is None:
        now = at.astimezone(UTC).replace(second=0, microsecond=0)
        since = add_elapsed(now, timedelta(minutes=-duration.minutes if duration else 0))
        start = ResolvedStart(since.astimezone(context.zone), None, context.zone)
    has_end = bool(written and written["hour2"])
    proposal = _proposal(start, duration, has_end=has_end)
    names = NameMatcher(context.regions, context.services)
    return build_incident(title, "", start, proposal, names)


def _tidy(text: str) -> str:
    try:
        line = " ".join(normalize(text).split())
    except ImportTextError as error:
        odd = gettext_noop("This line holds a character that can’t be shown; type it again.")
        raise LineError(odd) from error
    if not line:
        raise LineError(gettext_noop("Say what happens, such as “502s in GRU 16:45 ~30m”."))
    if len(line) > MAX_LINE_CHARS:
        raise LineError(TOO_LONG, most=MAX_TITLE_CHARS)
    return line


def _check(title: str, duration: Duration | None, start: ResolvedStart | None) -> None:
    if not title:
        raise LineError(gettext_noop("Say what happens, too, such as “502s in GRU 16:45 ~30m”."))
    if len(title) > MAX_TITLE_CHARS:
        raise LineError(TOO_LONG, most=MAX_TITLE_CHARS)
    if duration and duration.minutes > LONGEST_MINUTES:
        raise LineError(gettext_noop("This length is longer than a year."))
    if duration and start and start.end:
        raise LineError(gettext_noop("Give an end or a length, not both."))


def _cut_duration(line: str) -> tuple[str, Duration | None]:
    bare = line.rstrip(" .,;)")
    found = next((each for each in find_durations(bare) if each.end == len(bare)), None)
    if found is None:
        return line, None
    written, before = bare[found.start :], bare[: found.start].rstrip()
    before_for = _FOR.sub("", before).rstrip()
    is_title = _BOUND.match(written) or _STATUS_CODES.fullmatch(written)
    if is_title or _OF_TITLE.search(before_for):
        return line, None
    return before_for.rstrip(_SEPARATORS), found.duration


def _cut_time(line: str) -> tuple[str, re.Match[str] | None]:
    bare = line.rstrip(" .,;)")
    if written := _TIME_LAST.search(bare):
        return bare[: written.start()].rstrip(_SEPARATORS), written
    if written := _TIME_FIRST.match(line):
        return line[written.end() :], written
    return line, None


def _resolve(written: re.Match[str], at: datetime, context: ImportContext) -> ResolvedStart:
    zone = zone_of(written["zone"] or "") or context.zone
    today = at.astimezone(zone).date()
    if written["iso"] or written["month"] or written["word"]:
        start = resolve_start(_on_its_date(written, today), today, 0, context.zone)
        if _is_past(start.at, at):
            return start
        hour = f"{start.at:%Y-%m-%d %H:%M}"
        raise LineError(gettext_noop("%(hour)s is still to come."), hour=hour)
    days = (today - timedelta(days=back) for back in range(3))
    starts = (resolve_start(_header_time(written, day), day, 0, context.zone) for day in days)
    latest = (
        meant
        for start in starts
        for meant in _latest_first(start, written["zone"] or "")
        if _is_past(meant.at, at)
    )
    # In three days every clock has shown every time, even where a zone skips a whole day.
    return next(latest)


def _latest_first(start: ResolvedStart, letters: str) -> list[ResolvedStart]:
    """The times that are meant: two where the clocks are set back, unless the letters say which."""
    second = start.at.replace(fold=1)
    if is_wrong_dst(letters, start.at) != is_wrong_dst(letters, second):
        return [start]
    end = start.end.replace(fold=1) if start.end else None
    return [replace(start, at=second, end=end), start]


def _on_its_date(written: re.Match[str], today: date) -> HeaderTime:
    if written["word"]:
        day = today - timedelta(days=written["word"].lower() == "yesterday")
        return _header_time(written, day)
    if written["iso"]:
        year, month, number = map(int, written["iso"].split("-"))
    else:
        year, number = int(written["year"] or 0), int(written["day"])
        month = month_of(written["month"])
    if not 1 <= month <= 12:
        raise LineError(gettext_noop("There is no %(day)s."), day=written["iso"])
    if (written["iso"] or year) and not EARLIEST.year < year <= today.year + 1:
        raise LineError(gettext_noop("The year %(year)s is out of reach."), year=year)
    time = _header_time(written, today)
    return replace(time, month=month, day=number, year=year or None)


def _header_time(written: re.Match[str], day: date) -> HeaderTime:
    hour = hour_of(written["hour"] or written["hour12"], written["half"] or written["half12"])
    return HeaderTime(
        month=day.month,
        day=day.day,
        year=day.year,
        clock=(hour, int(written["minute"] or 0)),
        end_clock=(int(written["hour2"]), int(written["minute2"])) if written["hour2"] else None,
        zone=written["zone"] or "",
    )


def _is_past(moment: datetime, at: datetime) -> bool:
    return moment.astimezone(UTC) <= at.astimezone(UTC)


def _proposal(start: ResolvedStart, typed: Duration | None, *, has_end: bool) -> Proposal:
    if typed:
        end = add_elapsed(start.at, timedelta(minutes=typed.minutes))
        return Proposal(typed.minutes, end, "about" if typed.about else "exact", explicit=True)
    precision = "exact" if start.end else "unknown" if has_end else "ongoing"
    return Proposal(start.minutes, start.end, precision, explicit=True)
