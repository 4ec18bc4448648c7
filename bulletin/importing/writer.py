"""From a parsed text to incidents and a draft, in one transaction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import reversion
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from reversion.models import Version

from bulletin import history
from bulletin.importing.parser import ImportContext, ParsedBulletin, ParsedIncident
from bulletin.models import Bulletin, Status
from bulletin.models.site import site_settings
from incidents.models import Incident, Region, Service
from incidents.site import site_zone
from incidents.weeks import Period

COLUMNS = "title started_at ended_at precision zone impact kind body proposed"


class ImportRefused(Exception):
    """The date has a post that this text did not make; nothing was written."""


@dataclass
class Imported:
    """What an import wrote: nothing where `unchanged`, the text having been imported before."""

    bulletin: Bulletin
    created: list[Incident] = field(default_factory=list)
    found: list[Incident] = field(default_factory=list)
    unchanged: bool = False


def import_context(on: date) -> ImportContext:
    others = Bulletin.objects.scheduled_or_published().exclude(date=on)
    periods = others.values_list("period_first", "period_last")
    return ImportContext(
        regions=dict(Region.objects.values_list("code", "place")),
        services=list(Service.objects.values_list("name", flat=True)),
        zone=site_zone(),
        first_weekday=settings.FIRST_WEEKDAY,
        headings=site_settings().headings,
        published=[Period(first, last) for first, last in periods],
    )


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def other_bulletin(on: date, text: str) -> Bulletin | None:
    """The bulletin of the date that an import of `text` would overwrite: neither made of this very
    text, nor an untouched draft that an import made."""
    existing = Bulletin.objects.filter(date=on).first()
    if existing is None or existing.source_digest == digest_of(text):
        return None
    return existing if rows_of_untouched_import(existing) is None else None


def rows_of_untouched_import(bulletin: Bulletin) -> list[Model] | None:
    """The rows that the import of this draft made, where nobody has changed one of them since."""
    versions = list(Version.objects.get_for_object(bulletin))
    if bulletin.status != Status.DRAFT or not bulletin.source_digest or len(versions) != 1:
        return None
    rows = []
    for version in versions[0].revision.version_set.all():
        row = version.object
        if row is None or Version.objects.get_for_object(row).count() != 1:
            return None
        if history.version_of(row).field_dict != version.field_dict:
            return None
        rows.append(row)
    return rows


@transaction.atomic
def write_draft(parsed: ParsedBulletin, text: str) -> Imported:
    """Write the incidents and the draft; the same `text` again changes nothing, and a corrected
    one replaces the draft that an import made, while nobody has touched it.

    An incident that the log has already, by title and start, is left as it is.
    """
    digest = digest_of(text)
    existing = Bulletin.objects.filter(date=parsed.date).first()
    if existing and existing.source_digest == digest:
        return Imported(existing, unchanged=True)
    if other_bulletin(parsed.date, text):
        raise ImportRefused(
            _("%s has a post from elsewhere, which an import would overwrite.") % parsed.date
        )
    for row in (rows_of_untouched_import(existing) or []) if existing else []:
        row.delete()
    with reversion.create_revision():
        reversion.set_comment(_("Imported."))
        bulletin = Bulletin.objects.create(
            date=parsed.date,
            period_first=parsed.period.first,
            period_last=parsed.period.last,
            intro=parsed.preface,
            essay=parsed.essay,
            source_digest=digest,
        )
        imported = Imported(bulletin)
        _write_incidents(parsed.incidents, imported)
    return imported


def _write_incidents(incidents: Sequence[ParsedIncident], imported: Imported) -> None:
    existing: dict[tuple[str, object], list[Incident]] = defaultdict(list)
    starts = {parsed.started_at for parsed in incidents}
    for incident in Incident.objects.filter(started_at__in=starts):
        existing[incident.title, incident.started_at].append(incident)
    for parsed in incidents:
        if same := existing[parsed.title, parsed.started_at]:
            imported.found.append(same.pop())
        else:
            imported.created.append(_create(parsed))


def _create(parsed: ParsedIncident) -> Incident:
    values = {name: getattr(parsed, name) for name in COLUMNS.split()}
    incident = Incident.objects.create(**values, scope=parsed.scope or "")
    incident.regions.set(Region.objects.filter(code__in=parsed.regions))
    incident.services.set(Service.objects.filter(name__in=parsed.services))
    return incident


@transaction.atomic
def log_incident(parsed: ParsedIncident) -> tuple[Incident, bool]:
    """The incident with this title and start, and whether it was created."""
    existing = Incident.objects.filter(title=parsed.title, started_at=parsed.started_at).first()
    return (existing, False) if existing else (_create(parsed), True)
