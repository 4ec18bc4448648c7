"""The public pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from bulletin import linked_data
from bulletin.addresses import absolute
from bulletin.grids import Shelf, drawn, mini_box
from bulletin.http_caching import (
    IMMUTABLE,
    NO_STORE,
    cache_public,
    no_store,
    query_params,
    short_redirect,
)
from bulletin.models import Article, Bulletin, Post, PostQuerySet, site_settings
from incidents import grid
from incidents.models import Incident
from incidents.weeks import Period

RECENT = 10
# What stands in the head of every page, by their names in the site map.
SECTIONS = {
    "archive": _("Archive"),
    "incidents": _("Incidents"),
    "trends": _("Trends"),
    "search": _("Search"),
    "subscribe": _("Subscribe"),
}
# In the WSGI environment of a request whose answer becomes part of a copy; no client can send it.
COPY = "bulletin.copy"
YEARS = 15
PostT = TypeVar("PostT", bound=Post)


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    return {
        "site": SimpleLazyObject(site_settings),
        "site_url": settings.SITE_URL,
        "site_sections": SECTIONS,
        "is_copy": COPY in request.META,
    }


# Pages --------------------------------------------------------------------------------


@cache_public
def home(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    newest = list(Bulletin.objects.published(at).by_index_on_date().with_authors()[: RECENT + 1])
    if not newest:
        return page(request, "bulletin/empty.html", {})
    context = bulletin_context(newest[0], at) | {"recent": small_grids(newest[1:], at)}
    context["linked_data"].append(linked_data.of_site())
    return page(request, "bulletin/home.html", context)


@cache_public
def bulletin(request: HttpRequest, day: date) -> HttpResponseBase:
    at = timezone.now()
    post = readable(request, Bulletin.objects.filter(date=day), at)
    return page(request, "bulletin/bulletin.html", bulletin_context(post, at))


@cache_public
@query_params("before")
def archive(request: HttpRequest) -> HttpResponseBase:
    """The years that have bulletins, YEARS of the calendar at a time."""
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
        request, "bulletin/archive_year.html", {"year": year, "cards": small_grids(bulletins, at)}
    )


@cache_public
def article(request: HttpRequest, slug: str) -> HttpResponseBase:
    at = timezone.now()
    post = readable(request, Article.objects.filter(slug=slug), at)
    return page(request, "bulletin/article.html", article_context(post, at))


@cache_public
def incident(request: HttpRequest, slug: str) -> HttpResponseBase:
    at = timezone.now()
    one = Incident.objects.filter(slug=slug).with_related().first()
    if one is None or not (one.is_public(at) or may_read_drafts(request)):
        raise Http404
    bulletin = week_of(one, at)
    card = card_of(bulletin)
    context = {
        "incident": one,
        "mini_box": mini_box(one, at),
        "bulletin": bulletin,
        "card": card,
        "linked_data": [linked_data.of_incident(one, card)],
        "articles": Article.objects.published(at).filter(incidents=one).newest_first(),
        "related": one.related.published(at).newest_first().with_related(),
        "canonical": absolute(one.get_absolute_url()),
        "draft": not one.is_public(at),
    }
    return page(request, "bulletin/incident.html", context)


# Pictures -----------------------------------------------------------------------------


@cache_public
def grid_svg(request: HttpRequest, day: date) -> HttpResponseBase:
    return picture(request, day, grid.WIDE, grid.svg, "image/svg+xml")


@cache_public
def grid_png(request: HttpRequest, day: date) -> HttpResponseBase:
    return picture(request, day, grid.PICTURE, drawn, "image/png")


@cache_public
def card_png(request: HttpRequest, day: date) -> HttpResponseBase:
    return picture(request, day, grid.CARD, drawn, "image/png")


@cache_public
def grid_by_digest(request: HttpRequest, day: date, digest: str) -> HttpResponseBase:
    """The picture as it is now, for ever under its digest; an outdated digest leads there."""
    at = timezone.now()
    post = readable(request, Bulletin.objects.filter(date=day), at)
    layout = Shelf([post], at).layout(post, grid.PICTURE)
    if digest != grid.digest(layout):
        there = redirect("grid_by_digest", day, grid.digest(layout))
        return short_redirect(there) if post.is_public(at) else no_store(there)
    response = HttpResponse(drawn(layout), content_type="image/png")
    response["Cache-Control"] = IMMUTABLE if post.is_public(at) else NO_STORE
    return response


@cache_public
def newest_grid(request: HttpRequest) -> HttpResponseBase:
    newest = Bulletin.objects.published(timezone.now()).by_index_on_date().first()
    if newest is None:
        raise Http404
    return picture(request, newest.date, grid.PICTURE, drawn, "image/png")


# What the pages share -----------------------------------------------------------------


def may_read_drafts(request: HttpRequest) -> bool:
    """Whether an editor asks. Without a session cookie the session isn't even looked for, so
    that the answer to everybody else never varies by cookie."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return request.user.is_staff and request.user.has_perm("bulletin.view_bulletin")


