"""What the desk's pages of bulletins and articles share: publishing, and what it tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bulletin import publishing
from bulletin.desk.pages import DeskAdmin
from bulletin.desk.previews import PreviewDesk
from bulletin.desk.widgets import MarkdownWidget
from bulletin.models import Post, Status
from incidents.models import Incident

PostT = TypeVar("PostT", bound=Post)


class PostAdmin(PreviewDesk[PostT], DeskAdmin[PostT]):
    """Saving brings what the post tells in line with its status and hour."""

    formfield_overrides = {models.TextField: {"widget": MarkdownWidget}}
    list_filter = ["status", "authors"]
    filter_horizontal = ["authors"]
    readonly_fields = ["state"]
    actions = ["publish_now", "unpublish"]

    @admin.display(description=_("state"), ordering="publish_at")
    def state(self, post: PostT) -> str:
        return post.state(timezone.now())

    def view_on_site(self, obj: PostT) -> str:
        return str(obj.get_absolute_url())

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether the user decides what readers see; writers only draft."""
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Once more where another editor published the same days in this second: the form knows
        of it by then, and says so with what was typed still there."""
        try:
            return super().changeform_view(*args, **kwargs)
        except publishing.OverlapError:
            return super().changeform_view(*args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.complete(request, form)
        at = timezone.now()
        told = publishing.settle(form.instance, at)
        if form.cleaned_data.get("tell_subscribers"):
            publishing.tell_subscribers(form.instance, at)
        self.report(request, form.instance, told)

    def complete(self, request: HttpRequest, form: Any) -> None:
        """What belongs to the post before it tells anything."""

    def complete_preview(self, form: Any, at: datetime) -> None:
        publishing.settle(form.instance, at)

    def report(self, request: HttpRequest, post: PostT, told: list[Incident]) -> None:
        if told:
            text = ngettext(
                "%d incident is told with it.", "%d incidents are told with it.", len(told)
            )
            self.message_user(request, text % len(told))
        if post.status == Status.PUBLISHED and (untold := post.scope().untold().count()):
            private = _("%d of its incidents are private: tell them on the incidents' list.")
            self.message_user(request, private % untold, messages.WARNING)

    @admin.action(description=_("Publish now"), permissions=["publish"])
    def publish_now(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            if post.is_public(at):
                continue
            post.status, post.publish_at = Status.PUBLISHED, at
            try:
                told = publishing.settle(post, at)
            except publishing.OverlapError as error:
                self.message_user(request, f"{post}: {error}", messages.ERROR)
            else:
                self.message_user(request, _("%s is published.") % post, messages.SUCCESS)
                self.report(request, post, told)

    @admin.action(description=_("Take back to draft"), permissions=["publish"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            post.status = Status.DRAFT
            publishing.settle(post, at)
            self.message_user(request, _("%s is a draft again.") % post, messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: PostT) -> None:
        self.delete_queryset(request, self.model._default_manager.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PostT]) -> None:
        """What a post told goes private with it, as when it is unpublished."""
        self.unpublish_quietly(queryset)
        super().delete_queryset(request, queryset)

    def unpublish_quietly(self, queryset: QuerySet[PostT]) -> None:
        at = timezone.now()
        for post in queryset:
            post.status = Status.DRAFT
            publishing.settle(post, at)
