"""The incidents of a year, counted: how often, how long, how late published, what recurred.

Callers pass published incidents in time order. Nothing is estimated: what is unknown is counted
as that.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import groupby, product
from statistics import median
from typing import TypeVar

from incidents.models import Incident
from incidents.weeks import Period

# How soon the same service must fail in the same region again to count as a recurrence.
RECURRENCE_WINDOW = timedelta(days=28)

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True)
class DateRangeStats:
    """Some days and the incidents that started on them; times are minutes, None without any."""

    days: Period
    incidents: Sequence[Incident]

    @cached_property
    def lengths(self) -> list[float]:
        """Those that are known."""
        lengths = map(length, self.incidents)
        return [minutes for minutes in lengths if minutes is not None]

    @property
    def median_length(self) -> float | None:
        return median(self.lengths) if self.lengths else None

    @property
    def longest(self) -> float | None:
        return max(self.lengths, default=None)

    @property
    def median_delay(self) -> float | None:
        return median(map(delay, self.incidents)) if self.incidents else None

    @cached_property
    def precisions(self) -> Counter[str]:
        return Counter(incident.precision for incident in self.incidents)

    @property
    def impact(self) -> int | None:
        impacts = (incident.impact for incident in self.incidents)
        return max((impact for impact in impacts if impact is not None), default=None)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Two or more incidents in time order; `reason` is related, title or place, and `place` the
    service and the region of the last."""

    reason: str
    incidents: Sequence[Incident]
    place: tuple[str, ...] = ()


def length(incident: Incident) -> float | None:
    """In minutes; None where it is unknown, or not over."""
    return incident.length.total_seconds() / 60 if incident.length is not None else None


def delay(incident: Incident) -> float:
    """Minutes from its start until it was published; 0 where that was before."""
    return max(0.0, (incident.publish_delay or timedelta()).total_seconds() / 60)


def group_by(
    incidents: Iterable[Incident], values: Callable[[Incident], Iterable[Value]]
) -> dict[Value, list[Incident]]:
    groups: dict[Value, list[Incident]] = defaultdict(list)
    for incident in incidents:
        for value in values(incident):
            groups[value].append(incident)
    return groups


def summarize(incidents: Iterable[Incident], spans: Iterable[Period]) -> list[DateRangeStats]:
    by_day = group_by(incidents, lambda incident: [incident.local_date])
    return [
        DateRangeStats(span, [incident for day in span for incident in by_day.get(day, ())])
        for span in spans
    ]


def months(span: Period) -> Iterator[Period]:
    for _month, days in groupby(span, lambda day: day.replace(day=1)):
        of_month = list(days)
        yield Period(of_month[0], of_month[-1])


def weeks(span: Period, first_weekday: int) -> list[Period]:
    whole = span.weeks(first_weekday)
    return [Period(max(week.first, span.first), min(week.last, span.last)) for week in whole]


def recurrences(incidents: Sequence[Incident]) -> list[Recurrence]:
    """The most often first, then the newest.

    One whose incidents are all together in another is left out.
    """
    found = [*_related(incidents), *_same_title(incidents), *_same_place(incidents)]
    found = [recurrence for recurrence in found if len(recurrence.incidents) > 1]
    found.sort(key=lambda each: (len(each.incidents), each.incidents[-1].started_at), reverse=True)
    listed: list[Recurrence] = []
    groups: list[set[int]] = []
    for recurrence in found:
        group = {incident.pk for incident in recurrence.incidents}
        if not any(group <= larger for larger in groups):
            listed.append(recurrence)
            groups.append(group)
    return listed


def _related(incidents: Sequence[Incident]) -> Iterator[Recurrence]:
    """What links connect, over one or several, among `incidents`."""
    waiting = {incident.pk: incident for incident in incidents}
    for incident in incidents:
        reached, group = [incident.pk], []
        while reached:
            if linked := waiting.pop(reached.pop(), None):
                group.append(linked)
                reached += [other.pk for other in linked.related.all()]
        yield Recurrence("related", sorted(group, key=lambda each: (each.started_at, each.slug)))


def _same_title(incidents: Sequence[Incident]) -> Iterator[Recurrence]:
    def folded(incident: Incident) -> list[str]:
        return [" ".join(incident.plain_title.casefold().split())]

    return (Recurrence("title", group) for group in group_by(incidents, folded).values())


def _same_place(incidents: Sequence[Incident]) -> Iterator[Recurrence]:
    def places(incident: Incident) -> Iterable[tuple[str, str]]:
        services = [service.name for service in incident.services.all()]
        return product(services, [region.code for region in incident.regions.all()])

    for place, group in group_by(incidents, places).items():
        run = group[:1]
        for incident in group[1:]:
            if incident.started_at - run[-1].started_at > RECURRENCE_WINDOW:
                yield Recurrence("place", run, place)
                run = []
            run.append(incident)
        yield Recurrence("place", run, place)
