"""The admin's page of a draft's review links: who has made which, and making and revoking them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
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
from bulletin.models import Post
from incidents.site import absolute


class ReviewForm(forms.Form):
    """How long a new link lasts."""

    days = forms.TypedChoiceField(
        label=_("Lasts"),
        coerce=int,
        choices=[(1, _("1 day")), (7, _("7 days")), (30, _("30 days"))],
        initial=7,
        help_text=_("Whoever has the link reads this draft for so long, or until it is revoked."),
    )


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view(partial(review_links, model_admin=model_admin))
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_review"
    return [path("<path:object_id>/review/", view, name=name)]


def url(model_admin: Any, request: HttpRequest, post: Post | None) -> str:
    """Where the links of a draft are; empty for who may not change it, and for what is public."""
    if post is None or post.is_public(timezone.now()):
        return ""
    return admin_url(post, "review") if model_admin.has_change_permission(request, post) else ""


def review_links(request: HttpRequest, object_id: str, model_admin: Any) -> HttpResponse:
    """Who may change the post may make and revoke them."""
    at = timezone.now()
    post = model_admin.get_object(request, unquote(object_id))
    if post is None:
        raise Http404
    if not model_admin.has_change_permission(request, post):
        raise PermissionDenied
    if post.is_public(at):
        messages.info(request, _("“%s” is public: send its own address.") % post)
        return redirect(admin_url(post))
    form = ReviewForm(request.POST or None)
    if "revoke" in request.POST:
        revoke(request, model_admin, post)
    elif form.is_valid():
        make(request, model_admin, post, form.cleaned_data["days"], at)
    else:
        return show(request, model_admin, post, form, at)
    return redirect(admin_url(post, "review"))


def make(request: HttpRequest, model_admin: Any, post: Any, days: int, at: datetime) -> None:
    until = at + timedelta(days=days)
    post.review_links.create(made_by=request.user, made_at=at, expires_at=until)
    made = ngettext("Made a review link of %d day.", "Made a review link of %d days.", days) % days
    model_admin.log_change(request, post, made)
    messages.success(request, _("Made a link: copy it below."))


def revoke(request: HttpRequest, model_admin: Any, post: Any) -> None:
    """A link that is gone already, by another's hand, is as good as revoked."""
    try:
        gone, _rows = post.review_links.filter(pk=request.POST["revoke"]).delete()
    except ValidationError as error:
        raise Http404 from error
    if gone:
        model_admin.log_change(request, post, str(_("Revoked a review link.")))
    messages.success(request, _("The link shows nothing any more."))


def show(
    request: HttpRequest, model_admin: Any, post: Any, form: ReviewForm, at: datetime
) -> HttpResponse:
    rows = [
        {"link": link, "address": absolute(review.address(link)), "open": link.is_open(at)}
        for link in post.review_links.select_related("made_by")
    ]
    context = model_admin.admin_site.each_context(request) | {"form": form, "rows": rows}
    context |= {"title": _("Review links"), "opts": model_admin.opts, "original": post}
    return TemplateResponse(request, "admin/bulletin/review_links.html", context)
