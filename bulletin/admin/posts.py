"""The admin pages of bulletins, articles and authors."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bulletin import publishing
from bulletin.admin import imports, review_links
from bulletin.admin.base import BaseAdmin
from bulletin.admin.period_rows import PREFIX, PeriodFormSet, PeriodInline
from bulletin.admin.permissions import allowed, is_decided, may_publish_incidents
from bulletin.admin.post_forms import ArticleForm, BulletinForm
from bulletin.admin.publication import PublishedAdmin
from bulletin.admin_urls import admin_url
from bulletin.drafting import default_period, tasks, uncovered
from bulletin.history import add_to_revision
from bulletin.models import Article, Author, Bulletin, Post
from bulletin.templatetags.bulletin_tags import period
from incidents import weeks
from incidents.models import Incident

PostT = TypeVar("PostT", bound=Post)
# Buttons that save, too.
SEND_FOR_REVIEW: Final = "_send_for_review"
END_REVIEW: Final = "_end_review"


class PostAdmin(PublishedAdmin[PostT]):
    change_form_template = "admin/bulletin/page_form.html"
    list_filter = ["status", "authors"]
    autocomplete_fields = ["authors"]

    def get_urls(self) -> list[URLPattern]:
        return [*review_links.urls(self), *super().get_urls()]

    @admin.display(description=_("state"), ordering="publish_at")
    def state(self, post: PostT) -> str:
        return post.state(timezone.now())

    @admin.display(description=_("title"), ordering="title")
    def heading(self, post: PostT) -> str:
        return str(post.plain_title)

    def view_on_site(self, obj: PostT) -> str:
        return str(obj.get_absolute_url())

    def get_fieldsets(self, request: HttpRequest, obj: PostT | None = None) -> Any:
        """Subscribers hear of a post that they had when an editor says so."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not (is_decided(obj) and self.has_change_permission(request, obj)):
            return fieldsets
        return [*fieldsets, (_("Subscribers"), {"fields": ["notify_subscribers"]})]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post: PostT | None = context.get("original")
        context |= {"review_links": review_links.url(self, request, post)}
        return super().render_change_form(request, context, *args, **kwargs)

    def after_save(self, request: HttpRequest, form: Any, at: datetime) -> None:
        """Of a scheduled post the incidents are those of its scope as it is saved."""
        super().after_save(request, form, at)
        post = form.instance
        if is_decided(post):
            add_to_revision(publishing.sync_publication(post, at))
        if form.cleaned_data.get("notify_subscribers") and post.is_public(at):
            publishing.notify_subscribers(post, at)

    def button_response(self, request: HttpRequest, row: PostT) -> HttpResponse | None:
        """Who may not publish a draft sends it for review, and takes it back; editors send it
        back."""
        if not {SEND_FOR_REVIEW, END_REVIEW} & request.POST.keys() or is_decided(row):
            return super().button_response(request, row)
        sent = SEND_FOR_REVIEW in request.POST
        self.model._default_manager.filter(pk=row.pk).update(
            review_requested_at=timezone.now() if sent else None,
            review_requested_by=request.user if sent else None,
        )
        self.log_change(
            request, row, gettext("Sent for review.") if sent else gettext("Ended the review.")
        )
        self.message_user(
            request,
            _("Saved, and sent for review: editors see it on their dashboard.")
            if sent
            else _("Saved, and no longer for review."),
        )
        return redirect(admin_url(row))

    def complete_preview(self, form: Any) -> None:
        publishing.sync_publication(form.instance, timezone.now())


