"""Times, titles, lengths and impacts in templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.dateformat import format as date_format
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents import markdown, time_zones
from incidents.choices import Impact, Precision
from incidents.durations import format_duration
from incidents.filters import Filters
from incidents.models import Incident

register = template.Library()


@register.simple_tag
def incident_time(incident: Incident, year: bool = False) -> SafeString:
    """The start on its own wall clock: <time …>July 2, 15:00 EDT</time>."""
    return _time(incident.local_start, year)


@register.simple_tag
def local_time(instant: datetime) -> SafeString:
    """On the site's wall clock, with its year: July 2, 2024, 15:00 EDT."""
    return _time(localtime(instant), year=True)


@register.simple_tag
def local_date(instant: datetime) -> SafeString:
    local = localtime(instant)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), _date(local, True))


@register.inclusion_tag("incidents/_sortable_head.html")
def sortable_head(filters: Filters, key: str, label: str) -> dict[str, str]:
    """A head of the list's table that leads to the order by `key`."""
    order = filters.chosen_order
    direction = "descending" if order.descends else "ascending"
    return {
        "label": label,
        "sort": direction if key == order.key else "",
        "query": filters.query_string(order=order.toggled(key)),
    }


@register.filter
def code_title(title: str) -> SafeString:
    # All of it is escaped by inline_code, whose contract is to return HTML.
    return mark_safe(markdown.inline_code(title))  # noqa: S308


@register.filter
def incident_length(incident: Incident) -> str:
    unknown = incident.precision == Precision.UNKNOWN
    return _("length unknown") if unknown else incident.length_text


@register.filter
def impact(incident: Incident) -> str:
    phrases = {
        Impact.NONE: _("no impact"),
        Impact.MINOR: _("minor impact"),
        Impact.PARTIAL: _("partial impact"),
        Impact.MAJOR: _("major impact"),
        Impact.CRITICAL: _("critical impact"),
    }
    return _("impact not rated") if incident.impact is None else phrases[Impact(incident.impact)]


@register.filter
def get_item(values: Mapping[str, Any], key: str) -> Any:
    return values.get(key, "")


@register.filter
def time_span(delay: timedelta) -> str:
    """Without its sign: to the minute under a day, else to the nearest day."""
    delay = abs(delay)
    if delay >= timedelta(days=1):
        days = round(delay / timedelta(days=1))
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    minutes = delay // timedelta(minutes=1)
    return format_duration(minutes) if minutes else _("less than a minute")


@register.filter
def delay(delay: timedelta) -> str:
    early = delay < timedelta()
    words = _("%(time)s before the start") if early else _("%(time)s after the start")
    return words % {"time": time_span(delay)}


@register.filter
def first_paragraph(html: str) -> str:
    return " ".join(markdown.strip_tags(html.partition("</p>")[0]).split())


def time_text(local: datetime, year: bool = True) -> str:
    """On its own clock: July 2, 2024, 15:00 EDT."""
    return _("%(day)s, %(time)s %(zone)s") % {
        "day": _date(local, year),
        "time": f"{local:%H:%M}",
        "zone": time_zones.abbreviation_of(local),
    }


def _time(local: datetime, year: bool) -> SafeString:
    words = time_text(local, year)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words)


def _date(local: datetime, year: bool) -> str:
    return date_format(local, get_format("DATE_FORMAT" if year else "MONTH_DAY_FORMAT"))
