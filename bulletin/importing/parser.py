"""A week's text to incidents and sections: pure, and linear in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from bulletin.importing.headers import Header, find_headers
from bulletin.importing.lines import ImportTextError, Lines, mask, normalise
from bulletin.importing.moments import Start, start_of
from bulletin.importing.proposals import (
    Proposal,
    finder,
    propose_impact,
    propose_kind,
    propose_length,
)
from bulletin.importing.prose import HEADINGS, reflow
from bulletin.importing.sections import Heading, find_headings, is_markdown
from incidents.grid.palette import IMPACTS
from incidents.weeks import SUNDAY, Period, infer_period

_RULE = re.compile(r"[ \t]*+(?:-{3,}|={3,}|\*{3,}|_{3,})[ \t]*$")
_MOST_TIMELESS = 20


@dataclass(frozen=True)
class Known:
    """What the installation knows: regions by code, services by name, and its other periods."""

    regions: Mapping[str, str]
    services: Sequence[str]
    zone: ZoneInfo
    first_weekday: int = SUNDAY
    headings: Sequence[str] = HEADINGS
    published: Sequence[Period] = ()


@dataclass
class ParsedIncident:
    """`proposed` names the JSON fields that were understood from the text and want confirming."""

    title: str
    started_at: datetime
    zone: str
    ended_at: datetime | None
    minutes: float | None
    precision: str
    impact: int | None
    scope: str | None
    kind: str
    regions: list[str]
    services: list[str]
    body: str
    proposed: list[str]
    line: int

    def as_json(self) -> dict[str, object]:
        minutes = self.minutes
        return {
            "title": self.title,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "duration_minutes": int(minutes) if minutes and minutes.is_integer() else minutes,
            "precision": self.precision,
            "impact": None if self.impact is None else IMPACTS[self.impact],
            "scope": self.scope,
            "kind": self.kind,
            "regions": self.regions,
            "services": self.services,
            "body": self.body,
            "proposed": self.proposed,
        }


@dataclass
class Section:
    heading: str
    body: str


@dataclass
class ParsedBulletin:
    """What a text says of the week: incidents in time order, sections in the text's."""

    date: date
    period: Period
    incidents: list[ParsedIncident] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # A text without incident and heading, which must not be lost.
    loose: str = ""

    @property
    def essay(self) -> str:
        """The sections as one Markdown text."""
        parts = [f"## {each.heading}\n\n{each.body}".strip() for each in self.sections]
        return "\n\n".join(parts) or self.loose

    def as_json(self, caption: str) -> dict[str, object]:
        """The document that `import_bulletin --json` prints."""
        return {
            "date": self.date.isoformat(),
            "period": [self.period.first.isoformat(), self.period.last.isoformat()],
            "incidents": [incident.as_json() for incident in self.incidents],
            "sections": [{"heading": each.heading, "body": each.body} for each in self.sections],
            "caption": caption,
            "warnings": self.warnings,
        }


def parse(text: str, on: date, known: Known) -> ParsedBulletin:
    """The bulletin dated `on` that `text` tells; ImportTextError where it says the impossible."""
    try:
        return _Reading(normalise(text), on, known).bulletin()
    except OverflowError as error:
        raise ImportTextError(f"the year {on.year} is out of reach") from error


class Names:
    """The regions and services that a text may name."""

    def __init__(self, known: Known, *, glued: bool = False) -> None:
        self.regions = finder(known.regions, glued=glued)
        self.services = finder(known.services)


def understood(
    title: str,
    body: str,
    start: Start,
    length: Proposal,
    names: Names,
    *,
    scope: str | None = None,
    line: int = 1,
) -> ParsedIncident:
    """The incident that began at `start` and took `length`, with what else its words propose."""
    words = f"{title}\n{body}"
    impact, kind = propose_impact(body), propose_kind(title, body)
    regions = list(dict.fromkeys(names.regions.findall(words)))
    services = list(dict.fromkeys(names.services.findall(words)))
    proposed = {
        "ended_at": length.end and not length.is_said,
        "duration_minutes": length.end and not length.is_said,
        "precision": length.precision != "unknown" and not length.is_said,
        "impact": impact is not None,
        "kind": kind != "incident",
        "regions": regions,
        "services": services,
    }
    return ParsedIncident(
        title=title,
        started_at=start.at,
        zone=start.zone.key,
        ended_at=length.end,
        minutes=length.minutes,
        precision=length.precision,
        impact=impact,
        scope=scope,
        kind=kind,
        regions=regions,
        services=services,
        body=body,
        proposed=[name for name, is_proposed in proposed.items() if is_proposed],
        line=line,
    )


