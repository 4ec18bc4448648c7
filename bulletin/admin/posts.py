"""The admin pages of bulletins, articles, authors, incidents, regions and services."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from markdownx.models import MarkdownxField

from bulletin import publishing
from bulletin.admin import publication_log
from bulletin.admin.base import BaseAdmin
from bulletin.admin.imports import ImportAdmin
from bulletin.admin.incident_publishing import IncidentPublishingAdmin
from bulletin.admin.period_rows import PeriodRowsAdmin
from bulletin.admin.post_base import PostAdmin
from bulletin.admin.post_forms import ArticleForm, BulletinForm, IncidentAdminForm
from bulletin.admin.preview import PreviewAdmin
from bulletin.admin.site_settings import SiteSettingsAdmin
from bulletin.admin.widgets import MarkdownWidget
from bulletin.drafting import default_period, uncovered
from bulletin.models import Article, Author, Bulletin, SiteSettings
from incidents import weeks
from incidents.admin import AddendumInline, IncidentAdmin, RegionAdmin, ServiceAdmin
from incidents.models import Incident, Region, Service


@admin.register(Bulletin)
class BulletinAdmin(ImportAdmin, PeriodRowsAdmin, PostAdmin[Bulletin]):
    form = BulletinForm
    change_list_template = "admin/bulletin/bulletin_list.html"
    list_display = ["heading", "date", "covers", "state", "publish_at"]
    search_fields = ["title", "essay", "intro"]
    date_hierarchy = "date"
    shown_in = {"intro": ".intro", "essay": ".essay > .prose"}
    fieldsets = [
        (None, {"fields": ["date", ("period_first", "period_last"), "title", "checklist"]}),
        (_("Text"), {"fields": ["intro", "essay_heading", "essay", "authors"]}),
        (
            _("Publication"),
            {"fields": ["state", "publish_at", "notify_subscribers", "effects"]},
        ),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = timezone.localdate()
        period = default_period(today)
        initial = {"date": period.last, "period_first": period.first, "period_last": period.last}
        return initial | super().get_changeform_initial_data(request)

    def report(self, request: HttpRequest, post: Bulletin) -> None:
        super().report(request, post)
        if not is_whole_weeks(post.period):
            self.message_user(request, _("Its period is not whole weeks."), "warning")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        gaps = uncovered(timezone.localdate())
        if gaps and request.method == "GET":
            days = ", ".join(f"{gap.first} – {gap.last}" for gap in gaps[-5:])
            self.message_user(request, _("No bulletin covers: %s") % days, "warning")
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("period"), ordering="period_first")
    def covers(self, bulletin: Bulletin) -> str:
        return f"{bulletin.period_first} – {bulletin.period_last}"


def is_whole_weeks(period: weeks.Period) -> bool:
    covered = period.weeks(settings.FIRST_WEEKDAY)
    return (covered[0].first, covered[-1].last) == (period.first, period.last)


@admin.register(Article)
class ArticleAdmin(PostAdmin[Article]):
    """A stand-alone post; its incidents are published with it."""

    form = ArticleForm
    list_display = ["heading", "state", "publish_at"]
    # Drafts first, wherever the database would put them.
    ordering = [models.F("publish_at").desc(nulls_first=True), "-pk"]
    search_fields = ["title", "body", "slug"]
    autocomplete_fields = ["authors", "incidents"]
    shown_in = {"body": ".post > .prose"}
    fieldsets = [
        (None, {"fields": ["title", "body", "authors"]}),
        (_("Incidents"), {"fields": ["incidents", "incident_started_at"]}),
        (
            _("Publication"),
            {"fields": ["slug", "state", "publish_at", "notify_subscribers", "effects"]},
        ),
    ]

    def complete(self, request: HttpRequest, form: Any) -> list[str]:
        sentences = super().complete(request, form)
        if incident := make_incident(form):
            sentences.append(_("Made the incident “%s”.") % incident)
        return sentences

    def complete_preview(self, form: Any, at: datetime) -> None:
        make_incident(form)
        super().complete_preview(form, at)

    def report(self, request: HttpRequest, post: Article) -> None:
        super().report(request, post)
        if not post.incidents.exists():
            text = _("It has no incident yet: choose one below, or give a start to make one.")
            self.message_user(request, text, messages.WARNING)


def make_incident(form: Any) -> Incident | None:
    started_at = form.cleaned_data.get("incident_started_at")
    if not started_at:
        return None
    incident = Incident.objects.create(title=form.instance.title, started_at=started_at)
    form.instance.incidents.add(incident)
    return incident


@admin.register(Author)
class AuthorAdmin(BaseAdmin[Author]):
    list_display = ["name", "url"]
    search_fields = ["name"]


class LogAddendumInline(AddendumInline):
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget}}


@admin.register(Incident)
class LogIncidentAdmin(PreviewAdmin[Incident], IncidentPublishingAdmin, IncidentAdmin):
    form = IncidentAdminForm
    change_form_template = "admin/bulletin/incident_form.html"
    inlines = [LogAddendumInline]
    list_editable = ["impact", "scope"]
    shown_in = {"body": ".account > .prose"}
    actions = ["publish_now", "unpublish"]

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        if change:
            publishing.preserve_updated_at_of([Incident.objects.get(pk=obj.pk)], timezone.now())
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        decides = self.has_decide_permission(request)
        if scheduled := publishing.sync_scheduled(timezone.now()) if decides else []:
            names = ", ".join(map(str, scheduled))
            self.message_user(request, _("Scheduled with its week: %s.") % names)
        incident = Incident.objects.get(pk=form.instance.pk)
        bulletins = Bulletin.objects.scheduled_or_published().containing_day(incident.local_date)
        if incident.publish_at is None and (bulletin := bulletins.first()):
            text = _("Its week is public in “%s”; it stays private until you publish it.")
            if not decides:
                text = _(
                    "Its week is published or scheduled in “%s”; "
                    "it stays private until an editor publishes it."
                )
            self.message_user(request, text % bulletin, messages.WARNING)

    @admin.action(description=_("Publish now"), permissions=["decide"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        at = timezone.now()
        publication_log.record(
            request,
            [one for one in queryset if not one.is_public(at)],
            publication_log.Action.INCIDENT_PUBLISHED,
        )
        published = publishing.publish_incidents(queryset, at)
        self.message_user(
            request,
            ngettext("%d incident is published.", "%d incidents are published.", published)
            % published,
        )

    @admin.action(description=_("Unpublish"), permissions=["decide"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        rows = list(queryset)
        publication_log.record(
            request,
            [one for one in rows if one.publish_at],
            publication_log.Action.INCIDENT_UNPUBLISHED,
        )
        number = publishing.unpublish_incidents(rows, timezone.now())
        text = ngettext("%d incident is private.", "%d incidents are private.", number)
        self.message_user(request, text % number)


@admin.register(Region)
class LogRegionAdmin(BaseAdmin[Region], RegionAdmin):
    pass


@admin.register(Service)
class LogServiceAdmin(BaseAdmin[Service], ServiceAdmin):
    pass


admin.site.register(SiteSettings, SiteSettingsAdmin)
