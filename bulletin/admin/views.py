"""What the editor widget asks for, a place for a picture; and those pictures."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from bulletin import autosave
from bulletin.admin.permissions import may_write
from bulletin.http_caching import IMMUTABLE, cache_public, no_store
from bulletin.middleware import FORM_OVERHEAD
from bulletin.uploads import Picture, UploadError, read_picture
from incidents.validators import validate_body

STORED: Final = re.compile(r"[0-9a-f]{32}-\d{1,5}x\d{1,5}\.(png|jpg|webp)")
CONTENT_TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}

View = Callable[..., HttpResponse]

logger = logging.getLogger(__name__)


def json_post(view: View) -> View:
    """A view for POST by staff that may write, whose answers are JSON that isn't cached."""

    protected = csrf_protect(view)

    @require_POST
    @functools.wraps(view)
    def wrapped(request: HttpRequest, **named: Any) -> HttpResponse:
        if not may_write(request.user):
            return refusal(_("Sign in as an editor first."), 403)
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES + FORM_OVERHEAD:
            return too_big()
        return no_store(protected(request, **named))

    # The token is looked for in `protected`: the search reads the whole body, files included,
    # which only an editor may request.
    return csrf_exempt(wrapped)


def refusal(sentence: str, status: int = 400) -> HttpResponse:
    return no_store(JsonResponse({"error": sentence}, status=status))


def too_big() -> HttpResponse:
    megabytes = settings.UPLOAD_MAX_BYTES / 1_000_000
    return refusal(_("This file is too big; %g MB are the most.") % megabytes, 413)


@json_post
def upload(request: HttpRequest) -> HttpResponse:
    """Stores the picture in the field `image` and returns its address and size in pixels."""
    file = request.FILES.get("image")
    if file is None:
        return refusal(_("Choose a picture first."))
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        return too_big()
    try:
        picture = read_picture(file)
    except UploadError as error:
        return refusal(str(error))
    store(picture)
    url = reverse("media", args=[picture.name])
    return JsonResponse({"url": url, "width": picture.width, "height": picture.height})


@json_post
def markdownify(request: HttpRequest) -> HttpResponse:
    text = request.POST.get("content", "")
    try:
        validate_body(text)
    except ValidationError as error:
        return refusal(" ".join(error.messages))
    return HttpResponse(import_string(settings.MARKDOWNX_MARKDOWNIFY_FUNCTION)(text))


def store(picture: Picture) -> None:
    """Once, whatever the number of uploads; one that a crash cut short is written again."""
    path = f"uploads/{picture.name}"
    if default_storage.exists(path) and default_storage.size(path) == len(picture.data):
        return
    default_storage.delete(path)
    try:
        default_storage.save(path, ContentFile(picture.data))
    except OSError:
        # What a full disk cut short must not stand under the name of the whole.
        with suppress(OSError):
            default_storage.delete(path)
        raise


@cache_public
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """A stored picture, under a name whose content never changes; 404 for all else."""
    stored = STORED.fullmatch(name)
    if stored is None:
        raise Http404
    try:
        with default_storage.open(f"uploads/{name}") as file:
            response = HttpResponse(file.read(), content_type=CONTENT_TYPES[stored[1]])
    except FileNotFoundError as error:
        raise Http404 from error
    except OSError:
        logger.exception("an upload can't be read")
        sentence = _("This picture can't be read just now. Try again soon.")
        response = HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=503)
        response["Retry-After"] = "10"
        return no_store(response)
    # Belt and braces: even a file that something else put there runs nothing.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = IMMUTABLE
    return response


# Autosaves ----------------------------------------------------------------------------


@json_post
def save(request: HttpRequest) -> HttpResponse:
    """Saves a form as it is being typed; says where the text is saved or discarded already,
    and who else is typing."""
    at = timezone.now()
    row = autosave.save_autosave(request.user, request.POST, at)
    if row is None:
        return refusal(_("There is no such page."))
    names = autosave.other_editors(request.user, row.model, row.object_id, at)
    return JsonResponse({"closed": row.closed_at is not None, "other_editors": names})


@json_post
def closed(request: HttpRequest) -> HttpResponse:
    rows = autosave.autosaves_of(request.user, request.POST.getlist("key")).exclude(closed_at=None)
    return JsonResponse({"closed": [str(row.key) for row in rows]})


@json_post
def discard(request: HttpRequest) -> HttpResponse:
    autosave.autosaves_of(request.user, request.POST.getlist("key")).close(timezone.now())
    return JsonResponse({})


@json_post
def pending(request: HttpRequest) -> HttpResponse:
    page = (autosave.value_of(request.POST, name) for name in (autosave.MODEL, autosave.OBJECT))
    context = {"autosaves": autosave.pending_autosaves(request, *page)}
    html = render_to_string("admin/bulletin/_pending_autosaves.html", context, request)
    return JsonResponse({"html": html})
