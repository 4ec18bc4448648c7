"""Home, bulletins, the archive and articles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone

from bulletin import jsonld
from bulletin.http_caching import cache_public, no_store, query_params
from bulletin.models import Article, Bulletin, Post, PostQuerySet, PostT
from bulletin.week import BulletinData
from incidents.models import Incident
from incidents.site import absolute
from incidents.weeks import Period

RECENT = 10
# Of the calendar, on one page of the archive.
YEARS = 15


@cache_public
def home(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    newest = list(Bulletin.objects.published(at).by_index_on_date().with_authors()[: RECENT + 1])
    if not newest:
        return page(request, "bulletin/empty.html", {})
    context = bulletin_context(newest[0], at) | {"recent": with_grids(newest[1:], at)}
    context["jsonld"].append(jsonld.of_site())
    return page(request, "bulletin/home.html", context)


@cache_public
def bulletin(request: HttpRequest, day: date) -> HttpResponseBase:
    at = timezone.now()
    post = visible_or_404(request, Bulletin.objects.filter(date=day), at)
    return page(request, "bulletin/bulletin.html", bulletin_context(post, at))


@cache_public
@query_params("before")
def archive(request: HttpRequest) -> HttpResponseBase:
    published = Bulletin.objects.published(timezone.now()).by_index_on_date()
    if before := request.GET.get("before"):
        published = published.filter(date__lt=new_year(before))
    newest = published.first()
    if before and newest is None:
        raise Http404
    last = newest.date if newest else date.max
    since = date(max(1, last.year - YEARS + 1), 1, 1)
    context = {
        "years": published.dated_in(Period(since, last)).counted_by_year(),
        "earlier": since.year if published.filter(date__lt=since).exists() else None,
    }
    return page(request, "bulletin/archive.html", context)


@cache_public
def archive_year(request: HttpRequest, year: int) -> HttpResponseBase:
    at = timezone.now()
    bulletins = list(Bulletin.objects.published(at).filter(date__year=year).by_date())
    if not bulletins:
        raise Http404
    return page(
        request, "bulletin/archive_year.html", {"year": year, "list": with_grids(bulletins, at)}
    )


@cache_public
def article(request: HttpRequest, slug: str) -> HttpResponseBase:
    at = timezone.now()
    post = visible_or_404(request, Article.objects.filter(slug=slug), at)
    return page(request, "bulletin/article.html", article_context(post, at))


def may_read_drafts(request: HttpRequest) -> bool:
    """Whether an editor asks. Without a session cookie the session isn't even looked for, so
    that the answer to everybody else never varies by cookie."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return request.user.is_staff and request.user.has_perm("bulletin.view_bulletin")


def visible_or_404(request: HttpRequest, posts: PostQuerySet[PostT], at: datetime) -> PostT:
    """The one post that `posts` selects, where it is public or an editor asks, else 404."""
    post = posts.with_authors().first()
    if post is None or not (post.is_public(at) or may_read_drafts(request)):
        raise Http404
    return post


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponseBase:
    response = TemplateResponse(request, template, context)
    return no_store(response) if context.get("draft") else response


def new_year(typed: str) -> date:
    try:
        return date.fromisoformat(f"{typed}-01-01")
    except ValueError:
        raise Http404 from None


def post_context(post: Post, at: datetime, card: str) -> dict[str, Any]:
    return {
        "card": card,
        "jsonld": [jsonld.of_post(post, card)],
        "post": post,
        "draft": not post.is_public(at),
        "state": post.state(at),
        "canonical": absolute(post.get_absolute_url()),
    }


def article_context(post: Article, at: datetime) -> dict[str, Any]:
    found = post.incidents.published(at) if post.is_public(at) else post.incidents.all()
    incidents = list(found.in_time_order().with_related())
    week = bulletin_for_incident(incidents[0], at) if incidents else None
    return post_context(post, at, card_url(week)) | {"incidents": incidents}


def bulletin_context(post: Bulletin, at: datetime) -> dict[str, Any]:
    data = BulletinData([post], at)
    return post_context(post, at, card_url(post)) | {
        "grid": data.grid(post),
        "caption": data.caption(post),
        "incidents": data.incidents(post),
        "late": data.late(post),
        "older": data.older(post),
        "newer": data.newer(post),
    }


def with_grids(bulletins: list[Bulletin], at: datetime) -> list[dict[str, Any]]:
    data = BulletinData(bulletins, at)
    return [
        {"post": post, "grid": data.grid(post), "incidents": data.incidents(post)}
        for post in bulletins
    ]


def bulletin_for_incident(incident: Incident, at: datetime) -> Bulletin | None:
    return Bulletin.objects.published(at).containing_day(incident.local_date).first()


def card_url(bulletin: Bulletin | None) -> str:
    return absolute(f"{bulletin.get_absolute_url()}card.png") if bulletin else ""
