"""The admin's pages for the second factor and the audit log."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from login import audit, factors
from login.forms import AuditForm, CodeForm

ENTRIES_ON_A_PAGE = 50


def page(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    whole = admin.site.each_context(request) | {"title": title} | context
    return TemplateResponse(request, f"login/{name}.html", whole)


def next_address(request: HttpRequest) -> str:
    """Where the editor was going, as long as that is on this site."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure()):
        return asked
    return reverse("admin:index")


# Signing in ---------------------------------------------------------------------------


@never_cache
def code(request: HttpRequest) -> HttpResponse:
    user = factors.half_signed_in(request)
    if user is None or not factors.authenticator(user):
        return redirect("admin:index")
    if "leave" in request.POST:
        return leave(request)
    form = CodeForm(request, partial(factors.asked, user), timezone.now())
    form.fields["code"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        factors.sign_in(request, form.device, form.at)
        return redirect(next_address(request))
    return page(request, "code", _("Your code"), form=form, next=next_address(request))


def leave(request: HttpRequest) -> HttpResponse:
    """Back to the password, for somebody else."""
    logout(request)
    return redirect("admin:login")


@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Open to who has only a password where there is no factor yet: that is how one begins."""
    user: Any = factors.half_signed_in(request) or request.user
    if not (user.is_active and user.is_staff) or factors.authenticator(user):
        return redirect("admin:second_factor")
    if "leave" in request.POST:
        return leave(request)
    device = factors.unconfirmed(user).first() if request.method == "POST" else None
    device = device or factors.begin(user)
    form = CodeForm(request, lambda code: device, timezone.now())
    form.fields["code"].help_text = _("The six digits that your authenticator shows now.")
    if request.method == "POST" and form.is_valid():
        return recovery_codes(request, factors.confirm(request, device, form.at))
    title = _("Set up a second factor")
    picture = mark_safe(factors.qr_code(device))  # noqa: S308  # squares, drawn by segno
    context = {"picture": picture, "secret": factors.secret(device), "next": next_address(request)}
    return page(request, "set_up", title, form=form, **context)


def recovery_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown in the answer that makes them and nowhere else."""
    title = _("Your recovery codes")
    return page(request, "recovery_codes", title, codes=codes, next=next_address(request))


# In the admin --------------------------------------------------------------------------


def second_factor(request: HttpRequest) -> HttpResponse:
    """What the account has, and what can be done about it with a code at hand."""
    user: Any = request.user
    form = CodeForm(request, partial(factors.asked, user), timezone.now())
    device = factors.authenticator(user)
    if request.method == "POST" and device and form.is_valid():
        if "remove" not in request.POST:
            return recovery_codes(request, factors.make_recovery_codes(request, user, form.at))
        factors.remove(user, form.at, request)
        messages.success(request, _("The second factor is removed."))
        return redirect("admin:second_factor")
    recovery = factors.recovery(user)
    context = {
        "device": device,
        "left": recovery.token_set.count() if recovery else 0,
        "demanded": settings.LOGIN_REQUIRE_SECOND_FACTOR,
        "form": form,
    }
    return page(request, "second_factor", _("Second factor"), **context)


@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    if not (request.user.is_active and request.user.is_superuser):
        raise PermissionDenied
    form = AuditForm(request.GET)
    rows = Paginator(form.found(timezone.now()), ENTRIES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    entries = [dict(zip(audit.COLUMNS, row, strict=True)) for row in rows]
    for entry in entries:
        entry["action"] = audit.LABELS[entry["action"]]
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "rows": rows, "entries": entries, "query": query.urlencode()}
    return page(request, "audit", _("Audit log"), days=settings.AUDIT_DAYS, **context)
