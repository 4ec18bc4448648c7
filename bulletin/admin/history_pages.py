"""The pages of the history: what each save changed, a way back, and what was deleted."""

from __future__ import annotations

import json
from copy import copy
from itertools import zip_longest
from typing import Any, Final, TypeVar

import reversion
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from reversion.models import Version

from bulletin.conflicts import AS_TYPED
from bulletin.history import (
    VERSIONED,
    add_stored_versions,
    changes,
    fields_of,
    names_of,
    states_of,
    stored_state,
)
from incidents.templatetags.incident_tags import time_text

ModelT = TypeVar("ModelT", bound=Model)
# What readers see, and when, is decided now and not by what was once.
DECIDED: Final = {"status", "publish_at"}
PER_PAGE: Final = 20
# In an address: the version that the form shows. In a form: the one that it was filled with.
RESTORE: Final = "restore"
RESTORED: Final = "_restored"


def restoring(form: Any, version: Any) -> Any:
    """`form` that shows what `version` says, on the version of the row that is stored."""

    class RestoringForm(form):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            opened = self.get_initial_for_field(self.fields["version"], "version")
            old = form(instance=as_it_was(self.instance, version))
            names = {field.name for field in fields_of(type(self.instance))} - DECIDED
            names = (names | {*self.derived}) & self.fields.keys()
            self.initial |= {name: old[name].initial for name in names}
            self.initial |= related_rows(version)[0] | {"version": opened}

    return RestoringForm


def as_it_was(row: Model, version: Any) -> Model:
    old = copy(row)
    for field in fields_of(type(row)):
        if not field.many_to_many:
            setattr(old, field.attname, version.field_dict[field.attname])
    old.pk = row._meta.pk.to_python(version.object_id)
    return old


def related_rows(version: Any) -> tuple[dict[str, list[Any]], list[str]]:
    """The keys by field that still point at a row, and the names of those that don't."""
    there: dict[str, list[Any]] = {}
    lost: list[str] = []
    for field in fields_of(version.content_type.model_class()):
        if field.many_to_many:
            pks = version.field_dict.get(field.name) or []
            found = field.related_model._base_manager.filter(pk__in=pks)
            there[field.name] = list(found.values_list("pk", flat=True))
            gone = [pk for pk in pks if pk not in there[field.name]]
            lost += names_of(field.related_model, gone, mark="%s").values()
    return there, lost


class HistoryAdmin(admin.ModelAdmin[ModelT]):
    """The history of the admin's rows, and of those that were deleted."""

    object_history_template = "admin/bulletin/history.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.deleted_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_deleted"
        return [path("deleted/", view, name=name), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:
        if change:
            add_stored_versions(self.model._base_manager.filter(pk=obj.pk))
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        stored = [row.instance.pk for row in formset.forms if row.instance.pk and row.has_changed()]
        if formset.model in VERSIONED:
            add_stored_versions(formset.model._base_manager.filter(pk__in=stored))
        super().save_formset(request, form, formset, change)

    def log_addition(self, request: HttpRequest, obj: ModelT, message: Any) -> Any:
        self.comment(request, message, _("Brought back what was saved on %s."))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: ModelT, message: Any) -> Any:
        self.comment(request, message, _("Restored what was saved on %s."))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        rows = self.model._base_manager.filter(pk__in=[row.pk for row in queryset])
        add_stored_versions(rows, _("As it was when it was deleted."))
        return super().log_deletions(request, queryset)

    def comment(self, request: HttpRequest, message: Any, restored: str) -> None:
        """The revision's comment says what changed, of each row of a list."""
        if not reversion.is_active():
            return
        text = message if isinstance(message, str) else json.dumps(message) if message else ""
        words = [reversion.get_comment(), LogEntry(change_message=text).get_change_message()]
        if version := self.version(request.POST.get(RESTORED)):
            words.insert(1, restored % time_text(timezone.localtime(version.revision.date_created)))
        reversion.set_comment(" ".join(dict.fromkeys(filter(None, words))))

    def version(self, key: str | None, pk: Any = None) -> Any:
        found = Version.objects.get_for_model(self.model).select_related("revision__user")
        if pk is not None:
            found = found.filter(object_id=str(pk))
        return found.filter(pk=key).first() if key and key.isdecimal() else None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        shown: dict[str, Any] = {}
        if row is not None and self.has_view_or_change_permission(request, row):
            key = request.GET.get("compare")
            shown = self.revisions(request, row) if key is None else self.comparison(row, key)
            shown["may_restore"] = self.has_change_permission(request, row)
        return super().history_view(request, object_id, shown | (extra_context or {}))

    def revisions(self, request: HttpRequest, row: ModelT) -> dict[str, Any]:
        versions = Version.objects.get_for_object(row).select_related("revision__user")
        versions = versions.exclude(revision__comment=AS_TYPED)
        page = self.page(request, versions)
        # The one before each says what it changed.
        found = list(versions[max(page.start_index() - 1, 0) :][: PER_PAGE + 1])
        states = states_of(found)
        entries = zip_longest(found, changes(self.model, states))
        is_current = page.number == 1 and states[:1] == [stored_state(row)]
        current = found[0] if is_current else None
        return paged(page) | {"entries": list(entries)[:PER_PAGE], "current": current}

    def comparison(self, row: ModelT, key: str) -> dict[str, Any]:
        version = self.version(key, row.pk)
        if version is None:
            raise Http404
        (changed,) = changes(self.model, [stored_state(row), *states_of([version])])
        return {"compared": version, "changes": changed}

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        page = self.page(request, Version.objects.get_deleted(self.model))
        log = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            action_flag=DELETION,
            object_id__in=[version.object_id for version in page],
        )
        deletions = {one.object_id: one for one in log.select_related("user").order_by("pk")}
        context = self.admin_site.each_context(request) | paged(page)
        context |= {
            "title": _("Deleted %s") % self.opts.verbose_name_plural,
            "opts": self.opts,
            "gone": [(version, deletions.get(version.object_id)) for version in page],
            "may_restore": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/bulletin/deleted.html", context)

    def page(self, request: HttpRequest, versions: QuerySet[Any]) -> Page[Any]:
        paginator = self.get_paginator(request, versions, PER_PAGE)
        return paginator.get_page(request.GET.get(PAGE_VAR, 1))

    def get_form(
        self, request: HttpRequest, obj: ModelT | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        version = self.restored_version(request, obj)
        return restoring(form, version) if version else form

    def restored_version(self, request: HttpRequest, row: ModelT | None) -> Any:
        """The one that the address names, if any; 403 or 404 where it is not to be had."""
        if request.method != "GET" or RESTORE not in request.GET:
            return None
        if not (
            self.has_change_permission(request, row) if row else self.has_add_permission(request)
        ):
            raise PermissionDenied
        version = self.version(request.GET[RESTORE], row.pk if row else None)
        if version is None:
            raise Http404
        return version

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["restored"] = request.GET.get(RESTORE) or request.POST.get(RESTORED, "")
        if version := self.restored_version(request, context.get("original")):
            text = _("This is what was saved on %s. Nothing is saved yet: look at it, then save.")
            saved = time_text(timezone.localtime(version.revision.date_created))
            self.message_user(request, text % saved)
            if lost := related_rows(version)[1]:
                text = _("Gone since, and so left out: %s.") % ", ".join(lost)
                self.message_user(request, text, messages.WARNING)
        return super().render_change_form(request, context, *args, **kwargs)


def paged(page: Page[Any]) -> dict[str, Any]:
    return {
        "page": page,
        "page_var": PAGE_VAR,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "pagination_required": page.paginator.num_pages > 1,
    }
