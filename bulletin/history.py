"""What a version holds: which fields of which rows, and their state before the first one.

Rendered twins, digests and what publishing derives are left out, so that a save that changed
nothing an editor can type adds no version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import reversion
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Max, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from reversion.models import Revision, Version

from bulletin.models import Article, Author, Bulletin, SiteSettings
from incidents.models import Addendum, Incident, Region, Service

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
    return found.select_related("revision__user")


def keep_stored(rows: QuerySet[Any], comment: str = "") -> None:
    """The stored state of `rows` where no version says it yet, as a version of its own.

    Call it before they are changed or deleted: what was there before the first version, and what
    a command changed since, is no change of the editor who saves next.
    """
    fresh = unkept(rows)
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


def unkept(rows: QuerySet[Any]) -> list[Any]:
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


def belongings(row: Model) -> Iterable[Addendum]:
    return row.addenda.all() if isinstance(row, Incident) else ()


def _newest(model: type[Model], keys: list[str]) -> dict[str, dict[str, Any]]:
    """What the newest version of each row says, by its key."""
    versions = Version.objects.get_for_model(model).filter(object_id__in=keys)
    newest = versions.order_by().values("object_id").annotate(newest=Max("pk"))
    found = Version.objects.filter(pk__in=newest.values("newest"))
    return {one.object_id: one.field_dict for one in found}
