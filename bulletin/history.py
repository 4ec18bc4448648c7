"""Every explicit save is a revision: who, when, what changed, and a way back.

django-reversion, because one save here touches several rows (a bulletin, its incidents, what they
notify) more than once each: it takes them together, at the end, as one revision, many-to-many
fields included, and needs no second table a model.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise, zip_longest
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import reversion
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Max, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reversion.models import Revision, Version

from bulletin import diffs
from bulletin.conflicts import AS_TYPED, normal, save_lock
from bulletin.models import Article, Author, Bulletin, SiteSettings
from incidents import time_zones
from incidents.forms import TIMES
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import site_zone
from incidents.templatetags.incident_tags import impact, incident_length

ModelT = TypeVar("ModelT", bound=Model)
# Incidents and their addenda belong to one revision, whichever of them was saved.
FOLLOWED: Final[dict[type[Model], list[str]]] = {Incident: ["addenda"], Addendum: ["incident"]}
VERSIONED: Final = (Bulletin, Article, Author, SiteSettings, Incident, Region, Service, Addendum)
# What readers see, and when, is decided now and not by what was once.
DECIDED: Final = {"status", "publish_at"}
PER_PAGE: Final = 20
# In an address: the version that the form shows. In a form: the one that it was filled with.
RESTORE: Final = "restore"
RESTORED: Final = "_restored"
GONE: Final = gettext_lazy("%s (deleted since)")

# The values of a row's versioned fields, keys where others are related; "addenda" by their keys.
State = Mapping[str, Any]


def fields_of(model: type[Model]) -> list[Any]:
    """What editors type: rendered twins, digests and what publishing derives are left out, so that
    a save that changed nothing of it adds no version."""
    opts = model._meta
    every = [*opts.local_fields, *opts.local_many_to_many]
    return [one for one in every if one.editable or one.name == "publish_at"]


for model in VERSIONED:
    names = [field.name for field in fields_of(model)]
    follow = FOLLOWED.get(model, [])
    reversion.register(model, fields=names, follow=follow, ignore_duplicates=True)


# Versions -----------------------------------------------------------------------------


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


def add_stored_versions(rows: QuerySet[Any], comment: str = "") -> None:
    """The stored state of `rows` where no version says it yet, as a version of its own.

    Call it before they are changed or deleted: what was there before the first version, and what
    a command changed since, is no change of the editor who saves next.
    """
    fresh = without_version(rows)
    made = Revision.objects.bulk_create(
        Revision(
            date_created=getattr(row, "edited_at", None) or timezone.now(),
            comment=comment or _("As it was before."),
        )
        for row in fresh
    )
    Version.objects.bulk_create(
        version_of(one, revision)
        for row, revision in zip(fresh, made, strict=True)
        for one in (row, *addenda_of(row))
    )


def without_version(rows: QuerySet[Any]) -> list[Any]:
    many = [field.name for field in fields_of(rows.model) if field.many_to_many]
    stored = list(rows.prefetch_related(*many))
    versions = Version.objects.get_for_model(rows.model)
    versions = versions.filter(object_id__in=[str(row.pk) for row in stored]).order_by()
    newest = versions.values("object_id").annotate(newest=Max("pk")).values("newest")
    known = {one.object_id: one.field_dict for one in Version.objects.filter(pk__in=newest)}
    return [row for row in stored if known.get(str(row.pk)) != version_of(row).field_dict]


def version_of(row: Model, revision: Any = None) -> Any:
    names = [field.name for field in fields_of(type(row))]
    return Version(
        revision=revision,
        object_id=str(row.pk),
        content_type=ContentType.objects.get_for_model(row),
        db=DEFAULT_DB_ALIAS,
        format="json",
        serialized_data=serializers.serialize("json", [row], fields=names),
        object_repr=str(row),
    )


def add_typed_version(row: Model, typed: Mapping[str, Any], user: Any) -> Any:
    """A version of `row` on which `typed` is as `user` sent it, before it was merged."""
    revision = Revision.objects.create(date_created=timezone.now(), user=user, comment=AS_TYPED)
    version = version_of(row, revision)
    (data,) = json.loads(version.serialized_data)
    for name in data["fields"].keys() & typed.keys():
        value = typed[name]
        is_many = isinstance(value, QuerySet)
        data["fields"][name] = [other.pk for other in value] if is_many else value
    version.serialized_data = json.dumps([data], cls=DjangoJSONEncoder)
    version.save()
    return version


def addenda_of(row: Model) -> Iterable[Addendum]:
    return row.addenda.all() if isinstance(row, Incident) else ()


# What changed -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose value changed; `rows` of a side-by-side view where it is a text."""

    label: str
    old: str
    new: str
    rows: list[diffs.Row]


