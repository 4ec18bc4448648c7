"""The admin pages of bulletins, articles and authors."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bulletin import publishing
from bulletin.admin.base import BaseAdmin
from bulletin.admin.imports import ImportAdmin
from bulletin.admin.period_rows import PeriodRowsAdmin
from bulletin.admin.post_forms import ArticleForm, BulletinForm
from bulletin.admin.preview import PreviewAdmin
from bulletin.admin.publication import PublicationAdmin
from bulletin.admin.review_links import ReviewLinksAdmin
from bulletin.drafting import default_period, uncovered
from bulletin.models import Article, Author, Bulletin, Post, Status
from incidents import weeks
from incidents.models import Incident

PostT = TypeVar("PostT", bound=Post)


class PostAdmin(PreviewAdmin[PostT], ReviewLinksAdmin[PostT], PublicationAdmin[PostT]):
    change_form_template = "admin/bulletin/post_form.html"
    list_filter = ["status", "authors"]
    autocomplete_fields = ["authors"]
    readonly_fields = ["state", "effects"]
    actions = ["publish_now", "unpublish"]

    @admin.display(description=_("state"), ordering="publish_at")
    def state(self, post: PostT) -> str:
        return post.state(timezone.now())

    @admin.display(description=_("title"), ordering="title")
    def heading(self, post: PostT) -> str:
        return str(post.plain_title)

    def view_on_site(self, obj: PostT) -> str:
        return str(obj.get_absolute_url())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        sentences = self.complete(request, form)
        self.publish(request, form.instance, timezone.now(), form)
        for sentence in sentences:
            self.message_user(request, sentence)
        self.report(request, form.instance)

    def complete(self, request: HttpRequest, form: Any) -> list[str]:
        """Makes rows that belong to the post before it is published. Returns messages for after
        that, since the publish checks may roll all of it back."""
        return []

    def complete_preview(self, form: Any, at: datetime) -> None:
        publishing.sync_publication(form.instance, at)

    def report(self, request: HttpRequest, post: PostT) -> None:
        if post.status == Status.PUBLISHED and (private := post.scope().unpublished().count()):
            text = ngettext(
                "%d of its incidents is private: publish it in the list of incidents.",
                "%d of its incidents are private: publish them in the list of incidents.",
                private,
            )
            self.message_user(request, text % private, messages.WARNING)

    @admin.action(description=_("Publish now"), permissions=["decide"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            if post.is_public(at):
                self.message_user(request, _("“%s” is published already.") % post)
            elif self.publish_from_list(request, post, at):
                self.message_user(request, _("%s is published.") % post, messages.SUCCESS)

    @admin.action(description=_("Unpublish"), permissions=["decide"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            post.status = Status.DRAFT
            self.publish(request, post, at)
            self.message_user(request, _("%s is unpublished.") % post, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: PostT) -> None:
        self.delete_queryset(request, self.model._default_manager.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        """The incidents that a post published become private, as when it is unpublished."""
        at = timezone.now()
        for post in queryset:
            post.status = Status.DRAFT
            publishing.sync_publication(post, at)
        super().delete_queryset(request, queryset)


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
