"""The years of the log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from incidents import weeks
from incidents.fields import site_zone
from incidents.models import Incident

_HELD = """WITH span(year, first, after) AS (VALUES {spans})
SELECT year FROM span WHERE EXISTS (SELECT 1 FROM incidents_incident
WHERE publish_at <= %s AND started_at >= first AND started_at < after) ORDER BY year DESC"""


def told(at: datetime) -> list[int]:
    """The site's years in which something began that is public at `at`, newest first: a look-up
    in the index a year, however many rows there are."""
    public = Incident.objects.published(at).in_period(weeks.Period(weeks.EARLIEST, weeks.LATEST))
    ends = (public.in_time_order(), public.newest_first())
    oldest, newest = (one.values_list("started_at", flat=True).first() for one in ends)
    if oldest is None or newest is None:
        return []
    first, last = (one.astimezone(site_zone()).year for one in (oldest, newest))
    spans: list[Any] = []
    for year in range(first, last + 1):
        whole = weeks.Period(date(year, 1, 1), date(year, 12, 31))
        spans += [year, *map(_stored, weeks.utc_bounds(whole, site_zone()))]
    with connection.cursor() as cursor:
        rows = ", ".join(["(%s, %s, %s)"] * (last + 1 - first))
        cursor.execute(_HELD.format(spans=rows), [*spans, _stored(at)])
        return [year for (year,) in cursor.fetchall()]


def _stored(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant)
