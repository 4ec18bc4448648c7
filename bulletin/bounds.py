"""What is asked of the site stays within bounds, and so does who may embed its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

GetResponse = Callable[[HttpRequest], HttpResponseBase]

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# The parts of a form around the file in it.
FORM_OVERHEAD: Final = 10_000
# What no page of the site uses, nor anything that it shows.
PERMISSIONS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation"),
        *("gyroscope", "magnetometer", "microphone", "midi", "payment", "serial", "usb"),
    )
)


class WithinBounds:
    """Refuses, before a view or a form reads it, a request that names no host of ours, whose method
    nothing here answers (TRACE would tell a script its cookies), or whose body is larger than the
    largest form. Of files Django counts no bytes, and has them on disk before a view is asked.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_arguments: object
    ) -> HttpResponse | None:
        # A view without the check of the token, which reads the body, looks at the size itself or
        # takes no body at all.
        reads_body = not getattr(view, "csrf_exempt", False)
        if reads_body and int(request.META.get("CONTENT_LENGTH") or 0) > largest_body():
            return HttpResponse("Too large.\n", content_type="text/plain", status=413)
        return None


def largest_body() -> int:
    limits = (settings.UPLOAD_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return int(max(limits)) + FORM_OVERHEAD


class KeptApart:
    """Says on every answer who may embed it and what it may use.

    Feed readers show our pictures on pages of theirs, by addresses that may redirect; all else is
    for pages of this site alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # What a 304 says would replace what was kept with the whole answer, whose type it lacks.
        if response.status_code != 304:
            policy = "cross-origin" if is_for_others(response) else "same-origin"
            response["Cross-Origin-Resource-Policy"] = policy
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        # Where SecurityMiddleware itself refuses a request it adds nothing to the answer.
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


def is_for_others(response: HttpResponseBase) -> bool:
    if response.get("Access-Control-Allow-Origin") == "*":
        return True
    is_public = response.get("Cache-Control", "").startswith("public")
    is_picture = response.get("Content-Type", "").startswith("image/")
    return response.status_code == 301 or (
        is_public and (is_picture or 300 <= response.status_code < 400)
    )
