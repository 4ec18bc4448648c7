"""Every explicit save is a revision: who, when, what changed, and a way back.

django-reversion, because one save here touches several rows (a bulletin, its incidents, what they
notify) more than once each: it takes them together, at the end, as one revision, many-to-many
fields included, and needs no second table a model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from django.utils.translation import gettext as _
from reversion.models import Version

from bulletin import history
from bulletin.conflicts import save_lock
from bulletin.history import Change, Words, moment, states_of, stored

ModelT = TypeVar("ModelT", bound=Model)
PER_PAGE: Final = 20
# In an address: the version that the form shows. In a form: the one that it was filled with.
RESTORE: Final = "restore"
RESTORED: Final = "_restored"


@contextmanager
def new_revision(request: HttpRequest) -> Iterator[None]:
    """What is saved inside is one revision by the request's user; looking at a page is none, and
    locks nothing."""
    if request.method != "POST":
        yield
        return
    with save_lock(), reversion.create_revision():
        if request.user.is_authenticated:
            reversion.set_user(request.user)
        yield


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision of one row; `changes` against the one before it, None for the first."""

    key: int
    saved: str
    who: str
    comment: str
    changes: list[Change] | None
    newest: bool = False


class HistoryAdmin(admin.ModelAdmin[ModelT]):
    """The history of the admin's rows, and of those that were deleted."""

    object_history_template = "admin/bulletin/history.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.deleted_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_deleted"
        return [path("deleted/", view, name=name), *super().get_urls()]

    # Versions -----------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:
        if change:
            history.add_stored_versions(self.rows([obj]))
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        stored = [row.instance.pk for row in formset.forms if row.instance.pk and row.has_changed()]
        if formset.model in history.VERSIONED:
            history.add_stored_versions(formset.model._base_manager.filter(pk__in=stored))
        super().save_formset(request, form, formset, change)

    def log_addition(self, request: HttpRequest, obj: ModelT, message: Any) -> Any:
        self.comment(request, message, _("Brought back what was saved on %s."))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: ModelT, message: Any) -> Any:
        self.comment(request, message, _("Restored what was saved on %s."))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        history.add_stored_versions(self.rows(queryset), _("As it was when it was deleted."))
        return super().log_deletions(request, queryset)

    def rows(self, some: Iterable[ModelT]) -> QuerySet[ModelT]:
        return self.model._base_manager.filter(pk__in=[row.pk for row in some])

    def comment(self, request: HttpRequest, message: Any, restored: str) -> None:
        """The revision's comment says what changed, of each row of a list."""
        if not reversion.is_active():
            return
        text = message if isinstance(message, str) else json.dumps(message)
        words = [reversion.get_comment(), LogEntry(change_message=text).get_change_message()]
        if version := self.version(request.POST.get(RESTORED)):
            words.insert(1, restored % moment(version.revision.date_created))
        reversion.set_comment(" ".join(dict.fromkeys(filter(None, words))))

    # Pages ----------------------------------------------------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        shown: dict[str, Any] = {}
        if row is not None and self.has_view_or_change_permission(request, row):
            compared = request.GET.get("compare")
            shown = self.listed(request, row) if compared is None else self.one(row, compared)
            shown["may_restore"] = self.has_change_permission(request, row)
        return super().history_view(request, object_id, shown | (extra_context or {}))

    def listed(self, request: HttpRequest, row: ModelT) -> dict[str, Any]:
        versions = history.of(self.model, row.pk)
        page = self.page(request, versions)
        found = list(versions[max(page.start_index() - 1, 0) :][: PER_PAGE + 1])
        states = states_of(found)
        words = Words(self.model, states)
        entries = [
            entry(version, words.changes(old, new) if old else None)
            for version, new, old in zip_longest(found, states, states[1:])
        ]
        if entries and page.number == 1:
            entries[0] = replace(entries[0], newest=states[0] == stored(row))
        return paged(page) | {"entries": entries[:PER_PAGE]}

    def one(self, row: ModelT, key: str) -> dict[str, Any]:
        version = self.version(key, row.pk)
        if version is None:
            raise Http404
        states = [*states_of([version]), stored(row)]
        changes = Words(self.model, states).changes(*states)
        return {"compared": entry(version, changes)}

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        page = self.page(request, Version.objects.get_deleted(self.model))
        context = self.admin_site.each_context(request) | paged(page)
        context |= {
            "title": _("Deleted %s") % self.opts.verbose_name_plural,
            "opts": self.opts,
            "gone": [(version, self.deletions(page).get(version.object_id)) for version in page],
            "may_restore": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/bulletin/deleted.html", context)

    def deletions(self, page: Page[Any]) -> dict[str, LogEntry]:
        log = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            action_flag=DELETION,
            object_id__in=[version.object_id for version in page],
        )
        return {str(one.object_id): one for one in log.select_related("user").order_by("pk")}

    def page(self, request: HttpRequest, versions: QuerySet[Any]) -> Page[Any]:
        paginator = self.get_paginator(request, versions, PER_PAGE)
        return paginator.get_page(request.GET.get(PAGE_VAR, 1))

    # Restoring ------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if RESTORE in request.GET and request.method == "GET":
            row = self.get_object(request, unquote(object_id)) if object_id else None
            self.announce_restore(request, row)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def announce_restore(self, request: HttpRequest, row: ModelT | None) -> None:
        allowed = (
            self.has_change_permission(request, row) if row else self.has_add_permission(request)
        )
        if not allowed:
            raise PermissionDenied
        version = self.version(request.GET[RESTORE], row.pk if row else None)
        if version is None:
            raise Http404
        text = _("This is what was saved on %s. Nothing is saved yet: look at it, then save.")
        self.message_user(request, text % moment(version.revision.date_created))
        if lost := history.related(version)[1]:
            text = _("Gone since, and so left out: %s.") % ", ".join(lost)
            self.message_user(request, text, messages.WARNING)

    def get_form(
        self, request: HttpRequest, obj: ModelT | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        chosen = request.GET.get(RESTORE) if request.method == "GET" else None
        version = self.version(chosen, obj.pk if obj else None)
        return restoring(form, version) if version else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["restored"] = request.GET.get(RESTORE) or request.POST.get(RESTORED, "")
        return super().render_change_form(request, context, *args, **kwargs)

    def version(self, key: str | None, pk: Any = None) -> Any:
        found = Version.objects.get_for_model(self.model).select_related("revision__user")
        if pk is not None:
            found = found.filter(object_id=str(pk))
        return found.filter(pk=key).first() if key and key.isdecimal() else None


def restoring(form: Any, version: Any) -> Any:
    """`form` that shows what `version` says, on the version of the row that is stored."""

    class RestoringForm(form):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            opened = self.get_initial_for_field(self.fields["version"], "version")
            row = history.as_it_was(self.instance, version)
            names = {*history.restorable(type(row)), *self.derived}.intersection(self.fields)
            values = {name: form(instance=row)[name].initial for name in names}
            self.initial |= values | history.related(version)[0] | {"version": opened}

    return RestoringForm


def entry(version: Any, changes: list[Change] | None) -> Entry:
    revision = version.revision
    who = revision.user and (revision.user.get_full_name() or revision.user.get_username())
    return Entry(version.pk, moment(revision.date_created), who or "", revision.comment, changes)


def paged(page: Page[Any]) -> dict[str, Any]:
    return {
        "page": page,
        "page_var": PAGE_VAR,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "pagination_required": page.paginator.num_pages > 1,
    }
