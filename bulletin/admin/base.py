"""What all pages of the admin share: no save over a newer version, nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, TypeVar, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from markdownx.models import MarkdownxField

from bulletin import autosave
from bulletin.admin import preview
from bulletin.admin.history_pages import RESTORE, HistoryAdmin
from bulletin.admin.widgets import MarkdownWidget
from bulletin.admin_urls import admin_url
from bulletin.conflicts import SHOW_ONLY, VersionedForm
from bulletin.history import add_typed_version, new_revision
from bulletin.publishing import save_lock

ModelT = TypeVar("ModelT", bound=Model)


class BaseAdmin(HistoryAdmin[ModelT], admin.ModelAdmin[ModelT]):
    """Every page on which an editor types; its forms are VersionedForms."""

    form: type[forms.ModelForm[ModelT]] = VersionedForm
    change_form_template = "admin/bulletin/change_form.html"
    change_list_template = "admin/bulletin/change_list.html"
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget}}
    # By field: the element of the public page that holds its text, as a CSS selector in which {0}
    # is the saved row. A page without any has no preview.
    shown_in: Mapping[str, str] = {}

    def get_urls(self) -> list[URLPattern]:
        return [*(preview.urls(self) if self.shown_in else []), *super().get_urls()]

    def preview_address(self, saved: ModelT) -> str:
        return str(saved.get_absolute_url())  # type: ignore[attr-defined]

    def complete_preview(self, form: Any) -> None:
        """What a save does beside saving the form and its rows, as far as the page shows it."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        autosave.restore_autosave(request)
        view = super().changeform_view
        try:
            with new_revision(request):
                return rendered(view, request, object_id, form_url, extra_context)
        except PermissionDenied:
            if not self.autosave_refused_form(request, object_id):
                raise
        response = rendered(view, request, object_id, form_url, extra_context)
        response.status_code = 403
        return response

    def autosave_refused_form(self, request: HttpRequest, object_id: str | None) -> bool:
        """Whether the form just sent is one of a page that its sender may now only read: it is
        preserved, and the request becomes one that shows the page with what was typed beside it."""
        row = self.get_object(request, unquote(object_id)) if object_id else None
        typed = request.method == "POST" and autosave.KEY in request.POST
        if row is None or not typed or not self.has_view_permission(request, row):
            return False
        autosave.save_autosave(request.user, request.POST, timezone.now())
        request.method, request.POST = "GET", QueryDict()
        text = _("Only editors change this now. Nothing was saved; what you typed is below.")
        self.message_user(request, text, messages.ERROR)
        return True

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        page = self.opts.label_lower, str(context.get("object_id") or "")
        context |= {"typing": autosave.page_context(request, *page)}
        stored: Any = context.get("original")
        if saved_at := getattr(stored, "edited_at", None):
            context |= {"saved_at": timezone.localtime(saved_at)}
        context |= {"preview_url": preview.url(self, request, context.get("original"))}
        if SHOW_ONLY in request.POST:
            # The page says that nothing is saved yet, and why; that is no error to correct.
            context |= {"errors": []}
        context |= {"collisions": collisions(context)}
        if widget := widget_to_focus(context, kwargs["add"]):
            widget.attrs["autofocus"] = True
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The rows, and how many go with them; what merely links two is not worth a name."""
        found, counts, *refusals = super().get_deleted_objects(objs, request)
        models = apps.get_models(include_auto_created=True)
        links = {one._meta.verbose_name_plural for one in models if one._meta.auto_created}
        rows = [row for row in found if isinstance(row, str)]
        return rows, {name: n for name, n in counts.items() if name not in links}, *refusals

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        autosave.close_autosave(request, timezone.now())
        rows = [row for formset in formsets for row in formset.forms if row.instance.pk]
        request.saved_rows = {row.prefix: row.instance.pk for row in rows}  # type: ignore[attr-defined]

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Django asks for it once all is stored and nothing refuses the save any more."""
        for one in (form, *(row for formset in formsets or [] for row in formset.forms)):
            if getattr(one, "merged", []):
                self.announce_merge(request, one)
        return super().construct_change_message(request, form, formsets, add)

    def announce_merge(self, request: HttpRequest, form: VersionedForm[Any]) -> None:
        """What came from whom, with a link to what the editor sent, to be saved in its place."""
        version = add_typed_version(form.instance, form.as_typed, request.user)
        context = {"form": form, "url": f"{admin_url(form.instance)}?{RESTORE}={version.pk}"}
        text = render_to_string("admin/bulletin/_merged.html", context)
        self.message_user(request, text, messages.WARNING)

    def response_change(self, request: HttpRequest, obj: ModelT) -> HttpResponse:
        """In place: the keys of the page's rows by prefix, some of which are new."""
        if request.headers.get("X-Save") == "in-place":
            return JsonResponse({"rows": request.saved_rows})  # type: ignore[attr-defined]
        return super().response_change(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with save_lock():
            return super().delete_view(request, object_id, extra_context)

    # Lists ----------------------------------------------------------------------------

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Django reads the filters of the address here, years beyond the calendar included."""
        try:
            return super().get_changelist_instance(request)
        except ValueError as error:
            raise BadRequest(str(error)) from error

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        with new_revision(request):
            return rendered(super().changelist_view, request, extra_context)


def rendered(view: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> HttpResponse:
    """The whole answer of an admin view. Odd values in an address or a hand-made form, which show
    only when it is rendered, are a bad request; a ValueError before that is an error of ours."""
    try:
        response = view(*args, **kwargs)
    except (OverflowError, DataError) as error:
        raise BadRequest(str(error)) from error
    try:
        return response.render() if isinstance(response, SimpleTemplateResponse) else response
    except (OverflowError, ValueError, DataError) as error:
        raise BadRequest(str(error)) from error


def widget_to_focus(context: dict[str, Any], is_new: bool) -> forms.Widget | None:
    """Of the first field of the page with an error; else of the first field of a new row."""
    form, fieldsets = context["adminform"].form, context["adminform"].fieldsets
    inlines = [inline.formset.forms for inline in context["inline_admin_formsets"]]
    rows = [field for row in chain(*inlines) for field in row.visible_fields()]
    text, *rest = [
        [form[name] for name in flatten_fieldsets([fieldset]) if name in form.fields]
        for fieldset in fieldsets
    ]
    shown = [*text, *rows, *chain(*rest)]
    chosen = next(
        (field for field in shown if field.errors), shown[0] if is_new and shown else None
    )
    if chosen is None:
        return None
    widget = chosen.field.widget
    # Of a related field the one in its wrapper, of a moment the one of its day.
    widget = getattr(widget, "widget", widget)
    return cast(forms.Widget, getattr(widget, "widgets", [widget])[0])


def collisions(context: dict[str, Any]) -> list[Any]:
    shown = [context["adminform"].form] if context.get("adminform") else []
    for inline in context.get("inline_admin_formsets", []):
        shown += inline.formset.forms
    return [one for form in shown for one in getattr(form, "collisions", [])]
