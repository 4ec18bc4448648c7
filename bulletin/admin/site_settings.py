"""The admin's page of the site's own words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bulletin.admin.base import BaseAdmin
from bulletin.admin_urls import admin_url
from bulletin.conflicts import VersionedForm
from bulletin.models import SiteSettings


class SiteSettingsForm(VersionedForm[SiteSettings]):
    """An empty name shows the default."""

    class Meta:
        model = SiteSettings
        fields = "__all__"
        widgets = {
            "name": AdminTextInputWidget({"placeholder": settings.SITE_NAME}),
            "tagline": AdminTextInputWidget({"class": "vLargeTextField"}),
            "header_links": AdminTextareaWidget({"rows": 4}),
            "footer_links": AdminTextareaWidget({"rows": 4}),
            "import_headings": AdminTextareaWidget({"rows": 8}),
        }


@admin.register(SiteSettings)
class SiteSettingsAdmin(BaseAdmin[SiteSettings]):
    """There is one row: its list is its page, with the home page beside it."""

    form = SiteSettingsForm
    shown_in = {"about": ".notice"}
    fieldsets = [
        (None, {"fields": ["name", "tagline", "about"]}),
        (_("On every page"), {"fields": ["header_links", "footer_links"]}),
        (_("Import text"), {"fields": ["import_headings"]}),
    ]

    def preview_address(self, saved: SiteSettings) -> str:
        return reverse("home")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row, _made = SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY)
        return redirect(admin_url(row))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteSettings | None = None) -> bool:
        return False
