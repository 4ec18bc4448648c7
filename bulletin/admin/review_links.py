"""The admin's page of a draft's review links: making one, and revoking all of them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
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
        help_text=_("Whoever has the link reads this draft for so long, or until you revoke it."),
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
    if "revoke" in request.POST:
        type(post)._default_manager.filter(pk=post.pk).update(review_key=uuid.uuid4())
        model_admin.log_change(request, post, str(_("Revoked the review links.")))
        messages.success(request, _("No review link shows this draft any more."))
        return redirect(admin_url(post, "review"))
    form = ReviewForm(request.POST or None)
    context = model_admin.admin_site.each_context(request) | {"form": form, "original": post}
    context |= {"title": _("Review links"), "opts": model_admin.opts}
    if form.is_valid():
        days = form.cleaned_data["days"]
        expires_at = at + timedelta(days=days)
        link = absolute(review.address(post, expires_at))
        context |= {"address": link, "expires_at": expires_at}
        made = ngettext("Made a review link of %d day.", "Made a review link of %d days.", days)
        model_admin.log_change(request, post, made % days)
    return TemplateResponse(request, "admin/bulletin/review_links.html", context)
