"""One line that makes an incident while it burns: "502s in GRU 16:45 ~30m". Pure.

Its last words, or its first, may tell when and how long; all else is the title, as it was typed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bulletin.importing.headers import LONGEST_TITLE, MONTH_NAMES, hour_of, month_of
from bulletin.importing.lines import ImportTextError, normalise
from bulletin.importing.moments import Clock, Start, When, start_of
from bulletin.importing.parser import Known, Names, ParsedIncident, understood
from bulletin.importing.proposals import Proposal
from incidents.durations import LONGEST_MINUTES, Duration, find_durations
from incidents.sentences import Sentence, gettext_noop
from incidents.time_zones import ABBREVIATIONS, add_elapsed, is_wrong_dst, zone_of
from incidents.weeks import EARLIEST

LONGEST_LINE = LONGEST_TITLE + 200
TOO_LONG = gettext_noop("A title has %(most)d characters at most; the rest is write-up.")

_DATE = (
    r"(?:(?P<word>yesterday|today)|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<month>{MONTH_NAMES})\.?\ (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\ (?P<year>\d{{4}}))?)"
    r"(?:,?\ (?:at\ )?|(?<=\d)T)"
)
_ZONES = "|".join(sorted(ABBREVIATIONS, key=len, reverse=True))
_WHEN = (
    rf"(?<![^\s(,;])(?:(?:at|from|since|starting|started|around)\ )?(?:{_DATE})?[~≈]?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?"
    r"(?:\ ?(?:-|–|—|to|until)\ ?(?P<hour2>\d{1,2}):(?P<minute2>\d{2})|\ ?(?P<half>[ap]m))?"
    r"|(?P<hour12>\d{1,2})\ ?(?P<half12>[ap]m))"
    rf"(?:\ ?(?P<zone>{_ZONES}))?(?!\w|[:.]\w)"
)
_WHEN_LAST = re.compile(rf"{_WHEN}$", re.I | re.X)
_WHEN_FIRST = re.compile(rf"{_WHEN}[,:;]?\ (?:[–—-]\ )?(?=\S)", re.I | re.X)
_FOR = re.compile(r"(?<!\S)(?:for|lasted|lasting)$", re.I)
# After these, and where it begins with these, a length is what the title is about.
_OF_TITLE = re.compile(
    r"(?<!\w)(?:after|at|by|each|every|for|in|last|lasted|next|of|older|over|per|than|the|to|under"
    r"|within)$",
    re.I,
)
_BOUND = re.compile(r"(?:just|over|under|shy|less|more|at|up|within)\b", re.I)
# "502s" is what the servers said; what was measured in seconds is marked: "~30s".
_STATUS_CODES = re.compile(r"(?:[^\d~≈]*\s)?\d+\ ?s", re.I)
_BESIDES = " ,;:–—-("


class LineError(Sentence):
    """A sentence for the person who typed the line."""


def read_line(text: str, at: datetime, known: Known) -> ParsedIncident:
    """The incident that the line tells at the instant `at`, on the clock of `known.zone`.

    Without a start it begins now, or ended now where a length is given; without a length it is
    ongoing. A time of day is the last such before `at`. LineError where it says the impossible.
    """
    line = _tidy(text)
    now = at.astimezone(UTC).replace(second=0, microsecond=0)
    title, length = _cut_length(line)
    title, said = _cut_when(title)
    if said and not length:
        title, length = _cut_length(title)
    try:
        start = _start(said, at, known) if said else None
    except ImportTextError as error:
        raise LineError("%(text)s.", text=f"{str(error)[:1].upper()}{str(error)[1:]}") from error
    _check(title, length, start)
    if start is None:
        since = add_elapsed(now, timedelta(minutes=-length.minutes if length else 0))
        start = Start(since.astimezone(known.zone), None, known.zone)
    return understood(title, "", start, _length(start, length), Names(known))


def _tidy(text: str) -> str:
    try:
        line = " ".join(normalise(text).split())
    except ImportTextError as error:
        odd = gettext_noop("This line holds a character that can’t be shown; type it anew.")
        raise LineError(odd) from error
    if not line:
        raise LineError(gettext_noop("Say what happens, such as “502s in GRU 16:45 ~30m”."))
    if len(line) > LONGEST_LINE:
        raise LineError(TOO_LONG, most=LONGEST_TITLE)
    return line


def _check(title: str, length: Duration | None, start: Start | None) -> None:
    if not title:
        raise LineError(gettext_noop("Say what happens, too, such as “502s in GRU 16:45 ~30m”."))
    if len(title) > LONGEST_TITLE:
        raise LineError(TOO_LONG, most=LONGEST_TITLE)
    if length and length.minutes > LONGEST_MINUTES:
        raise LineError(gettext_noop("This length is longer than a year."))
    if length and start and start.end:
        raise LineError(gettext_noop("Give an end or a length, not both."))


def _cut_length(line: str) -> tuple[str, Duration | None]:
    """The line without a length at its end, and that length."""
    bare = line.rstrip(" .,;)")
    found = next((one for one in find_durations(bare) if one.end == len(bare)), None)
    if found is None:
        return line, None
    written, before = bare[found.start :], bare[: found.start].rstrip()
    before_for = _FOR.sub("", before).rstrip()
    is_title = _BOUND.match(written) or _STATUS_CODES.fullmatch(written)
    if is_title or _OF_TITLE.search(before_for):
        return line, None
    return before_for.rstrip(_BESIDES), found.duration


def _cut_when(line: str) -> tuple[str, re.Match[str] | None]:
    """The line without the time at its end, else at its start, and that time."""
    bare = line.rstrip(" .,;)")
    if said := _WHEN_LAST.search(bare):
        return bare[: said.start()].rstrip(_BESIDES), said
    if said := _WHEN_FIRST.match(line):
        return line[said.end() :], said
    return line, None


def _start(said: re.Match[str], at: datetime, known: Known) -> Start:
    zone = zone_of(said["zone"] or "") or known.zone
    today = at.astimezone(zone).date()
    if said["iso"] or said["month"] or said["word"]:
        start = _on_its_date(said, today, known)
        if _passed(start.at, at):
            return start
        raise LineError(
            gettext_noop("%(hour)s is still to come."), hour=f"{start.at:%Y-%m-%d %H:%M}"
        )
    days = (today - timedelta(days=back) for back in range(3))
    starts = (_last_of_two(start_of(_when(said, day), day, 0, known.zone), said) for day in days)
    latest = (one for pair in starts for one in pair if _passed(one.at, at))
    # In three days every clock has shown every time, even where a zone skips a whole day.
    return next(latest)


def _last_of_two(start: Start, said: re.Match[str]) -> tuple[Start, Start]:
    """The times that are meant, the later first: two where the clocks are set back."""
    later_at = start.at.replace(fold=1)
    letters = said["zone"] or ""
    if is_wrong_dst(letters, start.at) != is_wrong_dst(letters, later_at):
        return start, start
    end = start.end.replace(fold=1) if start.end else None
    return replace(start, at=later_at, end=end), start


def _on_its_date(said: re.Match[str], today: date, known: Known) -> Start:
    if said["word"]:
        day = today - timedelta(days=said["word"].lower() == "yesterday")
        return start_of(_when(said, day), day, 0, known.zone)
    if said["iso"]:
        year, month, number = map(int, said["iso"].split("-"))
    else:
        year, number = int(said["year"] or 0), int(said["day"])
        month = month_of(said["month"])
    if not 1 <= month <= 12:
        raise LineError(gettext_noop("There is no %(day)s."), day=said["iso"])
    if (said["iso"] or year) and not EARLIEST.year < year <= today.year + 1:
        raise LineError(gettext_noop("The year %(year)s is out of reach."), year=year)
    when = replace(_when(said, today), month=month, day=number, year=year or None)
    return start_of(when, today, 0, known.zone)


def _when(said: re.Match[str], day: date) -> When:
    """The time as an item of a bulletin's text would tell it."""
    hour = hour_of(said["hour"] or said["hour12"], said["half"] or said["half12"])
    return When(
        month=day.month,
        day=day.day,
        year=day.year,
        clock=Clock(hour, int(said["minute"] or 0)),
        end_clock=Clock(int(said["hour2"]), int(said["minute2"])) if said["hour2"] else None,
        zone=said["zone"] or "",
    )


def _passed(moment: datetime, at: datetime) -> bool:
    return moment.astimezone(UTC) <= at.astimezone(UTC)


def _length(start: Start, typed: Duration | None) -> Proposal:
    if typed:
        end = add_elapsed(start.at, timedelta(minutes=typed.minutes))
        return Proposal(typed.minutes, end, "about" if typed.about else "exact", is_said=True)
    precision = "exact" if start.end else "ongoing"
    return Proposal(start.minutes, start.end, precision, is_said=True)
