"""From checked entries to incidents of the log, in one transaction."""

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
from bulletin.importing.documents import DocumentError, Entry, differences, end_of, said
from incidents.fields import default_zone
from incidents.models import Addendum, Incident, Region, Service
from incidents.records import record, recorded
from incidents.scales import Impact, Kind, Precision

# Given as they are, an empty text where they are null.
TEXTS = ("title", "slug", "scope", "body", "postmortem_url", "status_url")


@dataclass
class Outcome:
    """What an import did: incidents made, and those that were there and say the same or other."""

    made: list[Incident] = field(default_factory=list)
    same: int = 0
    differing: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def write(entries: Iterable[Entry], at: datetime, *, dry_run: bool = False) -> Outcome:
    """Make the incidents that the log lacks, by slug; one that it has is left as it is.

    All or nothing: DocumentError names every entry that the log's own rules refuse. A dry run
    does the same and takes it back.
    """
    with transaction.atomic():
        with reversion.create_revision():
            reversion.set_comment(_("Imported."))
            outcome = _Writing(at).everything(entries)
        if any(not incident.is_public(at) for incident in outcome.made):
            publishing.sync_scheduled(at)
        transaction.set_rollback(dry_run)
    return outcome


class _Writing:
    """One import: what it made so far, and what is wrong."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.outcome = Outcome()
        self.wrong: list[str] = []
        self.seen: dict[str, Entry] = {}
        self.related: list[tuple[Incident, list[str]]] = []
        self.regions: dict[str, Region] = {}
        self.services: dict[str, Service] = {}

    def everything(self, entries: Iterable[Entry]) -> Outcome:
        for entry in entries:
            try:
                self.one(entry)
            except ValidationError as error:
                self.wrong += [f"{entry.place}: {text}" for text in _sentences(error)]
            except (ValueError, OverflowError) as error:
                self.wrong.append(f"{entry.place}: {error}")
        if self.wrong:
            raise DocumentError(self.wrong)
        self.relate()
        return self.outcome

    def one(self, entry: Entry) -> None:
        earlier = self.seen.setdefault(entry.slug, entry)
        if earlier is not entry:
            if earlier.record != entry.record:
                raise ValueError(f"slug: {earlier.place} has it, too, and says other things")
            return
        existing = recorded(Incident.objects.filter(slug=entry.slug), self.at).first()
        if existing is None:
            self.make(entry)
        elif other := differences(entry, record(existing)):
            self.outcome.differing[entry.slug] = other
        else:
            self.outcome.same += 1

    def make(self, entry: Entry) -> None:
        given = entry.record
        incident = incident_of(given, self.at)
        incident.full_clean(exclude=["body_html"])
        incident.save()
        incident.regions.set(self.region(code, given) for code in given.get("regions", []))
        incident.services.set(self.service(name, given) for name in given.get("services", []))
        for publish_at, body in said(given).get("addenda", []):
            if publish_at > self.at:
                raise ValueError(
                    "addenda: one is published at once, so none can be from the future"
                )
            addendum = Addendum(incident=incident, publish_at=publish_at, body=body)
            addendum.full_clean(exclude=["body_html"])
            addendum.save()
        self.related.append((incident, given.get("related", [])))
        self.outcome.made.append(incident)

    def relate(self) -> None:
        """Last, for one may be in the file after another that it is related to."""
        for incident, slugs in self.related:
            others = Incident.objects.filter(slug__in=slugs)
            incident.related.add(*others)
            missing = sorted({*slugs} - {other.slug for other in others})
            self.outcome.warnings += [
                f"{incident.slug} is related to {slug}, which isn't here" for slug in missing
            ]

    def region(self, code: str, given: dict[str, Any]) -> Region:
        """By its code, made where it is missing."""
        if code not in self.regions:
            place = given.get("places", {}).get(code)
            region = Region.objects.filter(code=code).first() or Region(
                code=code, place=place or code
            )
            self.regions[code] = self.settled(region, "place", place)
        return self.regions[code]

    def service(self, name: str, given: dict[str, Any]) -> Service:
        """By its name, made where it is missing."""
        if name not in self.services:
            ours = name not in given["partners"] if "partners" in given else None
            service = Service.objects.filter(name=name).first() or Service(name=name)
            self.services[name] = self.settled(service, "ours", ours)
        return self.services[name]

    def settled(self, row: Any, name: str, value: Any) -> Any:
        """The region or service with what the file says of it, which yields to what the log does
        where an incident of the log has it already."""
        same = value is None or getattr(row, name) == value
        if row.pk and same:
            return row
        if row.pk and row.incident_set.exists():
            self.outcome.warnings.append(f"{row} is left as it is; the file says {name}: {value}")
            return row
        if not same:
            setattr(row, name, value)
        row.full_clean()
        row.save()
        return row


def incident_of(given: dict[str, Any], at: datetime) -> Incident:
    """The incident that a record tells of, not saved; its address stays what the file says."""
    values = said(given)
    ended_at = end_of(given)
    impact = values.get("impact")
    fields = {name: values.get(name) or "" for name in TEXTS}
    if values.get("uid"):
        fields["uid"] = values["uid"]
    incident = Incident(
        **fields,
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
    incident.was_public = not incident.is_public(at)
    return incident


def _sentences(error: ValidationError) -> list[str]:
    """With the field before each, but where the rule is one of several fields."""
    rules = error.message_dict
    return [
        text if name == "__all__" else f"{name}: {text}"
        for name, texts in rules.items()
        for text in texts
    ]
