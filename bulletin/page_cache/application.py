"""The WSGI application in front of Django: it answers from cached pages, and asks Django for those
that are missing, in nobody's name and once for all who wait.

It cannot give away a draft. Who has a session is passed on (`is_cacheable_request`). A page is made
by a request without cookies and without the client's headers (`anonymous_environ`), so that its
bytes depend on nothing but its key. Of the answers only a 200 that says `public` is kept
(`cached_page_from`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import get_path_info, get_str_from_wsgi
from django.urls import Resolver404, ResolverMatch, resolve

from bulletin.http_caching import is_public_view, query_params_of
from bulletin.page_cache.cached_page import (
    CachedPage,
    Headers,
    WSGIResponse,
    cached_page_from,
    matches_etag,
)
from bulletin.page_cache.lru_store import LRUStore
from bulletin.page_cache.watcher import RevisionWatcher

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Called for each answer: the request, the view's name, the status, bytes, seconds.
OnResponse = Callable[[Environ, str, int, int, float], None]
# What of a client's headers is left when a page is made: its key, and what it is logged by.
KEPT_HEADERS: Final = {"HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REQUEST_ID"}
# Seconds that one waits for a page that another is having made.
RENDER_TIMEOUT: Final = 30
# The share of memory of addresses with a query, or under another spelling of the host: endless ones
# drive out each other, and not the site's own pages.
QUERY_SHARE: Final = 4
# The host, the path, and of the query what the view asks for.
Key = tuple[str, str, str]
# RFC 9211.
DATABASE_DOWN: Final = ("Cache-Status", 'bulletin; hit; detail="the database is out of reach"')


class PageCacheWSGI:
    """`inner` is Django's application; `limit` is the most bytes that this process keeps."""

    def __init__(
        self, inner: Application, limit: int, on_response: Sequence[OnResponse] = ()
    ) -> None:
        self.inner, self.on_response = inner, on_response
        self.query_pages = LRUStore(limit // QUERY_SHARE)
        self.pages = LRUStore(limit - self.query_pages.limit)
        self.watcher = RevisionWatcher(on_change=self.clear)
        self._rendering: dict[Key, threading.Event] = {}
        self._lock = threading.Lock()
        site = urlsplit(settings.SITE_URL)
        self._hosts = {site.netloc, site.hostname}
        # Settings are asked for once: each time would be a tenth of the whole.
        self._session, self._https = f"{settings.SESSION_COOKIE_NAME}=", settings.HTTPS

    def clear(self) -> None:
        self.pages.clear()
        self.query_pages.clear()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        now = time.time()
        if self.watcher.generation is None:
            self.watcher.start()
            return self.inner(environ, start_response)
        if not self.is_cacheable_request(environ):
            return self.inner(environ, start_response)
        host, path = environ["HTTP_HOST"], environ["PATH_INFO"]
        if not environ.get("QUERY_STRING"):
            # Without a look at the site map: who is there is there.
            page = self._fresh((host, path, ""), now)
            if page is not None:
                return self._respond(page, environ, start_response, now)
        match = public_view(environ)
        if match is None:
            return self.inner(environ, start_response)
        key = (host, path, canonical_query(environ, match))
        made = self._fresh(key, now) or self._render_once(key, match.view_name, environ)
        if isinstance(made, CachedPage):
            return self._respond(made, environ, start_response, now)
        start_response(made.status, made.headers)
        return (made.content,) if environ["REQUEST_METHOD"] == "GET" else ()

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
            and (not self._https or is_secure(environ))
        )

    def _store(self, key: Key) -> LRUStore:
        return self.pages if key[0] in self._hosts and not key[2] else self.query_pages

    def _fresh(self, key: Key, now: float) -> CachedPage | None:
        """The page, while it is good; where the database can't be asked, what there is."""
        page = self._store(key).get(key)
        if page is None or page.generation is not self.watcher.generation:
            return None
        return page if now < page.expires_at or now > self.watcher.stale_after else None

    def _respond(
        self, page: CachedPage, environ: Environ, start_response: StartResponse, begun: float
    ) -> Iterable[bytes]:
        form = page.representation_for(environ.get("HTTP_ACCEPT_ENCODING"))
        asked = environ.get("HTTP_IF_NONE_MATCH")
        body: tuple[bytes, ...] = ()
        if asked is not None and matches_etag(form, asked):
            status, headers = "304 Not Modified", form.not_modified_headers
        else:
            status, headers = "200 OK", form.headers
            if environ["REQUEST_METHOD"] == "GET":
                body = form.body
        if begun > self.watcher.stale_after:
            headers = [*headers, DATABASE_DOWN]
        start_response(status, headers)
        for callback in self.on_response:
            length, seconds = sum(map(len, body)), time.time() - begun
            callback(environ, page.view, int(status[:3]), length, seconds)
        return body

    def _render_once(self, key: Key, view: str, environ: Environ) -> CachedPage | WSGIResponse:
        """Asks for a page that is missing, once for all who come meanwhile."""
        with self._lock:
            rendering = self._rendering.get(key)
            if rendering is None:
                mine = self._rendering[key] = threading.Event()
        if rendering is not None:
            rendering.wait(RENDER_TIMEOUT)
            return self._fresh(key, time.time()) or self._render(key, view, environ)
        try:
            return self._render(key, view, environ)
        finally:
            with self._lock:
                del self._rendering[key]
            mine.set()

    def _render(self, key: Key, view: str, environ: Environ) -> CachedPage | WSGIResponse:
        """Django's answer, kept if it is a page. What was written meanwhile may not be on it, so it
        belongs to the generation in which it was asked for."""
        generation = self.watcher.generation
        answer = call_wsgi(self.inner, anonymous_environ(environ, key[2]))
        page = cached_page_from(answer, generation, view)
        if page:
            self._store(key).put(key, page)
        return page or answer


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


def is_secure(environ: Environ) -> bool:
    """As Django's request.is_secure()."""
    if settings.SECURE_PROXY_SSL_HEADER:
        header, value = settings.SECURE_PROXY_SSL_HEADER
        return bool(environ.get(header) == value)
    return bool(environ["wsgi.url_scheme"] == "https")


def public_view(environ: Environ) -> ResolverMatch | None:
    """What is at the address, if it is made by `cache_public`."""
    path = get_path_info(environ)
    if path.startswith(settings.WHITENOISE_STATIC_PREFIX):
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match if is_public_view(match.func) else None


def canonical_query(environ: Environ, match: ResolverMatch) -> str:
    """Of the query what the view asks for, by name: all else makes no other page."""
    query = get_str_from_wsgi(environ, "QUERY_STRING", "")
    asked = query_params_of(match.func)
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] in asked]
    return urlencode(sorted(pairs, key=itemgetter(0)))


def anonymous_environ(environ: Environ, query: str) -> Environ:
    """A request for the same address, of a client of whom nothing is known."""
    left = {
        name: value
        for name, value in environ.items()
        if not name.startswith("HTTP_") or name in KEPT_HEADERS
    }
    asked = {"REQUEST_METHOD": "GET", "QUERY_STRING": query, "HTTP_ACCEPT_ENCODING": "gzip"}
    return left | asked