def readable(request: HttpRequest, posts: PostQuerySet[PostT], at: datetime) -> PostT:
    """The one post that `posts` selects, where it is public or an editor asks, else 404."""
    post = posts.with_authors().first()
    if post is None or not (post.is_public(at) or may_read_drafts(request)):
        raise Http404
    return post


def page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponseBase:
    response = TemplateResponse(request, template, context)
    return no_store(response) if context.get("draft") else response


def picture(
    request: HttpRequest, day: date, shape: grid.Shape, draw: Any, content_type: str
) -> HttpResponseBase:
    at = timezone.now()
    post = readable(request, Bulletin.objects.filter(date=day), at)
    content = draw(Shelf([post], at).layout(post, shape))
    response = HttpResponse(content, content_type=content_type)
    return response if post.is_public(at) else no_store(response)


def new_year(typed: str) -> date:
    """The first day of a year of four digits; 404 for anything else."""
    try:
        return date.fromisoformat(f"{typed}-01-01")
    except ValueError:
        raise Http404 from None


def week_of(one: Incident, at: datetime) -> Bulletin | None:
    """The published bulletin whose period holds the incident."""
    return (
        Bulletin.objects.published(at).overlapping(Period(one.local_date, one.local_date)).first()
    )


def card_of(bulletin: Bulletin | None) -> str:
    """The address of the picture to share: that of the week, if it has one."""
    return absolute(f"{bulletin.get_absolute_url()}card.png") if bulletin else ""


def post_context(post: Post, at: datetime, card: str) -> dict[str, Any]:
    return {
        "card": card,
        "linked_data": [linked_data.of_post(post, card)],
        "post": post,
        "draft": not post.is_public(at),
        "state": post.state(at),
        "canonical": absolute(post.get_absolute_url()),
    }


def article_context(post: Article, at: datetime) -> dict[str, Any]:
    """All that an article shows."""
    found = post.incidents.published(at) if post.is_public(at) else post.incidents.all()
    incidents = list(found.in_time_order().with_related())
    week = week_of(incidents[0], at) if incidents else None
    return post_context(post, at, card_of(week)) | {"incidents": incidents}


def bulletin_context(
    post: Bulletin, at: datetime, kind_of_shelf: type[Shelf] = Shelf
) -> dict[str, Any]:
    """All that a whole bulletin shows."""
    shelf = kind_of_shelf([post], at)
    return post_context(post, at, card_of(post)) | {
        "figure": shelf.figure(post),
        "incidents": shelf.in_period(post),
        "late": shelf.late(post),
        "older": shelf.older(post),
        "newer": shelf.newer(post),
    }


def small_grids(bulletins: list[Bulletin], at: datetime) -> list[dict[str, Any]]:
    """For lists of bulletins: each with its picture and its incidents."""
    shelf = Shelf(bulletins, at)
    return [
        {"post": post, "picture": shelf.picture(post), "incidents": shelf.in_period(post)}
        for post in bulletins
    ]
