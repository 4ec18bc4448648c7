"""What can be asked of the log."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.expressions import RawSQL

from incidents import search_query, weeks
from incidents.fields import site_zone
from incidents.search import SearchDocument

if TYPE_CHECKING:
    from incidents.models import Incident  # noqa: F401


RELATED = {"regions": "region", "services": "service"}
# About as many as it costs as much to sort as to come across a page of them in a large log.
FEW = 2_000
# Nothing in a table can lie beyond them.
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Filters and orders that say what they mean."""

    def published(self, at: datetime) -> Self:
        """Told by `at`; Incident.is_public is the same rule for one."""
        return self.filter(publish_at__lte=at)

    def unpublished(self) -> Self:
        return self.filter(publish_at=None)

    def in_period(self, period: weeks.Period) -> Self:
        """Started on the site's days of `period`; Incident.local_date is the same rule for one."""
        first, after = weeks.utc_bounds(period, site_zone())
        return self.filter(started_at__gte=first, started_at__lt=after)

    def in_year(self, year: int) -> Self:
        """Started in a year of the site's calendar."""
        return self.in_period(weeks.Period(date(year, 1, 1), date(year, 12, 31)))

    def by_index_on_start(self) -> Self:
        """All of them: the bounds that every start has bring SQLite to walk the index on it,
        where it would otherwise sort all that is told."""
        return self.filter(started_at__gte=FIRST, started_at__lt=LAST)

    def before(self, day: date) -> Self:
        """Started before the site's `day`."""
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

    def linked(self, name: str, row: models.QuerySet[Any]) -> Self:
        """Those with the one `row` among their `name`, such as regions.

        Where many are, each incident is looked at in the order asked for until a page is full;
        where few are, they are fetched and sorted. Either of the two alone reads a whole log for
        somebody, and SQLite does not know how many there are.
        """
        link = getattr(self.model, name).through.objects
        there = link.filter(**{f"{RELATED[name]}_id": Subquery(row.values("pk")[:1])})
        if there[FEW : FEW + 1].exists():
            return self.filter(Exists(there.filter(incident_id=OuterRef("pk"))))
        return self.filter(pk__in=there.values("incident_id"))

    def in_time_order(self) -> Self:
        return self.order_by("started_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")

    def with_related(self) -> Self:
        """With all that a page shows of regions, services and addenda, in a query each."""
        return self.prefetch_related("regions", "services", "addenda")
