"""The preview is the page: what readers will see, made of a form that isn't saved."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import URLPattern, get_script_prefix, path, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from markdownx.models import MarkdownxField

from bulletin.admin.views import for_editors, refusal
from bulletin.admin.widgets import MarkdownWidget
from bulletin.admin_urls import admin_url
from bulletin.autosave import formsets
from bulletin.conflicts import RESOLVE, SHOW_ONLY
from bulletin.save_lock import save_lock
from incidents import markdown

ModelT = TypeVar("ModelT", bound=Model)
GivesWay = Callable[[forms.ModelForm[Any], str], bool]


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


class PreviewAdmin(admin.ModelAdmin[ModelT]):
    """A change page with the public page beside it, as if the form were saved.

    It is saved, and shown by the public view to the same editor, in a transaction that is then
    rolled back: so nothing about the page can differ, and nothing of it stays.
    """

    change_form_template = "admin/bulletin/page_form.html"
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget}}
    # The element of the page that holds the text of a field: a CSS selector, in which {0} is the
    # saved row.
    shown_in: Mapping[str, str] = {}

    def get_urls(self) -> list[URLPattern]:
        view = for_editors(self.preview_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_preview"
        return [
            path("add/preview/", view, name=f"{name}_add"),
            path("<path:object_id>/preview/", view, name=name),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        stored = kwargs.get("obj")
        if self._may_preview(request, stored):
            there = admin_url(stored, "preview") if stored else admin_url(self.model, "preview_add")
            context |= {"preview_url": there}
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_view(self, request: HttpRequest, object_id: str = "") -> HttpResponse:
        stored = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and stored is None:
            return refusal(_("It isn't there any more."), 404)
        if not self._may_preview(request, stored):
            return refusal(_("You may not change this."), 403)
        try:
            with save_lock():
                preview = self.preview(request, stored)
                transaction.set_rollback(True)
        except (OverflowError, ValueError) as error:
            return refusal(str(error))
        return JsonResponse(asdict(preview))

    def _may_preview(self, request: HttpRequest, stored: ModelT | None) -> bool:
        if not self.admin_site.has_permission(request):
            return False
        if stored is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, stored)

    def preview(self, request: HttpRequest, stored: ModelT | None) -> Preview:
        """Saves the form, whose invalid fields give way to what is stored; call it in a
        transaction that is rolled back."""
        request.POST = plain_data(request.POST)  # type: ignore[assignment]
        initial = {} if stored else self.get_changeform_initial_data(request)
        made = self.get_form(request, stored, change=stored is not None)
        form = made(request.POST, request.FILES, instance=stored, initial=initial)
        preview = Preview(problems=fall_back(form))
        if form.errors:
            return preview
        form.save()
        preview.locate(form, self.shown_in)
        for formset, inline in formsets(self, request, stored, form.instance, request.POST):
            preview.problems += save_rows(formset)
            for row in formset.forms:
                if row.instance.pk:
                    preview.locate(row, getattr(inline, "shown_in", {}))
        self.complete_preview(form, timezone.now())
        try:
            preview.html = page_at(request, self.preview_address(form.instance))
        except Http404:
            preview.problems.append(_("You may not see its page."))
        return preview

    def complete_preview(self, form: Any, at: datetime) -> None:
        """What a save does beside saving the form and its rows, as far as the page shows it."""

    def preview_address(self, saved: ModelT) -> str:
        return str(saved.get_absolute_url())  # type: ignore[attr-defined]


def plain_data(data: QueryDict) -> QueryDict:
    """What was typed, without all that may hold back a save over a newer version."""
    plain = data.copy()
    for name in data:
        if name == SHOW_ONLY or name.split("-")[-1] == "version":
            del plain[name]
    return plain


# Invalid fields alone give way first; where that isn't enough, all but texts, then everything.
ATTEMPTS: Final[tuple[GivesWay, ...]] = (
    lambda form, name: form.data.get(f"{RESOLVE}{form.add_prefix(name)}") == "theirs",
    lambda form, name: name in form.errors,
    lambda form, name: name in form.errors,
    lambda form, name: not isinstance(form.fields[name], forms.CharField),
    lambda form, name: True,
)


def fall_back(form: forms.ModelForm[Any]) -> list[str]:
    """Fields that can't be saved as typed become what is stored, or the default.

    Returns in sentences what was wrong. A form that still has errors then can't be shown.
    """
    stored = copy.copy(form.instance)
    problems: list[str] = []
    for gives_way in ATTEMPTS:
        for name in [name for name in form.fields if gives_way(form, name)]:
            form.fields[name].disabled = True
        form.instance = copy.copy(stored)
        # Cached since the last attempt.
        vars(form).pop("changed_data", None)
        form.full_clean()
        problems = problems or sentences(form)
        if not form.errors:
            break
    return problems


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
