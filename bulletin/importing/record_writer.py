"""From checked records to incidents, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import reversion
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bulletin import publishing
from bulletin.importing.incident_records import Record, RecordError, end_of, parse_fields
from incidents.choices import Impact, Kind, Precision
from incidents.exports import serialize, with_exported
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import default_zone

# Given as they are, an empty text where they are null.
TEXTS = ("title", "slug", "scope", "body", "postmortem_url", "status_url")


@dataclass
class Outcome:
    """What an import did: incidents created, and those that exist and are the same or differ."""

    created: list[Incident] = field(default_factory=list)
    same: int = 0
    differing: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def write_records(records: Iterable[Record], at: datetime, *, dry_run: bool = False) -> Outcome:
    """Create the incidents that are missing, by slug; one that exists is left as it is.

    All or nothing: RecordError names every record that the models' rules refuse. A dry run
    does the same and rolls it back.
    """
    with transaction.atomic():
        with reversion.create_revision():
            reversion.set_comment(_("Imported."))
            outcome = _RecordWriter(at).write(records)
        if any(not incident.is_public(at) for incident in outcome.created):
            publishing.sync_scheduled(at)
        transaction.set_rollback(dry_run)
    return outcome


class _RecordWriter:
    def __init__(self, at: datetime) -> None:
        self.at = at
        self.outcome = Outcome()
        self.seen: dict[str, Record] = {}
        self.related: list[tuple[Incident, list[str]]] = []
        self.regions: dict[str, Region] = {}
        self.services: dict[str, Service] = {}

    def write(self, records: Iterable[Record]) -> Outcome:
        errors: list[str] = []
        for each in records:
            try:
                self._write(each)
            except ValidationError as error:
                errors += [f"{each.place}: {text}" for text in _sentences(error)]
            except (ValueError, OverflowError) as error:
                errors.append(f"{each.place}: {error}")
        if errors:
            raise RecordError(errors)
        # Last, for a record may come before one that it is related to.
        self._relate()
        return self.outcome

    def _write(self, given: Record) -> None:
        earlier = self.seen.setdefault(given.slug, given)
        if earlier is not given:
            if earlier.fields != given.fields:
                raise ValueError(f"slug: {earlier.place} has it, too, and says other things")
            return
        existing = with_exported(Incident.objects.filter(slug=given.slug), self.at).first()
        if existing is None:
            self._create(given.fields)
        elif differences := given.differences(serialize(existing)):
            self.outcome.differing[given.slug] = differences
        else:
            self.outcome.same += 1

    def _create(self, fields: dict[str, Any]) -> None:
        values = parse_fields(fields)
        incident = _build(fields, values)
        incident.was_public = not incident.is_public(self.at)
        incident.full_clean(exclude=["body_html"])
        incident.save()
        regions = (self._region(code, fields) for code in fields.get("regions", []))
        services = (self._service(name, fields) for name in fields.get("services", []))
        incident.regions.set(regions)
        incident.services.set(services)
        for publish_at, body in values.get("addenda", []):
            if publish_at > self.at:
                raise ValueError(
                    "addenda: one is published at once, so none can be from the future"
                )
            addendum = Addendum(incident=incident, publish_at=publish_at, body=body)
            addendum.full_clean(exclude=["body_html"])
            addendum.save()
        self.related.append((incident, fields.get("related", [])))
        self.outcome.created.append(incident)

    def _relate(self) -> None:
        for incident, slugs in self.related:
            others = Incident.objects.filter(slug__in=slugs)
            incident.related.add(*others)
            missing = sorted({*slugs} - {other.slug for other in others})
            self.outcome.warnings += [
                f"{incident.slug} is related to {slug}, which isn't here" for slug in missing
            ]

    def _region(self, code: str, fields: dict[str, Any]) -> Region:
        if code not in self.regions:
            place = fields.get("places", {}).get(code)
            row = Region.objects.filter(code=code).first() or Region(code=code, place=code)
            self.regions[code] = self._saved(row, "place", place)
        return self.regions[code]

    def _service(self, name: str, fields: dict[str, Any]) -> Service:
        if name not in self.services:
            ours = name not in fields["partners"] if "partners" in fields else None
            row = Service.objects.filter(name=name).first() or Service(name=name)
            self.services[name] = self._saved(row, "ours", ours)
        return self.services[name]

    def _saved(self, row: Any, name: str, value: Any) -> Any:
        """The region or service with the file's value, unless incidents of the site have it
        already with another."""
        same = value is None or getattr(row, name) == value
        if row.pk and not same and row.incident_set.exists():
            self.outcome.warnings.append(f"{row} is left as it is; the file says {name}: {value}")
        elif not (row.pk and same):
            if not same:
                setattr(row, name, value)
            row.full_clean()
            row.save()
        return row


def _build(given: dict[str, Any], values: dict[str, Any]) -> Incident:
    minutes = given.get("duration_minutes")
    ended_at = end_of(values["started_at"], values.get("ended_at"), minutes)
    impact = values.get("impact")
    texts = {name: values.get(name) or "" for name in TEXTS}
    if values.get("uid"):
        texts["uid"] = values["uid"]
    return Incident(
        **texts,
        started_at=values["started_at"],
        ended_at=ended_at,
        precision=values.get("precision") or (Precision.EXACT if ended_at else Precision.UNKNOWN),
        zone=values.get("zone") or default_zone(),
        impact=None if impact is None else Impact[impact.upper()],
        kind=values.get("kind") or Kind.INCIDENT,
        publish_at=values.get("published_at"),
        status_posted_at=values.get("status_posted_at"),
        proposed=given.get("proposed", []),
    )


def _sentences(error: ValidationError) -> list[str]:
    return [
        text if name == "__all__" else f"{name}: {text}"
        for name, texts in error.message_dict.items()
        for text in texts
    ]
