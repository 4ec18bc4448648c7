"""Publishing a post from its page or the list: buttons, publish checks, effects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from bulletin import conflicts, publish_checks, publishing
from bulletin.admin import post_forms, publication_log
from bulletin.admin.base import BaseAdmin, refuse_unchanged
from bulletin.admin.permissions import GuardedPosts
from bulletin.admin_urls import admin_url
from bulletin.effects import button_effects, effects, was_public
from bulletin.models import Post, Status

PostT = TypeVar("PostT", bound=Post)
# In an address: the page shows the findings. In a form: it was saved as a draft instead.
CHECKS: Final = "checks"
DRAFTED: Final = "_drafted"
# The buttons that change nothing of a post that readers see already.
PUBLISHING: Final = frozenset({post_forms.PUBLISH_NOW, post_forms.SCHEDULE})
# The check box below the warnings, and their digests.
ACCEPT: Final = "accept_warnings"
SHOWN: Final = "shown_warnings"


class PlanForm(forms.Form):
    """The fields of a post's page on its publication, not saved yet."""

    publish_at = post_forms.hour_field()
    notify_subscribers = forms.BooleanField(required=False)


class PublicationAdmin(GuardedPosts[PostT], BaseAdmin[PostT]):
    """Publishing or scheduling runs the publish checks; with errors nothing is published, and
    nothing typed is lost."""

    buttons = post_forms.BUTTONS

    class Media:
        css = {"all": ["css/publication.css"]}
        js = [forms.Script("js/effects.js", type="module")]

    # The page ---------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Where the first attempt can't publish, it is rolled back and the form shown again."""
        view = super().changeform_view
        try:
            return view(request, object_id, form_url, extra_context)
        except publishing.NotPublished as refusal:
            shown = {"refusal": refusal} | (extra_context or {})
            request.POST = as_draft(request, refusal)  # type: ignore[assignment]
            return view(request, object_id, form_url, shown)

    def get_readonly_fields(self, request: HttpRequest, obj: PostT | None = None) -> Any:
        public = obj is not None and was_public(obj, timezone.now())
        return [*super().get_readonly_fields(request, obj), *(["publish_at"] if public else [])]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        is_public = getattr(form, "is_public", False)
        if is_public and not PUBLISHING.isdisjoint(request.POST):
            text = _("“%s” is published already.") % form.instance
            refuse_unchanged(text, form, formsets)
            self.message_user(request, text)
        super().save_related(request, form, formsets, change)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post: PostT | None = context.get("original")
        at = timezone.now()
        context |= {"may_publish": self.has_decide_permission(request)}
        context |= {"show_save_and_add_another": False}
        if post is not None:
            context |= {"is_public": was_public(post, at), "scheduled": is_scheduled(post, at)}
        if found := self._shown_findings(request, context, post, at):
            context |= {"findings": found, "warnings": warnings(found)}
        return super().render_change_form(request, context, *args, **kwargs)

    def _shown_findings(
        self, request: HttpRequest, context: dict[str, Any], post: PostT | None, at: datetime
    ) -> Sequence[publish_checks.Finding]:
        refusal = context.get("refusal")
        if isinstance(refusal, publish_checks.Refusal):
            return refusal.findings
        if post is None or CHECKS not in request.GET or request.method != "GET":
            return []
        return publish_checks.findings(post, max(at, post.publish_at or at))

    def response_add(self, request: HttpRequest, obj: PostT, *args: Any) -> HttpResponse:
        return self._back(request, obj) or super().response_add(request, obj, *args)

    def response_change(self, request: HttpRequest, obj: PostT) -> HttpResponse:
        return self._back(request, obj) or super().response_change(request, obj)

    def _back(self, request: HttpRequest, post: PostT) -> HttpResponse | None:
        """To the page with the findings, where it was saved as a draft instead."""
        if DRAFTED not in request.POST:
            return None
        return HttpResponseRedirect(f"{admin_url(post)}?{CHECKS}=1")

    # Publishing -------------------------------------------------------------------------

    def publish(self, request: HttpRequest, post: PostT, at: datetime, form: Any = None) -> None:
        """Publish `post` as it was just saved, if the publish checks allow it."""
        notify = bool(form and form.cleaned_data.get("notify_subscribers"))
        before = was_public(post, at), post.incidents_publish_at
        sentences = effects(post, at, notify=notify, wall=getattr(form, "wall", None))
        if post.status == Status.PUBLISHED and not before[0]:
            hour = max(at, post.publish_at or at)
            publish_checks.check(post, hour, accepted(request))
        publication_log.sync_publication(request, post, at)
        if notify and post.is_public(at):
            publishing.notify_subscribers(post, at)
            publication_log.record(request, [post], publication_log.Action.NOTIFIED)
        if post.incidents_publish_at or before[1]:
            self.message_user(request, " ".join(sentences), messages.SUCCESS)
        if before[0] and post.is_public(at):
            self._warn(request, post, at)

    def _warn(self, request: HttpRequest, post: PostT, at: datetime) -> None:
        for finding in publish_checks.findings(post, at):
            text = f"{finding.about}: {finding.sentence}"
            self.message_user(request, text, messages.WARNING)

    def publish_from_list(self, request: HttpRequest, post: PostT, at: datetime) -> bool:
        """Whether it is public now; where it isn't, a message says why and links to its page."""
        stored = post.status, post.publish_at
        post.status, post.publish_at = Status.PUBLISHED, at
        try:
            with transaction.atomic():
                self.publish(request, post, at)
        except publishing.NotPublished as refusal:
            post.status, post.publish_at = stored
            link = format_html('<a href="{}?{}=list">{}</a>', admin_url(post), CHECKS, post)
            reason = format_html("{}: {}", link, Truncator(str(refusal)).chars(300))
            self.message_user(request, reason, messages.ERROR)
            return False
        self.report(request, post)
        return True

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Rows edited in the list pass the same checks; otherwise nothing is saved."""
        try:
            return super().changelist_view(request, extra_context)
        except publishing.NotPublished as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def report(self, request: HttpRequest, post: PostT) -> None:
        """Warns of what an editor should know after a save."""

    # Effects ------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("what will happen"))
    def effects(self, post: PostT) -> SafeString:
        at = timezone.now()
        if not post.pk:
            return render_to_string(
                "admin/bulletin/effects.html", {"sentences": effects(self.model(), at)}
            )
        stored = self.model._default_manager.get(pk=post.pk)
        context = {"sentences": effects(stored, at), "button_effects": button_effects(stored, at)}
        context |= {"url": admin_url(post, "effects")}
        return render_to_string("admin/bulletin/effects.html", context)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_effects"
        view = require_GET(self.admin_site.admin_view(self.effects_view))
        return [path("<path:object_id>/effects/", view, name=name), *super().get_urls()]

    def effects_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        post = self.get_object(request, unquote(object_id))
        if post is None:
            raise Http404
        if not self.has_view_or_change_permission(request, post):
            raise PermissionDenied
        return JsonResponse({"sentences": planned(post, PlanForm(request.GET))})


def planned(post: Post, plan: PlanForm) -> list[str]:
    """The effects of scheduling `post` for the time of `plan`, or why it can't be; without a new
    time, its effects as stored."""
    if not plan.is_valid():
        return [str(error) for errors in plan.errors.values() for error in errors]
    wall, at = plan.cleaned_data["publish_at"], timezone.now()
    try:
        hour = post_forms.hour_of(wall, post.publish_at)
    except OverflowError:
        return [_("Enter a valid year.")]
    if post.is_public(at) or hour in {None, post.publish_at}:
        return effects(post, at, notify=plan.cleaned_data["notify_subscribers"], wall=wall)
    if hour <= at:
        return [str(post_forms.PAST)]
    post.status, post.publish_at = Status.PUBLISHED, hour
    return [_("Nothing changes until you press Schedule. Then:"), *effects(post, at, wall=wall)]


def is_scheduled(post: Post, at: datetime) -> bool:
    return post.incidents_publish_at is not None and post.incidents_publish_at > at


def as_draft(request: HttpRequest, refusal: publishing.NotPublished) -> QueryDict:
    """The form for the second attempt: it saves a draft as a draft, and nothing where the post was
    scheduled. An overlap is an error of the form itself by then."""
    data = request.POST.copy()
    if not isinstance(refusal, publish_checks.Refusal):
        return data
    if refusal.held:
        data[conflicts.SHOW_ONLY] = "1"
        return data
    for button in post_forms.BUTTONS:
        data.pop(button, None)
    data[DRAFTED] = "1"
    return data


def accepted(request: HttpRequest) -> list[str]:
    return request.POST.get(SHOWN, "").split() if ACCEPT in request.POST else []


def warnings(findings: Sequence[publish_checks.Finding]) -> str:
    """Their digests, as the form sends them back; empty with an error, which can't be accepted."""
    if any(finding.level == publish_checks.Level.ERROR for finding in findings):
        return ""
    return " ".join(finding.digest for finding in findings)
