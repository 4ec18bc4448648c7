"""Autosaves: what was typed in the admin and not saved, stored and offered back.

The browser stores a copy of its own at each pause and sends one here every few seconds. Both are
forgotten once the form is saved or the editor throws the text away; neither is part of a post or
of its history.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth import get_user_model
from django.core import signing
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst

from bulletin.conflicts import RESOLVE, SHOW_ONLY, as_text, normal
from bulletin.models.editing import Autosave

KEY: Final = "_key"
MODEL: Final = "_model"
OBJECT: Final = "_object"
TYPED_AT: Final = "_typed_at"
WRITER: Final = "_writer"
RESTORE_AUTOSAVE: Final = "_restore_autosave"
# What a form sends beside what was typed.
APART: Final = {
    *(KEY, MODEL, OBJECT, TYPED_AT, WRITER),
    *(RESTORE_AUTOSAVE, SHOW_ONLY, "csrfmiddlewaretoken"),
}
# Somebody who typed this lately is typing still.
PRESENT: Final = timedelta(minutes=2)
# What nobody came back to for so long is discarded; the dashboard says so in the last week.
LIFETIME: Final = timedelta(days=30)
LAST_WEEK: Final = timedelta(days=7)
# Browsers that hold a copy longer than this are not asked to forget it any more.
REMEMBERED: Final = timedelta(days=180)

# A form's data as a browser sends it.
FormData = dict[str, list[str]]
# Whoever is signed in, as the installation's user model has it.
User = Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which a text that was not saved says something else than what is stored."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True, slots=True)
class PendingAutosave:
    """A text that waits to be brought back, and what it would change."""

    row: Autosave
    differences: list[Difference]


def typed_fields(form: QueryDict) -> FormData:
    """The form's fields as a browser sent them, on the newlines that are stored."""
    return {
        storable(name): [storable(value) for value in values if isinstance(value, str)]
        for name, values in form.lists()
        if name not in APART and not name.startswith(RESOLVE)
    }


def storable(text: str) -> str:
    """On the newlines that are stored, without what PostgreSQL takes in no text: the character
    NUL, and halves of surrogate pairs."""
    return text.replace("\r\n", "\n").replace("\0", "").encode(errors="replace").decode()


def save_autosave(user: User, form: QueryDict, at: datetime) -> Autosave | None:
    """Store what `form` holds; returns the row, or None where there is no such page.

    What was typed later stays, and what is closed stays closed, whatever the order in which
    copies arrive.
    """
    key = _uuid(value_of(form, KEY))
    if key is None:
        return None
    typed_at = min(parse_datetime(value_of(form, TYPED_AT)) or at, at)
    typed = {"fields": typed_fields(form), "typed_at": typed_at}
    page = {"model": value_of(form, MODEL)[:100], "object_id": value_of(form, OBJECT)[:40]}
    row, made = Autosave.objects.get_or_create(key=key, defaults=page | typed | {"user": user})
    if row.user_id != user.pk:
        return None
    if made:
        expire(at)
    else:
        # Asked once more by the write itself: the save may have closed it just now.
        Autosave.objects.open().filter(key=key, typed_at__lte=typed_at).update(**typed)
        row.refresh_from_db()
    return row


def save_signed_out(form: QueryDict, at: datetime) -> bool:
    """Store what came with a sign-in that had ended, for whom the page was made; returns whether
    it is stored."""
    try:
        key = signing.loads(form.get(WRITER, ""), salt=WRITER, max_age=LIFETIME)
    except signing.BadSignature:
        return False
    user = get_user_model()._default_manager.filter(pk=key, is_active=True, is_staff=True).first()
    return user is not None and save_autosave(user, form, at) is not None


def to_querydict(fields: FormData) -> QueryDict:
    form = QueryDict(mutable=True)
    for name, values in fields.items():
        form.setlist(name, values)
    return form


def value_of(form: QueryDict, name: str) -> str:
    return storable(form.get(name) or "")


def restore_autosave(request: HttpRequest) -> None:
    """Where the editor asks for it, the request's form becomes the one that was not saved."""
    if request.method != "POST" or RESTORE_AUTOSAVE not in request.POST:
        return
    row = autosaves_of(request.user, [request.POST[RESTORE_AUTOSAVE]]).open().first()
    if row:
        form = show_only(row.fields | {KEY: [str(row.key)]})
        request.POST = form  # type: ignore[assignment]  # its stub knows the immutable kind only


def show_only(fields: FormData) -> QueryDict:
    return to_querydict({**fields, SHOW_ONLY: ["1"]})


def close_autosave(request: HttpRequest, at: datetime) -> None:
    key = request.POST.get(KEY)
    if not key or SHOW_ONLY in request.POST:
        return
    if not autosaves_of(request.user, [key]).open().close(at):
        save_autosave(request.user, request.POST, at)
        autosaves_of(request.user, [key]).close(at)


def expire(at: datetime) -> None:
    Autosave.objects.filter(typed_at__lt=at - LIFETIME).close(at)
    Autosave.objects.filter(closed_at__lt=at - REMEMBERED).delete()