def stored_state(row: Model) -> State:
    addenda = {str(one.pk): one.body for one in addenda_of(row)}
    return {**version_of(row).field_dict, "addenda": addenda}


def states_of(versions: Collection[Any]) -> list[State]:
    # Rows of other kinds may have an incident's key, and be saved with it.
    kind = ContentType.objects.get_for_model(Incident).pk
    revisions = {one.revision_id for one in versions if one.content_type_id == kind}
    addenda: dict[tuple[int, str], dict[str, str]] = {}
    saved = Version.objects.get_for_model(Addendum).filter(revision__in=revisions)
    for one in saved.order_by("pk"):
        owner = one.revision_id, str(one.field_dict["incident_id"])
        addenda.setdefault(owner, {})[one.object_id] = one.field_dict["body"]
    return [
        {**one.field_dict, "addenda": addenda.get((one.revision_id, one.object_id), {})}
        for one in versions
    ]


def changes(model: type[Model], states: Sequence[State]) -> list[list[Change]]:
    """What each of `states` changed in the one after it, which is older; in as many queries for 20
    as for 2."""
    fields = [field for field in fields_of(model) if not field.primary_key]
    related = {
        field.name: names_of(
            field.related_model, {pk for state in states for pk in state[field.name]}
        )
        for field in fields
        if field.many_to_many
    }
    return [
        [
            *(one for field in fields if (one := change(field, old, new, related))),
            *length_change(model, old, new),
            *addendum_changes(old["addenda"], new["addenda"]),
        ]
        for new, old in pairwise(states)
    ]


def change(
    field: Any, old: State, new: State, related: Mapping[str, dict[Any, str]]
) -> Change | None:
    # A precision without its length says nothing: in length_change they are one.
    if field.name == "precision" or normal(old.get(field.attname)) == normal(
        new.get(field.attname)
    ):
        return None
    before, after = (in_words(field, state, related) for state in (old, new))
    rows = diffs.compare(before, after) if isinstance(field, models.TextField) else []
    return Change(capfirst(str(field.verbose_name)), before, after, rows)


def in_words(field: Any, state: State, related: Mapping[str, dict[Any, str]]) -> str:
    value = state.get(field.attname)
    if field.many_to_many:
        return ", ".join(related[field.name][pk] for pk in value or [])
    if field.name == "impact":
        return impact(Incident(impact=value))
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value) or "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment(value, ZoneInfo(state["zone"]) if field.name in TIMES else site_zone())
    return value.isoformat() if isinstance(value, date) else str(value or "")


def length_change(model: type[Model], old: State, new: State) -> Iterator[Change]:
    if model is not Incident:
        return
    names = ("started_at", "ended_at", "precision")
    before, after = (
        incident_length(Incident(**{name: state[name] for name in names})) for state in (old, new)
    )
    if before != after:
        yield Change(_("Length"), before, after, [])


def addendum_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for key in {**old, **new}:
        before, after = old.get(key, ""), new.get(key, "")
        if before != after:
            yield Change(_("Addendum"), before, after, diffs.compare(before, after))


def moment(instant: datetime, zone: ZoneInfo) -> str:
    there = instant.astimezone(zone)
    return f"{there:%Y-%m-%d %H:%M} {time_zones.abbreviation_of(there)}"


def names_of(model: type[Model], pks: Collection[Any], mark: Any = GONE) -> dict[Any, str]:
    """The name of each row; of one that is gone its last, or its number, in `mark`."""
    names = {row.pk: str(row) for row in model._base_manager.filter(pk__in=pks)}
    gone = {str(pk): pk for pk in pks if pk not in names}
    if gone:
        last = Version.objects.get_for_model(model).filter(object_id__in=gone).order_by("pk")
        known = dict(last.values_list("object_id", "object_repr"))
        names |= {pk: str(mark) % known.get(key, f"#{key}") for key, pk in gone.items()}
    return names


# Restoring ----------------------------------------------------------------------------


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


# Pages --------------------------------------------------------------------------------


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
            words.insert(1, restored % moment(version.revision.date_created, site_zone()))
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
            saved = moment(version.revision.date_created, site_zone())
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
