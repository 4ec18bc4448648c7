"""How to subscribe."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from bulletin.feeds import NEWEST_POSTS
from bulletin.http_caching import cache_public, query_params
from incidents.filters import Filters
from incidents.site import absolute

CHOSEN = ("region", "service", "impact")


@cache_public
@query_params(*Filters.base_fields)
def subscribe(request: HttpRequest) -> HttpResponseBase:
    filters = Filters(request.GET, timezone.now())
    query = filters.query_string() if filters.is_valid() else ""
    context = addresses(query) | {
        "fields": [filters[name] for name in CHOSEN],
        "query": query,
        "newest": NEWEST_POSTS,
    }
    return TemplateResponse(request, "bulletin/subscribe.html", context)


def addresses(query: str) -> dict[str, str]:
    """Whole, as they are pasted into other programs; `query` is what of the log is wanted."""
    plain = ("atom", "rss", "json_feed", "incidents_schema", "bulletins_json")
    filtered = ("incidents_atom", "incidents_calendar", "incidents_json", "incidents_csv")
    whole = {name: absolute(reverse(name)) for name in plain}
    whole |= {name: absolute(reverse(name)) + query for name in filtered}
    return whole | {"webcal": f"webcal:{whole['incidents_calendar'].partition(':')[2]}"}
