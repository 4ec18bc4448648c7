"""Every explicit save is a revision: who, when, what changed, and a way back.

django-reversion, because one save here touches several rows (a bulletin, its incidents, what they
notify) more than once each: it takes them together, at the end, as one revision, many-to-many
fields included, and needs no second table a model.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import reversion
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reversion.models import Revision, Version

from bulletin import diffs
from bulletin.conflicts import AS_TYPED, normal
from bulletin.models import Article, Author, Bulletin, SiteSettings
from bulletin.publishing import save_lock
from incidents.forms import TIMES
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import site_zone
from incidents.templatetags.incident_tags import impact, incident_length, time_text

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
    with save_lock(), reversion.create_revision(atomic=False):
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


def add_to_revision(incidents: Iterable[Incident]) -> None:
    """As they are stored now, whatever the rows in hand say."""
    if reversion.is_active():
        for incident in Incident.objects.filter(pk__in=[incident.pk for incident in incidents]):
            reversion.add_to_revision(incident)


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
        zone = ZoneInfo(state["zone"]) if field.name in TIMES else site_zone()
        return time_text(value.astimezone(zone))
    return date_format(value) if isinstance(value, date) else str(value or "")


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


def names_of(model: type[Model], pks: Collection[Any], mark: Any = GONE) -> dict[Any, str]:
    """The name of each row; of one that is gone its last, or its number, in `mark`."""
    names = {row.pk: str(row) for row in model._base_manager.filter(pk__in=pks)}
    gone = {str(pk): pk for pk in pks if pk not in names}
    if gone:
        last = Version.objects.get_for_model(model).filter(object_id__in=gone).order_by("pk")
        known = dict(last.values_list("object_id", "object_repr"))
        names |= {pk: str(mark) % known.get(key, f"#{key}") for key, pk in gone.items()}
    return names
