"""The pages of errors, which ask nothing of the database."""

from __future__ import annotations

import errno
import sqlite3
import sys
from typing import Any, Final, cast

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from bulletin.http_caching import no_store
from bulletin.log_config import request_id

# A full, failing or read-only disk.
DISK_ERRORS: Final = {errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT}
# Seconds.
RETRY_AFTER: Final = 10
# Addresses that the admin's scripts ask.
SCRIPTED: Final = {"autosave", "markdownx_markdownify", "markdownx_upload"}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django takes a session that could not be saved for one that was ended meanwhile, even in an
    outage."""
    error: BaseException | None = exception
    while error:
        if is_outage(error):
            return unavailable(request)
        error = error.__cause__ or error.__context__
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Stored by nginx alone, for a second, where the site has such addresses: what was public and
    no longer is must not stay there for an outage."""
    response = render(request, "404.html", status=404)
    if request.resolver_match:
        # Before Cache-Control: of the two, nginx 1.22 goes by the one that it reads first.
        response["X-Accel-Expires"] = "1"
    return no_store(response)


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exception()
    if error and is_outage(error):
        return unavailable(request)
    content = render_to_string("500.html", {"request_id": request_id.get()})
    return no_store(HttpResponse(content, status=500))


def unavailable(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match
    if match is not None and (match.app_name or match.url_name) in SCRIPTED:
        sentence = _("The site can't store anything just now; nothing was saved. Try again soon.")
        response: HttpResponse = JsonResponse({"error": sentence}, status=503)
    else:
        writing = request.method not in ("GET", "HEAD")
        context = {"writing": writing, "request_id": request_id.get()}
        response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return no_store(response)


def is_outage(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_ERRORS
    # A bucket's, by name: the core imports nothing of the extras.
    if type(error).__module__.startswith(("botocore.", "boto3.")):
        return True
    # Errors of a cursor that is being closed are the driver's own.
    driver: Any = cast(Any, connection).Database
    out = (OperationalError, InterfaceError, InternalError)
    if not isinstance(error, (*out, driver.OperationalError, driver.InterfaceError)):
        return False
    # SQLite's code for a wrong statement, which other databases call a ProgrammingError.
    codes = {getattr(each, "sqlite_errorcode", None) for each in (error, error.__cause__)}
    return sqlite3.SQLITE_ERROR not in codes
