"""What can be asked of the log."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import connections, models
from django.db.models import F

from incidents import asking, documents, fulltext, weeks
from incidents.fields import site_zone

if TYPE_CHECKING:
    from incidents.models import Incident  # noqa: F401


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Filters and orders that say what they mean."""

    def public(self, at: datetime) -> Self:
        """Told by `at`; Incident.is_public is the same rule for one."""
        return self.filter(told_at__lte=at)

    def untold(self) -> Self:
        return self.filter(told_at=None)

    def in_period(self, period: weeks.Period) -> Self:
        """Started on the site's days of `period`; Incident.day is the same rule for one."""
        first, after = weeks.instants_of(period, site_zone())
        return self.filter(started_at__gte=first, started_at__lt=after)

    def before(self, day: date) -> Self:
        """Started before the site's `day`."""
        first, _after = weeks.instants_of(weeks.Period(day, day), site_zone())
        return self.filter(started_at__lt=first)

    def matching(self, text: str) -> Self:
        """Those that a person's words describe, see `asking`; none where there is no word."""
        asked = asking.parse(text)
        if not asked.terms:
            return self.none()
        rows = fulltext.rows(asked, documents.INCIDENT.kind, self.db)
        if connections[self.db].vendor == "sqlite":
            # So that it walks the incidents in their order until a page is full; by the bare pk
            # it would fetch and sort all that match.
            return self.alias(row=F("pk") * 1).filter(row__in=rows)
        return self.filter(pk__in=rows)

    def in_time_order(self) -> Self:
        return self.order_by("started_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")

    def whole(self) -> Self:
        """With all that a page shows, in a number of queries that doesn't depend on the rows."""
        return self.prefetch_related("regions", "services", "addenda")
