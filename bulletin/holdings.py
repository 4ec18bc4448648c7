"""The rows of some bulletins: their incidents, their news and what stands around them.

Two queries, whatever their number. Each gathers the keys of several look-ups by UNION: joined by
OR, they would bring a database to read all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from django.db.models import Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from bulletin.addresses import Directory
from bulletin.models import Bulletin
from incidents.fields import site_zone
from incidents.models import Addendum, Incident
from incidents.weeks import Period, utc_bounds

MANY_DAYS = 50
# Before anything was told.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class News:
    """A line of "Late and corrected": an incident told late, or an addendum; `place` links it."""

    incident: Incident
    addendum: Addendum | None
    place: str

    @property
    def rows(self) -> list[Incident | Addendum]:
        return [self.incident, self.addendum] if self.addendum else [self.incident]

    @property
    def publish_at(self) -> datetime:
        return cast(datetime, (self.addendum or self.incident).publish_at)


class Holdings:
    """Bulletins with the incidents of their windows, in two queries.

    At `at`, and as the public sees them: only a bulletin that isn't public yet (which editors
    alone see) shows incidents that are untold.
    """

    def __init__(self, bulletins: Iterable[Bulletin], at: datetime) -> None:
        self.bulletins = list(bulletins)
        self.at = at

    @cached_property
    def _span(self) -> Period:
        windows = [bulletin.window for bulletin in self.bulletins]
        return Period(min(one.first for one in windows), max(one.last for one in windows))

    @cached_property
    def _fetched(self) -> Sequence[tuple[date, Incident]]:
        """Those of our windows and of our news, each with its day, which takes a zone to find."""
        if not self.bulletins:
            return []
        first = (
            Bulletin.objects.scheduled_or_published().filter(date__lt=self._dates.first).by_date()
        )
        since = Coalesce(Subquery(first.values("publish_at")[:1]), Value(BEGINNING))
        told = Q(publish_at__gt=since, publish_at__lte=max(map(self._until, self.bulletins)))
        last = max(one.period_first for one in self.bulletins)
        before = Incident.objects.before(last).published(self.at).order_by()
        added = Addendum.objects.filter(told, of_days_before(last, self.at)).order_by()
        keys = (
            Incident.objects.in_period(self._span)
            .order_by()
            .values("pk")
            .union(before.filter(told).values("pk"), added.values("incident"), all=True)
        )
        everything = Incident.objects.filter(pk__in=keys).in_time_order().with_related()
        if all(bulletin.is_public(self.at) for bulletin in self.bulletins):
            everything = everything.published(self.at)
        return [(one.local_date, one) for one in everything]

    @property
    def _elsewhere(self) -> list[Period]:
        """The days of news outside our windows; where they are many, all from the first to the
        last, for no database takes hundreds of parts."""
        days = sorted({day for day, _one in self._fetched if day not in self._span})
        if len(days) > MANY_DAYS:
            return [Period(days[0], days[-1])]
        return [Period(day, day) for day in days]

    def _until(self, bulletin: Bulletin) -> datetime:
        """Up to when what was told is news in it."""
        return bulletin.publish_at or self.at

    @property
    def _dates(self) -> Period:
        dates = [bulletin.date for bulletin in self.bulletins]
        return Period(min(dates), max(dates))

    @cached_property
    def _around(self) -> list[Bulletin]:
        """Published and scheduled ones, newest first: those of our days and of the news', and from
        the nearest public one before ours to that after them."""
        shown = ("date", "title", "period_first", "period_last", "status", "publish_at")
        decided, public = (
            Bulletin.objects.scheduled_or_published(),
            Bulletin.objects.published(self.at),
        )
        first, last = self._dates.first, self._dates.last
        older = public.filter(date__lt=first).by_index_on_date().values("date")[:1]
        newer = public.filter(date__gt=last).order_by("date").values("date")[:1]
        near = decided.filter(
            date__gte=Coalesce(Subquery(older), Value(date.min)),
            date__lte=Coalesce(Subquery(newer), Value(last)),
        )
        parts = [near, public.overlapping(self._span), *map(public.overlapping, self._elsewhere)]
        ours, *others = [part.order_by().only(*shown) for part in parts]
        return list(ours.union(*others).order_by("-date"))

    @cached_property
    def directory(self) -> Directory:
        """Of what readers can follow to."""
        return Directory([one for one in self._around if one.is_public(self.at)])

    def older(self, bulletin: Bulletin) -> Bulletin | None:
        before = (one for one in self.directory.bulletins if one.date < bulletin.date)
        return next(before, None)

    def newer(self, bulletin: Bulletin) -> Bulletin | None:
        after = (one for one in reversed(self.directory.bulletins) if one.date > bulletin.date)
        return next(after, None)

    def in_window(self, bulletin: Bulletin) -> list[Incident]:
        """What the bulletin's grid shows, in time order."""
        return self._within(bulletin.window)

    def in_period(self, bulletin: Bulletin) -> list[Incident]:
        """What the bulletin lists, in time order."""
        return self._within(bulletin.period)

    def _within(self, period: Period) -> list[Incident]:
        return [one for day, one in self._fetched if day in period]

    def late(self, bulletin: Bulletin) -> list[News]:
        """Incidents and addenda told since the previous bulletin that belong to earlier periods,
        in the order they were told."""
        decided = (one.publish_at for one in self._around if one.date < bulletin.date)
        since, until = next(decided, None) or BEGINNING, self._until(bulletin)
        until = min(until, self.at)
        told = [
            (incident, addendum)
            for day, incident in self._fetched
            if day < bulletin.period_first and incident.is_public(self.at)
            for addendum in (None, *incident.addenda.all())
            if since < cast(datetime, (addendum or incident).publish_at) <= until
        ]
        news = [News(one, addendum, self.directory.place(one)) for one, addendum in told]
        return sorted(news, key=lambda one: (one.publish_at, one.incident.pk))


def of_days_before(day: date, at: datetime) -> Q:
    """Of addenda: those of incidents that are public at `at` and started before `day`."""
    first, _after = utc_bounds(Period(day, day), site_zone())
    return Q(incident__started_at__lt=first, incident__publish_at__lte=at)
