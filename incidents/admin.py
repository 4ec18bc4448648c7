"""The desk's pages for incidents, regions and services, as far as they know no posts.

The site's desk (bulletin/admin.py) registers them, with what all of its pages share.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.forms import IncidentForm
from incidents.models import Addendum, Incident, Region, Service


class ToldFilter(admin.SimpleListFilter):
    """Private, scheduled, public."""

    title = _("told")
    parameter_name = "told"

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


class ProposalFilter(admin.SimpleListFilter):
    """What the importer read out of a text and nobody has looked at."""

    title = _("proposals")
    parameter_name = "proposals"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("to confirm"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        return queryset.exclude(proposed=[]) if self.value() else queryset


class AddendumInline(admin.StackedInline[Addendum, Incident]):
    """Facts that came late; they are dated and stay."""

    model = Addendum
    extra = 0
    can_delete = False
    fields = ["body"]

    def has_add_permission(  # type: ignore[override]  # Django's inlines have another signature
        self, request: HttpRequest, obj: Incident | None
    ) -> bool:
        """Before it is told, a correction belongs in the write-up; afterwards readers see it at
        once, so that it takes the right to tell."""
        told = obj is not None and obj.is_public(timezone.now())
        may_publish_incidents = request.user.has_perm("incidents.publish_incident")
        return told and may_publish_incidents and super().has_add_permission(request, obj)


class IncidentAdmin(admin.ModelAdmin[Incident]):
    """One incident; readers see it once it is told."""

    form = IncidentForm
    inlines = [AddendumInline]
    list_display = [
        "heading",
        "started",
        "length",
        "impact",
        "scope",
        "told",
        "to_confirm",
    ]
    list_filter = [
        ToldFilter,
        ProposalFilter,
        "impact",
        "kind",
        "scope",
        "precision",
        "regions",
        "services",
    ]
    search_fields = ["title", "body", "slug"]
    date_hierarchy = "started_at"
    autocomplete_fields = ["regions", "services", "related"]
    readonly_fields = ["told", "slug", "to_confirm"]
    fieldsets = [
        (None, {"fields": ["to_confirm", "title", "told"]}),
        (
            _("When"),
            {"fields": [("started_at", "zone"), ("length", "ended_at", "precision")]},
        ),
        (
            _("How bad, for whom, where"),
            {"fields": [("impact", "scope", "kind"), ("regions", "services")]},
        ),
        (_("What happened"), {"fields": ["body"]}),
        (
            _("Elsewhere"),
            {
                "fields": ["related", "postmortem_url", ("status_url", "status_posted_at"), "slug"],
                "classes": ["collapse"],
            },
        ),
    ]

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        """An editor who saves the page has seen the proposals, and so confirms them; one who
        edits a list confirms what was edited."""
        seen = obj.proposed if "title" in form.fields else form.changed_data
        obj.proposed = [name for name in obj.proposed if name not in seen]
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        """None is left out of the log once told: withdraw it first."""
        told = obj is not None and obj.publish_at is not None
        return not told and super().has_delete_permission(request, obj)

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
        return f"{incident.local_start:%Y-%m-%d %H:%M %Z}"

    @admin.display(description=_("told"), ordering="publish_at")
    def told(self, incident: Incident) -> str:
        if incident.publish_at is None:
            return str(_("private"))
        hour = timezone.localtime(incident.publish_at)
        return f"{hour:%Y-%m-%d %H:%M %Z}"

    @admin.display(description=_("to confirm"))
    def to_confirm(self, incident: Incident) -> str:
        """Fields that the importer proposed; saving the page confirms them."""
        return ", ".join(name.replace("_", " ") for name in incident.proposed) or "–"


class RegionAdmin(admin.ModelAdmin[Region]):
    list_display = ["code", "place"]
    search_fields = ["code", "place"]


class ServiceAdmin(admin.ModelAdmin[Service]):
    list_display = ["name", "ours"]
    list_filter = ["ours"]
    search_fields = ["name"]
