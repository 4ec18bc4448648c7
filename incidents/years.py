"""The years of the log."""

from __future__ import annotations

from datetime import datetime

from incidents.fields import site_zone
from incidents.models import Incident


def published(at: datetime) -> list[int]:
    """The site's years from that of the first start that is public at `at` to that of the last,
    newest first."""
    incidents = Incident.objects.published(at).by_index_on_start()
    ends = (incidents.in_time_order(), incidents.newest_first())
    first, last = (one.values_list("started_at", flat=True).first() for one in ends)
    if first is None or last is None:
        return []
    oldest, newest = (start.astimezone(site_zone()).year for start in (first, last))
    return list(range(newest, oldest - 1, -1))
