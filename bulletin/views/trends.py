"""The page of a year: its weeks as small grids, its incidents counted and compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bulletin.grid_words import words
from bulletin.http_caching import cache_public, query_params
from bulletin.models import Bulletin
from bulletin.trend_tables import Table, index, tables
from incidents import trends
from incidents.choices import Kind
from incidents.grid import strips, year
from incidents.grid.shapes import Box
from incidents.models import Incident
from incidents.site import absolute, site_zone
from incidents.trends import DateRangeStats
from incidents.weeks import EARLIEST, LATEST, Period, week_containing

WEEKS = 52
WEEKS_IN_BLOCK = 13


@cache_public
@query_params("year")
def page(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    chosen = _year(request.GET.get("year", ""))
    span = Period(date(chosen, 1, 1), date(chosen, 12, 31)) if chosen else trailing(at)
    context = {
        "years": Incident.objects.published(at).years(),
        "chosen": chosen,
        "trends": Trends(span, at, chosen),
        "soon": trends.RECURRENCE_WINDOW.days,
        "canonical": absolute(reverse("trends")) + (f"?year={chosen}" if chosen else ""),
    }
    return TemplateResponse(request, "bulletin/trends.html", context)


def _year(asked: str) -> int | None:
    """The year asked for, None for the newest weeks; 404 where it is no year."""
    if not asked:
        return None
    if not re.fullmatch("[0-9]{4}", asked) or not EARLIEST.year <= int(asked) <= LATEST.year:
        raise Http404
    return int(asked)


def trailing(at: datetime) -> Period:
    """Whole weeks up to the newest that is published.

    That is where a published bulletin ends or a published incident began: later weeks only look
    quiet, for they are not written up yet.
    """
    today = at.astimezone(site_zone()).date()
    begun = Incident.objects.published(at).filter(started_at__lte=at).newest_first()
    newest = begun.only("started_at").first()
    covered = Bulletin.objects.published(at).by_period()
    days = [newest.local_date] if newest else []
    days += covered.values_list("period_last", flat=True)[:1]
    last = week_containing(min(max(days, default=today), today), settings.FIRST_WEEKDAY).last
    return Period(last - timedelta(weeks=WEEKS, days=-1), last)


@dataclass(frozen=True)
class Trends:
    """What the page says of the public incidents of `span`, in a fixed number of queries."""

    span: Period
    at: datetime
    chosen: int | None

    @cached_property
    def incidents(self) -> list[Incident]:
        published = Incident.objects.published(self.at)
        related = Prefetch("related", published.only("pk"))
        found = published.in_period(self.span).order_by("started_at", "slug")
        found = found.defer("body", "body_html")
        return list(found.prefetch_related("regions", "services", related))

    @cached_property
    def stats(self) -> DateRangeStats:
        return DateRangeStats(self.span, self.incidents)

    def kinds(self) -> list[str]:
        """As "maintenance: 3", of those that are no incidents in the narrow sense."""
        counts = Counter(incident.kind for incident in self.incidents)
        others = (Kind.MAINTENANCE, Kind.FALSE_ALARM)
        return [f"{kind.label}: {counts[kind]}" for kind in others if counts[kind]]

    @cached_property
    def weeks(self) -> list[tuple[DateRangeStats, str]]:
        """Each with its bulletin, or where none holds it but there is something, the index."""
        bulletins = list(Bulletin.objects.published(self.at).overlapping(self.span).by_date())
        weeks = []
        spans = trends.weeks(self.span, settings.FIRST_WEEKDAY)
        for stats in trends.summarize(self.incidents, spans):
            covering = [each for each in bulletins if stats.days.overlaps(each.period)]
            there = index(year=stats.days.first.year) if stats.incidents else ""
            weeks.append((stats, covering[0].get_absolute_url() if covering else there))
        return weeks

    @cached_property
    def boxes(self) -> dict[date, list[Box]]:
        # By the hour, so that the page stays the same page for a while.
        at = self.at.replace(minute=0, second=0, microsecond=0)
        return year.lay_out([incident.entry("") for incident in self.incidents], at)

    def drawings(self) -> list[SafeString]:
        weeks = [year.Week(stats.days, href) for stats, href in self.weeks]
        if self.chosen:
            # A quarter a block, the week that begins in it.
            by_quarter = groupby(weeks, lambda week: (week.days.first.month - 1) // 3)
            blocks = [list(group) for _quarter, group in by_quarter]
        else:
            blocks = [weeks[n : n + WEEKS_IN_BLOCK] for n in range(0, WEEKS, WEEKS_IN_BLOCK)]
        drawn = [year.draw(block, self.boxes, settings.FIRST_WEEKDAY, words()) for block in blocks]
        unrated = any(incident.impact is None for incident in self.incidents)
        return list(map(SafeString, drawn + year.legends(words(), unrated=unrated)))

    def is_truncated(self) -> bool:
        # One that is ongoing has an open edge.
        boxes = (box for of_day in self.boxes.values() for box in of_day)
        return any(box.is_truncated and not box.is_ongoing for box in boxes)

    @cached_property
    def months(self) -> list[DateRangeStats]:
        return trends.summarize(self.incidents, trends.months(self.span))

    def lengths(self) -> SafeString:
        label = _("Duration of incidents and its median, month by month")
        return self._strip(label, trends.length, lambda month: month.median_length)

    def delays(self) -> SafeString:
        label = _("Time to publish and its median, month by month")
        return self._strip(label, trends.delay, lambda month: month.median_delay)

    def _strip(
        self,
        label: str,
        minutes: Callable[[Incident], float | None],
        median: Callable[[DateRangeStats], float | None],
    ) -> SafeString:
        dots = [strips.Dot(each.local_date, minutes(each), each.impact) for each in self.incidents]
        names = words().months
        months = [
            strips.Month(names[month.days.first.month - 1], month.days, median(month))
            for month in self.months
        ]
        return SafeString(strips.strip(months, dots, label, words().unknown_mark))

    @cached_property
    def recurrences(self) -> list[trends.Recurrence]:
        return trends.recurrences(self.incidents)

    @cached_property
    def tables(self) -> dict[str, Table]:
        return tables(self.incidents, self.chosen)
