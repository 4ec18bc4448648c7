"""The admin's page of a draft's review links: who has made which, and making and revoking them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bulletin import review
from bulletin.admin_urls import admin_url
from bulletin.models import Article, Bulletin, Post
from incidents.site import absolute

PostT = TypeVar("PostT", bound=Post)


class ReviewForm(forms.Form):
    """How long a new link lasts."""

    days = forms.TypedChoiceField(
        label=_("Lasts"),
        coerce=int,
        choices=[(1, _("1 day")), (7, _("7 days")), (30, _("30 days"))],
        initial=7,
        help_text=_("Whoever has the link reads this draft for so long, or until it is revoked."),
    )


class ReviewLinksAdmin(admin.ModelAdmin[PostT]):
    """Adds "Review links" to a post's page: who may change the post may make and revoke them."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.review_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_review"
        return [path("<path:object_id>/review/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post = kwargs.get("obj")
        if post and self.has_change_permission(request, post):
            draft = not post.is_public(timezone.now())
            context |= {"review_links": admin_url(post, "review") if draft else ""}
        return super().render_change_form(request, context, *args, **kwargs)

    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        at = timezone.now()
        post = self.get_object(request, unquote(object_id))
        if post is None:
            raise Http404
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        if post.is_public(at):
            self.message_user(request, _("“%s” is public: send its own address.") % post)
            return redirect(admin_url(post))
        form = ReviewForm(request.POST or None)
        if "revoke" in request.POST:
            self._revoke(request, post)
        elif form.is_valid():
            self._make(request, post, form.cleaned_data["days"], at)
        else:
            return self._list(request, post, form, at)
        return redirect(admin_url(post, "review"))

    def _make(self, request: HttpRequest, post: PostT, days: int, at: datetime) -> None:
        until = at + timedelta(days=days)
        links(post).create(made_by=request.user, made_at=at, expires_at=until)
        self.log_change(
            request,
            post,
            ngettext("Made a review link of %d day.", "Made a review link of %d days.", days)
            % days,
        )
        self.message_user(request, _("Made a link: copy it below."), messages.SUCCESS)

    def _revoke(self, request: HttpRequest, post: PostT) -> None:
        """A link that is gone already, by another's hand, is as good as revoked."""
        try:
            gone, _rows = links(post).filter(pk=request.POST["revoke"]).delete()
        except ValidationError as error:
            raise Http404 from error
        if gone:
            self.log_change(request, post, str(_("Revoked a review link.")))
        self.message_user(request, _("The link shows nothing any more."), messages.SUCCESS)

    def _list(
        self, request: HttpRequest, post: PostT, form: ReviewForm, at: datetime
    ) -> HttpResponse:
        rows = [
            {"link": link, "address": absolute(review.address(link)), "open": link.is_open(at)}
            for link in links(post).select_related("made_by")
        ]
        context = self.admin_site.each_context(request) | {"form": form, "rows": rows}
        context |= {"title": _("Review links"), "opts": self.opts, "original": post}
        return TemplateResponse(request, "admin/bulletin/review_links.html", context)


def links(post: Post) -> Any:
    return cast("Bulletin | Article", post).review_links
