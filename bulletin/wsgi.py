"""The entry for gunicorn and runserver."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulletin.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve
from django.utils.module_loading import import_string

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def under_prefix(inner: WSGIApplication, prefix: str) -> WSGIApplication:
    """`inner`, found at `prefix` whether or not the server in front has cut the prefix off."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return inner(environ, start_response)

    return application


application: WSGIApplication = get_wsgi_application()
if settings.PAGE_CACHE_MAX_BYTES:
    # The site map now, before workers are forked: once for all, and not within a first request.
    resolve("/")
    # It has models, which are there when Django is.
    page_cache = import_string("bulletin.page_cache.application.PageCacheWSGI")
    on_response = [import_string(path) for path in settings.PAGE_CACHE_ON_RESPONSE]
    application = page_cache(application, settings.PAGE_CACHE_MAX_BYTES, on_response)
if settings.PREFIX:
    application = under_prefix(application, settings.PREFIX)
