"""What of an incident can be searched: its texts, and the names of where and in what."""

from __future__ import annotations

from incidents.triggers import FullText

INCIDENT = FullText(
    name="incident_fulltext",
    fields=["title", "body"],
    kind=1,
    at="doc.started_at",
    public="doc.publish_at",
    joined=(
        "SELECT string_agg(part.body, ' ') FROM incidents_addendum AS part "
        "WHERE part.incident_id = doc.id",
        "SELECT string_agg(part.code || ' ' || part.place, ' ') FROM incidents_region AS part "
        "JOIN incidents_incident_regions AS link ON link.region_id = part.id "
        "WHERE link.incident_id = doc.id",
        "SELECT string_agg(part.name, ' ') FROM incidents_service AS part "
        "JOIN incidents_incident_services AS link ON link.service_id = part.id "
        "WHERE link.incident_id = doc.id",
    ),
    touched={
        "incidents_addendum": "SELECT part.incident_id",
        "incidents_incident_regions": "SELECT part.incident_id",
        "incidents_incident_services": "SELECT part.incident_id",
        "incidents_region": "SELECT incident_id FROM incidents_incident_regions "
        "WHERE region_id = part.id",
        "incidents_service": "SELECT incident_id FROM incidents_incident_services "
        "WHERE service_id = part.id",
    },
)