def autosaves_of(user: User, keys: Iterable[str]) -> Any:
    return Autosave.objects.filter(user=user, key__in=filter(None, map(_uuid, keys)))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


# Pages --------------------------------------------------------------------------------


def page_context(request: HttpRequest, model: str, object_id: str) -> dict[str, Any]:
    """What a page needs to keep what is typed on it, and to offer what was typed before."""
    fresh = request.method != "POST"
    return {
        "key": request.POST.get(KEY) or str(uuid.uuid4()),
        "writer": signing.dumps(request.user.pk, salt=WRITER),
        "model": model,
        "object_id": object_id,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "show_only": SHOW_ONLY in request.POST,
        "pending": pending_autosaves(request, model, object_id) if fresh else [],
        "other_editors": other_editors(request.user, model, object_id, timezone.now()),
    }


def other_editors(user: User, model: str, object_id: str, at: datetime) -> list[str]:
    if not object_id:
        return []
    rows = Autosave.objects.open().filter(model=model, object_id=object_id)
    present = rows.filter(typed_at__gt=at - PRESENT).exclude(user=user)
    return sorted({row.user.get_username() for row in present.select_related("user")})


def pending_rows(user: User, model: str, object_id: str) -> QuerySet[Autosave]:
    rows = Autosave.objects.open().filter(user=user, model=model).order_by("-typed_at")
    if object_id:
        return rows.filter(object_id=object_id)
    model_admin = model_admin_for(model)
    elsewhere = set(
        rows.filter(object_id__regex=r"^[0-9]{1,18}$").values_list("object_id", flat=True)
    )
    if not (model_admin and elsewhere):
        return rows
    there = model_admin.model._default_manager.filter(pk__in=elsewhere).values_list("pk", flat=True)
    return rows.exclude(object_id__in=list(map(str, there)))


def pending_autosaves(request: HttpRequest, model: str, object_id: str) -> list[PendingAutosave]:
    """What waits for a page, with what it would change; a text that changes nothing is none, nor
    is one that says the same as a newer one or as the page itself."""
    model_admin = model_admin_for(model)
    obj = model_admin.get_object(request, object_id) if model_admin and object_id else None
    found: list[PendingAutosave] = []
    for row in pending_rows(request.user, model, object_id):
        own = str(row.key) == request.POST.get(KEY)
        if own or any(one.row.fields == row.fields for one in found):
            continue
        if differing := differences(request, model_admin, obj, row):
            found.append(PendingAutosave(row, differing))
    return found


def model_admin_for(model: str) -> admin.ModelAdmin[Any] | None:
    try:
        return admin.site.get_model_admin(apps.get_model(model))
    except (LookupError, ValueError, NotRegistered):
        return None


def differences(
    request: HttpRequest,
    model_admin: admin.ModelAdmin[Any] | None,
    obj: Model | None,
    row: Autosave,
) -> list[Difference]:
    if model_admin is None:
        return _as_typed(row)
    found = []
    for form in forms_of(model_admin, request, obj, show_only(row.fields)):
        form.is_valid()
        place = str(form.instance) if form.prefix and form.instance.pk else ""
        for name in form.changed_data:
            one = _difference(form, name, place)
            if one and normal(one.stored) != normal(one.typed):
                found.append(one)
    return found


def _difference(form: forms.ModelForm[Any], name: str, place: str) -> Difference | None:
    field = form.fields[name]
    if isinstance(field.widget, forms.HiddenInput):
        return None
    stored = as_text(field, form.get_initial_for_field(field, name))
    typed = form.cleaned_data.get(name, form[name].data)
    label = capfirst(str(field.label or name))
    return Difference(f"{place}: {label}" if place else label, stored, as_text(field, typed))


def forms_of(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, obj: Model | None, data: QueryDict
) -> Iterator[forms.ModelForm[Any]]:
    # Forms write into their instance, valid or not.
    instance = copy(obj) or model_admin.model()
    # Who may only read the row by now still sees what they typed: as new, a form has its fields.
    change = obj is not None and not model_admin.has_view_permission(request, obj)
    yield model_admin.get_form(request, obj, change=change)(data, instance=instance)
    for formset, _inline in formsets(model_admin, request, obj, instance, data):
        yield from formset.forms


def _as_typed(row: Autosave) -> list[Difference]:
    """Of a page that has nothing stored yet."""
    typed = ((name, "\n".join(values).strip()) for name, values in row.fields.items())
    return [Difference(capfirst(name), "", text) for name, text in typed if text]


def formsets(
    model_admin: Any,
    request: HttpRequest,
    stored: Model | None,
    instance: Model,
    data: QueryDict | None,
) -> Iterator[tuple[Any, Any]]:
    """Those of the page of `stored` with their inlines, for the rows of `instance`: all as they
    are shown at first, or those that `data` holds, bound to it."""
    for made, inline in model_admin.get_formsets_with_inlines(request, stored):
        rows = inline.get_queryset(request)
        prefix = made.get_default_prefix()
        formset = made(data, instance=instance, prefix=prefix, queryset=rows)
        if data is None or formset.management_form.is_valid():
            yield formset, inline
