"""What machines ask for: probes, robots.txt, icons."""

from __future__ import annotations

from typing import Final

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from bulletin.checks import cache_answers
from bulletin.http_caching import cache_public, no_store, short_redirect
from incidents.site import absolute

OK: Final = "ok"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return no_store(HttpResponse("ok\n", content_type="text/plain"))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """A line a part; 503 where this process can't serve. Without the cache it is only slower."""
    database = database_status()
    cache = {"cache": OK if cache_answers() else "gone, the site is slower"}
    lines = "".join(f"{part}: {state}\n" for part, state in (database | cache).items())
    status = 200 if set(database.values()) == {OK} else 503
    return no_store(HttpResponse(lines, content_type="text/plain", status=status))


def database_status() -> dict[str, str]:
    """Migrations that the database has from newer code don't count: during an upgrade the old
    replicas go on."""
    try:
        executor = MigrationExecutor(connection)
    except Error:
        return {"database": "gone", "migrations": "not known"}
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return {"database": OK, "migrations": f"{waiting} to apply" if waiting else OK}


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
