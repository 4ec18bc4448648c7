"""What the admin pages of bulletins and articles share."""

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
