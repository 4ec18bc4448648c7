"""The grids of bulletins as pictures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from bulletin.grid_images import BulletinGrid
from bulletin.http_caching import IMMUTABLE, NO_STORE, cache_public, no_store, short_redirect
from bulletin.models import Bulletin
from bulletin.views.posts import visible_or_404
from bulletin.week import BulletinData
from incidents.grid.layout import CARD, PICTURE


@cache_public
def grid_svg(request: HttpRequest, day: date) -> HttpResponseBase:
    return picture(request, day, lambda grid: grid.wide, "image/svg+xml")


@cache_public
def grid_png(request: HttpRequest, day: date) -> HttpResponseBase:
    return picture(request, day, lambda grid: grid.png(PICTURE))


@cache_public
def card_png(request: HttpRequest, day: date) -> HttpResponseBase:
    return picture(request, day, lambda grid: grid.png(CARD))


@cache_public
def newest_grid(request: HttpRequest) -> HttpResponseBase:
    newest = Bulletin.objects.published(timezone.now()).by_index_on_date().first()
    if newest is None:
        raise Http404
    return picture(request, newest.date, lambda grid: grid.png(PICTURE))


@cache_public
def grid_by_digest(request: HttpRequest, day: date, digest: str) -> HttpResponseBase:
    at = timezone.now()
    post = visible_or_404(request, Bulletin.objects.filter(date=day), at)
    source = BulletinData([post], at).grid(post)
    if digest != source.digest:
        response = redirect(source.url)
        return short_redirect(response) if post.is_public(at) else no_store(response)
    image = HttpResponse(source.png(PICTURE), content_type="image/png")
    image["Cache-Control"] = IMMUTABLE if post.is_public(at) else NO_STORE
    return image


def picture(
    request: HttpRequest,
    day: date,
    draw: Callable[[BulletinGrid], bytes | str],
    content_type: str = "image/png",
) -> HttpResponseBase:
    at = timezone.now()
    post = visible_or_404(request, Bulletin.objects.filter(date=day), at)
    source = BulletinData([post], at).grid(post)
    response = HttpResponse(draw(source), content_type=content_type)
    return response if post.is_public(at) else no_store(response)
