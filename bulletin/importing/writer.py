"""From what was understood of a text to incidents and a draft, in one transaction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import reversion
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bulletin.importing.parser import Known, ParsedBulletin, ParsedIncident
from bulletin.models import Bulletin
from incidents.fields import site_zone
from incidents.models import Incident, Region, Service
from incidents.weeks import Period


class ImportRefused(Exception):
    """The date has a post that this text did not make; nothing was written."""


@dataclass
class Imported:
    """What an import wrote: nothing where `again`, the text having been imported before."""

    bulletin: Bulletin
    created: list[Incident] = field(default_factory=list)
    found: list[Incident] = field(default_factory=list)
    again: bool = False


def known(on: date) -> Known:
    """What the installation knows and the parser may recognise in a text dated `on`."""
    others = Bulletin.objects.scheduled_or_published().exclude(date=on)
    published = others.values_list("period_first", "period_last")
    return Known(
        regions=dict(Region.objects.values_list("code", "place")),
        services=list(Service.objects.values_list("name", flat=True)),
        zone=site_zone(),
        first_weekday=settings.FIRST_WEEKDAY,
        published=[Period(first, last) for first, last in published],
    )


@transaction.atomic
def write(parsed: ParsedBulletin, text: str, essay: str | None = None) -> Imported:
    """Write the incidents and the draft; the same `text` again changes nothing.

    `essay` takes the place of the text's own, where an editor has mended it.
    An incident that the log has already, by title and start, is left as it is.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    existing = Bulletin.objects.filter(date=parsed.date).first()
    if existing and existing.source_digest != digest:
        raise ImportRefused(
            _("%s has a post from elsewhere, which an import would overwrite.") % parsed.date
        )
    if existing:
        return Imported(existing, again=True)
    with reversion.create_revision():
        reversion.set_comment(_("Imported."))
        bulletin = Bulletin.objects.create(
            date=parsed.date,
            period_first=parsed.period.first,
            period_last=parsed.period.last,
            essay=parsed.essay if essay is None else essay,
            source_digest=digest,
        )
        imported = Imported(bulletin)
        _write_incidents(parsed.incidents, imported)
    return imported


def _write_incidents(parsed: list[ParsedIncident], imported: Imported) -> None:
    logged: dict[tuple[str, object], list[Incident]] = defaultdict(list)
    for incident in Incident.objects.filter(started_at__in={one.started_at for one in parsed}):
        logged[incident.title, incident.started_at].append(incident)
    for one in parsed:
        if same := logged[one.title, one.started_at]:
            imported.found.append(same.pop())
        else:
            imported.created.append(_create(one))


def _create(one: ParsedIncident) -> Incident:
    incident = Incident.objects.create(
        title=one.title,
        started_at=one.started_at,
        ended_at=one.ended_at,
        precision=one.precision,
        zone=one.zone,
        impact=one.impact,
        scope=one.scope or "",
        kind=one.kind,
        body=one.body,
        proposed=one.proposed,
    )
    incident.regions.set(Region.objects.filter(code__in=one.regions))
    incident.services.set(Service.objects.filter(name__in=one.services))
    return incident


@transaction.atomic
def log(one: ParsedIncident) -> tuple[Incident, bool]:
    """The incident in the log, and whether it is new there: title and start tell it."""
    logged = Incident.objects.filter(title=one.title, started_at=one.started_at).first()
    return (logged, False) if logged else (_create(one), True)
