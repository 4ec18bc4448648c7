"""The queries of incidents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models.expressions import RawSQL

from incidents import search_query, weeks
from incidents.search import SearchDocument
from incidents.site import site_zone

IncidentT = TypeVar("IncidentT", bound=models.Model)
FIRST = datetime(1, 1, 1, tzinfo=UTC)


class IncidentQuerySet(models.QuerySet[IncidentT]):
    def published(self, at: datetime) -> Self:
        """Public at `at`; Incident.is_public is the same rule for one."""
        return self.filter(publish_at__lte=at)

    def unpublished(self) -> Self:
        return self.filter(publish_at=None)

    def in_period(self, period: weeks.Period) -> Self:
        """Started on the site's days of `period`; Incident.local_date is the same rule for one."""
        first, after = weeks.utc_bounds(period, site_zone())
        return self.filter(started_at__gte=first, started_at__lt=after)

    def in_year(self, year: int) -> Self:
        return self.in_period(weeks.Period(date(year, 1, 1), date(year, 12, 31)))

    def years(self) -> list[int]:
        """The site's years from that of the first start to that of the last, newest first."""
        # All starts lie behind FIRST; it brings SQLite to their index, where it would sort 50,000
        # rows in 100 ms for one.
        starts = self.filter(started_at__gt=FIRST).values_list("started_at", flat=True)
        first, last = starts.order_by("started_at").first(), starts.order_by("-started_at").first()
        if first is None or last is None:
            return []
        oldest, newest = (start.astimezone(site_zone()).year for start in (first, last))
        return list(range(newest, oldest - 1, -1))

    def before(self, day: date) -> Self:
        first, _after = weeks.utc_bounds(weeks.Period(day, day), site_zone())
        return self.filter(started_at__lt=first)

    def matching(self, text: str) -> Self:
        """Those that a person's words describe; none where there is no word."""
        query = search_query.parse(text)
        if not query.terms:
            return self.none()
        documents = SearchDocument.objects.matching(query).filter(kind="incident")
        # As a subquery of Django's it would get an alias, which extra() does not know.
        sql, parameters = documents.order_by().values("object_id").query.sql_with_params()
        return self.filter(pk__in=RawSQL(sql, parameters))  # noqa: S611 (Django's own)

    def in_time_order(self) -> Self:
        return self.order_by("started_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")

    def with_related(self) -> Self:
        return self.prefetch_related("regions", "services", "addenda")
