"""The page of a year: its weeks as small grids, its incidents counted and compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

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
from bulletin.trend_tables import Tallies, index
from incidents import trends
from incidents.choices import Kind
from incidents.grid import strips, year
from incidents.models import Incident
from incidents.site import absolute, site_zone
from incidents.trends import Fact, Summary
from incidents.weeks import EARLIEST, LATEST, Period, week_containing

WEEKS = 52
WEEKS_IN_BLOCK = 13
# More recurrences, and more incidents of one, are counted and not listed.
LISTED = 12


@cache_public
@query_params("year")
def page(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    chosen = _year(request.GET.get("year", ""))
    held = Incident.objects.published(at).years()
    span = Period(date(chosen, 1, 1), date(chosen, 12, 31)) if chosen else trailing(at)
    here = absolute(reverse("trends")) + (f"?year={chosen}" if chosen else "")
    context = {"years": held, "chosen": chosen, "span": span, "canonical": here}
    account = Account(span, at, chosen)
    return TemplateResponse(request, "bulletin/trends.html", context | account.context())


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


class Account:
    """What the page says of the public incidents of `span`, in a fixed number of queries."""

    def __init__(self, span: Period, at: datetime, chosen: int | None) -> None:
        self.span, self.at, self.chosen = span, at, chosen
        self.places: dict[str, str] = {}
        self.facts = self._facts()

    def context(self) -> dict[str, Any]:
        if not self.facts:
            return {"number": 0}
        recurrences = trends.recurrences(self.facts)
        weeks = self._weeks()
        months = trends.summarize(self.facts, trends.months(self.span))
        return {
            "number": len(self.facts),
            "kinds": self._kinds(),
            "whole": Summary(self.span, self.facts),
            "picture": self._picture(weeks),
            "weeks": weeks,
            "tables": Tallies(self.facts, self.places, self.chosen).tables(),
            "months": months,
            "lengths": self._strip(
                _("Duration of incidents and its median, month by month"),
                [one.minutes for one in self.facts],
                [(month.days, month.durations.median) for month in months],
            ),
            "waits": self._strip(
                _("Time to publish and its median, month by month"),
                [one.delay for one in self.facts],
                [(month.days, month.delay) for month in months],
            ),
            "recurrences": recurrences[:LISTED],
            "more_recurrences": len(recurrences[LISTED:]),
            "soon": trends.RECURRENCE_WINDOW.days,
        }

    def _facts(self) -> list[Fact]:
        published = Incident.objects.published(self.at).in_period(self.span)
        linked = Prefetch("related", published.only("slug"))
        found = published.defer("body", "body_html").prefetch_related("regions", "services", linked)
        facts = []
        for one in found:
            regions = {region.code: region.place for region in one.regions.all()}
            self.places |= regions
            facts.append(
                Fact(
                    entry=one.entry(one.get_absolute_url()),
                    publish_at=one.publish_at or self.at,
                    scope=one.scope,
                    kind=one.kind,
                    regions=tuple(regions),
                    services=tuple(service.name for service in one.services.all()),
                    related=frozenset(other.slug for other in one.related.all()),
                )
            )
        return trends.in_time_order(facts)

    def _kinds(self) -> list[str]:
        """As "maintenance: 3", of those that are no incidents in the narrow sense."""
        kinds = [one.kind for one in self.facts]
        others = (Kind.MAINTENANCE, Kind.FALSE_ALARM)
        return [f"{kind.label}: {kinds.count(kind)}" for kind in others if kind in kinds]

    def _weeks(self) -> list[tuple[Summary, str]]:
        """Each with its bulletin, or where none holds it but there is something, the index."""
        bulletins = list(Bulletin.objects.published(self.at).overlapping(self.span).by_date())
        weeks = trends.weeks(self.span, settings.FIRST_WEEKDAY)
        weeks_with_links = []
        for week in trends.summarize(self.facts, weeks):
            holding = (one for one in bulletins if week.days.overlaps(one.period))
            href = bulletin.get_absolute_url() if (bulletin := next(holding, None)) else ""
            if week.facts and not href:
                href = index(year=week.days.first.year)
            weeks_with_links.append((week, href))
        return weeks_with_links

    def _picture(self, summaries: Sequence[tuple[Summary, str]]) -> dict[str, Any]:
        weeks = [year.Week(week.days, href) for week, href in summaries]
        if self.chosen:
            # A quarter a block, the week that begins in it.
            by_quarter = groupby(weeks, lambda week: (week.days.first.month - 1) // 3)
            blocks = [list(group) for _quarter, group in by_quarter]
        else:
            blocks = [weeks[n : n + WEEKS_IN_BLOCK] for n in range(0, WEEKS, WEEKS_IN_BLOCK)]
        laid = year.lay_out(
            [one.entry for one in self.facts],
            blocks,
            # By the hour, so that the page stays the same page for a while.
            at=self.at.replace(minute=0, second=0, microsecond=0),
            first_weekday=settings.FIRST_WEEKDAY,
            strings=words(),
        )
        unrated = any(one.entry.impact is None for one in self.facts)
        drawn = [year.draw(one, words()) for one in laid]
        drawn += year.legends(words(), unrated=unrated)
        return {
            "parts": map(SafeString, drawn),
            "is_truncated": any(block.is_truncated for block in laid),
        }

    def _strip(
        self,
        label: str,
        minutes: Sequence[float | None],
        medians: Sequence[tuple[Period, float | None]],
    ) -> SafeString:
        """A dot for each of `minutes`, as many as there are facts, and the months' medians."""
        dots = [
            strips.Dot(self._across(one.entry.day, 0.5), length, one.entry.impact)
            for one, length in zip(self.facts, minutes, strict=True)
        ]
        columns = [
            strips.Column(
                words().months[days.first.month - 1],
                self._across(days.first),
                self._across(days.last, 1),
                median,
            )
            for days, median in medians
        ]
        return SafeString(strips.strip(columns, dots, label, words().unknown_mark))

    def _across(self, day: date, hour: float = 0) -> float:
        """Where in the span it is, from 0 to 1; `hour` is a part of the day."""
        return ((day - self.span.first).days + hour) / len(self.span)
