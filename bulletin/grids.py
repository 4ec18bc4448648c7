"""From a bulletin's rows to the layout that its picture, table and words are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from bulletin import caching
from bulletin.addresses import Directory
from bulletin.models import Bulletin
from bulletin.words import drawable, words
from incidents import grid
from incidents.models import Addendum, Incident
from incidents.weeks import Period, week_of, window_of

# Shapes that are drawn by the face that we ship, and not by a reader's browser.
PIXELS = (grid.PICTURE, grid.CARD)


@dataclass(frozen=True)
class Picture:
    """An <img> of a grid; `width` and `height` in CSS pixels."""

    url: str
    alternative: str
    width: int
    height: int


@dataclass(frozen=True)
class Figure:
    """A grid on a page: drawn for wide and for narrow screens, with its caption and table, and
    by their slugs its boxes one by one, to stand beside their incidents."""

    wide: SafeString
    narrow: SafeString
    caption: grid.Caption
    rows: Sequence[grid.Row]
    stamps: Mapping[str, SafeString]
    picture: Picture


@dataclass(frozen=True)
class News:
    """A line of "Late and corrected": an incident told late, or an addendum; `place` links it."""

    incident: Incident
    addendum: Addendum | None
    place: str

    @property
    def told_at(self) -> datetime:
        return cast(datetime, (self.addendum or self.incident).told_at)


def caption(period: Period, directory: Directory) -> grid.Caption:
    """Derived, never typed: with a pointer where a published bulletin tells of the rows above."""
    window = window_of(period, settings.FIRST_WEEKDAY)
    above = (one for one in directory.bulletins if one.period_last < period.first)
    earlier = next(above, None) if window.first < period.first else None
    return grid.caption(
        window,
        period,
        settings.FIRST_WEEKDAY,
        earlier=earlier.get_absolute_url() if earlier else "",
        words=words(),
    )


def drawn(layout: grid.Layout) -> bytes:
    """The picture as PNG. Replicas share what one of them has drawn, by the digest of all that is
    on it, so that a kept one is never an outdated one."""
    key = f"grid-{grid.digest(layout)}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        # Asked for twice and not, as by get_or_set, three times: each is a wait for one that hangs.
        kept = grid.png(layout)
        cache.set(key, kept, caching.WEEK)
    return kept


def stamp(incident: Incident, at: datetime) -> SafeString:
    """The box of one incident, at the scale on which weeks compare."""
    week = week_of(incident.day, settings.FIRST_WEEKDAY)
    layout = grid.lay_out(
        [incident.entry("")],
        week,
        grid.WIDE,
        at=at,
        period=week,
        first_weekday=settings.FIRST_WEEKDAY,
    )
    return SafeString(grid.stamp(layout.boxes[0]))


class Shelf:
    """Bulletins with the incidents of their windows, in a fixed number of queries.

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
    def directory(self) -> Directory:
        return Directory.of(self._span.first, self._span.last, self.at)

    @cached_property
    def _incidents(self) -> Sequence[tuple[date, Incident]]:
        """Each with its day, which takes a zone to find."""
        if not self.bulletins:
            return []
        everything = Incident.objects.in_period(self._span).in_time_order().whole()
        if all(bulletin.is_public(self.at) for bulletin in self.bulletins):
            everything = everything.public(self.at)
        return [(one.day, one) for one in everything]

    def in_window(self, bulletin: Bulletin) -> list[Incident]:
        """What the bulletin's grid shows, in time order."""
        return self._within(bulletin.window)

    def in_period(self, bulletin: Bulletin) -> list[Incident]:
        """What the bulletin lists, in time order."""
        return self._within(bulletin.period)

    def _within(self, period: Period) -> list[Incident]:
        return [one for day, one in self._incidents if day in period]

    def late(self, bulletin: Bulletin) -> list[News]:
        """Incidents and addenda told since the previous bulletin that belong to earlier periods,
        in the order they were told."""
        since, until = self._since[bulletin.date], bulletin.publish_at or self.at
        return [
            news
            for news in self._news
            if (since is None or news.told_at > since)
            and news.told_at <= until
            and news.incident.day < bulletin.period_first
        ]

    @cached_property
    def _since(self) -> dict[date, datetime | None]:
        """When the published or scheduled bulletin before each of ours told its week."""
        dates = [bulletin.date for bulletin in self.bulletins]
        decided = Bulletin.objects.decided()
        first = decided.filter(date__lt=min(dates)).order_by("-date").values("date")[:1]
        since = Q(date__gte=min(dates)) | Q(date__in=first)
        hours = list(
            decided.filter(since, date__lt=max(dates))
            .order_by("date")
            .values_list("date", "publish_at")
        )
        return {
            each: next((hour for day, hour in reversed(hours) if day < each), None)
            for each in dates
        }

    @cached_property
    def _news(self) -> list[News]:
        """What was told in the time of our bulletins, of weeks before the last of them."""
        told = Q(told_at__lte=self.at)
        if None not in self._since.values():
            told &= Q(told_at__gt=min(hour for hour in self._since.values() if hour))
        before = Incident.objects.before(max(one.period_first for one in self.bulletins))
        addenda = Addendum.objects.filter(told, incident__in=before.public(self.at))
        found: list[tuple[Incident, Addendum | None]] = []
        found += [(one, None) for one in before.filter(told).whole()]
        found += [(addendum.incident, addendum) for addendum in addenda.select_related("incident")]
        if not found:
            return []
        days = [incident.day for incident, _addendum in found]
        directory = Directory.of(min(days), max(days), self.at)
        return sorted(
            (News(incident, addendum, directory.place(incident)) for incident, addendum in found),
            key=lambda news: (news.told_at, news.incident.pk),
        )

    def caption(self, bulletin: Bulletin) -> grid.Caption:
        return caption(bulletin.period, self.directory)

    def layout(self, bulletin: Bulletin, shape: grid.Shape) -> grid.Layout:
        """Public pages measure what is ongoing to the hour of publication, the desk to now."""
        if shape in PIXELS:
            with drawable():
                return self._layout(bulletin, shape)
        return self._layout(bulletin, shape)

    def _layout(self, bulletin: Bulletin, shape: grid.Shape) -> grid.Layout:
        return grid.lay_out(
            [one.entry(self._place(one, bulletin)) for one in self.in_window(bulletin)],
            bulletin.window,
            shape,
            at=(bulletin.is_public(self.at) and bulletin.publish_at) or self.at,
            period=bulletin.period,
            first_weekday=settings.FIRST_WEEKDAY,
            words=words(),
            title=bulletin.plain_title,
        )

    def figure(self, bulletin: Bulletin) -> Figure:
        wide = self.layout(bulletin, grid.WIDE)
        return Figure(
            wide=SafeString(grid.svg(wide)),
            narrow=SafeString(grid.svg(self.layout(bulletin, grid.NARROW))),
            caption=self.caption(bulletin),
            rows=grid.rows(wide),
            stamps={box.entry.slug: SafeString(grid.stamp(box)) for box in wide.boxes},
            picture=self.picture(bulletin),
        )

    def picture(self, bulletin: Bulletin) -> Picture:
        layout = self.layout(bulletin, grid.PICTURE)
        return Picture(
            url=reverse("grid_by_digest", args=[bulletin.date, grid.digest(layout)]),
            alternative=grid.alternative(replace(layout, words=words())),
            width=layout.width,
            height=layout.height,
        )

    def _place(self, incident: Incident, bulletin: Bulletin) -> str:
        """A draft's boxes lead into the draft, which no published bulletin can hold."""
        if incident.day in bulletin.period:
            return f"{bulletin.get_absolute_url()}#{incident.slug}"
        return self.directory.place(incident)
