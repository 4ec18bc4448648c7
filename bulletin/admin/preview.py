"""The preview is the page: what readers will see, made of a form that isn't saved.

The form is saved, and its page shown by the public view to the same editor, in a transaction that
is then rolled back: nothing about the page can differ, and nothing of it stays.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.utils import unquote
from django.db import connection, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import URLPattern, get_script_prefix, path, resolve
from django.utils.translation import gettext as _

from bulletin.admin.views import json_post, refusal
from bulletin.admin.widgets import MarkdownWidget
from bulletin.admin_urls import admin_url
from bulletin.autosave import formsets
from bulletin.conflicts import SHOW_ONLY
from incidents import markdown

if TYPE_CHECKING:
    from bulletin.admin.base import BaseAdmin


@dataclass(slots=True)
class Preview:
    """`html` is the whole page, or empty where nothing can be shown yet.

    `places` names for a Markdown field of the form the CSS selector of its text on the page, and
    `lines` the line on which each block of that text begins, in the order of its elements.
    """

    html: str = ""
    places: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def locate(self, form: forms.ModelForm[Any], shown_in: Mapping[str, str]) -> None:
        for name, selector in shown_in.items():
            if name in form.fields:
                self.places[form.add_prefix(name)] = selector.format(form.instance)
                text = getattr(form.instance, name)
                self.lines[form.add_prefix(name)] = markdown.block_lines(text)


def urls(model_admin: BaseAdmin[Any]) -> list[URLPattern]:
    view = json_post(partial(preview, model_admin=model_admin))
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_preview"
    return [
        path("add/preview/", view, name=f"{name}_add"),
        path("<path:object_id>/preview/", view, name=name),
    ]


def url(model_admin: BaseAdmin[Any], request: HttpRequest, stored: Model | None) -> str:
    """Where the page of `stored`, or the add page, asks for its preview; empty without one."""
    if not (model_admin.shown_in and may_preview(model_admin, request, stored)):
        return ""
    return admin_url(stored, "preview") if stored else admin_url(model_admin.model, "preview_add")


def may_preview(model_admin: BaseAdmin[Any], request: HttpRequest, stored: Model | None) -> bool:
    if not model_admin.admin_site.has_permission(request):
        return False
    if stored is None:
        return model_admin.has_add_permission(request)
    return model_admin.has_change_permission(request, stored)


def preview(request: HttpRequest, model_admin: BaseAdmin[Any], object_id: str = "") -> HttpResponse:
    stored = model_admin.get_object(request, unquote(object_id)) if object_id else None
    if object_id and stored is None:
        return refusal(_("It isn't there any more."), 404)
    if not may_preview(model_admin, request, stored):
        return refusal(_("You may not change this."), 403)
    return JsonResponse(asdict(make_preview(model_admin, request, stored)))


def make_preview(
    model_admin: BaseAdmin[Any], request: HttpRequest, stored: Model | None
) -> Preview:
    """Invalid fields of the form give way to what is stored."""
    request.POST = without_versions(request.POST)  # type: ignore[assignment]
    initial = {} if stored else model_admin.get_changeform_initial_data(request)
    made = model_admin.get_form(request, stored, change=stored is not None)
    form = made(request.POST, request.FILES, instance=stored, initial=initial)
    shown = Preview(problems=fall_back(form))
    if not form.errors:
        with rolled_back():
            save_and_show(model_admin, request, form, shown)
    return shown


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction of which nothing stays. On SQLite no other write gets in: 50 ms for a week of
    eight incidents. On PostgreSQL it holds the rows that it writes, and waits for those of others
    for less than the second after which PostgreSQL ends one of two that wait for each other: so it
    is never a save that gives way."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '900ms'")
        yield
        transaction.set_rollback(True)


def save_and_show(
    model_admin: BaseAdmin[Any], request: HttpRequest, form: forms.ModelForm[Any], shown: Preview
) -> None:
    stored = form.instance if form.instance.pk else None
    form.save()
    shown.locate(form, model_admin.shown_in)
    for formset, inline in formsets(model_admin, request, stored, form.instance, request.POST):
        shown.problems += save_rows(formset)
        for row in formset.forms:
            if row.instance.pk:
                shown.locate(row, getattr(inline, "shown_in", {}))
    model_admin.complete_preview(form)
    try:
        shown.html = page_at(request, model_admin.preview_address(form.instance))
    except Http404:
        shown.problems.append(_("You may not see its page."))


def without_versions(data: QueryDict) -> QueryDict:
    """What was typed, without all that may refuse a save over a newer version."""
    plain = data.copy()
    for name in data:
        if name == SHOW_ONLY or name.split("-")[-1] == "version":
            del plain[name]
    return plain


def fall_back(form: forms.ModelForm[Any]) -> list[str]:
    """Fields that can't be saved as typed become what is stored, or the default.

    Returns in sentences what was wrong. A form that still has errors then can't be shown.
    """
    stored = copy.copy(form.instance)
    problems = sentences(form)
    for names in fields_that_give_way(form):
        if not form.errors:
            break
        for name in names:
            form.fields[name].disabled = True
        form.instance = copy.copy(stored)
        # Cached since the last attempt.
        vars(form).pop("changed_data", None)
        form.full_clean()
    return problems


def fields_that_give_way(form: forms.ModelForm[Any]) -> Iterator[list[str]]:
    """The invalid ones, twice, since one may hide another; then all but texts; then all."""
    for _attempt in range(2):
        yield [name for name in form.fields if name in form.errors]
    texts = MarkdownWidget, forms.HiddenInput
    yield [name for name in form.fields if not isinstance(form.fields[name].widget, texts)]
    yield list(form.fields)


def save_rows(formset: Any) -> list[str]:
    """Saves the rows that can be; returns in sentences what was wrong with them."""
    problems = []
    for row in formset.forms:
        # Checking them all would hold the database for a second where a week is bad.
        if not set(row.changed_data) - {"version"}:
            continue
        title = row.data.get(row.add_prefix("title"))
        problems += [f"“{title}”: {one}" if title else one for one in fall_back(row)]
        if row.errors or not row.has_changed():
            continue
        if row.instance.pk:
            row.save()
        elif not getattr(formset, "edit_only", False):
            formset.save_new(row)
    return problems


def sentences(form: forms.ModelForm[Any]) -> list[str]:
    found = []
    for name, errors in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        found += [f"{label}{error}" for error in errors]
    return found


def page_at(request: HttpRequest, address: str) -> str:
    """The public page at `address` as the user of `request` gets it now; Http404 if they don't."""
    inside = "/" + address.removeprefix(get_script_prefix())
    asked = copy.copy(request)
    asked.method, asked.path, asked.path_info = "GET", address, inside
    asked.GET = asked.POST = QueryDict()
    # Neither a 304 nor a packed answer is a page.
    headers = {
        name: value
        for name, value in request.META.items()
        if not name.startswith("HTTP_IF_") and name != "HTTP_ACCEPT_ENCODING"
    }
    asked.META = headers | {"REQUEST_METHOD": "GET", "PATH_INFO": inside, "QUERY_STRING": ""}
    found = asked.resolver_match = resolve(inside)
    response = found.func(asked, *found.args, **found.kwargs)
    return str(response.content.decode())
