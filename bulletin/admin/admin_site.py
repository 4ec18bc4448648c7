"""The admin as a whole: its front page, and signing in without losing what was typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin.forms import AdminAuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from bulletin import autosave
from bulletin.admin.base import rendered
from bulletin.admin.dashboard_actions import FrontPage
from bulletin.models import site_settings

ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])


class BulletinAdminSite(FrontPage):
    """The stock admin site under the log's name."""

    index_title = _("Dashboard")
    # Its front page leads everywhere, and tables need the room.
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        name = site_settings().site_name
        return super().each_context(request) | {"site_title": name, "site_header": name}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without the way from a key to a row's address, which asks for no permission: the names
        of private incidents are in theirs."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return rendered(super().autocomplete_view, request)

    def admin_view(self, view: ViewT, cacheable: bool = False) -> ViewT:
        """What is sent with a login that has expired waits until its sender has signed in."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def signed_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            typed = request.method == "POST" and autosave.KEY in request.POST
            if typed and not self.has_permission(request):
                return self.sign_in_again(request)
            return inner(request, *args, **kwargs)

        return cast(ViewT, signed_in)

    @method_decorator(never_cache)
    def sign_in_again(self, request: HttpRequest) -> HttpResponse:
        form = (self.login_form or AdminAuthenticationForm)(request)
        context = self.each_context(request) | {
            "title": _("Log in"),
            "form": form,
            "app_path": reverse("admin:login"),
            "next": request.get_full_path(),
            "typed": json.dumps(dict(request.POST.lists())),
        }
        return TemplateResponse(request, self.login_template or "admin/login.html", context)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        typed = request.POST.get("_typed", "")
        response = super().login(request, {**(extra_context or {}), "typed": typed})
        if typed and request.user.is_authenticated:
            autosave.keep_sent(request.user, typed, timezone.now())
        return response
