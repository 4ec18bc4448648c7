"""Search over bulletins, articles and incidents: what readers may read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bulletin import documents
from bulletin.http_caching import cache_public, query_params
from bulletin.models import Article, Bulletin
from incidents import asking, fulltext, markup
from incidents.asking import Asked, Pieces
from incidents.documents import INCIDENT
from incidents.fulltext import Match
from incidents.models import Incident

PAGE = 25
KINDS = {
    "bulletins": documents.BULLETIN.kind,
    "articles": documents.ARTICLE.kind,
    "incidents": INCIDENT.kind,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that matches; its title and a part of its text, with what matches in them."""

    row: Bulletin | Article | Incident
    title: Pieces
    excerpt: Pieces

    @property
    def kind(self) -> str:
        return str(self.row._meta.model_name)


class SearchForm(forms.Form):
    """Read by its address, so that a search can be kept and sent."""

    q = forms.CharField(
        label=_("Search for"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "maxlength": asking.MAX_CHARACTERS}),
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


def search(asked: Asked, at: datetime, *, kind: str = "", best: bool = False) -> list[Match]:
    """What is public at `at` and matches: by date, newest first, or the newest of it by rank.

    One more than fulltext.NEWEST where there is more than that. `kind` is one of KINDS, or empty.
    """
    if not asked.terms:
        return []
    found = fulltext.newest(asked, at, kind=KINDS.get(kind, 0), ranked=best)
    # Equals stay in the order of their dates; the one too many only says that there is more.
    return sorted(found[: fulltext.NEWEST], key=lambda one: -one.rank) + found[fulltext.NEWEST :]


def hits(matches: Sequence[Match], asked: Asked, at: datetime) -> list[Hit]:
    """The rows of `matches`, in their order and in a fixed number of queries."""
    public: dict[int, Callable[[list[int]], Any]] = {
        KINDS["bulletins"]: Bulletin.objects.published(at).in_bulk,
        KINDS["articles"]: Article.objects.published(at).in_bulk,
        KINDS["incidents"]: Incident.objects.published(at).with_related().in_bulk,
    }
    rows = {
        kind: find([match.id for match in matches if match.kind == kind])
        for kind, find in public.items()
    }
    found = [rows[match.kind].get(match.id) for match in matches]
    return [
        Hit(
            row,
            asking.mark(row.plain_title, asked.terms),
            asking.excerpt(_texts(row), asked.terms),
        )
        for row in found
        if row
    ]


@cache_public
@query_params("q", "kind", "order", "page")
def page(request: HttpRequest) -> HttpResponse:
    """Whatever is asked, an answer: a choice that there isn't counts as none."""
    at = timezone.now()
    asked = asking.parse(request.GET.get("q", ""))
    form = SearchForm(request.GET.dict() | {"q": asked.text}, label_suffix="")
    form.is_valid()
    kind, order = form.cleaned_data.get("kind", ""), form.cleaned_data.get("order", "")
    matches = search(asked, at, kind=kind, best=order == "best")
    pages = Paginator(matches[: fulltext.NEWEST], PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "asked": asked,
        "more": len(matches) > fulltext.NEWEST,
        "pages": pages,
        "hits": hits(list(pages), asked, at),
        "query": urlencode({"q": asked.text, "kind": kind, "order": order}),
    }
    return TemplateResponse(request, "bulletin/search.html", context)


def _texts(row: Bulletin | Article | Incident) -> list[str]:
    """What its readers read, each part on one line."""
    if isinstance(row, Bulletin):
        return [_text(row.intro_html), _text(f"{row.essay_heading}\n{row.essay_html}")]
    if isinstance(row, Article):
        return [_text(row.body_html)]
    places = [*row.regions.all(), *row.services.all()]
    addenda = [_text(addendum.body_html) for addendum in row.addenda.all()]
    return [_text(row.body_html), *addenda, ", ".join(map(str, places))]


def _text(html: str) -> str:
    return " ".join(markup.unmarked(html).split())
