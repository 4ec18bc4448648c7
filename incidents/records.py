"""An incident as open data: each field's name, its schema and where it is read, said once.

The answers at /incidents.json, the columns of the CSV, the schema that we publish and the check of
what is imported are all made of FIELDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
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
NO_INSTANT = INSTANT | {"type": ["string", "null"]}
# PostgreSQL can't hold a NUL.
TEXT = {"type": "string", "pattern": "^[^\\u0000]*$"}
TITLE = TEXT | {"minLength": 1, "maxLength": 300}
NAME = TEXT | {"minLength": 1, "maxLength": 100}
SLUG = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": SLUG_LENGTH}
CODE = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 16}
UID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
UID = {"type": "string", "format": "uuid", "pattern": UID_PATTERN}
URL = {"type": "string", "format": "uri"}
ADDRESS = URL | {"pattern": "^https?://", "maxLength": 200}
MINUTES = {"type": ["number", "null"]}


@dataclass(frozen=True)
class Field:
    """`read` gives the value that `schema` describes, of an incident from `recorded`."""

    name: str
    schema: Schema
    read: Callable[[Incident], Any]


def field(
    name: str, of: Schema, description: str, read: Callable[[Incident], Any] | None = None
) -> Field:
    """It is read as the incident has it where `read` says nothing else."""
    return Field(name, {**of, "description": description}, read or attrgetter(name))


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


def instant(name: str, description: str, schema: Schema = NO_INSTANT) -> Field:
    """An instant that the incident has, maybe."""
    return field(name, schema, description, lambda one: instant_of(getattr(one, name), one.zone))


def _addenda(one: Incident) -> list[dict[str, str | None]]:
    return [
        {"published_at": instant_of(each.publish_at, one.zone), "body": each.body}
        for each in one.addenda.all()
    ]


ADDENDUM: Schema = {
    "type": "object",
    "properties": {"published_at": INSTANT, "body": TEXT | {"minLength": 1}},
    "required": ["published_at", "body"],
    "additionalProperties": False,
}

FIELDS = (
    field("slug", SLUG, "Its name in addresses, fixed once it is published."),
    field("uid", UID, "Its permanent id, which feeds and calendars use.", lambda one: str(one.uid)),
    field("url", URL, "Its page.", lambda one: absolute(one.get_absolute_url())),
    field("title", TITLE, "What it is called; `backticks` mark code."),
    instant("started_at", "The first effect on customers, with its zone's offset.", INSTANT),
    instant("ended_at", "The last effect on customers; null while it is not known or not over."),
    field(
        "duration_minutes",
        MINUTES,
        "From start to end, in minutes; null where there is no end.",
        lambda one: minutes_of(one.length),
    ),
    field(
        "precision",
        one_of(*Precision.values),
        "How well the length is known: exact and about have an end, unknown and ongoing none.",
    ),
    field("zone", NAME, "The IANA zone of its wall clock."),
    field(
        "impact",
        one_of(*(impact.word for impact in Impact), None),
        "How much customers felt, in rising order; null until somebody has judged it.",
        lambda one: one.impact_word or None,
    ),
    field(
        "scope", one_of(*Scope.values, None), "Whom it could touch.", lambda one: one.scope or None
    ),
    field("kind", one_of(*Kind.values), "What sort of event it was."),
    field(
        "regions",
        set_of(CODE),
        "Codes of the places where customers felt it.",
        lambda one: sorted(region.code for region in one.regions.all()),
    ),
    field(
        "places",
        {"type": "object", "additionalProperties": NAME},
        "The name of each region's place, by its code.",
        lambda one: {each.code: each.place for each in sorted(one.regions.all(), key=str)},
    ),
    field(
        "services",
        set_of(NAME),
        "What broke.",
        lambda one: sorted(service.name for service in one.services.all()),
    ),
    field(
        "partners",
        set_of(NAME),
        "Those of its services that are a partner's, not ours.",
        lambda one: sorted(service.name for service in one.services.all() if not service.ours),
    ),
    field("body", TEXT, "The write-up, in Markdown."),
    field(
        "published_at",
        NO_INSTANT,
        "When it was published; null in a file to import for one that stays private.",
        lambda one: instant_of(one.publish_at, one.zone),
    ),
    field(
        "addenda",
        {"type": "array", "items": ADDENDUM},
        "Corrections and late facts, in Markdown, in the order of publication.",
        _addenda,
    ),
    field(
        "related",
        set_of(SLUG),
        "Slugs of published incidents with the same cause, or that it follows.",
        lambda one: sorted(other.slug for other in one.related.all()),
    ),
    field(
        "postmortem_url",
        nullable(ADDRESS),
        "A post-mortem elsewhere.",
        lambda one: one.postmortem_url or None,
    ),
    field(
        "status_url",
        nullable(ADDRESS),
        "The notice on the status page.",
        lambda one: one.status_url or None,
    ),
    instant("status_posted_at", "When that notice was posted."),
    field(
        "status_lag_minutes",
        MINUTES,
        "From the start to that notice, in minutes; negative where it came before.",
        lambda one: minutes_of(one.status_delay),
    ),
    field(
        "proposed",
        set_of(NAME),
        "Fields that were proposed by a reading of a text and that no editor has confirmed yet.",
    ),
)
# What a file to import must say of each; the rest has defaults.
REQUIRED = ["slug", "title", "started_at"]


def recorded(incidents: IncidentQuerySet, at: datetime) -> IncidentQuerySet:
    """With all that a record says, in a fixed number of queries; what isn't public at `at` is left
    out of the related ones."""
    told = Incident.objects.published(at).only("slug")
    return incidents.with_related().prefetch_related(Prefetch("related", told))


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
