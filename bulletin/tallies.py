"""Incidents by impact, scope, region and service: tables whose sums can be checked by eye."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletin.words import words
from incidents import trends
from incidents.grid import strips
from incidents.scales import Impact, Scope
from incidents.trends import Fact, Tally


@dataclass(frozen=True)
class Line:
    """A row of a table: `number` of incidents, and of those as bad or worse, where that is told."""

    name: str
    href: str
    number: int
    bar: SafeString
    place: str = ""
    higher: int | None = None


@dataclass(frozen=True)
class Table:
    """Incidents by one thing; `note` says how they are counted."""

    heading: str
    note: str
    lines: list[Line]
    scaled: bool = False


class Tallies:
    """Of `facts`, with the places of regions; counts lead to the index of the year `chosen`."""

    def __init__(
        self, facts: Sequence[Fact], places: Mapping[str, str], chosen: int | None
    ) -> None:
        self.facts, self.places, self.chosen = facts, places, chosen

    def tables(self) -> list[Table]:
        return [self._impacts(), self._scopes(), self._regions(), self._services()]

    def _impacts(self) -> Table:
        order = [impact for impact in trends.JUDGEMENTS if impact is not None][::-1]
        tallies = trends.tally(self.facts, lambda one: one.judgement, order)
        *lines, unjudged = self._lines(tallies, "impact", _("not judged"))
        told, higher = [], 0
        for impact, line in zip(map(Impact, order), lines, strict=True):
            higher += line.number
            href = self._index(impact=impact.word)
            told.append(replace(line, name=str(impact.label), href=href, higher=higher))
        return Table(_("Impact"), self._once(), [*told, unjudged], scaled=True)

    def _scopes(self) -> Table:
        tallies = trends.tally(
            self.facts, lambda one: [one.scope] if one.scope else [], Scope.values
        )
        *lines, unscoped = self._lines(tallies, "scope", _("scope not given"))
        named = [
            replace(line, name=str(scope.label)) for scope, line in zip(Scope, lines, strict=True)
        ]
        return Table(_("Scope"), self._once(), [*named, unscoped])

    def _regions(self) -> Table:
        tallies = trends.tally(self.facts, lambda one: one.regions)
        lines = self._lines(tallies, "region", _("no region"))
        placed = [replace(line, place=self.places.get(line.name, "")) for line in lines]
        return Table(_("Region"), self._each(tallies), placed)

    def _services(self) -> Table:
        tallies = trends.tally(self.facts, lambda one: one.services)
        return Table(
            _("Service"), self._each(tallies), self._lines(tallies, "service", _("no service"))
        )

    def _lines(self, tallies: Sequence[Tally[Any]], filtered: str, without: str) -> list[Line]:
        """The last tally is of those `without` a value: it has no bar, which would dwarf others."""
        *valued, nothing = tallies
        longest = max((one.number for one in valued), default=0)
        lines = [
            Line(
                str(one.value),
                self._index(**{filtered: one.value}),
                one.number,
                SafeString(strips.bar(one.by_impact, longest, by_impact(one))),
            )
            for one in valued
        ]
        return [*lines, Line(without, "", nothing.number, SafeString(""))]

    def _once(self) -> str:
        return _("Each incident counts once: together %(number)d.") % {"number": len(self.facts)}

    def _each(self, tallies: Sequence[Tally[str]]) -> str:
        told = _("Counted once in each: together %(counts)d for %(number)d incidents.")
        return told % {"counts": sum(one.number for one in tallies), "number": len(self.facts)}

    def _index(self, **filters: Any) -> str:
        return index(**{"year": self.chosen} | filters if self.chosen else filters)


def index(**filters: Any) -> str:
    return f"{reverse('incidents')}?{urlencode(filters)}"


def by_impact(one: Tally[Any]) -> str:
    """As "1 major, 3 minor"."""
    named = [*(words().impact_name(impact) for impact in trends.JUDGEMENTS)]
    counts = list(zip(one.by_impact, named, strict=True))
    told = [*reversed(counts[:-1]), counts[-1]]
    return ", ".join(f"{number} {name}" for number, name in told if number)
