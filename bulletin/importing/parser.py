"""A week's text to incidents and sections: pure, and linear in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from itertools import accumulate, islice, pairwise, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bulletin.importing.headers import Header, find_headers
from bulletin.importing.headings import Heading, find_headings, is_markdown
from bulletin.importing.names import NameMatcher
from bulletin.importing.proposals import (
    propose_impact,
    propose_kind,
    propose_length,
)
from bulletin.importing.text import ImportTextError, mask_code, normalize, unwrap_lines
from bulletin.importing.written_times import ResolvedTimes
from incidents.durations import format_duration
from incidents.grid.palette import IMPACTS
from incidents.weeks import SUNDAY, Period, infer_period

_RULE = re.compile(r"[ \t]*+(?:-{3,}|={3,}|\*{3,}|_{3,})[ \t]*$")
_MAX_TIME_WARNINGS = 20
# Names of JSON fields, and their values where a text doesn't say them.
_OF_LENGTH = ("ended_at", "duration_minutes", "precision")
_OF_PROSE = ("impact", "kind", "regions", "services")
_NOT_READ: tuple[object, ...] = (None, [], "unknown", "incident")
# A day that lies so far back, half a year, is more often a slip than a late report.
_DAYS_BACK = 182


@dataclass(frozen=True)
class ImportContext:
    """What the installation knows: places by region code, names of services, the plain lines that
    are headings, and the periods of other bulletins."""

    regions: Mapping[str, str]
    services: Sequence[str]
    zone: ZoneInfo
    first_weekday: int = SUNDAY
    headings: Sequence[str] = ()
    published: Sequence[Period] = ()


@dataclass
class ParsedIncident:
    """`proposed` names the JSON fields that were read from the prose and want confirming."""

    title: str
    started_at: datetime
    zone: str
    ended_at: datetime | None
    precision: str
    impact: int | None
    scope: str | None
    kind: str
    regions: list[str]
    services: list[str]
    body: str
    proposed: list[str]
    line: int
    # Of a logged line: what looks like a date or a length and stayed in the title.
    unread: list[str] = field(default_factory=list)

    @property
    def minutes(self) -> float | None:
        if self.ended_at is None:
            return None
        length = self.ended_at.astimezone(UTC) - self.started_at.astimezone(UTC)
        return length.total_seconds() / 60

    @property
    def length_text(self) -> str:
        if self.minutes is None:
            return self.precision
        return format_duration(self.minutes, about=self.precision == "about")

    def as_json(self) -> dict[str, object]:
        minutes = self.minutes
        unchanged = ("scope", "kind", "regions", "services", "body", "proposed")
        return {
            "title": self.title,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "duration_minutes": int(minutes) if minutes and minutes.is_integer() else minutes,
            "precision": self.precision,
            "impact": None if self.impact is None else IMPACTS[self.impact],
            **{name: getattr(self, name) for name in unchanged},
        }


class Section(NamedTuple):
    heading: str
    body: str


@dataclass
class ParsedBulletin:
    """What a text says of the week: incidents in time order, sections in the text's.

    `preface` precedes the incidents and belongs to none; `orphan_text` is a text without incident
    and heading. Neither must be lost.
    """

    date: date
    period: Period
    incidents: list[ParsedIncident] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    orphan_text: str = ""
    preface: str = ""

    @property
    def essay(self) -> str:
        parts = [f"## {heading}\n\n{body}".strip() for heading, body in self.sections]
        return "\n\n".join(parts) or self.orphan_text

    def as_json(self, caption: str) -> dict[str, object]:
        return {
            "date": self.date.isoformat(),
            "period": [self.period.first.isoformat(), self.period.last.isoformat()],
            "incidents": [incident.as_json() for incident in self.incidents],
            "sections": [section._asdict() for section in self.sections],
            "caption": caption,
            "warnings": self.warnings,
        }


def parse(text: str, on: date, context: ImportContext) -> ParsedBulletin:
    """The bulletin dated `on`; ImportTextError where the text says the impossible."""
    try:
        return BulletinParser(normalize(text), on, context).bulletin()
    except OverflowError as error:
        raise ImportTextError(f"the year {on.year} is out of reach") from error


def build_incident(
    title: str,
    body: str,
    times: ResolvedTimes,
    names: NameMatcher,
    *,
    scope: str | None = None,
    line: int = 1,
) -> ParsedIncident:
    words = f"{title}\n{body}"
    incident = ParsedIncident(
        title=title,
        started_at=times.start,
        zone=times.zone.key,
        ended_at=times.end,
        precision=times.precision,
        impact=propose_impact(body),
        scope=scope,
        kind=propose_kind(title, body),
        regions=names.regions(words),
        services=names.services(words),
        body=body,
        proposed=[],
        line=line,
    )
    json = incident.as_json()
    names_read = _OF_LENGTH + _OF_PROSE if times.proposed else _OF_PROSE
    incident.proposed = [name for name in names_read if json[name] not in _NOT_READ]
    return incident


class BulletinParser:
    """One text: each method reads a part of it, and adds its warnings."""

    def __init__(self, text: str, on: date, context: ImportContext) -> None:
        self.text, self.on, self.context = text, on, context
        self.line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self.masked = mask_code(text)
        self.markdown = is_markdown(self.masked)
        self.names = NameMatcher(context.regions, context.services, glued=True)
        self.warnings: list[str] = []

    def bulletin(self) -> ParsedBulletin:
        headers, missing_time = find_headers(self.text, self.masked)
        headings = find_headings(self.text, self.masked, self.context.headings, headers)
        in_sections = {heading.start for heading in headings}
        cuts = sorted([*(header.start for header in headers), *in_sections, len(self.text)])
        ends = dict(pairwise(cuts))
        incidents = [self._incident(header, ends[header.start]) for header in headers]
        incidents.sort(key=lambda incident: incident.started_at.astimezone(UTC))
        preface, sections = self._outline(headers, headings, ends)
        self._warn_of_missing_time(
            at for at in missing_time if cuts[bisect_right(cuts, at) - 1] not in in_sections
        )
        if not headers:
            self.warnings.append("no header of an incident was found: a quiet week")
        period = self._period(incidents)
        if not headers and not sections:
            orphan_text = self._body(self.text)
            return ParsedBulletin(self.on, period, [], [], self.warnings, orphan_text)
        return ParsedBulletin(self.on, period, incidents, sections, self.warnings, "", preface)

    def _line(self, position: int) -> int:
        return bisect_right(self.line_starts, position)

    def _warn(self, line: int, *warnings: str) -> None:
        self.warnings += [f"line {line}: {warning}" for warning in warnings]

    def _incident(self, header: Header, end: int) -> ParsedIncident:
        line = self._line(header.start)
        try:
            day = header.day.resolve(self.on)
            times = header.span.resolve(day, self.context.zone)
        except ImportTextError as error:
            raise ImportTextError(str(error), line) from error
        text = self.text[header.end : end].lstrip(" \t:").rstrip(" \t\n•")
        body = self._body(header.opened + text, is_item=header.lead.is_item)
        times = times if times.end else propose_length(body, times)
        self._warn(line, *times.warnings)
        if day > self.on:
            self._warn(line, f"{day} is after the bulletin’s date")
        if self._is_long_ago(day) and not header.day.year:
            self._warn(line, f"no year is written: {day} was read, long before the bulletin’s date")
        if not header.title:
            self._warn(line, "this incident has no title")
        title = header.title or "Incident"
        scope = "internal" if header.internal else None
        return build_incident(title, body, times, self.names, scope=scope, line=line)

    def _body(self, text: str, *, is_item: bool = False) -> str:
        if not self.markdown:
            return unwrap_lines(text)
        lines = text.split("\n")
        if is_item:
            indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
            lines[1:] = [line[min(indents, default=0) :] for line in lines[1:]]
        filled = [n for n, line in enumerate(lines) if line.strip() and not _RULE.match(line)]
        return "\n".join(lines[filled[0] : filled[-1] + 1]).strip() if filled else ""

    def _outline(
        self, headers: Sequence[Header], headings: Sequence[Heading], ends: Mapping[int, int]
    ) -> tuple[str, list[Section]]:
        """What is before the first incident or section, without headings; and the sections."""
        bodies = [self._body(self.text[each.end : ends[each.start]]) for each in headings]
        if headers:
            number = sum(heading.start < headers[0].start for heading in headings)
            for heading, body in zip(headings[:number], bodies, strict=False):
                if body and heading.is_listed:
                    moved = f"“{heading.text}” is before the first incident"
                    self._warn(self._line(heading.start), f"{moved}: it is in the introduction")
        else:
            number = len([*takewhile(partial(_is_preface, headings), headings)])
        preface = "\n\n".join(
            filter(None, [self._body(self.text[: min(ends, default=0)]), *bodies[:number]])
        )
        after = zip(headings[number:], bodies[number:], strict=True)
        return preface, [Section(heading.text, body) for heading, body in after if body]

    def _warn_of_missing_time(self, positions: Iterable[int]) -> None:
        for position in islice(positions, _MAX_TIME_WARNINGS):
            start = self.text[position : position + 40].partition("\n")[0].strip()
            self._warn(self._line(position), f"“{start}…” has no time, so it heads no incident")

    def _is_long_ago(self, day: date) -> bool:
        return (self.on - day).days >= _DAYS_BACK

    def _period(self, incidents: Sequence[ParsedIncident]) -> Period:
        days = [each.started_at.astimezone(self.context.zone).date() for each in incidents]
        recent = [day for day in days if not self._is_long_ago(day)]
        period = infer_period(recent, self.on, self.context.published, self.context.first_weekday)
        span = f"{period.first} to {period.last}"
        for day, incident in zip(days, incidents, strict=True):
            if day not in period:
                outside = f"“{incident.title}” of {day} lies outside the period {span}"
                self._warn(incident.line, f"{outside}; it goes to its own week")
        return period


def _is_preface(headings: Sequence[Heading], heading: Heading) -> bool:
    is_title = heading == headings[0] and heading.level == 1 < max(each.level for each in headings)
    return is_title or "incident" in heading.text.lower()
