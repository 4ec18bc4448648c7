"""All that bulletins' pages, feeds and pictures show, in a fixed number of queries.

Two, whatever the number of bulletins, and one for each relation. Each gathers the keys of several
look-ups by UNION: joined by OR, they bring a database to read the whole table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from django.db.models import Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from bulletin.grid_images import BulletinGrid, Caption, grid_caption
from bulletin.models import Bulletin, site_settings
from incidents import markdown
from incidents.models import Addendum, Incident
from incidents.site import site_zone
from incidents.weeks import Period, utc_bounds

# No database takes a UNION of hundreds of parts.
MAX_LOOKUPS = 50
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LateEntry:
    """A line of "Late reports and corrections": an incident published late, or an addendum."""

    incident: Incident
    addendum: Addendum | None
    url: str

    @property
    def publish_at(self) -> datetime:
        return cast(datetime, (self.addendum or self.incident).publish_at)


def find_covering(bulletins: Iterable[Bulletin], day: date) -> Bulletin | None:
    return next((bulletin for bulletin in bulletins if day in bulletin.period), None)


def incident_url(incident: Incident, bulletins: Iterable[Bulletin]) -> str:
    """Its heading in the one of `bulletins` that covers its day, else its own page."""
    bulletin = find_covering(bulletins, incident.local_date)
    if bulletin is None:
        return incident.get_absolute_url()
    return f"{bulletin.get_absolute_url()}#{incident.slug}"


def caption_of(period: Period, at: datetime) -> Caption:
    """The caption of the grid of `period`, whether or not it has a bulletin yet."""
    window = Bulletin(period_first=period.first, period_last=period.last).window
    found = Bulletin.objects.published(at).overlapping(window).by_date()
    return grid_caption(period, list(found))


class BulletinData:
    """The bulletins with their incidents, late entries, neighbours and grids, as of `at`.

    A bulletin that isn't public at `at`, which only editors and reviewers see, lists the private
    incidents of its period, too: they are published with it.
    """

    def __init__(self, bulletins: Iterable[Bulletin], at: datetime) -> None:
        self.bulletins = list(bulletins)
        self.at = at

    def incidents(self, bulletin: Bulletin) -> list[Incident]:
        period = bulletin.period
        return [one for one in self._in_window(bulletin) if self._days[one.pk] in period]

    def older(self, bulletin: Bulletin) -> Bulletin | None:
        before = (one for one in self._public_nearby if one.date < bulletin.date)
        return next(before, None)

    def newer(self, bulletin: Bulletin) -> Bulletin | None:
        after = (one for one in reversed(self._public_nearby) if one.date > bulletin.date)
        return next(after, None)

    def late(self, bulletin: Bulletin) -> list[LateEntry]:
        """Incidents and addenda published since the previous bulletin that belong to earlier
        periods, in the order of publication."""
        previous = (one.publish_at for one in self._nearby if one.date < bulletin.date)
        since = next(previous, None) or BEGINNING
        until = min(self._publication(bulletin), self.at)
        entries = [
            LateEntry(incident, addendum, incident_url(incident, self._public_nearby))
            for incident in self._incidents
            if self._days[incident.pk] < bulletin.period_first and incident.is_public(self.at)
            for addendum in (None, *incident.addenda.all())
            if since < cast(datetime, (addendum or incident).publish_at) <= until
        ]
        return sorted(entries, key=lambda entry: (entry.publish_at, entry.incident.pk))

    def caption(self, bulletin: Bulletin) -> Caption:
        window = bulletin.window
        near = [one for one in self._public_nearby if one.period.overlaps(window)]
        return grid_caption(bulletin.period, near)

    def grid(self, bulletin: Bulletin) -> BulletinGrid:
        """Public pages measure what is ongoing to the time of publication, the admin to now.
        A draft's boxes lead into the draft, which no published bulletin covers."""
        page, period = bulletin.get_absolute_url(), bulletin.period
        return BulletinGrid(
            date=bulletin.date,
            title=markdown.strip_code(bulletin.title) or self._site_name,
            period=period,
            window=bulletin.window,
            measured_at=self._publication(bulletin) if bulletin.is_public(self.at) else self.at,
            entries=tuple(
                one.entry(
                    f"{page}#{one.slug}"
                    if self._days[one.pk] in period
                    else incident_url(one, self._public_nearby)
                )
                for one in self._in_window(bulletin)
            ),
        )

    def _in_window(self, bulletin: Bulletin) -> list[Incident]:
        """Private incidents of other weeks are not published with the bulletin."""
        window, period = bulletin.window, bulletin.period
        shows_private = not bulletin.is_public(self.at)
        return [
            row
            for row in self._incidents
            if self._days[row.pk] in window
            and (row.is_public(self.at) or (shows_private and self._days[row.pk] in period))
        ]

    def _publication(self, bulletin: Bulletin) -> datetime:
        return bulletin.publish_at or self.at

    @cached_property
    def _site_name(self) -> str:
        return site_settings().site_name

    @cached_property
    def _span(self) -> Period:
        windows = [bulletin.window for bulletin in self.bulletins]
        return Period(min(one.first for one in windows), max(one.last for one in windows))

    @cached_property
    def _date_span(self) -> Period:
        dates = [bulletin.date for bulletin in self.bulletins]
        return Period(min(dates), max(dates))

    @cached_property
    def _incidents(self) -> Sequence[Incident]:
        """The incidents of all windows and of all late entries, in time order."""
        if not self.bulletins:
            return []
        earlier = Bulletin.objects.scheduled_or_published().filter(date__lt=self._date_span.first)
        since = Coalesce(Subquery(earlier.by_date().values("publish_at")[:1]), Value(BEGINNING))
        until = max(map(self._publication, self.bulletins))
        recent = Q(publish_at__gt=since, publish_at__lte=until)
        last = max(bulletin.period_first for bulletin in self.bulletins)
        before = Incident.objects.before(last).published(self.at).order_by()
        added = Addendum.objects.filter(recent, _of_incidents_before(last, self.at)).order_by()
        keys = (
            Incident.objects.in_period(self._span)
            .order_by()
            .values("pk")
            .union(before.filter(recent).values("pk"), added.values("incident"), all=True)
        )
        rows = Incident.objects.filter(pk__in=keys).in_time_order().with_related()
        if all(bulletin.is_public(self.at) for bulletin in self.bulletins):
            rows = rows.published(self.at)
        return list(rows)

    @cached_property
    def _days(self) -> dict[int, date]:
        """A day takes a time zone to find, and each row is looked at for every bulletin."""
        return {row.pk: row.local_date for row in self._incidents}

    @property
    def _late_days(self) -> list[Period]:
        """The days of late entries outside the windows; where they are many, one period."""
        days = sorted({day for day in self._days.values() if day not in self._span})
        if len(days) > MAX_LOOKUPS:
            return [Period(days[0], days[-1])]
        return [Period(day, day) for day in days]

    @cached_property
    def _nearby(self) -> list[Bulletin]:
        """Published and scheduled bulletins, newest first: those of the windows and of the days of
        late entries, and from the nearest public one before to the nearest after."""
        fields = ("date", "title", "period_first", "period_last", "status", "publish_at")
        public = Bulletin.objects.published(self.at)
        first, last = self._date_span.first, self._date_span.last
        older = public.filter(date__lt=first).by_index_on_date().values("date")[:1]
        newer = public.filter(date__gt=last).order_by("date").values("date")[:1]
        neighbours = Bulletin.objects.scheduled_or_published().filter(
            date__gte=Coalesce(Subquery(older), Value(date.min)),
            date__lte=Coalesce(Subquery(newer), Value(last)),
        )
        parts = [neighbours, *map(public.overlapping, [self._span, *self._late_days])]
        some, *others = [part.order_by().only(*fields) for part in parts]
        return list(some.union(*others).order_by("-date"))

    @cached_property
    def _public_nearby(self) -> list[Bulletin]:
        return [one for one in self._nearby if one.is_public(self.at)] if self.bulletins else []


def _of_incidents_before(day: date, at: datetime) -> Q:
    """Of addenda: those of incidents that are public at `at` and started before `day`."""
    first, _after = utc_bounds(Period(day, day), site_zone())
    return Q(incident__started_at__lt=first, incident__publish_at__lte=at)
