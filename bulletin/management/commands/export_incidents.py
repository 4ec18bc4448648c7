"""Write the whole log as one document, which import_incidents takes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from incidents.exports import serialize, to_json, with_exported
from incidents.models import Incident

CHUNK = 200


class Command(BaseCommand):
    help = (
        "Print every published incident as JSON, oldest first: the same log gives the same bytes."
    )

    def handle(self, **options: Any) -> None:
        at = timezone.now()
        # Not by the key of a row, which differs in a copy.
        published = Incident.objects.published(at).order_by("started_at", "slug")
        rows = with_exported(published, at).iterator(chunk_size=CHUNK)
        document = {"results": [serialize(incident) for incident in rows], "next": None}
        self.stdout.write(to_json(document), ending="")
