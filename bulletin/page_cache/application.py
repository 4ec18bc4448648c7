"""The WSGI application in front of Django: it answers from cached pages, and has Django render
those that are missing, once for all who wait.

It cannot give away a draft. A request with a session is passed on (`is_cacheable_request`). A page
is rendered by a request without cookies and without the client's headers (`anonymous_environ`), so
that its bytes depend on nothing but its key. Only a 200 that says `public` is stored
(`cached_page_from`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.handlers.wsgi import get_path_info, get_str_from_wsgi
from django.urls import Resolver404, ResolverMatch, resolve

from bulletin.http_caching import accepts_gzip
from bulletin.log_config import CLIENT_METHOD
from bulletin.page_cache.cached_page import (
    CachedPage,
    Headers,
    LRUStore,
    WSGIResponse,
    cached_page_from,
)
from bulletin.page_cache.watcher import RevisionWatcher

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Called for each answer that is given without Django: the request, the view's name, the status,
# bytes, seconds. What Django answers its middleware has logged and measured.
OnResponse = Callable[[Environ, str, int, int, float], None]
# What of a client's headers is left when a page is rendered: its key, and what it is logged by.
FORWARDED_HEADERS: Final = {"HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REQUEST_ID"}
# Who asks for a page that is being rendered waits for it: with 24 readers and a write a second the
# slowest of 100 answers then takes 50 ms, and else 190. Two pages rarely share one of the locks.
LOCKS: Final = 64
# RFC 9211.
DATABASE_DOWN: Final = ("Cache-Status", 'bulletin; hit; detail="the database is out of reach"')


class Key(NamedTuple):
    """What a page depends on; `query` is what the view reads of it."""

    host: str
    path: str
    query: str
    is_gzip: bool


class PageCacheWSGI:
    """`inner` is Django's application; `limit` is the most bytes that this process stores."""

    def __init__(
        self, inner: Application, limit: int, on_response: Sequence[OnResponse] = ()
    ) -> None:
        self.inner, self.on_response = inner, on_response
        self.pages = LRUStore(limit)
        self.watcher = RevisionWatcher()
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))
        # Settings are read once: each time would be a tenth of the whole.
        self._session, self._https = f"{settings.SESSION_COOKIE_NAME}=", settings.HTTPS
        # As Django's request.is_secure().
        by_server = ("wsgi.url_scheme", "https")
        self._scheme, self._secure = settings.SECURE_PROXY_SSL_HEADER or by_server

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.time()
        if self.watcher.generation is None:
            self.watcher.start()
            return self.inner(environ, start_response)
        if not self.is_cacheable_request(environ):
            return self.inner(environ, start_response)
        if begun > self.watcher.stale_after and not self.watcher.is_unreachable:
            self.watcher.refresh()
        is_gzip = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        key = Key(environ["HTTP_HOST"], environ["PATH_INFO"], "", is_gzip)
        # Without a query no view need be looked for: a page that is there is there.
        page = None if environ.get("QUERY_STRING") else self._fresh(key)
        if page is None:
            match = public_view(environ)
            if match is None:
                return self.inner(environ, start_response)
            key = key._replace(query=canonical_query(environ, match))
            with self._locks[hash(key) % LOCKS]:
                page = self._fresh(key)
                if page is None:
                    return self._render(key, match.view_name, environ, start_response)
        status, body = self._send(page, environ, start_response)
        for callback in self.on_response:
            callback(environ, page.view, status, sum(map(len, body)), time.time() - begun)
        return body

    def is_cacheable_request(self, environ: Environ) -> bool:
        """Whether the answer may be everybody's: GET or HEAD, by the site's own scheme, of somebody
        who has no session, shows no other right and sends nothing."""
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and "HTTP_HOST" in environ
            and self._session not in environ.get("HTTP_COOKIE", "")
            and "HTTP_AUTHORIZATION" not in environ
            and not environ.get("CONTENT_LENGTH")
            and "HTTP_TRANSFER_ENCODING" not in environ
            and (not self._https or environ.get(self._scheme) == self._secure)
        )

    def _fresh(self, key: Key) -> CachedPage | None:
        """The page, while it is good; where the database can't be asked, what there is."""
        page = self.pages.get(key)
        if page is None or page.generation is not self.watcher.generation:
            return None
        return page if time.time() < page.expires_at or self.watcher.is_unreachable else None

    def _send(
        self, page: CachedPage, environ: Environ, start_response: StartResponse
    ) -> tuple[int, tuple[bytes, ...]]:
        known = environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE")
        status, line, headers = 200, "200 OK", page.headers
        body: tuple[bytes, ...] = (page.body,) if environ["REQUEST_METHOD"] == "GET" else ()
        if known != (None, None) and page.is_known(*known):
            status, line, headers, body = 304, "304 Not Modified", page.not_modified_headers, ()
        if self.watcher.is_unreachable:
            headers = [*headers, DATABASE_DOWN]
        start_response(line, headers)
        return status, body

    def _render(
        self, key: Key, view: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """By Django. What was written meanwhile may not be on the page, so it belongs to the
        generation in which it was asked for."""
        generation = self.watcher.generation
        response = call_wsgi(self.inner, anonymous_environ(environ, key.query))
        page = cached_page_from(response, generation, view) if generation else None
        if page is None:
            start_response(response.status, response.headers)
            return (response.content,) if environ["REQUEST_METHOD"] == "GET" else ()
        plain = page.decoded()
        self.pages.put(key._replace(is_gzip=True), page)
        self.pages.put(key._replace(is_gzip=False), plain)
        return self._send(page if key.is_gzip else plain, environ, start_response)[1]


def call_wsgi(application: Application, environ: Environ) -> WSGIResponse:
    """The whole of it, after which the application may let go of what it held."""
    started: tuple[str, Headers] = ("", [])

    def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
        nonlocal started
        started = (status, headers)

    parts = application(environ, start_response)
    try:
        content = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    return WSGIResponse(*started, content)


def public_view(environ: Environ) -> ResolverMatch | None:
    """What is at the address, if it is made by `cache_public`."""
    try:
        match = resolve(get_path_info(environ))
    except Resolver404:
        return None
    return match if getattr(match.func, "is_public", False) else None


def canonical_query(environ: Environ, match: ResolverMatch) -> str:
    """Of the query what the view asks for, by name: all else makes no other page."""
    query = get_str_from_wsgi(environ, "QUERY_STRING", "")
    asked = getattr(match.func, "query_params", ())
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] in asked]
    return urlencode(sorted(pairs, key=itemgetter(0)))


def anonymous_environ(environ: Environ, query: str) -> Environ:
    """A request for the same address, of a client of whom nothing is known."""
    left = {
        name: value
        for name, value in environ.items()
        if not name.startswith("HTTP_") or name in FORWARDED_HEADERS
    }
    return left | {
        "REQUEST_METHOD": "GET",
        CLIENT_METHOD: environ["REQUEST_METHOD"],
        "QUERY_STRING": query,
        "HTTP_ACCEPT_ENCODING": "gzip",
    }
