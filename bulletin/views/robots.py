"""What crawlers and browsers look for at addresses of their own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from bulletin.http_caching import cache_public, short_redirect
from incidents.addresses import absolute


@cache_public
def robots(request: HttpRequest) -> HttpResponse:
    address = absolute(reverse("sitemap"))
    closed = [reverse("admin:index"), f"{reverse('home')}review/"]
    disallow = "\n".join(f"Disallow: {path}" for path in closed)
    rules = f"User-agent: *\n{disallow}\n\nSitemap: {address}\n"
    return HttpResponse(rules, content_type="text/plain; charset=utf-8")


@require_safe
def icon(request: HttpRequest) -> HttpResponseBase:
    """Where browsers and readers of feeds look for an icon without reading a page."""
    return short_redirect(redirect(static("touch-icon.png")))
