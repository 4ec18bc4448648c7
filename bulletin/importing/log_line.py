"""One line that logs an incident while it burns: "502s in GRU since 16:45 ~30m, minor". Pure.

When, how long, how bad and for whom may be said anywhere in it, as people say it; what is read is
taken out, and all else is the title. A phrase in the middle of a sentence is taken only where a
word before it says what it is ("since 9am"), so that titles are not torn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bulletin.importing.headers import MAX_TITLE_CHARS
from bulletin.importing.line_labels import cut_impact, cut_scope, cut_state, title_of, unread
from bulletin.importing.line_times import (
    NUMBERS,
    WEEKDAYS,
    Phrases,
    clock_of,
    cut_ago,
    cut_duration,
    cut_end,
    cut_moment,
    has_clock,
)
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
    Sentence,
    gettext_noop,
)
from incidents.time_zones import add_elapsed, is_wrong_dst, zone_of
from incidents.weeks import EARLIEST

MAX_LINE_CHARS = MAX_TITLE_CHARS + 200
TOO_LONG = gettext_noop("A title has %(most)d characters at most; the rest is write-up.")
CUTS = (cut_end, cut_ago, cut_duration, cut_moment, cut_impact, cut_scope, cut_state)


class LineError(Sentence):
    """A sentence for the person who typed the line."""


def read_line(text: str, at: datetime, context: ImportContext) -> ParsedIncident:
    """The incident of a line typed at the instant `at`, on the clock of `context.zone`.

    Without a start it begins now, or ended now where a length is given; without a length it is
    ongoing. A time of day is the last such before `at`. LineError where it says the impossible.
    """
    read, before = Phrases(_tidy(text)), ""
    # What is taken out leaves its neighbour at the end of the line, or apart.
    while before != read.line:
        before = read.line
        for cut in CUTS:
            cut(read)
    title = title_of(read.line)
    try:
        start = _start(read, at, context)
    except ImportTextError as error:
        raise LineError("%(text)s.", text=f"{str(error)[:1].upper()}{str(error)[1:]}") from error
    _check(title, read, start)
    proposal = _proposal(read, start)
    names = NameMatcher(context.regions, context.services)
    incident = build_incident(title, "", start, proposal, names, scope=read.scope)
    incident.impact = read.impact
    incident.unread = list(unread(title))
    return incident


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


def _check(title: str, read: Phrases, start: ResolvedStart) -> None:
    if not title:
        raise LineError(gettext_noop("Say what happens, too, such as “502s in GRU 16:45 ~30m”."))
    if len(title) > MAX_TITLE_CHARS:
        raise LineError(TOO_LONG, most=MAX_TITLE_CHARS)
    if read.duration and read.duration.minutes > LONGEST_MINUTES:
        raise LineError(gettext_noop("This length is longer than a year."))
    if read.duration and start.end:
        raise LineError(gettext_noop("Give an end or a length, not both."))


# Instants -----------------------------------------------------------------------------


def _start(read: Phrases, at: datetime, context: ImportContext) -> ResolvedStart:
    now = at.astimezone(UTC).replace(second=0, microsecond=0)
    if read.moment is not None:
        start = _resolve(read.moment, at, context)
        return _with_end(start, read.end, at) if read.end else start
    if read.ago is not None:
        began = add_elapsed(now, timedelta(minutes=-read.ago.minutes))
        start = ResolvedStart(began.astimezone(context.zone), None, context.zone)
        return _with_end(start, read.end, at) if read.end else start
    length = timedelta(minutes=-read.duration.minutes if read.duration else 0)
    if read.end is not None:
        if read.duration is None:
            raise LineError(gettext_noop("Say when it began, or how long it lasted, too."))
        ended = _resolve(read.end, at, context)
        return replace(ended, at=add_elapsed(ended.at, length))
    return ResolvedStart(add_elapsed(now, length).astimezone(context.zone), None, context.zone)


def _with_end(start: ResolvedStart, found: re.Match[str], at: datetime) -> ResolvedStart:
    """The first such time of day after the start."""
    zone = zone_of(found["zone"] or "") or start.zone
    day = start.at.astimezone(zone).date()
    ends = (
        resolve_start(_header_time(found, day + timedelta(days=days)), day, 0, zone).at
        for days in range(2)
    )
    end = next(end for end in ends if end.astimezone(UTC) > start.at.astimezone(UTC))
    if not _is_past(end, at):
        raise LineError(gettext_noop("%(hour)s is still to come."), hour=f"{end:%Y-%m-%d %H:%M}")
    return replace(start, end=end)


def _resolve(written: re.Match[str], at: datetime, context: ImportContext) -> ResolvedStart:
    groups = written.groupdict()
    zone = zone_of(groups.get("zone") or "") or context.zone
    today = at.astimezone(zone).date()
    if not has_clock(groups):
        raise LineError(
            gettext_noop("Say at what time it began, too, such as “%(day)s 16:45”."),
            day=written[0].strip(),
        )
    if groups.get("weekday"):
        return _on_weekday(written, today, at, context)
    if any(groups.get(name) for name in ("iso", "month", "number_first", "word", "days")):
        start = resolve_start(_on_its_date(written, today), today, 0, context.zone)
        if _is_past(start.at, at):
            return start
        hour = f"{start.at:%Y-%m-%d %H:%M}"
        raise LineError(gettext_noop("%(hour)s is still to come."), hour=hour)
    return _latest(written, (today - timedelta(days=back) for back in range(3)), at, context)


def _latest(
    written: re.Match[str], days: Iterator[date], at: datetime, context: ImportContext
) -> ResolvedStart:
    """The last time of day that is past. In three days every clock has shown every time, even
    where a zone skips a whole day."""
    letters = written["zone"] or ""
    starts = (resolve_start(_header_time(written, day), day, 0, context.zone) for day in days)
    latest = (each for start in starts for each in _latest_first(start, letters))
    return next(each for each in latest if _is_past(each.at, at))


def _on_weekday(
    written: re.Match[str], today: date, at: datetime, context: ImportContext
) -> ResolvedStart:
    """The last such day whose time is past; "last Friday" on a Friday is the week before."""
    weekday = WEEKDAYS.index(written["weekday"][:3].lower())
    nearest = today - timedelta(days=(today.weekday() - weekday) % 7)
    if nearest == today and (written["last"] or "").lower() == "last":
        nearest -= timedelta(days=7)
    days = (nearest - timedelta(days=7 * back) for back in range(3))
    return _latest(written, days, at, context)


def _latest_first(start: ResolvedStart, letters: str) -> list[ResolvedStart]:
    """The times that are meant: two where the clocks are set back, unless the letters say which."""
    second = start.at.replace(fold=1)
    if is_wrong_dst(letters, start.at) != is_wrong_dst(letters, second):
        return [start]
    end = start.end.replace(fold=1) if start.end else None
    return [replace(start, at=second, end=end), start]


def _on_its_date(written: re.Match[str], today: date) -> HeaderTime:
    if word := (written["word"] or "").lower():
        is_before = word in {"yesterday", "last night"}
        return _header_time(written, today - timedelta(days=is_before))
    if written["days"]:
        days = written["days"].lower()
        number = int(days) if days.isdecimal() else max(1, NUMBERS.index(days))
        back = number * (7 if written["unit"].lower() == "week" else 1)
        return _header_time(written, today - timedelta(days=back))
    if written["iso"]:
        year, month, number = map(int, written["iso"].split("-"))
    else:
        year = int(written["year"] or written["year_last"] or 0)
        number = int(written["number"] or written["number_first"])
        month = month_of(written["month"] or written["month_last"])
    if not 1 <= month <= 12:
        raise LineError(gettext_noop("There is no %(day)s."), day=written["iso"])
    if (written["iso"] or year) and not EARLIEST.year < year <= today.year + 1:
        raise LineError(gettext_noop("The year %(year)s is out of reach."), year=year)
    time = _header_time(written, today)
    return replace(time, month=month, day=number, year=year or None)


def _header_time(written: re.Match[str], day: date) -> HeaderTime:
    groups = written.groupdict()
    end_clock = clock_of(groups, "2")
    if groups.get("hour_of_range"):
        half = groups.get("half2") or groups.get("half_only2")
        clock = (hour_of(groups["hour_of_range"] or "", half), 0)
    else:
        clock = clock_of(groups, "") or (0, 0)
    return HeaderTime(
        month=day.month,
        day=day.day,
        year=day.year,
        clock=clock,
        end_clock=end_clock,
        zone=groups.get("zone") or "",
    )


def _is_past(moment: datetime, at: datetime) -> bool:
    return moment.astimezone(UTC) <= at.astimezone(UTC)


def _proposal(read: Phrases, start: ResolvedStart) -> Proposal:
    if typed := read.duration:
        end = add_elapsed(start.at, timedelta(minutes=typed.minutes))
        return Proposal(typed.minutes, end, "about" if typed.about else "exact", explicit=True)
    has_range = read.moment is not None and bool(clock_of(read.moment.groupdict(), "2"))
    is_known = not (has_range or read.is_over or read.end)
    precision = "exact" if start.end else "ongoing" if is_known else "unknown"
    return Proposal(start.minutes, start.end, precision, explicit=True)
