"""A stretch of the log, counted: how often, how long, how late told, and what came back. Pure.

Whoever asks passes told incidents of the stretch, and no others; nothing is estimated, and what is
not known is counted as that.
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
SOON = timedelta(days=28)

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A told incident; `related` holds the slugs of those that editors linked it with."""

    entry: Entry
    publish_at: datetime
    scope: str = ""
    kind: str = "incident"
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    related: frozenset[str] = frozenset()

    @property
    def minutes(self) -> float | None:
        """Its length, where that is known and not still growing."""
        ends = self.entry.ends
        return None if ends is None else self.entry.minutes(ends)

    @property
    def wait(self) -> float:
        """Minutes from its start until it was told; none where it was told ahead."""
        return max(0.0, (self.publish_at - self.entry.start_utc).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Lengths:
    """The median in minutes of the `known` lengths, None without any; `about` of these were not
    measured, and `unknown` and `ongoing` are in no median."""

    median: float | None
    known: int
    about: int
    unknown: int
    ongoing: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some days and the incidents that started on them, in time order."""

    days: Period
    facts: Sequence[Fact]

    @property
    def lengths(self) -> Lengths:
        known = self._minutes()
        precise = [one.entry.precision for one in self.facts]
        counts = map(precise.count, ("about", "unknown", "ongoing"))
        return Lengths(median(known) if known else None, len(known), *counts)

    @property
    def wait(self) -> float | None:
        """The median time to tell in minutes."""
        return median(one.wait for one in self.facts) if self.facts else None

    @property
    def impact(self) -> int | None:
        """The highest."""
        impacts = (one.entry.impact for one in self.facts)
        return max((one for one in impacts if one is not None), default=None)

    @property
    def longest(self) -> float | None:
        """The longest known length in minutes."""
        return max(self._minutes(), default=None)

    def _minutes(self) -> list[float]:
        return [one.minutes for one in self.facts if one.minutes is not None]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Incidents in time order, two or more, that belong together: `why` is related, title or
    place, and `what` of a place its service and its region."""

    why: str
    what: tuple[str, ...]
    facts: Sequence[Fact]


def grouped(
    facts: Iterable[Fact], values: Callable[[Fact], Iterable[Value]]
) -> dict[Value, list[Fact]]:
    """Those that have a value, for each; an incident stands under every value that it has."""
    groups: dict[Value, list[Fact]] = defaultdict(list)
    for fact in facts:
        for value in values(fact):
            groups[value].append(fact)
    return groups


def stretches(facts: Iterable[Fact], spans: Iterable[Period]) -> list[Stretch]:
    """The incidents of each of `spans`, which share no day."""
    by_day = grouped(in_time_order(facts), lambda one: [one.entry.day])
    return [Stretch(span, [one for day in span for one in by_day.get(day, ())]) for span in spans]


def months(span: Period) -> Iterator[Period]:
    """The calendar months of `span`, the first and the last as far as they are in it."""
    first = span.first
    while first <= span.last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield Period(first, min(span.last, following - timedelta(days=1)))
        first = following


def weeks(span: Period, first_weekday: int) -> list[Period]:
    """The weeks of `span`, the first and the last as far as they are in it."""
    return [
        Period(max(week.first, span.first), min(week.last, span.last))
        for week in span.weeks(first_weekday)
    ]


def recurrences(facts: Iterable[Fact]) -> list[Recurrence]:
    """Those linked as related, those of one title, and those of one service in one region SOON
    after one another; the most often first, then the newest.

    One whose incidents are all together in another is left out.
    """
    told = in_time_order(facts)
    found = [*_related(told), *_same_title(told), *_same_place(told)]
    found = [one for one in found if len(one.facts) > 1]
    found.sort(key=lambda one: (len(one.facts), one.facts[-1].entry.start_utc), reverse=True)
    kept: list[Recurrence] = []
    holding: dict[str, list[set[str]]] = defaultdict(list)
    for one in found:
        slugs = {fact.entry.slug for fact in one.facts}
        if not any(slugs <= other for other in holding[one.facts[0].entry.slug]):
            kept.append(one)
            for slug in slugs:
                holding[slug].append(slugs)
    return kept


def in_time_order(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda one: one.entry.sort_key)


def _related(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    """What links connect, over one or several, among `facts`."""
    waiting = {fact.entry.slug: fact for fact in facts}
    for fact in facts:
        reached, group = [fact.entry.slug], []
        while reached:
            if one := waiting.pop(reached.pop(), None):
                group.append(one)
                reached += one.related
        yield Recurrence("related", (), in_time_order(group))


def _same_title(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    by_title = grouped(facts, lambda one: [" ".join(one.entry.title.casefold().split())])
    for group in by_title.values():
        yield Recurrence("title", (), group)


def _same_place(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    """Cut where more than SOON lies between one start and the next."""
    for place, group in grouped(facts, lambda one: product(one.services, one.regions)).items():
        run = group[:1]
        for fact in group[1:]:
            if fact.entry.start_utc - run[-1].entry.start_utc > SOON:
                yield Recurrence("place", place, run)
                run = []
            run.append(fact)
        yield Recurrence("place", place, run)
