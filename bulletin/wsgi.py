"""The entry for gunicorn and runserver."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulletin.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def under_prefix(inner: WSGIApplication, prefix: str) -> WSGIApplication:
    """`inner`, found at `prefix` whether or not the server in front has cut the prefix off."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix or path.startswith(f"{prefix}/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return inner(environ, start_response)

    return application if prefix else inner


def named_by_client(inner: WSGIApplication) -> WSGIApplication:
    """`inner`, where a request without a Host has an empty one, which is refused: else Django takes
    the name of the server for it."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return inner({"HTTP_HOST": "", **environ}, start_response)

    return application


application = under_prefix(named_by_client(get_wsgi_application()), settings.PREFIX)
