"""An incident as open data: each field's name, its schema and where it is read, said once.

The answers at /incidents.json, the columns of the CSV, the schema that we publish and the check of
what is imported are all made of FIELDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.urls import reverse

from incidents.addresses import absolute
from incidents.models import SLUG_LENGTH, Incident
from incidents.querysets import IncidentQuerySet
from incidents.scales import Impact, Kind, Precision, Scope

Schema = Mapping[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
# RFC 3339, section 5.6.
INSTANT = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?"
    "(Z|[+-][0-9]{2}:[0-9]{2})$",
}
# PostgreSQL can't hold a NUL.
TEXT = {"type": "string", "pattern": "^[^\\u0000]*$"}
NAME = TEXT | {"minLength": 1, "maxLength": 100}
SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": SLUG_LENGTH}
CODE = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 16}
ADDRESS = {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": 200}
MINUTES = {"type": ["number", "null"]}


@dataclass(frozen=True)
class Field:
    """`read` gives the value that `schema` describes, of an incident from `recorded`."""

    name: str
    read: Callable[[Incident], Any]
    schema: Schema


def field(name: str, read: Callable[[Incident], Any], of: Schema, description: str) -> Field:
    return Field(name, read, {**of, "description": description})


def nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def one_of(*values: str | None) -> Schema:
    return {"enum": list(values)}


def set_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema, "uniqueItems": True}


def minutes_of(length: timedelta | None) -> float | None:
    """Minutes, whole ones as an integer."""
    if length is None:
        return None
    minutes = length.total_seconds() / 60
    return int(minutes) if minutes.is_integer() else minutes


def instant_of(moment: datetime | None, zone: str) -> str | None:
    """ISO 8601 on the wall clock of `zone`, or in UTC where RFC 3339 can't write its offset."""
    if moment is None:
        return None
    there = moment.astimezone(ZoneInfo(zone))
    offset = there.utcoffset() or timedelta()
    return (moment.astimezone(UTC) if offset.seconds % 60 else there).isoformat()


def _addenda(one: Incident) -> list[dict[str, str | None]]:
    return [
        {"told_at": instant_of(each.told_at, one.zone), "body": each.body}
        for each in one.addenda.all()
    ]


ADDENDUM: Schema = {
    "type": "object",
    "properties": {"told_at": INSTANT, "body": TEXT | {"minLength": 1}},
    "required": ["told_at", "body"],
    "additionalProperties": False,
}

FIELDS = (
    field("slug", lambda one: one.slug, SLUG, "Its name in addresses, fixed once it is told."),
    field(
        "uid",
        lambda one: str(one.uid),
        {
            "type": "string",
            "format": "uuid",
            "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        },
        "Its permanent id, which feeds and calendars use.",
    ),
    field(
        "url",
        lambda one: absolute(one.get_absolute_url()),
        {"type": "string", "format": "uri"},
        "Its page.",
    ),
    field(
        "title",
        lambda one: one.title,
        TEXT | {"minLength": 1, "maxLength": 300},
        "What it is called; `backticks` mark code.",
    ),
    field(
        "started_at",
        lambda one: instant_of(one.started_at, one.zone),
        INSTANT,
        "The first effect on customers, with its zone's offset.",
    ),
    field(
        "ended_at",
        lambda one: instant_of(one.ended_at, one.zone),
        nullable(INSTANT),
        "The last effect on customers; null while it is not known or not over.",
    ),
    field(
        "duration_minutes",
        lambda one: minutes_of(one.length),
        MINUTES,
        "From start to end, in minutes; null where there is no end.",
    ),
    field(
        "precision",
        lambda one: one.precision,
        one_of(*Precision.values),
        "How well the length is known: exact and about have an end, unknown and ongoing none.",
    ),
    field("zone", lambda one: one.zone, NAME, "The IANA zone of its wall clock."),
    field(
        "impact",
        lambda one: one.impact_word or None,
        one_of(*(impact.word for impact in Impact), None),
        "How much customers felt, in rising order; null until somebody has judged it.",
    ),
    field(
        "scope", lambda one: one.scope or None, one_of(*Scope.values, None), "Whom it could touch."
    ),
    field("kind", lambda one: one.kind, one_of(*Kind.values), "What sort of event it was."),
    field(
        "regions",
        lambda one: sorted(region.code for region in one.regions.all()),
        set_of(CODE),
        "Codes of the places where customers felt it.",
    ),
    field(
        "places",
        lambda one: {each.code: each.place for each in sorted(one.regions.all(), key=str)},
        {"type": "object", "additionalProperties": NAME},
        "The name of each region's place, by its code.",
    ),
    field(
        "services",
        lambda one: sorted(service.name for service in one.services.all()),
        set_of(NAME),
        "What broke.",
    ),
    field(
        "partners",
        lambda one: sorted(service.name for service in one.services.all() if not service.ours),
        set_of(NAME),
        "Those of its services that are a partner's, not ours.",
    ),
    field("body", lambda one: one.body, TEXT, "The write-up, in Markdown."),
    field(
        "told_at",
        lambda one: instant_of(one.told_at, one.zone),
        nullable(INSTANT),
        "When it was told here; null in a file to import for one that stays private.",
    ),
    field(
        "addenda",
        _addenda,
        {"type": "array", "items": ADDENDUM},
        "Corrections and late facts, in Markdown, in the order they were told.",
    ),
    field(
        "related",
        lambda one: sorted(other.slug for other in one.related.all()),
        set_of(SLUG),
        "Slugs of told incidents with the same cause, or that it follows.",
    ),
    field(
        "postmortem_url",
        lambda one: one.postmortem_url or None,
        nullable(ADDRESS),
        "A post-mortem elsewhere.",
    ),
    field(
        "status_url",
        lambda one: one.status_url or None,
        nullable(ADDRESS),
        "The notice on the status page.",
    ),
    field(
        "status_posted_at",
        lambda one: instant_of(one.status_posted_at, one.zone),
        nullable(INSTANT),
        "When that notice was posted.",
    ),
    field(
        "status_lag_minutes",
        lambda one: minutes_of(one.status_lag),
        MINUTES,
        "From the start to that notice, in minutes; negative where it came before.",
    ),
    field(
        "proposed",
        lambda one: list(one.proposed),
        set_of(NAME),
        "Fields that were proposed by a reading of a text and that no editor has confirmed yet.",
    ),
)
# What a file to import must say of each; the rest has defaults.
REQUIRED = ["slug", "title", "started_at"]


def recorded(incidents: IncidentQuerySet, at: datetime) -> IncidentQuerySet:
    """With all that a record says, in a fixed number of queries; what isn't told at `at` is left
    out of the related ones."""
    told = Incident.objects.public(at).only("slug")
    return incidents.whole().prefetch_related(Prefetch("related", told))


def record(incident: Incident) -> dict[str, Any]:
    return {field.name: field.read(incident) for field in FIELDS}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of /incidents.json, and of a file to import."""
    incident = {
        "type": "object",
        "properties": {field.name: field.schema for field in FIELDS},
        "required": REQUIRED,
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "$id": absolute(reverse("incidents_schema")),
        "title": "Incidents",
        "description": "A page of the log. Answers hold every field; a file to import may leave "
        "out those that are not required.",
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": {"$ref": "#/$defs/incident"}},
            "next": {
                "type": ["string", "null"],
                "format": "uri",
                "description": "Where the rest is found; null where nothing is left.",
            },
        },
        "required": ["results"],
        "additionalProperties": False,
        "$defs": {"incident": incident},
    }


def written(document: Any) -> str:
    """JSON as all of our documents are written: the same value gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
