"""The list of incidents and its data, which know no posts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.exports import schema, serialize, to_csv, to_json, with_exported
from incidents.filters import POSITION, Filters
from incidents.site import absolute

PAGE = 100
CHUNK = 200


def index(request: HttpRequest) -> HttpResponse:
    filters = Filters(request.GET, timezone.now())
    # A page that begins nowhere is not found; another error is shown at its field.
    if filters.errors and set(filters.errors) <= {*POSITION}:
        raise Http404
    context: dict[str, Any] = {"filters": filters}
    if filters.is_valid():
        context["page"] = filters.page(filters.rows().prefetch_related("regions"), PAGE)
        context["active_filters"] = filters.active()
        context["formats"] = formats(filters)
    return TemplateResponse(request, "incidents/index.html", context)


def formats(filters: Filters) -> list[tuple[str, str, str]]:
    """Their names, content types and addresses."""
    query, unordered = filters.query_string(), filters.query_string(order="")
    return [
        ("Atom", "application/atom+xml", reverse("incidents_atom") + unordered),
        (_("calendar"), "text/calendar", reverse("incidents_calendar") + query),
        ("JSON", "application/json", reverse("incidents_json") + query),
        ("CSV", "text/csv", reverse("incidents_csv") + query),
    ]


def data(
    answer: Callable[[HttpRequest, Filters], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A view of a query; an invalid one is a 400 that names the field."""

    @functools.wraps(answer)
    def view(request: HttpRequest) -> HttpResponseBase:
        filters = Filters(request.GET, timezone.now())
        if filters.is_valid():
            return answer(request, filters)
        lines = [f"{name}: {text}\n" for name, texts in filters.errors.items() for text in texts]
        return HttpResponse(lines, content_type="text/plain; charset=utf-8", status=400)

    return view


@data
def as_json(request: HttpRequest, filters: Filters) -> HttpResponse:
    page = filters.page(with_exported(filters.rows(), filters.at), PAGE)
    query = page.next_query
    document = {
        "results": [serialize(incident) for incident in page.incidents],
        "next": absolute(reverse("incidents_json")) + query if query else None,
    }
    return HttpResponse(to_json(document), content_type="application/json")


@data
def as_csv(request: HttpRequest, filters: Filters) -> HttpResponse:
    """All that is found: a spreadsheet turns no pages. The Link leads to what is more than a sheet
    holds."""
    rows = with_exported(filters.rows(), filters.at).iterator(chunk_size=CHUNK)
    text, number, last = to_csv(rows)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="incidents.csv"'
    if last:
        address = absolute(reverse("incidents_csv")) + filters.next_query(last, number)
        response["Link"] = f'<{address}>; rel="next"'
    return response


def schema_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(to_json(schema()), content_type="application/schema+json")
