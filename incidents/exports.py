"""Incidents as open data: JSON, CSV (RFC 4180) and a calendar (RFC 5545)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.text import Truncator
from icalendar import Calendar, Event, Timezone

from incidents import markdown
from incidents.models import Incident
from incidents.querysets import IncidentQuerySet
from incidents.site import absolute

SCHEMA = Path(__file__).with_name("incidents.schema.json")
# A sheet is held in memory whole, for it has a strong validator.
MAX_SHEET_CHARACTERS = 4_000_000
MAX_DESCRIPTION = 2000
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = tuple("=+-@\t\r\n")
_BLOCK_ENDS = re.compile("</(?:p|li|h[2-6]|pre|tr|blockquote)>")


def with_exported(rows: IncidentQuerySet[Incident], at: datetime) -> IncidentQuerySet[Incident]:
    related = Incident.objects.published(at).only("slug")
    return rows.with_related().prefetch_related(Prefetch("related", related))


def serialize(incident: Incident) -> dict[str, Any]:
    """As incidents.schema.json describes it, in the order of its properties."""
    zone = incident.zone
    regions = sorted(incident.regions.all(), key=str)
    services = sorted(incident.services.all(), key=str)
    return {
        "slug": incident.slug,
        "uid": str(incident.uid),
        "url": absolute(incident.get_absolute_url()),
        "title": incident.title,
        "started_at": format_instant(incident.started_at, zone),
        "ended_at": format_instant(incident.ended_at, zone),
        "duration_minutes": to_minutes(incident.length),
        "precision": incident.precision,
        "zone": zone,
        "impact": incident.impact_word or None,
        "scope": incident.scope or None,
        "kind": incident.kind,
        "regions": [region.code for region in regions],
        "places": {region.code: region.place for region in regions},
        "services": [service.name for service in services],
        "partners": [service.name for service in services if not service.ours],
        "body": incident.body,
        "published_at": format_instant(incident.publish_at, zone),
        "addenda": [
            {"published_at": format_instant(addendum.publish_at, zone), "body": addendum.body}
            for addendum in incident.addenda.all()
        ],
        "related": sorted(related.slug for related in incident.related.all()),
        "postmortem_url": incident.postmortem_url or None,
        "status_url": incident.status_url or None,
        "status_posted_at": format_instant(incident.status_posted_at, zone),
        "status_lag_minutes": to_minutes(incident.status_delay),
        "proposed": incident.proposed,
    }


def to_minutes(length: timedelta | None) -> float | None:
    """Whole ones as an integer."""
    if length is None:
        return None
    minutes = length.total_seconds() / 60
    return int(minutes) if minutes.is_integer() else minutes


def format_instant(instant: datetime | None, zone: str) -> str | None:
    """ISO 8601 on the wall clock of `zone`, or in UTC where RFC 3339 can't write its offset."""
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    return (instant.astimezone(UTC) if offset.seconds % 60 else local).isoformat()


def to_json(document: Any) -> str:
    """The same value gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


@cache
def field_names() -> list[str]:
    return list(schema()["$defs"]["incident"]["properties"])


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of /incidents.json, and of a file to import."""
    content = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return {"$id": absolute(reverse("incidents_schema")), **content}


def to_csv(incidents: Iterable[Incident]) -> tuple[str, int, Incident | None]:
    """A row an incident, how many they are, and the last of them where a sheet is full and some
    are left out."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(field_names())
    number, last = 0, None
    for incident in incidents:
        if last and out.tell() > MAX_SHEET_CHARACTERS:
            return out.getvalue(), number, last
        rows.writerow([cell(value) for value in serialize(incident).values()])
        number, last = number + 1, incident
    return out.getvalue(), number, None


def cell(value: Any) -> Any:
    """Numbers as they are, lists joined, and no text that a program takes for a formula."""
    if value is None or isinstance(value, int | float):
        return value
    text = _joined(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _joined(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if not isinstance(value, list):
        return str(value)
    if all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return "\n\n".join(f"{addendum['published_at']}: {addendum['body']}" for addendum in value)


def to_ics(incidents: Iterable[Incident], name: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//bulletin//incidents//EN")
    calendar.add("version", "2.0")
    calendar.add("name", _ics_text(name))
    calendar.add("x-wr-calname", _ics_text(name))
    for incident in incidents:
        calendar.add_component(to_event(incident))
    # Section 3.6: a calendar holds one component at least, and an empty log has no events.
    if not calendar.subcomponents:
        calendar.add_component(Timezone.from_tzid("UTC"))
    return bytes(calendar.to_ical())


def to_event(incident: Incident) -> Event:
    start = incident.started_at.astimezone(UTC).replace(microsecond=0)
    end = incident.ended_at and incident.ended_at.astimezone(UTC).replace(microsecond=0)
    addenda = incident.addenda.all()
    changed = max([incident.edited_at, *(addendum.publish_at for addendum in addenda)])
    changed = changed.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", str(incident.uid))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", start)
    # Section 3.6.1: an end lies after its start.
    if end and end > start:
        event.add("dtend", end)
    event.add("summary", _ics_text(incident.plain_title))
    event.add("url", absolute(incident.get_absolute_url()))
    if text := _description([incident.body_html, *(addendum.body_html for addendum in addenda)]):
        event.add("description", text)
    words = [incident.kind, incident.impact_word, incident.scope]
    words += [region.code for region in incident.regions.all()]
    words += [service.name for service in incident.services.all()]
    event.add("categories", [_ics_text(word) for word in words if word])
    event.add("transp", "TRANSPARENT")
    return event


def _description(html: list[str]) -> str:
    lines = (markdown.strip_tags(_BLOCK_ENDS.sub("\n", each)).strip() for each in html)
    return _ics_text(Truncator("\n\n".join(filter(None, lines))).chars(MAX_DESCRIPTION))


def _ics_text(words: str) -> str:
    """RFC 5545, section 3.1: no control but the tab; a line end is written "\\n"."""
    return markdown.strip_control_chars(words).replace("\r", "")
