"""How templates say what the log knows: times, titles, lengths, impacts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any

from django import template
from django.utils.dateformat import format as date_format
from django.utils.formats import get_format
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from incidents import markup, zones
from incidents.models import Incident
from incidents.scales import Impact, Precision

register = template.Library()


@register.simple_tag
def when(incident: Incident, year: bool = False) -> SafeString:
    """Its start on its own wall clock: <time …>July 2, 15:00 EDT</time>."""
    return _moment(incident.starts, year)


@register.simple_tag
def moment(instant: datetime) -> SafeString:
    """An instant on the site's wall clock, with its year: July 2, 2024, 15:00 EDT."""
    return _moment(localtime(instant), year=True)


@register.simple_tag
def moment_day(instant: datetime) -> SafeString:
    """The site's day of an instant: July 2, 2024."""
    there = localtime(instant)
    return format_html('<time datetime="{}">{}</time>', there.isoformat(), _day(there, True))


@register.filter
def code_title(title: str) -> SafeString:
    """A title for a page, its backticks as code."""
    # All of it is escaped by inline_code, whose contract is to return HTML.
    return mark_safe(markup.inline_code(title))  # noqa: S308


@register.filter
def length_told(incident: Incident) -> str:
    """As text says it: "2h", "≈5m", "ongoing", "length not known"."""
    unknown = incident.precision == Precision.UNKNOWN
    return _("length not known") if unknown else incident.length_text


@register.filter
def impact(incident: Incident) -> str:
    """The phrase beside its shade."""
    phrases = {
        Impact.NONE: _("no impact"),
        Impact.MINOR: _("minor impact"),
        Impact.PARTIAL: _("partial impact"),
        Impact.MAJOR: _("major impact"),
        Impact.CRITICAL: _("critical impact"),
    }
    return _("impact not judged") if incident.impact is None else phrases[Impact(incident.impact)]


@register.filter
def of(values: Mapping[str, Any], key: str) -> Any:
    """What `values` have under a key that only the page knows."""
    return values.get(key, "")


@register.filter
def gist(html: str) -> str:
    """The words of the first paragraph, for a page's description."""
    return " ".join(unescape(strip_tags(html.partition("</p>")[0])).split())


def _moment(there: datetime, year: bool) -> SafeString:
    words = _("%(day)s, %(time)s %(zone)s") % {
        "day": _day(there, year),
        "time": f"{there:%H:%M}",
        "zone": zones.abbreviation_of(there),
    }
    return format_html('<time datetime="{}">{}</time>', there.isoformat(), words)


def _day(there: datetime, year: bool) -> str:
    return date_format(there, get_format("DATE_FORMAT" if year else "MONTH_DAY_FORMAT"))
