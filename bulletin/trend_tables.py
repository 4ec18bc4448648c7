"""Incidents by impact, scope, region and service: tables whose sums can be checked by eye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletin.grid_words import words
from incidents.choices import Impact, Scope
from incidents.grid import strips
from incidents.models import Incident
from incidents.trends import group_by


class Line(NamedTuple):
    """A row of a table: `number` of incidents, and how many in all down to it, from the worst."""

    name: str
    number: int
    href: str = ""
    bar: str = ""
    place: str = ""
    higher: int | None = None


class Table(NamedTuple):
    """Incidents by one thing; `note` says how they are counted, `scaled` whether it has degrees."""

    heading: str
    note: str
    lines: list[Line]
    scaled: bool = False


# Incidents by a value, which is empty for those that have none.
Groups = Mapping[str, Sequence[Incident]]


def tables(incidents: Sequence[Incident], chosen: int | None) -> list[Table]:
    """Counts lead to the index of the year `chosen`, or of all years."""
    impacts = {impact.word: str(impact.label) for impact in reversed(Impact)}
    scopes = {scope.value: str(scope.label) for scope in Scope}
    places = {region.code: region.place for each in incidents for region in each.regions.all()}
    by_impact = group_by(incidents, lambda each: [each.impact_word])
    by_scope = group_by(incidents, lambda each: [each.scope])
    by_region = group_by(incidents, lambda each: [r.code for r in each.regions.all()] or [""])
    by_service = group_by(incidents, lambda each: [s.name for s in each.services.all()] or [""])
    rows = partial(_lines, {"year": chosen} if chosen else {})
    note = partial(_note, len(incidents))
    once = _("Each incident counts once: together %(number)d.") % {"number": len(incidents)}
    return [
        Table(_("Impact"), once, rows(by_impact, "impact", _("not rated"), impacts), scaled=True),
        Table(_("Scope"), once, rows(by_scope, "scope", _("scope not given"), scopes)),
        Table(
            _("Region"), note(by_region), rows(by_region, "region", _("no region"), places=places)
        ),
        Table(_("Service"), note(by_service), rows(by_service, "service", _("no service"))),
    ]


def index(**filters: Any) -> str:
    return f"{reverse('incidents')}?{urlencode(filters)}"


def _note(number: int, groups: Groups) -> str:
    counts = {"counts": sum(map(len, groups.values())), "number": number}
    return _("Counted once in each: together %(counts)d for %(number)d incidents.") % counts


def _lines(
    filters: Mapping[str, Any],
    groups: Groups,
    name: str,
    without: str,
    labels: Mapping[str, str] | None = None,
    places: Mapping[str, str] | None = None,
) -> list[Line]:
    """A line each of `labels`, or of the values found, the most often first. The last is of
    those `without` a value: it has no bar, which would dwarf others."""
    often = sorted(filter(None, groups), key=lambda value: (-len(groups[value]), value))
    longest = max((len(groups[value]) for value in often), default=0)
    lines = []
    total = 0
    for value in labels or often:
        by_impact = Counter(incident.impact for incident in groups.get(value, ()))
        total += by_impact.total()
        bar = SafeString(strips.bar(by_impact, longest, words())) if by_impact else ""
        href = index(**filters, **{name: value})
        label, place = (labels or {}).get(value, value), (places or {}).get(value, "")
        lines.append(Line(label, by_impact.total(), href, bar, place, total))
    return [*lines, Line(without, len(groups.get("", ())))]
