"""Addresses that only machines ask for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from bulletin import caching, readiness
from bulletin.addresses import absolute


@caching.public
def robots(request: HttpRequest) -> HttpResponse:
    address = absolute(reverse("sitemap"))
    closed = [reverse("admin:index"), f"{reverse('home')}review/"]
    disallow = "\n".join(f"Disallow: {path}" for path in closed)
    rules = f"User-agent: *\n{disallow}\n\nSitemap: {address}\n"
    return HttpResponse(rules, content_type="text/plain; charset=utf-8")


@require_safe
def icon(request: HttpRequest) -> HttpResponseBase:
    """Where browsers and readers of feeds look for an icon without reading a page."""
    return caching.brief(redirect(static("touch-icon.png")))


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return caching.never(HttpResponse("ok\n", content_type="text/plain"))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """A line a part; 200 where this process can serve, else 503."""
    parts = readiness.parts()
    is_ready = all(part.is_fine or not part.is_needed for part in parts)
    lines = "".join(f"{part.name}: {part.words}\n" for part in parts)
    return caching.never(
        HttpResponse(lines, content_type="text/plain", status=200 if is_ready else 503)
    )
