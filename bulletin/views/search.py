"""Search over bulletins, articles and incidents: what readers may read, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bulletin.http_caching import cache_public, query_params
from bulletin.models import Article, Bulletin
from incidents import markdown, search_query
from incidents.models import Incident
from incidents.search import SOURCES, SearchDocument
from incidents.search_query import Highlighted, Query

# The name of a model and an object's key.
Found = tuple[str, int]
PAGE = 25
# So many of the newest are listed, and ranked where that is asked.
NEWEST = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    """`kind` is the name of the row's model."""

    kind: str
    row: Bulletin | Article | Incident
    title: Highlighted
    excerpt: Highlighted


class SearchForm(forms.Form):
    """Read by its address, so that a search can be bookmarked and sent."""

    q = forms.CharField(
        label=_("Search for"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": search_query.MAX_CHARACTERS}),
        help_text=_(
            "All words are looked for, the last also as the beginning of one; "
            "“quoted words” stand side by side."
        ),
    )
    kind = forms.ChoiceField(
        label=_("In"),
        required=False,
        choices=[
            ("", _("everything")),
            ("bulletins", _("bulletins")),
            ("articles", _("articles")),
            ("incidents", _("incidents")),
        ],
    )
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("", _("newest first")), ("best", _("best match"))],
    )


def find(query: Query, at: datetime, *, kind: str = "", ranked: bool = False) -> list[Found]:
    """What is public at `at` and matches: newest first, or the newest of it by rank. One more than
    NEWEST where there is more than that. `kind` is a model's name, or empty for all."""
    documents = SearchDocument.objects.matching(query, ranked=ranked).published(at)
    if kind:
        documents = documents.filter(kind=kind)
    found = list(documents.values_list("kind", "object_id", *["rank"] * ranked)[: NEWEST + 1])
    if ranked:
        # Equals stay in the order of their dates; the one too many only says that there is more.
        found = sorted(found[:NEWEST], key=lambda one: -one[2]) + found[NEWEST:]
    return [(kind, pk) for kind, pk, *_rank in found]


def results(found: Sequence[Found], query: Query, at: datetime) -> list[Result]:
    """In the same order and in a fixed number of queries; only what is public at `at`."""
    rows = {
        name: source.rows().published(at).in_bulk([pk for kind, pk in found if kind == name])
        for name, source in SOURCES.items()
    }
    return [
        Result(
            kind,
            row,
            search_query.highlight(row.plain_title, query.terms),
            search_query.excerpt(_excerpted_texts(row), query.terms),
        )
        for kind, pk in found
        if (row := rows[kind].get(pk))
    ]


@cache_public
@query_params("q", "kind", "order", "page")
def page(request: HttpRequest) -> HttpResponse:
    query = search_query.parse(request.GET.get("q", ""))
    form = SearchForm(request.GET.dict() | {"q": query.text}, label_suffix="")
    form.is_valid()
    # Invalid choices count as none.
    kind, order = (form.cleaned_data.get(name, "") for name in ("kind", "order"))
    at = timezone.now()
    found = find(query, at, kind=kind.removesuffix("s"), ranked=order == "best")
    pages = Paginator(found[:NEWEST], PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "query": query, "pages": pages, "more": len(found) > NEWEST}
    context["results"] = results(list(pages), query, at)
    context["address"] = urlencode({"q": query.text, "kind": kind, "order": order})
    return TemplateResponse(request, "bulletin/search.html", context)


def _excerpted_texts(row: Bulletin | Article | Incident) -> list[str]:
    if isinstance(row, Bulletin):
        return [_text(row.intro_html), _text(f"{row.essay_heading}\n{row.essay_html}")]
    if isinstance(row, Article):
        return [_text(row.body_html)]
    places = [*row.regions.all(), *row.services.all()]
    addenda = [_text(addendum.body_html) for addendum in row.addenda.all()]
    return [_text(row.body_html), *addenda, ", ".join(map(str, places))]


def _text(html: str) -> str:
    return " ".join(markdown.strip_tags(html).split())
