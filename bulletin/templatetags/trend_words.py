"""How the page of trends says lengths, weeks and impacts."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from bulletin.grid_words import words
from incidents.durations import format_duration
from incidents.scales import Impact
from incidents.trends import RECURRENCE_WINDOW, Fact, Recurrence
from incidents.weeks import Period

register = template.Library()
DAY, HOUR = 24 * 60, 60


@register.filter
def minutes(number: float | None) -> str:
    """As "40m" or "3d 4h", to the hour from a day on; a dash for none."""
    if number is None:
        return "–"
    return format_duration(round(number / HOUR) * HOUR if number >= DAY else number)


@register.filter
def fact_length(fact: Fact) -> str:
    told = words().length(fact.minutes, fact.entry.precision)
    return words().length_unknown if told == words().unknown_mark else told


@register.filter
def dates(days: Period) -> str:
    return words().dates(days)


@register.filter
def impact_word(impact: int | None) -> str:
    """The impact's name in addresses and style sheets."""
    return "unjudged" if impact is None else Impact(impact).word


@register.filter
def impact_name(impact: int | None) -> str:
    return words().impact_name(impact)


@register.filter
def recurred(recurrence: Recurrence) -> str:
    """What came back: a service in a region, a title, or the first of those that are linked."""
    if recurrence.reason == "place":
        service, region = recurrence.place
        return _("%(service)s in %(region)s") % {"service": service, "region": region}
    return recurrence.facts[0].entry.title


@register.filter
def reason(recurrence: Recurrence) -> str:
    """Why its incidents belong together, and how many they are."""
    sentences = {
        "related": _("%(number)d incidents, linked as related"),
        "title": _("%(number)d incidents of this title"),
        "place": _("%(number)d incidents, none more than %(days)d days after the one before"),
    }
    told = {"number": len(recurrence.facts), "days": RECURRENCE_WINDOW.days}
    return sentences[recurrence.reason] % told
