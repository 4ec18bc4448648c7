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
from incidents.choices import Impact, Precision
from incidents.exports import serialize, with_exported
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import default_zone

COPIED = "title slug uid started_at status_posted_at scope kind body postmortem_url status_url"


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
        for record in records:
            try:
                self._write(record)
            except ValidationError as error:
                errors += [f"{record.place}: {text}" for text in _sentences(error)]
            except (ValueError, OverflowError) as error:
                errors.append(f"{record.place}: {error}")
        if errors:
            raise RecordError(errors)
        # Last, for a record may come before one that it is related to.
        self._relate()
        return self.outcome

    def _write(self, record: Record) -> None:
        earlier = self.seen.setdefault(record.slug, record)
        if earlier is not record:
            if earlier.fields != record.fields:
                raise ValueError(f"slug: {earlier.place} has it, too, and says other things")
            return
        existing = with_exported(Incident.objects.filter(slug=record.slug), self.at).first()
        if existing is None:
            self._create(record.fields)
        elif differences := record.differences(serialize(existing)):
            self.outcome.differing[record.slug] = differences
        else:
            self.outcome.same += 1

    def _create(self, fields: dict[str, Any]) -> None:
        values = {name: value for name, value in parse_fields(fields).items() if value is not None}
        incident = _build(fields, values)
        incident.was_public = not incident.is_public(self.at)
        incident.full_clean(exclude=["body_html"])
        incident.save()
        incident.regions.set(self._region(code, fields) for code in fields.get("regions", []))
        incident.services.set(self._service(name, fields) for name in fields.get("services", []))
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
            related = Incident.objects.filter(slug__in=slugs)
            incident.related.add(*related)
            missing = sorted({*slugs} - {each.slug for each in related})
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
        if row.pk and value in (None, getattr(row, name)):
            return row
        if row.pk and row.incident_set.exists():
            self.outcome.warnings.append(f"{row} is left as it is; the file says {name}: {value}")
            return row
        if value is not None:
            setattr(row, name, value)
        row.full_clean()
        row.save()
        return row


def _build(fields: dict[str, Any], values: dict[str, Any]) -> Incident:
    minutes = fields.get("duration_minutes")
    ended_at = end_of(values["started_at"], values.get("ended_at"), minutes)
    impact = values.get("impact")
    return Incident(
        **{name: values[name] for name in COPIED.split() if name in values},
        ended_at=ended_at,
        precision=values.get("precision") or (Precision.EXACT if ended_at else Precision.UNKNOWN),
        zone=values.get("zone") or default_zone(),
        impact=Impact[impact.upper()] if impact else None,
        publish_at=values.get("published_at"),
        proposed=fields.get("proposed", []),
    )


def _sentences(error: ValidationError) -> list[str]:
    return [
        text if name == "__all__" else f"{name}: {text}"
        for name, texts in error.message_dict.items()
        for text in texts
    ]
