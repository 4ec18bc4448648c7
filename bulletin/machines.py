"""Addresses that only machines ask for."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from bulletin import caching
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
    """200 where the database answers and is migrated, else 503 with the reason."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        reason = f"{len(waiting)} migrations to apply" if waiting else ""
    except DatabaseError:
        reason = "no database"
    text = reason or "ok"
    response = HttpResponse(f"{text}\n", content_type="text/plain", status=503 if reason else 200)
    return caching.never(response)
