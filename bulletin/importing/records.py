"""The site's own JSON, as /incidents.json and `export_incidents` give it: checked, and written to
incidents in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import reversion
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError

from bulletin import publishing
from incidents.choices import Impact, Precision
from incidents.exports import schema, serialize, with_exported
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import default_zone

LIMIT_BYTES = 50_000_000
MAX_REASONS = 20
INSTANTS = ("started_at", "ended_at", "published_at", "status_posted_at")
SETS = ("regions", "services", "related", "proposed")
# Computed from the rest, or of regions and services rather than of the incident.
DERIVED = {"url", "duration_minutes", "status_lag_minutes", "places", "partners"}
COPIED = "title slug uid started_at status_posted_at scope kind body postmortem_url status_url"


class RecordError(ValueError):
    """Records can't be imported: a line for each reason, naming entry and field."""

    def __init__(self, reasons: list[str]) -> None:
        more = len(reasons) - MAX_REASONS
        shown = reasons[:MAX_REASONS] + ([f"and {more} more"] if more > 0 else [])
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class Record:
    """An incident of a file: what the schema allows, and its `place` in the file for messages."""

    place: str
    fields: dict[str, Any]

    @property
    def slug(self) -> str:
        return str(self.fields["slug"])

    def differences(self, existing: dict[str, Any]) -> list[str]:
        values = parse_fields(existing)
        return [name for name, value in parse_fields(self.fields).items() if values[name] != value]


def read_records(name: str, data: bytes) -> list[Record]:
    """The incidents of the file `name`, held to our schema; RecordError names what is wrong."""
    document = _load(name, data)
    errors = list(Draft202012Validator(schema()).iter_errors(document))
    if errors:
        raise RecordError([f"{name}: {_reason(error, document)}" for error in errors])
    results = enumerate(document["results"])
    return [Record(f"{name}: {_place(document, number)}", fields) for number, fields in results]


def _load(name: str, data: bytes) -> Any:
    if len(data) > LIMIT_BYTES:
        raise RecordError([f"{name}: this passes {LIMIT_BYTES // 1_000_000} MB; split it"])
    try:
        document = json.loads(data.decode("utf-8-sig"))
        # Half of a character from beyond the basic plane, which no database can hold.
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise RecordError([f"{name}: this is not UTF-8: {error}"]) from error
    except (ValueError, RecursionError) as error:
        raise RecordError([f"{name}: this is not JSON: {error}"]) from error
    return document


def _place(document: Any, number: int) -> str:
    fields = document["results"][number]
    slug = fields.get("slug") if isinstance(fields, dict) else None
    return f"results[{number}]" + (f" ({slug[:80]})" if isinstance(slug, str) else "")


def _reason(error: SchemaError, document: Any) -> str:
    path = list(error.absolute_path)
    names = [_place(document, int(path[1])), *path[2:]] if len(path) > 1 else path
    message = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return ": ".join([*map(str, names), message])


def parse_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Those of the incident itself, in values that compare; ValueError names an impossible one."""
    return {name: _parse(name, value) for name, value in fields.items() if name not in DERIVED}


def _parse(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in INSTANTS:
        return _instant(name, value)
    if name in SETS:
        return frozenset(value)
    if name == "addenda":
        return [(_instant("addenda", each["published_at"]), each["body"]) for each in value]
    return value


def _instant(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{name}: {text!r} is no date and time: {error}") from error


def end_of(start: datetime, end: datetime | None, minutes: float | None) -> datetime | None:
    """The end, computed from the minutes where none is given; ValueError where they disagree."""
    if minutes is None:
        return end
    try:
        computed = start + timedelta(minutes=minutes)
    except (OverflowError, ValueError) as error:
        raise ValueError("duration_minutes: it would never end") from error
    if end and abs(end - computed) >= timedelta(seconds=1):
        raise ValueError("duration_minutes: it doesn't fit the start and the end")
    return end or computed


# Writing -------------------------------------------------------------------------------


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
        _save(incident)
        incident.regions.set(self._region(code, fields) for code in fields.get("regions", []))
        incident.services.set(self._service(name, fields) for name in fields.get("services", []))
        for publish_at, body in values.get("addenda", []):
            if publish_at > self.at:
                raise ValueError(
                    "addenda: one is published at once, so none can be from the future"
                )
            _save(Addendum(incident=incident, publish_at=publish_at, body=body))
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
        _save(row)
        return row


def _save(row: Model) -> None:
    row.full_clean(exclude=["body_html"])
    row.save()


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
