"""What a version holds: which fields of which rows, and their state before the first one.

Rendered twins, digests and what publishing derives are left out, so that a save that changed
nothing an editor can type adds no version.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import reversion
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Max, Model, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reversion.models import Revision, Version

from bulletin import diffs
from bulletin.conflicts import AS_TYPED, normal
from bulletin.models import Article, Author, Bulletin, SiteSettings
from incidents import time_zones
from incidents.forms import TIMES
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import site_zone
from incidents.templatetags.incident_tags import impact, incident_length

# Incidents and their addenda belong to one revision, whichever of them was saved.
FOLLOWED: Final[dict[type[Model], list[str]]] = {Incident: ["addenda"], Addendum: ["incident"]}
VERSIONED: Final = (Bulletin, Article, Author, SiteSettings, Incident, Region, Service, Addendum)


def fields_of(model: type[Model]) -> list[Any]:
    opts = model._meta
    every = [*opts.local_fields, *opts.local_many_to_many]
    return [one for one in every if one.editable or one.name == "publish_at"]


for model in VERSIONED:
    names = [field.name for field in fields_of(model)]
    follow = FOLLOWED.get(model, [])
    reversion.register(model, fields=names, follow=follow, ignore_duplicates=True)


def of(model: type[Model], object_id: Any) -> QuerySet[Any]:
    found: QuerySet[Any] = Version.objects.get_for_object_reference(model, object_id)
    return found.select_related("revision__user").exclude(revision__comment=AS_TYPED)


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
        for one in (row, *belongings(row))
    )


def without_version(rows: QuerySet[Any]) -> list[Any]:
    many = [field.name for field in fields_of(rows.model) if field.many_to_many]
    stored = list(rows.prefetch_related(*many))
    newest = _newest(rows.model, [str(row.pk) for row in stored])
    return [row for row in stored if newest.get(str(row.pk)) != version_of(row).field_dict]


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


def belongings(row: Model) -> Iterable[Addendum]:
    return row.addenda.all() if isinstance(row, Incident) else ()


def _newest(model: type[Model], keys: list[str]) -> dict[str, dict[str, Any]]:
    """What the newest version of each row says, by its key."""
    versions = Version.objects.get_for_model(model).filter(object_id__in=keys)
    newest = versions.order_by().values("object_id").annotate(newest=Max("pk"))
    found = Version.objects.filter(pk__in=newest.values("newest"))
    return {one.object_id: one.field_dict for one in found}


GONE: Final = gettext_lazy("%s (deleted since)")


@dataclass(frozen=True, slots=True)
class State:
    """The values of a row's versioned fields, keys where others are related; and its addenda."""

    values: Mapping[str, Any]
    addenda: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose value changed; `rows` of a side-by-side view where it is a text."""

    label: str
    old: str
    new: str
    rows: list[diffs.Row]


def stored(row: models.Model) -> State:
    return State(
        version_of(row).field_dict,
        {str(one.pk): one.body for one in belongings(row)},
    )


def states_of(versions: Collection[Any]) -> list[State]:
    found = Version.objects.get_for_model(Addendum)
    # Rows of other kinds may have an incident's key, and be saved with it.
    kind = ContentType.objects.get_for_model(Incident).pk
    own = {one.revision_id for one in versions if one.content_type_id == kind}
    found = found.filter(revision__in=own)
    addenda: dict[tuple[int, str], dict[str, str]] = {}
    for one in found.order_by("pk"):
        owner = one.revision_id, str(one.field_dict["incident_id"])
        addenda.setdefault(owner, {})[one.object_id] = one.field_dict["body"]
    return [
        State(one.field_dict, addenda.get((one.revision_id, one.object_id), {})) for one in versions
    ]


class Words:
    """Names the values of all `states` of rows of `model`, in as many queries for 20 as for 1."""

    def __init__(self, model: type[models.Model], states: Iterable[State]) -> None:
        self.model = model
        self.fields = [one for one in fields_of(model) if not one.primary_key]
        states = list(states)
        self.names = {
            one.name: named(
                one.related_model, {pk for state in states for pk in state.values[one.name]}
            )
            for one in self.fields
            if one.many_to_many
        }

    def changes(self, old: State, new: State) -> list[Change]:
        found = []
        for one in self.fields:
            before, after = old.values.get(one.attname), new.values.get(one.attname)
            # A precision without its length says nothing: below they are one.
            if one.name != "precision" and normal(before) != normal(after):
                long = isinstance(one, models.TextField)
                found.append(
                    change(one.verbose_name, self.text(one, old), self.text(one, new), long)
                )
        if self.model is Incident and (length(old) != length(new)):
            found.append(change(_("length"), length(old), length(new)))
        for key in {**old.addenda, **new.addenda}:
            before, after = old.addenda.get(key, ""), new.addenda.get(key, "")
            if before != after:
                found.append(change(_("addendum"), before, after, long=True))
        return found

    def text(self, one: Any, state: State) -> str:
        value = state.values.get(one.attname)
        if one.many_to_many:
            return ", ".join(self.names[one.name][pk] for pk in value or [])
        if one.name == "impact":
            return impact(Incident(impact=value))
        if one.flatchoices:
            return str(dict(one.flatchoices).get(value, value) or "")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            own = one.name in TIMES
            return moment(value, ZoneInfo(state.values["zone"]) if own else site_zone())
        if isinstance(value, date):
            return value.isoformat()
        return str(value or "")


def change(label: Any, old: str, new: str, long: bool = False) -> Change:
    return Change(str(capfirst(label)), old, new, diffs.compare(old, new) if long else [])


def length(state: State) -> str:
    times = {name: state.values[name] for name in ("started_at", "ended_at", "precision")}
    return incident_length(Incident(**times))


def moment(instant: datetime, zone: ZoneInfo | None = None) -> str:
    there = instant.astimezone(zone or site_zone())
    return f"{there:%Y-%m-%d %H:%M} {time_zones.abbreviation_of(there)}"


def named(model: type[models.Model], pks: Collection[Any], mark: Any = GONE) -> dict[Any, str]:
    """The name of each row; of one that is gone its last, or its number, in `mark`."""
    names = {row.pk: str(row) for row in model._base_manager.filter(pk__in=pks)}
    gone = {str(pk): pk for pk in pks if pk not in names}
    if gone:
        last = Version.objects.get_for_model(model).filter(object_id__in=gone).order_by("pk")
        known = dict(last.values_list("object_id", "object_repr"))
        names |= {pk: str(mark) % known.get(key, f"#{key}") for key, pk in gone.items()}
    return names


def restorable(model: type[Model]) -> list[str]:
    """What readers see, and when, is decided now and not by what was once."""
    names = [field.name for field in fields_of(model)]
    return [name for name in names if name not in {"status", "publish_at"}]


def as_it_was(row: Model, version: Any) -> Model:
    old = copy(row)
    for field in fields_of(type(row)):
        if not field.many_to_many:
            setattr(old, field.attname, version.field_dict[field.attname])
    old.pk = row._meta.pk.to_python(version.object_id)
    return old


def related(version: Any) -> tuple[dict[str, list[Any]], list[str]]:
    """The keys by field that still point at a row, and the names of those that don't."""
    there: dict[str, list[Any]] = {}
    lost: list[str] = []
    for field in fields_of(version.content_type.model_class()):
        if field.many_to_many:
            pks = version.field_dict.get(field.name) or []
            found = field.related_model._base_manager.filter(pk__in=pks)
            there[field.name] = list(found.values_list("pk", flat=True))
            gone = [pk for pk in pks if pk not in there[field.name]]
            lost += named(field.related_model, gone, mark="%s").values()
    return there, lost
