"""A draft as people without an account read it by a link, until it expires or all are revoked.

The link is a capability: whoever has it may read that one draft, and nothing else by it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, cast

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bulletin.http_caching import no_store
from bulletin.models import Article, Bulletin, Post
from bulletin.views.posts import article_context, bulletin_context

MODELS: Final[dict[str, type[Post]]] = {"bulletin": Bulletin, "article": Article}


def address(post: Post, expires_at: datetime) -> str:
    value = f"{post._meta.model_name}-{post.pk}-{int(expires_at.timestamp())}"
    return reverse("review", args=[_signer(post).sign(value)])


@require_safe
def review(request: HttpRequest, signed: str) -> HttpResponse:
    """The draft, or a redirect once it is public; neither cached nor indexed, without referrer."""
    at = timezone.now()
    post, expires_at = open_link(signed, at)
    if post.is_public(at):
        response = no_store(redirect(post))
    else:
        response = no_store(draft(request, post, at, expires_at))
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def draft(request: HttpRequest, post: Post, at: datetime, expires_at: datetime) -> HttpResponse:
    """By the templates of the public page, whose links to what is private stay on it."""
    post.url_override = request.path
    if isinstance(post, Bulletin):
        template, context = "bulletin/bulletin.html", bulletin_context(post, at)
    else:
        template, context = "bulletin/article.html", article_context(cast(Article, post), at)
    for incident in context["incidents"]:
        if not incident.is_public(at):
            anchor = incident.slug if isinstance(post, Bulletin) else "incidents"
            incident.url_override = f"{post.url_override}#{anchor}"
    return render(request, template, context | {"review_until": expires_at})


def open_link(signed: str, at: datetime) -> tuple[Post, datetime]:
    """The draft and when its link expires, or one and the same 404 where it is forged, revoked or
    has expired."""
    try:
        kind, pk, seconds = signed.partition(".")[0].split("-")
        post = MODELS[kind]._default_manager.get(pk=pk)
        _signer(post).unsign(signed)
    except (BadSignature, Bulletin.DoesNotExist, Article.DoesNotExist, KeyError, ValueError):
        raise Http404 from None
    expires_at = datetime.fromtimestamp(int(seconds), UTC)
    if at >= expires_at:
        raise Http404
    return post, expires_at


def _signer(post: Post) -> Signer:
    """A new key of the post revokes its links."""
    return Signer(salt=f"bulletin.review.{post.review_key}", sep=".")
