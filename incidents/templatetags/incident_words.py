"""How templates say what the log knows: times, titles, lengths, impacts."""

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
from incidents.models import Incident

register = template.Library()


@register.simple_tag
def when(incident: Incident, year: bool = False) -> SafeString:
    """Its start on its own wall clock: <time …>July 2, 15:00 EDT</time>."""
    return _moment(incident.local_start, year)


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
    return mark_safe(markdown.inline_code(title))  # noqa: S308


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
def span(lag: timedelta) -> str:
    """The time itself, whichever its sign: to the minute under a day, else to the nearest day."""
    lag = abs(lag)
    if lag >= timedelta(days=1):
        days = round(lag / timedelta(days=1))
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    hours, minutes = divmod(lag // timedelta(minutes=1), 60)
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": minutes} if minutes else _("less than a minute")


@register.filter
def later(lag: timedelta) -> str:
    """From the start to when it was told: "5 days later"."""
    words = _("%(time)s before it began") if lag < timedelta() else _("%(time)s later")
    return words % {"time": span(lag)}


@register.filter
def notice(incident: Incident) -> str:
    """What the status page said, and how late: "public notice after 37 min"."""
    if not incident.has_notice:
        return _("not on the status page")
    lag = incident.status_delay
    if lag is None:
        return _("on the status page")
    early = lag < timedelta()
    words = (
        _("public notice %(time)s before it began") if early else _("public notice after %(time)s")
    )
    return words % {"time": span(lag)}


@register.filter
def gist(html: str) -> str:
    """The words of the first paragraph, for a page's description."""
    return " ".join(markdown.strip_tags(html.partition("</p>")[0]).split())


def _moment(there: datetime, year: bool) -> SafeString:
    words = _("%(day)s, %(time)s %(zone)s") % {
        "day": _day(there, year),
        "time": f"{there:%H:%M}",
        "zone": time_zones.abbreviation_of(there),
    }
    return format_html('<time datetime="{}">{}</time>', there.isoformat(), words)


def _day(there: datetime, year: bool) -> str:
    return date_format(there, get_format("DATE_FORMAT" if year else "MONTH_DAY_FORMAT"))
