"""The admin behind two steps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.utils.http import urlencode

from bulletin.admin.admin_site import BulletinAdminSite
from login import factors, views


class GuardedSite(BulletinAdminSite):
    """A half-signed-in editor is anonymous here (login.middleware), and is sent on to the second
    step."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path("second-factor/", self.admin_view(views.second_factor), name="second_factor"),
            path("second-factor/set-up/", views.set_up, name="second_factor_set_up"),
            path("second-factor/code/", views.code, name="second_factor_code"),
            path("audit/", self.admin_view(views.audit_log), name="audit"),
        ]
        return own + super().get_urls()

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = factors.half_signed_in(request) if request.method == "GET" else None
        if user is None:
            return super().login(request, extra_context)
        step = "code" if factors.authenticator(user) else "set_up"
        address = redirect(f"admin:second_factor_{step}")
        address["Location"] += f"?{urlencode({'next': views.next_address(request)})}"
        return address