@admin.register(Bulletin)
class BulletinAdmin(PostAdmin[Bulletin]):
    form = BulletinForm
    list_display = ["heading", "date", "covers", "state", "publish_at"]
    search_fields = ["title", "essay", "intro"]
    date_hierarchy = "date"
    shown_in = {"intro": ".intro", "essay": ".essay > .prose"}
    fieldsets = [
        (None, {"fields": ["title", "essay_heading", "essay", "intro"]}),
        (_("Week"), {"fields": [("date", "period_first", "period_last"), "authors"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        return [*imports.urls(self), *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        today = timezone.localdate()
        period = default_period(today)
        initial = {"date": period.last, "period_first": period.first, "period_last": period.last}
        return initial | super().get_changeform_initial_data(request)

    def get_inlines(self, request: HttpRequest, obj: Bulletin | None) -> list[Any]:
        """A form that was sent without the incidents, by hand, leaves them alone."""
        asked = "date" not in request.POST or f"{PREFIX}-TOTAL_FORMS" in request.POST
        return [PeriodInline] if obj is not None and asked else []

    def get_fieldsets(self, request: HttpRequest, obj: Bulletin | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        text = _("Save the bulletin to see the incidents of its period here.")
        later = (_("Incidents of its period"), {"fields": [], "description": text})
        return [*fieldsets, later]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Under a lock, as for a row on a page of its own: one may have been published just now."""
        if isinstance(formset, PeriodFormSet):
            pks = [row.instance.pk for row in formset.changed if row.instance.pk]
            rows = Incident.objects.select_for_update().filter(pk__in=pks)
            if not may_publish_incidents(request.user) and rows.exclude(publish_at=None).exists():
                raise PermissionDenied
            publishing.preserve_updated_at_of(rows, timezone.now())
        super().save_formset(request, form, formset, change)
        is_changed = formset.changed_objects or formset.new_objects
        if is_changed and may_publish_incidents(request.user):
            publishing.sync_scheduled(timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not is_whole_weeks(form.instance.period):
            self.message_user(request, _("Its period is not whole weeks."), messages.WARNING)
        rows = [row for rows in formsets for row in rows.changed if row.instance.pk]
        for incident in (row.instance for row in rows):
            if incident.local_date not in form.instance.period:
                text = _("“%s” starts outside the period: another week, or a typo?")
                self.message_user(request, text % incident, messages.WARNING)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        bulletin: Bulletin | None = context.get("original")
        if bulletin is not None and not bulletin.is_public(timezone.now()):
            context |= {"tasks": list(tasks(Bulletin.objects.get(pk=bulletin.pk)))}
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        gaps = uncovered(timezone.localdate())
        if gaps and request.method == "GET":
            days = format_html_join("; ", "{}", ((period(gap),) for gap in gaps[-5:]))
            sentence = format_html(gettext("No bulletin covers: {days}"), days=days)
            self.message_user(request, sentence, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("period"), ordering="period_first")
    def covers(self, bulletin: Bulletin) -> str:
        return period(bulletin.period)


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
        (None, {"fields": ["title", "body"]}),
        (_("Authors and address"), {"fields": ["authors", "slug"]}),
    ]

    def may_make_incident(self, request: HttpRequest, obj: Article | None) -> bool:
        may_add = allowed(request.user, "add", Incident)
        return may_add and (obj is None or self.has_change_permission(request, obj))

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        made = ["incident_started_at"] if self.may_make_incident(request, obj) else []
        incidents = (_("Incidents"), {"fields": ["incidents", *made]})
        first, *rest = super().get_fieldsets(request, obj)
        return [first, incidents, *rest]

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """A field that a form declares leaves it only as one that is read."""
        withheld = [] if self.may_make_incident(request, obj) else ["incident_started_at"]
        return [*super().get_readonly_fields(request, obj), *withheld]

    def after_save(self, request: HttpRequest, form: Any, at: datetime) -> None:
        form.made_incident = make_incident(form)
        super().after_save(request, form, at)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.made_incident:
            self.message_user(request, _("Made the incident “%s”.") % form.made_incident)
        if not form.instance.incidents.exists():
            text = _("It has no incident yet: choose one below, or give a start to make one.")
            self.message_user(request, text, messages.WARNING)

    def complete_preview(self, form: Any) -> None:
        make_incident(form)
        super().complete_preview(form)


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
