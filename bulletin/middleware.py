"""What every request passes beside Django's own middleware."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import cached_property

from bulletin.http_caching import NO_STORE
from bulletin.log_config import CLIENT_METHOD, accepted_id, log_request, request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]

REQUEST_ID_HEADER: Final = "X-Request-ID"
# The parts of a form around the file in it, in bytes.
FORM_OVERHEAD: Final = 10_000
# What no page of the site uses, nor anything that it shows.
PERMISSIONS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
        *("gyroscope", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    )
)


class RequestIDMiddleware:
    """Outermost: gives each request an id, which its lines of the log and its answer carry, and
    logs the request when it is answered.

    An answer that a shared cache may keep has no id on it: it would be another reader's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id.set(accepted_id(request.headers.get(REQUEST_ID_HEADER, "")))
        begun = time.perf_counter()
        response = self.get_response(request)
        if "public" not in response.get("Cache-Control", ""):
            response[REQUEST_ID_HEADER] = request_id.get()
        method = str(request.META.get(CLIENT_METHOD, request.method))
        length = response.get("Content-Length")
        size = None if length is None else int(length)
        seconds = time.perf_counter() - begun
        log_request(method, request.path, response.status_code, size, seconds)
        return response


def log_cached_response(
    environ: dict[str, Any], view: str, status: int, size: int, seconds: float
) -> None:
    request_id.set(accepted_id(environ.get("HTTP_X_REQUEST_ID", "")))
    path = settings.PREFIX + get_path_info(environ)
    log_request(environ["REQUEST_METHOD"], path, status, size, seconds)


class PublicCacheMiddleware(MiddlewareMixin):
    """Takes cookies off public answers: a malformed cookie makes other middleware answer with one
    of its own, which a shared cache would hand to everybody. An answer without Cache-Control is an
    error or Django's own, and not stored."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", NO_STORE)
        if response["Cache-Control"].startswith("public"):
            response.cookies.clear()
            varying = [name.strip() for name in response.get("Vary", "").split(",")]
            response["Vary"] = ", ".join(name for name in varying if name.lower() != "cookie")
            if not response["Vary"]:
                del response["Vary"]
        return response


class SecurityHeadersMiddleware(MiddlewareMixin):
    """Says on every answer what it may load and use, and who may embed it.

    Feed readers show our pictures on pages of theirs, by addresses that may redirect; all else is
    for pages of this site alone.
    """

    @cached_property
    def policy(self) -> str:
        return build_policy(settings.SECURE_CSP)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        # A 304 would replace the headers of the stored answer, whose type it lacks.
        if response.status_code != 304:
            policy = "cross-origin" if may_be_embedded(response) else "same-origin"
            response["Cross-Origin-Resource-Policy"] = policy
            # Django's pages of DEBUG have their style inside.
            if not (settings.DEBUG and response.status_code >= 400):
                response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        # Where SecurityMiddleware itself refuses a request it adds nothing to the answer.
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


class RequestLimitsMiddleware(MiddlewareMixin):
    """Refuses a body larger than the largest form before anything reads it: of files Django counts
    no bytes, and has them on disk before a view is asked."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_arguments: object
    ) -> HttpResponse | None:
        largest = max(settings.UPLOAD_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        # A view without the check of the token, which reads the body, looks at the size itself.
        if getattr(view, "csrf_exempt", False) or length <= largest + FORM_OVERHEAD:
            return None
        return HttpResponse("Too large.\n", content_type="text/plain", status=413)


def build_policy(directives: Mapping[str, Sequence[str] | bool]) -> str:
    """A Content-Security-Policy; a directive that takes no sources is True."""
    return "; ".join(
        name if sources is True else f"{name} {' '.join(sources)}"
        for name, sources in directives.items()
        if sources
    )


def may_be_embedded(response: HttpResponseBase) -> bool:
    if response.get("Access-Control-Allow-Origin") == "*":
        return True
    is_public = response.get("Cache-Control", "").startswith("public")
    is_picture = response.get("Content-Type", "").startswith("image/")
    is_redirect = 300 <= response.status_code < 400
    return response.status_code == 301 or (is_public and (is_picture or is_redirect))
