"""A stretch of the log, counted: how often, how long, how late told, and what came back. Pure.

Whoever asks passes told incidents of the stretch, and no others; nothing is estimated, and what is
not known is counted as that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Generic, TypeVar

from incidents.grid import Entry
from incidents.weeks import Period

# How soon the same service must fail in the same region again to count as a recurrence.
SOON = timedelta(days=28)
# The steps of the scale, and last those that nobody has judged.
JUDGEMENTS: tuple[int | None, ...] = (0, 1, 2, 3, 4, None)

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A told incident; `related` holds the slugs of those that editors linked it with."""

    entry: Entry
    told_at: datetime
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
    def judgement(self) -> tuple[int, ...]:
        """Its impact, if judged."""
        return () if self.entry.impact is None else (self.entry.impact,)

    @property
    def wait(self) -> float:
        """Minutes from its start until it was told; none where it was told ahead."""
        return max(0.0, (self.told_at - self.entry.starts.astimezone(UTC)).total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Tally(Generic[Value]):
    """How many incidents have `value`, None for those that have none, by JUDGEMENTS."""

    value: Value | None
    by_impact: tuple[int, ...]

    @property
    def number(self) -> int:
        return sum(self.by_impact)


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
    facts: tuple[Fact, ...]

    @property
    def lengths(self) -> Lengths:
        return lengths(self.facts)

    @property
    def wait(self) -> float | None:
        return wait(self.facts)

    @property
    def impact(self) -> int | None:
        """The highest."""
        return max(
            (one.entry.impact for one in self.facts if one.entry.impact is not None), default=None
        )

    @property
    def longest(self) -> float | None:
        """The longest known length in minutes."""
        return max((one.minutes for one in self.facts if one.minutes is not None), default=None)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Incidents in time order, two or more, that belong together: `why` is related, title or
    place, and `what` of a place its service and its region."""

    why: str
    what: tuple[str, ...]
    facts: tuple[Fact, ...]


def tally(
    facts: Iterable[Fact],
    values: Callable[[Fact], Iterable[Value]],
    order: Sequence[Value] = (),
) -> list[Tally[Value]]:
    """An incident counts once for each of its values, and one without any under None.

    First those of `order`, even where none has them, then the others by number; None is last.
    """
    counts: dict[Value | None, list[int]] = {value: [0] * len(JUDGEMENTS) for value in order}
    nothing = counts.pop(None, [0] * len(JUDGEMENTS))
    for fact in facts:
        place = JUDGEMENTS.index(fact.entry.impact)
        found = set(values(fact))
        for value in found:
            counts.setdefault(value, [0] * len(JUDGEMENTS))[place] += 1
        if not found:
            nothing[place] += 1
    tallies = [Tally(value, tuple(numbers)) for value, numbers in counts.items()]
    fixed, others = tallies[: len(order)], tallies[len(order) :]
    others.sort(key=lambda one: (-one.number, str(one.value)))
    return [*fixed, *others, Tally(None, tuple(nothing))]


def lengths(facts: Sequence[Fact]) -> Lengths:
    known = [one.minutes for one in facts if one.minutes is not None]
    precise = [one.entry.precision for one in facts]
    return Lengths(
        median(known) if known else None,
        len(known),
        precise.count("about"),
        precise.count("unknown"),
        precise.count("ongoing"),
    )


def wait(facts: Sequence[Fact]) -> float | None:
    """The median time to tell in minutes."""
    return median(one.wait for one in facts) if facts else None


def stretches(facts: Iterable[Fact], spans: Iterable[Period]) -> list[Stretch]:
    """The incidents of each of `spans`, which share no day."""
    by_day: dict[date, list[Fact]] = defaultdict(list)
    for fact in in_time_order(facts):
        by_day[fact.entry.day].append(fact)
    return [Stretch(span, tuple(one for day in span for one in by_day[day])) for span in spans]


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
    members = [frozenset(fact.entry.slug for fact in one.facts) for one in found]
    holding: dict[str, list[int]] = defaultdict(list)
    for index, slugs in enumerate(members):
        for slug in slugs:
            holding[slug].append(index)
    kept = [
        one
        for index, one in enumerate(found)
        if not any(
            members[index] < members[other] or (members[index] == members[other] and other < index)
            for other in holding[one.facts[0].entry.slug]
        )
    ]
    kept.sort(key=lambda one: one.facts[-1].entry.starts.astimezone(UTC), reverse=True)
    return sorted(kept, key=lambda one: -len(one.facts))


def in_time_order(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda one: (one.entry.starts.astimezone(UTC), one.entry.slug))


def _related(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    """What links connect, over one or several, among `facts`."""
    waiting = {fact.entry.slug: fact for fact in facts}
    for fact in facts:
        reached, group = [fact.entry.slug], []
        while reached:
            if one := waiting.pop(reached.pop(), None):
                group.append(one)
                reached += one.related
        if len(group) > 1:
            yield Recurrence("related", (), tuple(in_time_order(group)))


def _same_title(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[" ".join(fact.entry.title.casefold().split())].append(fact)
    for group in groups.values():
        if len(group) > 1:
            yield Recurrence("title", (), tuple(group))


def _same_place(facts: Sequence[Fact]) -> Iterator[Recurrence]:
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        for service in fact.services:
            for region in fact.regions:
                groups[service, region].append(fact)
    for place, group in groups.items():
        for run in _runs(group):
            if len(run) > 1:
                yield Recurrence("place", place, tuple(run))


def _runs(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Cut where more than SOON lies between one start and the next."""
    runs = [[facts[0]]]
    for one, following in pairwise(facts):
        passed = following.entry.starts.astimezone(UTC) - one.entry.starts.astimezone(UTC)
        if passed > SOON:
            runs.append([])
        runs[-1].append(following)
    return runs
