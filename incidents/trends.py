"""The incidents of a time span, counted: how often, how long, how late published, what recurred.

Callers pass published incidents only. Nothing is estimated: what is unknown is counted as that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from statistics import median
from typing import TypeVar

from incidents.grid import Entry
from incidents.weeks import Period

# How soon the same service must fail in the same region again to count as a recurrence.
RECURRENCE_WINDOW = timedelta(days=28)

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An incident; `related` holds the slugs of those that editors linked it with."""

    entry: Entry
    publish_at: datetime
    scope: str = ""
    kind: str = "incident"
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    related: frozenset[str] = frozenset()

    @property
    def minutes(self) -> float | None:
        # One that is ongoing has none.
        ends = self.entry.ends
        return None if ends is None else self.entry.minutes(ends)

    @property
    def delay(self) -> float:
        """Minutes from its start until it was published; 0 where that was before."""
        return max(0.0, (self.publish_at - self.entry.start_utc).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Durations:
    """The median in minutes of the `known` lengths, None without any; `about` of these were not
    measured, and `unknown` and `ongoing` are in no median."""

    median: float | None
    known: int
    about: int
    unknown: int
    ongoing: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Some days and the incidents that started on them, in time order; figures in minutes."""

    days: Period
    facts: Sequence[Fact]

    @property
    def durations(self) -> Durations:
        known = self._minutes()
        precisions = [fact.entry.precision for fact in self.facts]
        counts = map(precisions.count, ("about", "unknown", "ongoing"))
        return Durations(median(known) if known else None, len(known), *counts)

    @property
    def delay(self) -> float | None:
        return median(fact.delay for fact in self.facts) if self.facts else None

    @property
    def impact(self) -> int | None:
        impacts = (fact.entry.impact for fact in self.facts)
        return max((impact for impact in impacts if impact is not None), default=None)

    @property
    def longest(self) -> float | None:
        return max(self._minutes(), default=None)

    def _minutes(self) -> list[float]:
        return [fact.minutes for fact in self.facts if fact.minutes is not None]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Two or more incidents in time order; `reason` is related, title or place, and `place` the
    service and the region of the last."""

    reason: str
    facts: Sequence[Fact]
    place: tuple[str, ...] = ()


def group_by(
    facts: Iterable[Fact], values: Callable[[Fact], Iterable[Value]]
) -> dict[Value, list[Fact]]:
    groups: dict[Value, list[Fact]] = defaultdict(list)
    for fact in facts:
        for value in values(fact):
            groups[value].append(fact)
    return groups


def summarize(facts: Iterable[Fact], spans: Iterable[Period]) -> list[Summary]:
    by_day = group_by(in_time_order(facts), lambda fact: [fact.entry.day])
    return [Summary(span, [fact for day in span for fact in by_day.get(day, ())]) for span in spans]


def months(span: Period) -> Iterator[Period]:
    first = span.first
    while first <= span.last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield Period(first, min(span.last, following - timedelta(days=1)))
        first = following


def weeks(span: Period, first_weekday: int) -> list[Period]:
    whole = span.weeks(first_weekday)
    return [Period(max(week.first, span.first), min(week.last, span.last)) for week in whole]


def recurrences(facts: Iterable[Fact]) -> list[Recurrence]:
    """The most often first, then the newest.

    One whose incidents are all together in another is left out.
    """
    ordered = in_time_order(facts)
    found = [*_related(ordered), *_same_title(ordered), *_same_place(ordered)]
    found = [recurrence for recurrence in found if len(recurrence.facts) > 1]
    found.sort(key=lambda each: (len(each.facts), each.facts[-1].entry.start_utc), reverse=True)
    listed: list[Recurrence] = []
    groups_of: dict[str, list[set[str]]] = defaultdict(list)
    for recurrence in found:
        slugs = {fact.entry.slug for fact in recurrence.facts}
        if not any(slugs <= group for group in groups_of[recurrence.facts[0].entry.slug]):
            listed.append(recurrence)
            for slug in slugs:
                groups_of[slug].append(slugs)
    return listed


def in_time_order(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: fact.entry.sort_key)


def _related(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    """What links connect, over one or several, among `facts`."""
    waiting = {fact.entry.slug: fact for fact in facts}
    for fact in facts:
        reached, group = [fact.entry.slug], []
        while reached:
            if linked := waiting.pop(reached.pop(), None):
                group.append(linked)
                reached += linked.related
        yield Recurrence("related", in_time_order(group))


def _same_title(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    groups = group_by(facts, lambda fact: [" ".join(fact.entry.title.casefold().split())])
    return (Recurrence("title", group) for group in groups.values())


def _same_place(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    groups = group_by(facts, lambda fact: product(fact.services, fact.regions))
    for place, group in groups.items():
        run = group[:1]
        for fact in group[1:]:
            if fact.entry.start_utc - run[-1].entry.start_utc > RECURRENCE_WINDOW:
                yield Recurrence("place", run, place)
                run = []
            run.append(fact)
        yield Recurrence("place", run, place)
