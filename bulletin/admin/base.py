"""What all pages of the admin share: no save over a newer version, nothing typed lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletin import autosave
from bulletin.admin.history_pages import HistoryAdmin, new_revision
from bulletin.conflicts import SHOW_ONLY, VersionedForm, VersionedRow, row_digest
from bulletin.save_lock import save_lock

ModelT = TypeVar("ModelT", bound=Model)


class Unchanged(Exception):
    """A form asks for what is so already, in these words: nothing is saved, and nothing logged."""


class BaseAdmin(HistoryAdmin[ModelT], admin.ModelAdmin[ModelT]):
    """Every page on which an editor types; its forms are VersionedForms."""

    form: type[forms.ModelForm[ModelT]] = VersionedForm
    change_form_template = "admin/bulletin/change_form.html"
    change_list_template = "admin/bulletin/change_list.html"
    save_on_top = True

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
        except Unchanged as unchanged:
            autosave.close_autosave(request, timezone.now())
            self.message_user(request, str(unchanged))
            return HttpResponseRedirect(request.path)
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
        if SHOW_ONLY in request.POST:
            # The page says that nothing is saved yet, and why; that is no error to correct.
            context |= {"errors": []}
        if found := collisions(context):
            latest = LogEntry.objects.filter(object_id=page[1]).select_related("user")
            latest = latest.filter(content_type__model=self.opts.model_name)
            own = context["adminform"].form.collisions
            latest = latest.order_by("-action_time")[: 1 if own else 0]
            context |= {"collisions": found, "latest": next(iter(latest), None)}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        autosave.close_autosave(request, timezone.now())

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

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": VersionedRow} | kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        with new_revision(request):
            return rendered(super().changelist_view, request, extra_context)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[ModelT], *args: Any
    ) -> HttpResponse | None:
        """An action acts only on rows that are still what the list showed."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        for row in self.model._default_manager.filter(pk__in=filter(str.isdecimal, chosen)):
            shown = request.POST.get(f"seen-{row.pk}")
            if shown and shown != row_digest(row):
                text = _("“%s” was saved by somebody since this list was opened; look at it first.")
                self.message_user(request, text % row, messages.ERROR)
                queryset = queryset.exclude(pk=row.pk)
        return super().response_action(request, queryset, *args)


def refuse_unchanged(reason: str, form: Any, formsets: Any) -> None:
    """Unchanged where nothing of the page says anything else than what is stored."""
    rows = [row for formset in formsets for row in formset.forms if row.has_changed()]
    if not any(set(one.changed_data) - {"version"} for one in [form, *rows]):
        raise Unchanged(reason)


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


def collisions(context: dict[str, Any]) -> list[Any]:
    """Those of the page's form and of its inlines' forms."""
    shown = [context["adminform"].form] if context.get("adminform") else []
    for inline in context.get("inline_admin_formsets", []):
        shown += inline.formset.forms
    return [one for form in shown for one in getattr(form, "collisions", [])]
