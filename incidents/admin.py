"""The admin of incidents, regions and services; knows no posts. bulletin/admin registers it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.forms import IncidentForm
from incidents.models import Addendum, Incident, Region, Service
from incidents.templatetags.incident_tags import time_text


class PublicationFilter(admin.SimpleListFilter):
    title = _("publication")
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("private")), ("later", _("scheduled")), ("yes", _("public"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        at = timezone.now()
        chosen = {
            "no": queryset.filter(publish_at=None),
            "later": queryset.filter(publish_at__gt=at),
            "yes": queryset.filter(publish_at__lte=at),
        }
        return chosen.get(self.value() or "", queryset)


class SuggestionFilter(admin.SimpleListFilter):
    title = _("suggestions")
    parameter_name = "suggestions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("to confirm"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        return queryset.exclude(proposed=[]) if self.value() else queryset


class AddendumInline(admin.StackedInline[Addendum, Incident]):
    model = Addendum
    extra = 0
    can_delete = False
    fields = ["body"]

    def has_add_permission(  # type: ignore[override]  # Django's inlines have another signature
        self, request: HttpRequest, obj: Incident | None
    ) -> bool:
        """A correction of a private incident belongs in its write-up. Of a public one readers see
        it at once, so that it takes the right to publish."""
        if obj is None or not obj.is_public(timezone.now()):
            return False
        may_publish = request.user.has_perm("incidents.publish_incident")
        return may_publish and super().has_add_permission(request, obj)


class IncidentAdmin(admin.ModelAdmin[Incident]):
    form = IncidentForm
    inlines = [AddendumInline]
    list_display = ["heading", "started", "length", "impact", "scope", "published", "to_confirm"]
    list_filter = [
        *(PublicationFilter, SuggestionFilter, "impact", "kind", "scope", "precision"),
        *("regions", "services"),
    ]
    search_fields = ["title", "body", "slug"]
    date_hierarchy = "started_at"
    autocomplete_fields = ["regions", "services", "related"]
    readonly_fields = ["published", "slug", "to_confirm"]
    fieldsets = [
        (None, {"fields": ["title", "body"]}),
        (
            _("When"),
            {"fields": [("started_at", "zone"), ("length", "ended_at", "precision")]},
        ),
        (
            _("Impact"),
            {"fields": [("impact", "scope", "kind"), ("regions", "services")]},
        ),
        (_("Publication"), {"fields": [("published", "to_confirm")]}),
        (
            _("Elsewhere"),
            {
                "fields": ["related", "postmortem_url", ("status_url", "status_posted_at"), "slug"],
                "classes": ["collapse"],
            },
        ),
    ]

    def view_on_site(self, obj: Incident) -> str | None:
        return obj.get_absolute_url() if obj.is_public(timezone.now()) else None

    @admin.display(description=_("title"), ordering="title")
    def heading(self, incident: Incident) -> str:
        return incident.plain_title

    @admin.display(description=_("length"))
    def length(self, incident: Incident) -> str:
        """Also for those who may only read the page, in place of its field."""
        return incident.length_text

    @admin.display(description=_("start"), ordering="started_at")
    def started(self, incident: Incident) -> str:
        return time_text(incident.local_start)

    @admin.display(description=_("published"), ordering="publish_at")
    def published(self, incident: Incident) -> str:
        if incident.publish_at is None:
            return str(_("private"))
        return time_text(timezone.localtime(incident.publish_at))

    @admin.display(description=_("to confirm"))
    def to_confirm(self, incident: Incident) -> str:
        return ", ".join(name.replace("_", " ") for name in incident.proposed) or "–"


class RegionAdmin(admin.ModelAdmin[Region]):
    list_display = ["code", "place"]
    search_fields = ["code", "place"]


class ServiceAdmin(admin.ModelAdmin[Service]):
    list_display = ["name", "ours"]
    list_filter = ["ours"]
    search_fields = ["name"]
