"""Pages and data of incidents alone, without the posts that tell of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from incidents.addresses import absolute
from incidents.filters import Filters
from incidents.orders import KEYS
from incidents.records import record, recorded, schema, written
from incidents.sheets import sheet

PAGE = 100
CHUNK = 200


@dataclass(frozen=True)
class Format:
    """A form in which the whole of the same query is answered."""

    label: str
    content_type: str
    address: str


@dataclass(frozen=True)
class Column:
    """`sort` is the value of aria-sort; pressing its head leads to `address`."""

    name: str
    label: str | Promise
    sort: str
    address: str


# The page -----------------------------------------------------------------------------


def index(request: HttpRequest) -> HttpResponse:
    """Every told incident that the address asks for, in pages."""
    filters = Filters(request.GET, timezone.now())
    if "before" in filters.errors:
        raise Http404
    if filters.is_valid() and filters.is_untidy:
        return HttpResponseRedirect(reverse("incidents") + filters.address())
    context = {"filters": filters} | (found(filters) if filters.is_valid() else {})
    return TemplateResponse(request, "incidents/index.html", context)


def found(filters: Filters) -> dict[str, Any]:
    """What the page shows of a query that says nothing wrong."""
    page = filters.page(filters.rows().prefetch_related("regions"), PAGE)
    return {
        "page": page,
        "count": filters.count(page),
        "claims": filters.claims(),
        "columns": columns(filters),
        "formats": formats(filters),
    }


def formats(filters: Filters) -> list[Format]:
    query, unordered = filters.list_address, filters.address(before="", order="")
    return [
        Format("Atom", "application/atom+xml", reverse("incidents_atom") + unordered),
        Format(_("calendar"), "text/calendar", reverse("incidents_calendar") + query),
        Format("JSON", "application/json", reverse("incidents_json") + query),
        Format("CSV", "text/csv", reverse("incidents_csv") + query),
    ]


def columns(filters: Filters) -> list[Column]:
    order = filters.sorted_by
    direction = "descending" if order.falling else "ascending"
    return [
        Column(
            name=name,
            label=key.label,
            sort=direction if name == order.name else "",
            address=filters.address(before="", order=str(order.of_column(name))),
        )
        for name, key in KEYS.items()
    ]


# Data ---------------------------------------------------------------------------------


def data(
    answer: Callable[[HttpRequest, Filters], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A view that answers a query; one that says something wrong is a 400 that names the field."""

    @functools.wraps(answer)
    def view(request: HttpRequest) -> HttpResponseBase:
        filters = Filters(request.GET, timezone.now())
        if filters.is_valid():
            return answer(request, filters)
        wrong = [f"{name}: {text}\n" for name, texts in filters.errors.items() for text in texts]
        return HttpResponse(wrong, content_type="text/plain; charset=utf-8", status=400)

    return view


@data
def as_json(request: HttpRequest, filters: Filters) -> HttpResponse:
    page = filters.page(recorded(filters.rows(), filters.at), PAGE)
    further = absolute(reverse("incidents_json")) + page.further if page.further else None
    document = {"results": [record(one) for one in page.incidents], "next": further}
    return HttpResponse(written(document), content_type="application/json")


@data
def as_csv(request: HttpRequest, filters: Filters) -> HttpResponse:
    """All that is found, for whoever opens a spreadsheet turns no pages; what is more than a
    sheet holds is where the Link says."""
    rows = recorded(filters.rows(), filters.at).iterator(chunk_size=CHUNK)
    text, last = sheet(rows)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="incidents.csv"'
    if last:
        further = absolute(reverse("incidents_csv")) + filters.address(before=last.slug)
        response["Link"] = f'<{further}>; rel="next"'
    return response


def described(request: HttpRequest) -> HttpResponse:
    """The schema of the JSON."""
    return HttpResponse(written(schema()), content_type="application/schema+json")
