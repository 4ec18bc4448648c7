"""What cached pages are measured against: the same bytes by the barest means, under gunicorn.

BENCHMARK_PAGE names a file that holds the page: a line of JSON with its headers, then its body.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_page = Path(os.environ["BENCHMARK_PAGE"]).read_bytes()
_line, _cut, BODY = _page.partition(b"\n")
HEADERS = [(name, value) for name, value in json.loads(_line)]
FEW = [pair for pair in HEADERS if pair[0] in ("Content-Type", "Content-Length")]


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", FEW)
    return [BODY]


def bare_with_all_headers(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    start_response("200 OK", HEADERS)
    return [BODY]


def django(*middleware: str) -> Callable[..., Any]:
    """A Django of one view and no more middleware than is named."""
    import django as framework  # noqa: PLC0415 - the others must not load it
    from django.conf import settings  # noqa: PLC0415
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415
    from django.http import HttpRequest, HttpResponse  # noqa: PLC0415
    from django.urls import path  # noqa: PLC0415

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(BODY, content_type=dict(HEADERS)["Content-Type"])

    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        SECRET_KEY="x" * 60,
        ROOT_URLCONF=(path("<path:path>", lambda request, path: view(request)), path("", view)),
        MIDDLEWARE=middleware,
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        CACHE_MIDDLEWARE_SECONDS=600,
    )
    framework.setup()
    return WSGIHandler()


def empty_view() -> Callable[..., Any]:
    return django()


def cache_middleware() -> Callable[..., Any]:
    return django(
        "django.middleware.cache.UpdateCacheMiddleware",
        "django.middleware.cache.FetchFromCacheMiddleware",
    )


def cached_by_asgi() -> Callable[..., Any]:
    """The site's own store of cached pages, asked by an event loop."""
    # A page that isn't ready is made in the loop and holds it: this is to be measured, not run.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from bulletin.wsgi import application  # noqa: PLC0415

    async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        host = next(value for name, value in scope["headers"] if name == b"host").decode()
        started: list[Any] = []
        environ = {
            "REQUEST_METHOD": scope["method"],
            "PATH_INFO": scope["path"],
            "QUERY_STRING": scope["query_string"].decode(),
            "HTTP_HOST": host,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
        }

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            started[:] = [int(status[:3]), headers]

        answered = application(environ, start)
        status, headers = started
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"".join(answered)})

    return asgi
