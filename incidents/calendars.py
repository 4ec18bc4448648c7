"""The log as a calendar (RFC 5545): an event an incident, the same bytes for the same log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.text import Truncator
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from incidents import markdown
from incidents.addresses import absolute
from incidents.models import Incident

LONGEST_DESCRIPTION = 2000
_BLOCK_ENDS = re.compile("</(?:p|li|h[2-6]|pre|tr|blockquote)>")


def calendar(incidents: Iterable[Incident], name: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//bulletin//incidents//EN")
    calendar.add("version", "2.0")
    calendar.add("name", text(name))
    calendar.add("x-wr-calname", text(name))
    for incident in incidents:
        calendar.add_component(event(incident))
    if not calendar.subcomponents:
        calendar.add_component(_universal_time())
    return bytes(calendar.to_ical())


def event(incident: Incident) -> Event:
    changed = changed_at(incident)
    starts = incident.started_at.astimezone(UTC).replace(microsecond=0)
    ends = incident.ended_at and incident.ended_at.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", str(incident.uid))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", starts)
    # Section 3.6.1: an end lies after its start.
    if ends and ends > starts:
        event.add("dtend", ends)
    event.add("summary", text(incident.plain_title))
    event.add("url", absolute(incident.get_absolute_url()))
    if told := description(incident):
        event.add("description", told)
    event.add("categories", categories(incident))
    event.add("transp", "TRANSPARENT")
    return event


def changed_at(incident: Incident) -> datetime:
    """When what the calendar says of it was last changed."""
    told = [addendum.publish_at for addendum in incident.addenda.all()]
    return max([incident.edited_at, *told]).astimezone(UTC).replace(microsecond=0)


def description(incident: Incident) -> str:
    """The write-up and its addenda, without markdown."""
    html = [incident.body_html, *(addendum.body_html for addendum in incident.addenda.all())]
    lines = (markdown.strip_tags(_BLOCK_ENDS.sub("\n", each)).strip() for each in html)
    return text(Truncator("\n\n".join(filter(None, lines))).chars(LONGEST_DESCRIPTION))


def categories(incident: Incident) -> list[str]:
    words = [incident.kind, incident.impact_word, incident.scope]
    words += [region.code for region in incident.regions.all()]
    words += [service.name for service in incident.services.all()]
    return [text(word) for word in words if word]


def text(words: str) -> str:
    """RFC 5545, section 3.1: no control but the tab; a line end is written "\\n"."""
    return markdown.strip_control_chars(words).replace("\r", "")


def _universal_time() -> Timezone:
    """Section 3.6: a calendar holds one component at least, and an empty log has no events."""
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001, which is how a VTIMEZONE says it
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    universal = Timezone()
    universal.add("tzid", "UTC")
    universal.add_component(standard)
    return universal
