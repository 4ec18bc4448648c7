"""What is answered while the database or the disk is out: a clear 503, and never a loss."""

from __future__ import annotations

import sys
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import requires_csrf_token

from bulletin import caching, tracing
from bulletin.outages import is_outage
from bulletin.views import posts

# Seconds after which it is worth to ask again.
RETRY_AFTER: Final = 10


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """For all that a view or a middleware raised: the session's own save fails as well."""
    error = sys.exception()
    return unavailable(request) if error and is_outage(error) else posts.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django takes a session that could not be saved for one that was ended meanwhile, whatever the
    database said."""
    error: BaseException | None = exception
    while error:
        if is_outage(error):
            return unavailable(request)
        error = error.__cause__ or error.__context__
    return defaults.bad_request(request, exception)


def unavailable(request: HttpRequest) -> HttpResponse:
    """A page that asks nothing of the database; for the desk's scripts a sentence as JSON."""
    if is_for_scripts(request):
        sentence = _("The site can't store anything just now; nothing was saved. Try again soon.")
        response: HttpResponse = JsonResponse({"error": sentence}, status=503)
    else:
        writing = request.method not in ("GET", "HEAD")
        told = {"writing": writing, "request_id": tracing.current()}
        response = HttpResponse(render_to_string("503.html", told), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return caching.never(response)


def is_for_scripts(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.app_name == "desk"
