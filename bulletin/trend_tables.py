"""Incidents by impact, scope, region and service: tables whose sums can be checked by eye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletin.grid_words import words
from incidents.choices import Impact, Scope
from incidents.grid import strips
from incidents.trends import Fact, group_by


@dataclass(frozen=True)
class Line:
    """A row of a table: `number` of incidents, and how many in all down to it, from the worst."""

    name: str
    number: int
    href: str = ""
    bar: str = ""
    place: str = ""
    higher: int | None = None


@dataclass(frozen=True)
class Table:
    """Incidents by one thing; `note` says how they are counted, `scaled` whether it has degrees."""

    heading: str
    note: str
    lines: list[Line]
    scaled: bool


@dataclass(frozen=True)
class Tallies:
    """Of `facts`, with the places of regions; counts lead to the index of the year `chosen`."""

    facts: Sequence[Fact]
    places: Mapping[str, str]
    chosen: int | None

    def tables(self) -> list[Table]:
        impacts = {impact.word: str(impact.label) for impact in reversed(Impact)}
        scopes = {scope.value: str(scope.label) for scope in Scope}
        return [
            self._table("impact", _("Impact"), _("not rated"), _impact, impacts),
            self._table("scope", _("Scope"), _("scope not given"), lambda one: [one.scope], scopes),
            self._table("region", _("Region"), _("no region"), lambda one: one.regions or [""]),
            self._table("service", _("Service"), _("no service"), lambda one: one.services or [""]),
        ]

    def _table(
        self,
        name: str,
        heading: str,
        without: str,
        values: Callable[[Fact], Iterable[str]],
        labels: Mapping[str, str] | None = None,
    ) -> Table:
        """A line each of `labels`, or of the values found, the most often first. The last is of
        those `without` a value: it has no bar, which would dwarf others."""
        groups = group_by(self.facts, values)
        nothing = groups.pop("", [])
        often = sorted(groups, key=lambda value: (-len(groups[value]), value))
        longest = max(map(len, groups.values()), default=0)
        lines: list[Line] = []
        total = 0
        for value, label in (labels or dict(zip(often, often, strict=True))).items():
            there = groups.get(value, [])
            total += len(there)
            href = index(**{"year": self.chosen} if self.chosen else {}, **{name: value})
            place = self.places.get(value, "") if name == "region" else ""
            drawn = bar(there, longest) if there else ""
            lines.append(Line(label, len(there), href, drawn, place, total))
        lines.append(Line(without, len(nothing)))
        text = (
            _("Each incident counts once: together %(number)d.")
            if labels
            else _("Counted once in each: together %(counts)d for %(number)d incidents.")
        )
        counts = {"counts": total + len(nothing), "number": len(self.facts)}
        return Table(heading, text % counts, lines, scaled=name == "impact")


def index(**filters: Any) -> str:
    return f"{reverse('incidents')}?{urlencode(filters)}"


def bar(facts: Sequence[Fact], longest: int) -> SafeString:
    """Its words are as "1 major, 3 minor"."""
    by_impact = Counter(one.entry.impact for one in facts)
    text = (
        f"{by_impact[impact]} {words().impact_name(impact)}"
        for impact in (*reversed(Impact), None)
        if by_impact[impact]
    )
    return SafeString(strips.bar(by_impact, longest, ", ".join(text)))


def _impact(one: Fact) -> list[str]:
    return ["" if one.entry.impact is None else Impact(one.entry.impact).word]
