"""What the admin's pages of bulletins and articles share: publishing, and what it tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bulletin import publishing
from bulletin.admin.preview import PreviewAdmin
from bulletin.admin.publication import PublicationAdmin
from bulletin.admin.review_links import ReviewLinksAdmin
from bulletin.models import Post, Status
from incidents.models import Incident

PostT = TypeVar("PostT", bound=Post)


class PostAdmin(PreviewAdmin[PostT], ReviewLinksAdmin[PostT], PublicationAdmin[PostT]):
    """Saving brings what the post tells in line with its status and hour."""

    change_form_template = "admin/bulletin/post_form.html"
    list_filter = ["status", "authors"]
    autocomplete_fields = ["authors"]
    readonly_fields = ["state", "outlook"]
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
        said = self.complete(request, form)
        told = self.publish(request, form.instance, timezone.now(), form)
        for sentence in said:
            self.message_user(request, sentence)
        self.report(request, form.instance, told)

    def complete(self, request: HttpRequest, form: Any) -> list[str]:
        """Makes what belongs to the post before it tells anything. Returns what is to be said of
        it once it is settled: the gate may yet take all of it back."""
        return []

    def complete_preview(self, form: Any, at: datetime) -> None:
        publishing.sync_publication(form.instance, at)

    def report(self, request: HttpRequest, post: PostT, told: list[Incident]) -> None:
        if post.status == Status.PUBLISHED and (untold := post.scope().unpublished().count()):
            private = ngettext(
                "%d of its incidents is private: tell it on the incidents' list.",
                "%d of its incidents are private: tell them on the incidents' list.",
                untold,
            )
            self.message_user(request, private % untold, messages.WARNING)

    @admin.action(description=_("Publish now"), permissions=["decide"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            if post.is_public(at):
                self.message_user(request, _("“%s” is published already.") % post)
            elif self.publish_from_list(request, post, at):
                self.message_user(request, _("%s is published.") % post, messages.SUCCESS)

    @admin.action(description=_("Take back to draft"), permissions=["decide"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            post.status = Status.DRAFT
            self.publish(request, post, at)
            self.message_user(request, _("%s is a draft again.") % post, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: PostT) -> None:
        self.delete_queryset(request, self.model._default_manager.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        """What a post told goes private with it, as when it is unpublished."""
        at = timezone.now()
        for post in queryset:
            post.status = Status.DRAFT
            publishing.sync_publication(post, at)
        super().delete_queryset(request, queryset)
