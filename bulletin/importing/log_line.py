"""One line that logs an incident while it burns: "502s in GRU since 16:45 ~30m, minor". Pure.

When, how long, how bad and for whom may be said anywhere in it, as people say it; what is read is
taken out, and all else is the title.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bulletin.importing.headers import MAX_TITLE_CHARS
from bulletin.importing.line_phrases import DAY_GROUPS, NUMBERS, LinePhrases, find_unread
from bulletin.importing.names import NameMatcher, name_pattern
from bulletin.importing.parser import ImportContext, ParsedIncident, build_incident
from bulletin.importing.text import ImportTextError, normalize
from bulletin.importing.written_times import (
    MONTH,
    WEEKDAYS,
    ResolvedTimes,
    read_date,
    read_span,
)
from incidents.durations import LONGEST_MINUTES, Duration, Sentence, gettext_noop
from incidents.time_zones import add_elapsed, zone_of
from incidents.weeks import EARLIEST

MAX_LINE_CHARS = MAX_TITLE_CHARS + 200
_BULLET = re.compile(rf"^(?:[-*•·–]|\d{{1,2}}[.)](?!\s(?:{MONTH})))\s", re.I)
TOO_LONG = gettext_noop("A title has %(most)d characters at most; the rest is write-up.")


class LineError(Sentence):
    """A sentence for the person who typed the line."""


def read_line(text: str, at: datetime, context: ImportContext) -> ParsedIncident:
    """The incident of a line typed at the instant `at`, on the clock of `context.zone`.

    Without a start it begins now, or ended now where a length is given; without a length it is
    ongoing. A time of day is the last such before `at`. LineError where it says the impossible.
    """
    read = LinePhrases(_tidy(text), name_pattern(context.regions))
    try:
        times = _times(read, at, context.zone)
    except ImportTextError as error:
        raise LineError("%(text)s.", text=f"{str(error)[:1].upper()}{str(error)[1:]}") from error
    title = read.title
    if not title:
        raise LineError(gettext_noop("Say what happens, too, such as “502s in GRU 16:45 ~30m”."))
    if len(title) > MAX_TITLE_CHARS:
        raise LineError(TOO_LONG, most=MAX_TITLE_CHARS)
    names = NameMatcher(context.regions, context.services)
    incident = build_incident(title, "", times, names, scope=read.scope)
    incident.impact = read.impact
    # Who typed the line saw what was read of it.
    incident.proposed = []
    incident.unread = list(find_unread(title))
    return incident


def _tidy(text: str) -> str:
    try:
        line = _BULLET.sub("", " ".join(normalize(text).split()), count=1)
    except ImportTextError as error:
        odd = gettext_noop("This line holds a character that can’t be shown; type it again.")
        raise LineError(odd) from error
    if not line:
        raise LineError(gettext_noop("Say what happens, such as “502s in GRU 16:45 ~30m”."))
    if len(line) > MAX_LINE_CHARS:
        raise LineError(TOO_LONG, most=MAX_TITLE_CHARS)
    return line


def _times(read: LinePhrases, at: datetime, zone: ZoneInfo) -> ResolvedTimes:
    if any(each.minutes > LONGEST_MINUTES for each in (read.duration, read.ago) if each):
        raise LineError(gettext_noop("This length is longer than a year."))
    times = _start(read, at, zone)
    if read.duration is None:
        has_range = read.moment is not None and bool(read.moment.groupdict().get("time2"))
        is_known_over = has_range or read.is_over or read.end or read.ended_ago
        return times if is_known_over else replace(times, precision="ongoing")
    if times.end:
        raise LineError(gettext_noop("Give an end or a length, not both."))
    end = add_elapsed(times.start, timedelta(minutes=read.duration.minutes))
    return replace(times, end=end, precision="about" if read.duration.about else "exact")


def _start(read: LinePhrases, at: datetime, zone: ZoneInfo) -> ResolvedTimes:
    length = timedelta(minutes=read.duration.minutes if read.duration else 0)
    if read.moment is not None:
        times = _resolve(read.moment, at, zone)
        return _with_end(times, read, at)
    if (read.end or read.ended_ago) and read.ago is None:
        if read.duration is None:
            raise LineError(gettext_noop("Say when it began, or how long it lasted, too."))
        ended = _resolve(read.end, at, zone) if read.end else _ago(read.ended_ago, at, zone)
        return replace(ended, start=add_elapsed(ended.start, -length))
    times = _ago(read.ago, at, zone) if read.ago else _ago(read.duration, at, zone)
    return _with_end(times, read, at)


def _ago(length: Duration | None, at: datetime, zone: ZoneInfo) -> ResolvedTimes:
    back = timedelta(minutes=length.minutes if length else 0)
    now = at.astimezone(zone).replace(second=0, microsecond=0)
    return ResolvedTimes(add_elapsed(now, -back), None, zone, "unknown")


def _with_end(times: ResolvedTimes, read: LinePhrases, at: datetime) -> ResolvedTimes:
    """Of a day, or the first such time of day after the start."""
    if read.ended_ago:
        end = _ago(read.ended_ago, at, times.zone).start
    elif read.end is None:
        return times
    elif any(read.end.groupdict().get(name) for name in DAY_GROUPS):
        end = _resolve(read.end, at, times.zone).start
    else:
        written = read_span(read.end)
        zone = zone_of(written.zone) or times.zone
        day = times.start.astimezone(zone).date()
        ends = (written.resolve(day + timedelta(days=days), zone).start for days in range(2))
        end = next(end for end in ends if end.astimezone(UTC) > times.start.astimezone(UTC))
    if end.astimezone(UTC) <= times.start.astimezone(UTC):
        raise LineError(gettext_noop("It ends before it begins."))
    if not _is_past(end, at):
        raise LineError(gettext_noop("%(hour)s is still to come."), hour=f"{end:%Y-%m-%d %H:%M}")
    return replace(times, end=end, precision="exact")


def _resolve(found: re.Match[str], at: datetime, zone: ZoneInfo) -> ResolvedTimes:
    """The last such time that is past."""
    if not found.groupdict().get("time"):
        raise LineError(
            gettext_noop("Say at what time it began, too, such as “%(day)s 16:45”."),
            day=found[0].strip(),
        )
    written = read_span(found)
    today = at.astimezone(zone_of(written.zone) or zone).date()
    found_times = [
        written.resolve(day, zone, fold)
        for day in _days(found, today, written.start[0])
        for fold in (1, 0)
    ]
    over_midnight = written.end is not None and written.end < written.start
    for times in found_times:
        if _is_past(times.end if times.end and over_midnight else times.start, at):
            return times
    hour = f"{found_times[0].start:%Y-%m-%d %H:%M}"
    raise LineError(gettext_noop("%(hour)s is still to come."), hour=hour)


def _days(found: re.Match[str], today: date, hour: int) -> list[date]:
    """Those that may be meant, the latest first. In three days every clock has shown every time,
    even where a zone skips a whole day."""
    groups = found.groupdict()
    latest, step = today, 1
    if groups.get("iso") or groups.get("month") or groups.get("month_last"):
        written = read_date(found)
        if written.year is not None and not EARLIEST.year < written.year <= today.year + 1:
            raise LineError(gettext_noop("The year %(year)s is out of reach."), year=written.year)
        return [written.resolve(today)]
    if word := groups.get("word"):
        # "last night 3am" is of this day.
        is_night = word.lower() == "last night" and hour >= 12
        return [today - timedelta(days=is_night or word.lower() == "yesterday")]
    if days := groups.get("days"):
        number = int(days) if days.isdecimal() else max(1, NUMBERS.index(days.lower()))
        return [today - timedelta(days=number * (7 if groups["unit"].lower() == "week" else 1))]
    if weekday := groups.get("weekday"):
        back = (today.weekday() - WEEKDAYS.index(weekday[:3].lower())) % 7
        # "last Friday" on a Friday is the week before.
        if (which := (groups["last"] or "").lower()) == "next":
            raise LineError(gettext_noop("%(hour)s is still to come."), hour=found[0].strip())
        latest, step = today - timedelta(days=back or 7 * (which == "last")), 7
    return [latest - timedelta(days=step * back) for back in range(3)]


def _is_past(moment: datetime, at: datetime) -> bool:
    return moment.astimezone(UTC) <= at.astimezone(UTC)
