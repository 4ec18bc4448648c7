"""What a query of the log finds, to subscribe to: the newest told incidents in Atom, in full, and
a calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

from bulletin.feeds import LogFeed
from bulletin.models import site_settings
from incidents import markup
from incidents.addresses import absolute
from incidents.calendars import calendar
from incidents.filters import Filters
from incidents.models import Incident
from incidents.scales import Impact
from incidents.templatetags.incident_words import gist
from incidents.views import data

NEWEST = 50
# Programs that show calendars can't turn a page.
EVENTS = 1000


class IncidentFeed(LogFeed[Incident]):
    """Of one query, whose words are its title and whose address is its own."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.query = filters.address(before="", order="")

    def title(self) -> str:
        return self.filters.name(site_settings().site_name)

    def link(self) -> str:
        return absolute(reverse("incidents")) + self.query

    def feed_url(self) -> str:
        return absolute(reverse("incidents_atom")) + self.query

    def subtitle(self) -> str:
        return _("Every incident, as it is told.")

    def items(self) -> list[Incident]:
        newest = self.filters.matches.order_by("-publish_at", "-pk")
        return list(newest.with_related()[:NEWEST])

    def item_title(self, item: Any) -> str:
        return str(item.plain_title)

    def item_description(self, item: Any) -> str:
        return escape(gist(item.body_html)[:300])

    def item_link(self, item: Incident) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Incident) -> str:
        return item.uid.urn

    def item_pubdate(self, item: Incident) -> datetime | None:
        return item.publish_at

    def item_updateddate(self, item: Incident) -> datetime:
        """Of its newest addendum, as the feeds of posts have it."""
        told = [item.publish_at, *(addendum.publish_at for addendum in item.addenda.all())]
        return max(instant for instant in told if instant and instant <= self.filters.at)

    def item_categories(self, item: Incident) -> list[str]:
        impact = "" if item.impact is None else str(Impact(item.impact).label)
        return [one for one in (item.kind, impact, item.scope) if one]

    def item_extra_kwargs(self, item: Incident) -> dict[str, Any]:
        context = {"incident": item, "year": True}
        html = render_to_string("feeds/_incident.html", context)
        return {"content": markup.absolutise(html, self.item_link(item)), "authors": ()}


@data
def atom(request: HttpRequest, filters: Filters) -> HttpResponseBase:
    return IncidentFeed(filters)(request)


@data
def events(request: HttpRequest, filters: Filters) -> HttpResponseBase:
    text = calendar(filters.rows().with_related()[:EVENTS], filters.name(site_settings().site_name))
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")
