"""Incidents by impact, scope, region and service: tables whose sums can be checked by eye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from bulletin.grid_words import words
from incidents.choices import Impact, Scope
from incidents.grid import strips
from incidents.models import Incident
from incidents.trends import group_by


class Line(NamedTuple):
    """A row of a table: `number` of incidents, and how many in all down to it, from the worst."""

    name: str
    number: int
    href: str
    bar: SafeString | str
    place: str
    higher: int


class Table(NamedTuple):
    """Of incidents `without` a value there is no bar, which would dwarf others; `counts` are all,
    of which an incident of two regions has two."""

    lines: list[Line]
    without: int
    counts: int


# Incidents by a value, which is empty for those that have none.
Groups = Mapping[str, Sequence[Incident]]


def tables(incidents: Sequence[Incident], chosen: int | None) -> dict[str, Table]:
    """Counts lead to the index of the year `chosen`, or of all years."""
    impacts = {impact.word: str(impact.label) for impact in reversed(Impact)}
    scopes = {scope.value: str(scope.label) for scope in Scope}
    places = {region.code: region.place for each in incidents for region in each.regions.all()}
    by_impact = group_by(incidents, lambda each: [each.impact_word])
    by_scope = group_by(incidents, lambda each: [each.scope])
    by_region = group_by(incidents, lambda each: [r.code for r in each.regions.all()] or [""])
    by_service = group_by(incidents, lambda each: [s.name for s in each.services.all()] or [""])
    year = {"year": chosen} if chosen else {}
    return {
        "impact": _table(by_impact, year, "impact", impacts),
        "scope": _table(by_scope, year, "scope", scopes),
        "region": _table(by_region, year, "region", _most_often(by_region), places),
        "service": _table(by_service, year, "service", _most_often(by_service)),
    }


def index(**filters: Any) -> str:
    return f"{reverse('incidents')}?{urlencode(filters)}"


def _most_often(groups: Groups) -> dict[str, str]:
    often = sorted(filter(None, groups), key=lambda value: (-len(groups[value]), value))
    return {value: value for value in often}


def _table(
    groups: Groups,
    year: Mapping[str, int],
    name: str,
    labels: Mapping[str, str],
    places: Mapping[str, str] | None = None,
) -> Table:
    """A line each of `labels`; `name` is that of the index's filter."""
    longest = max((len(groups.get(value, ())) for value in labels), default=0)
    lines: list[Line] = []
    total = 0
    for value, label in labels.items():
        by_impact = Counter(incident.impact for incident in groups.get(value, ()))
        total += by_impact.total()
        bar = SafeString(strips.bar(by_impact, longest, words())) if by_impact else ""
        href = index(**year, **{name: value})
        place = (places or {}).get(value, "")
        lines.append(Line(label, by_impact.total(), href, bar, place, total))
    without = len(groups.get("", ()))
    return Table(lines, without, total + without)
