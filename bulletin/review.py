"""A draft as people without an account read it by a link, until the link expires or is revoked.

The link is a capability: whoever has it may read that one draft, and nothing else by it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final, cast

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bulletin.http_caching import no_store
from bulletin.models import Article, Bulletin
from bulletin.models.editing import ReviewLink
from bulletin.views.posts import article_context, bulletin_context

SIGNER: Final = Signer(salt="bulletin.review", sep=".")


def address(link: ReviewLink) -> str:
    return reverse("review", args=[SIGNER.sign(link.uid.hex)])


@require_safe
def review(request: HttpRequest, signed: str) -> HttpResponse:
    """The draft, or a redirect once it is public; neither cached nor indexed, without referrer."""
    at = timezone.now()
    link = open_link(signed, at)
    public = link.post.is_public(at)
    response = no_store(redirect(link.post) if public else draft(request, link, at))
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def draft(request: HttpRequest, link: ReviewLink, at: datetime) -> HttpResponse:
    """By the templates of the public page, whose links to what is private stay on it."""
    post = link.post
    post.url_override = address(link)
    if isinstance(post, Bulletin):
        template, context = "bulletin/bulletin.html", bulletin_context(post, at)
    else:
        template, context = "bulletin/article.html", article_context(cast(Article, post), at)
    for incident in context["incidents"]:
        if not incident.is_public(at):
            anchor = incident.slug if isinstance(post, Bulletin) else "incidents"
            incident.url_override = f"{post.url_override}#{anchor}"
    return render(request, template, context | {"review": link})


def open_link(signed: str, at: datetime) -> ReviewLink:
    """The link, or one and the same 404 where it is forged, revoked or has expired."""
    try:
        uid = uuid.UUID(hex=SIGNER.unsign(signed))
    except (BadSignature, ValueError) as error:
        raise Http404 from error
    link = ReviewLink.objects.open(at).select_related("bulletin", "article").filter(pk=uid).first()
    if link is None:
        raise Http404
    return link
