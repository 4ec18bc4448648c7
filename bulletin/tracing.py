"""Each request has an id, which its lines of the log and its answer carry."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.http import HttpRequest, HttpResponse, HttpResponseBase

HEADER: Final = "X-Request-ID"
# A proxy's or client's own is kept where it can spoil neither a line of the log nor a header.
ACCEPTED: Final = re.compile(r"[A-Za-z0-9_.-]{8,64}")

_current: ContextVar[str] = ContextVar("request_id", default="")
_access = logging.getLogger("bulletin.access")


def current() -> str:
    """The id of the request that this thread answers; empty outside of one."""
    return _current.get()


def of(record: logging.LogRecord) -> str:
    """The id that an event belongs to. Django logs a refused request, which it names in the event,
    when all middleware is left."""
    request = getattr(record, "request", None)
    known: str = request.META.get(HEADER, "") if isinstance(request, HttpRequest) else ""
    return current() or known


class Traced:
    """Outermost middleware: gives the id, and logs the request under it when it is answered.

    An answer that a shared cache may keep has no id on it: it would be another reader's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request.META[HEADER] = given if ACCEPTED.fullmatch(given) else secrets.token_hex(16)
        token = _current.set(request.META[HEADER])
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            if "public" not in response.get("Cache-Control", ""):
                response[HEADER] = current()
            if _access.isEnabledFor(logging.INFO):
                log(request, response, 1000 * (time.perf_counter() - begun))
            return response
        finally:
            _current.reset(token)


def log(request: HttpRequest, response: HttpResponseBase, milliseconds: float) -> None:
    # A streamed answer may say its length, and has no content to measure.
    length = response.get("Content-Length")
    if isinstance(response, HttpResponse):
        length = str(len(response.content))
    size = None if length is None else int(length)
    _line(request.method or "", request.path, response.status_code, size, milliseconds)


def ready(environ: dict[str, Any], view: str, status: int, size: int, seconds: float) -> None:
    """An answer that was given without Django, logged as any other."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    token = _current.set(given if ACCEPTED.fullmatch(given) else secrets.token_hex(16))
    path = settings.PREFIX + get_path_info(environ)
    _line(environ["REQUEST_METHOD"], path, status, size, 1000 * seconds)
    _current.reset(token)


def _line(method: str, path: str, status: int, size: int | None, milliseconds: float) -> None:
    """Without the query: what readers search for is theirs."""
    fields = {
        "method": method,
        "path": path,
        "status": status,
        "bytes": size,
        "duration_ms": round(milliseconds, 1),
    }
    _access.info(
        "%s %s %s %s B %s ms",
        *(value if value is not None else "-" for value in fields.values()),
        extra=fields,
    )
