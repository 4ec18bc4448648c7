"""What caches between us and readers may keep, and for how long.

Which of the three caches stores what: docs/architecture.md.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]

MINUTE = 60
WEEK = 7 * 24 * 60 * MINUTE
YEAR = 365 * 24 * 60 * MINUTE
# A shared cache may be a minute old, answers at once while it asks again, and answers for a week
# while the site is down.
SHARED = (
    f"public, max-age=0, s-maxage={MINUTE}, stale-while-revalidate={MINUTE}, stale-if-error={WEEK}"
)
# Bytes from which an answer is sent as gzip to who takes it, but for pictures, which are as small
# as they get.
GZIP_FROM = 1_000
_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
IMMUTABLE = f"public, max-age={YEAR}, immutable"
NO_STORE = "private, no-store"


def cache_public(view: View) -> View:
    """A view for GET and HEAD whose answer anybody may have, with a strong ETag and 304, and gzip
    for who takes it: there is no secret on it that the size could give away.

    An answer that has its own Cache-Control (a draft's is NO_STORE) or isn't a 200 is left alone.
    """

    @require_safe
    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = cast(HttpResponse, view(request, *args, **kwargs))
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if response.status_code != 200 or response.get("Cache-Control") == NO_STORE:
            return response
        response.setdefault("Cache-Control", SHARED)
        compress(response, request)
        response["ETag"] = etag = etag_of(response.content)
        modified = parse_http_date_safe(response.get("Last-Modified", ""))
        answer = get_conditional_response(request, etag, modified, response)
        return cast(HttpResponseBase, answer)

    wrapped.is_public = True  # type: ignore[attr-defined]
    # Only GET and HEAD get past require_safe, which says so better than the token's check.
    return csrf_exempt(wrapped)


def query_params(*names: str) -> Callable[[View], View]:
    """A view that reads these parameters of the query. The page cache renders a page by a request
    that has no others, so one that isn't named here is one that readers can't give."""

    def declared(view: View) -> View:
        view.query_params = frozenset(names)  # type: ignore[attr-defined]
        return view

    return declared


def accepts_gzip(accepted: str) -> bool:
    """Whether the header Accept-Encoding has gzip with any weight but 0."""
    return _ACCEPTS_GZIP.search(accepted) is not None


def etag_of(content: bytes) -> str:
    """A strong one, which names one representation (RFC 9110, section 8.8.3.3)."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def compress(response: HttpResponse, request: HttpRequest) -> None:
    if response["Content-Type"] == "image/png" or len(response.content) < GZIP_FROM:
        return
    patch_vary_headers(response, ["Accept-Encoding"])
    if accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        response["Content-Encoding"] = "gzip"
        response.content = gzip.compress(response.content, mtime=0)


def open_data(view: View) -> View:
    """A public view whose answer, errors and 304 included, any page of the web may read."""
    shared = cache_public(view)

    @functools.wraps(shared)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = shared(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        if response.status_code >= 400:
            response["Cache-Control"] = NO_STORE
        return response

    return csrf_exempt(wrapped)


def short_redirect(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = SHARED
    return response


def no_store(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = NO_STORE
    return response
