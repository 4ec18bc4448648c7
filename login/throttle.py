"""How often a wrong password may be tried, and the page that says so."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bulletin.http_caching import no_store
from login import audit, factors
from login.addresses import throttled
from login.models import Kind

# An account tried from many addresses, or an address that tries many accounts, is locked out
# too, but not by what one person's bad morning adds up to: a stranger who knows an editor's name
# must not be able to keep that editor out.
SPREAD: Final = 5
# Seconds in which a lock-out outlives its end, or a reset by command, at most.
REMEMBERED: Final = 5


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes has no types
    """Counts failures in the database; what it counts is in the audit log as well."""

    def counted(
        self, request: HttpRequest, credentials: dict[str, Any] | None
    ) -> list[tuple[int, datetime | None]]:
        """Failures and the instant of the last: of the account from this address, and a fifth of
        those of the account and of the address alone."""
        tried = f"{account(request, credentials)} {throttled(request)}"
        key = f"throttle-{sha256(tried.encode()).hexdigest()}"
        known: list[tuple[int, datetime | None]] | None = cache.get(key)
        if known is not None:
            return known
        sums = {"failures": Sum("failures_since_start"), "last": Max("attempt_time")}
        totals = [rows.aggregate(**sums) for rows in self.get_user_attempts(request, credentials)]
        shares = (1, SPREAD, SPREAD)
        counts = [
            ((total["failures"] or 0) // share, total["last"])
            for total, share in zip(totals, shares, strict=True)
        ]
        # The database counts, since a cache may forget. A lock-out is remembered for a moment, so
        # that who hammers at a closed door does not reach the database each time.
        if max(failures for failures, _last in counts) >= settings.AXES_FAILURE_LIMIT:
            cache.set(key, counts, REMEMBERED)
        return counts

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        return max(failures for failures, _last in self.counted(request, credentials))

    def free_at(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> datetime | None:
        """When the last of what locks out is forgotten."""
        limit = settings.AXES_FAILURE_LIMIT
        counted = self.counted(request, credentials)
        instants = [last for failures, last in counted if last and failures >= limit]
        return max(instants) + settings.AXES_COOLOFF_TIME if instants else None

    def reset_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        """Only the account's own from this address: who has one account must not be able to wipe
        out what was tried on another."""
        pair, *_others = self.filter_user_attempts(request, credentials)
        return int(pair.delete()[0])

    # Signals of Django that django-axes handles ---------------------------------------

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        refused = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is None or refused:
            return
        name, at = credentials.get("username") or "", request.axes_attempt_time
        audit.record(Kind.FAILURE, name, at, request)
        if request.axes_locked_out:
            audit.record(Kind.LOCKED_OUT, name, at, request)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        kind = Kind.PASSWORD if factors.is_needed(user) else Kind.LOGIN
        audit.record(kind, user.get_username(), request.axes_attempt_time, request)

    def user_logged_out(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_out(sender, request, user, **kwargs)
        if user:
            audit.record(Kind.LOGOUT, user.get_username(), request.axes_attempt_time, request)


def account(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """One name however it is written, so that no spelling of it gives five more tries."""
    given = credentials or request.POST
    return str(given.get("username") or "").strip().casefold()


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """In place of the answer to a password that was not even looked at."""
    at: datetime = request.axes_attempt_time  # type: ignore[attr-defined]  # set by django-axes
    free_at = AxesProxyHandler.get_implementation().free_at(request, credentials) or at
    context = admin.site.each_context(request) | {
        "title": _("Too many wrong passwords"),
        "free_at": free_at,
        "app_path": request.get_full_path(),
    }
    page = TemplateResponse(request, "login/locked_out.html", context, status=429)
    page["Retry-After"] = str(max(1, round((free_at - at).total_seconds())))
    return no_store(page.render())