class _Reading:
    """One text being read: each method tells a part of it, and adds its warnings."""

    def __init__(self, text: str, on: date, known: Known) -> None:
        self.text, self.on, self.known = text, on, known
        self.lines = Lines(text)
        self.masked = mask(text)
        self.markdown = is_markdown(self.masked)
        self.names = Names(known, glued=True)
        self.warnings: list[str] = []

    def bulletin(self) -> ParsedBulletin:
        headers, timeless = find_headers(self.text, self.masked)
        headings = find_headings(self.text, self.masked, self.known.headings, headers)
        starts = [each.start for each in headers] + [each.start for each in headings]
        cuts = sorted([*starts, len(self.text)])
        ends = dict(pairwise(cuts))
        incidents = [self._incident(header, ends[header.start]) for header in headers]
        incidents.sort(key=lambda each: each.started_at.astimezone(UTC))
        sections = self._sections(headers, headings, ends)
        self._warn_of_timeless(timeless, cuts, {each.start for each in headings})
        if not headers:
            self.warnings.append("no header of an incident was found: a quiet week")
        period = self._period(incidents)
        loose = "" if headers or sections else self._body(self.text)
        return ParsedBulletin(self.on, period, incidents, sections, self.warnings, loose)

    def _incident(self, header: Header, end: int) -> ParsedIncident:
        line = self.lines.number(header.start)
        start = start_of(header.when, self.on, line, self.known.zone)
        self.warnings += [f"line {line}: {warning}" for warning in start.warnings]
        title = header.title or "Incident"
        if not header.title:
            self.warnings.append(f"line {line}: this incident has no title")
        text = self.text[header.end : end].lstrip(" \t:").rstrip(" \t\n•")
        body = self._body(header.opened + text, header)
        length = self._length(body, start, line)
        scope = "internal" if header.internal else None
        return understood(title, body, start, length, self.names, scope=scope, line=line)

    def _length(self, body: str, start: Start, line: int) -> Proposal:
        if start.end:
            return Proposal(start.minutes, start.end, "exact", is_said=True)
        proposal = propose_length(body, start.at)
        if proposal.warning:
            self.warnings.append(f"line {line}: {proposal.warning}")
        return proposal

    def _body(self, text: str, header: Header | None = None) -> str:
        if not self.markdown:
            return reflow(text)
        lines = [line.rstrip("\n") for line in text.split("\n")]
        if header and header.is_item:
            lines[1:] = _dedented(lines[1:])
        while lines and (not lines[0].strip() or _RULE.match(lines[0])):
            lines.pop(0)
        while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
            lines.pop()
        return "\n".join(lines).strip()

    def _sections(
        self, headers: Sequence[Header], headings: Sequence[Heading], ends: Mapping[int, int]
    ) -> list[Section]:
        first = headers[0].start if headers else -1
        told = []
        for heading in headings:
            body = self._body(self.text[heading.end : ends[heading.start]])
            if heading.start < first:
                self._warn_of_lost(heading, body)
            elif body:
                told.append((heading, body))
        if not headers and told and _is_preface(told[0][0], headings):
            del told[0]
        return [Section(heading.text, body) for heading, body in told]

    def _warn_of_lost(self, heading: Heading, body: str) -> None:
        if heading.is_listed and body:
            line = self.lines.number(heading.start)
            self.warnings.append(
                f"line {line}: “{heading.text}” stands before the first incident and was left out"
            )

    def _warn_of_timeless(
        self, timeless: Iterable[int], cuts: Sequence[int], headings: Collection[int]
    ) -> None:
        """Of what may have been meant as an incident: no date in a section is."""
        outside = (at for at in timeless if cuts[bisect_right(cuts, at) - 1] not in headings)
        for position in islice(outside, _MOST_TIMELESS):
            start = self.text[position : position + 40].partition("\n")[0].strip()
            line = self.lines.number(position)
            self.warnings.append(f"line {line}: “{start}…” has no time, so it heads no incident")

    def _period(self, incidents: Sequence[ParsedIncident]) -> Period:
        days = [each.started_at.astimezone(self.known.zone).date() for each in incidents]
        period = infer_period(days, self.on, self.known.published, self.known.first_weekday)
        for day, incident in zip(days, incidents, strict=True):
            if day not in period:
                self.warnings.append(
                    f"line {incident.line}: “{incident.title}” of {day} lies outside the period"
                    f" {period.first} to {period.last}; it goes to its own week"
                )
        return period


def _is_preface(heading: Heading, headings: Sequence[Heading]) -> bool:
    """Whether a quiet week's heading is that of the page or of its (no) incidents."""
    is_first = heading == headings[0]
    is_title = is_first and heading.level == 1 and any(other.level > 1 for other in headings)
    return is_title or "incident" in heading.text.lower()


def _dedented(lines: list[str]) -> list[str]:
    """The lines of a list item without the indent that they have in common."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    indent = min(indents, default=0)
    return [line[indent:] for line in lines]
