"""A bulletin's grid: drawn for pages, and as pictures whose address says what is on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bulletin import http_caching
from bulletin.grid_words import words
from bulletin.models import Bulletin
from incidents import grid
from incidents.models import Incident
from incidents.weeks import Period, grid_window, week_containing


@dataclass(frozen=True)
class BulletinGrid:
    """All that the grid of one bulletin is drawn from, and its drawings."""

    date: date
    title: str
    period: Period
    window: Period
    measured_at: datetime
    entries: Sequence[grid.Entry]

    def layout(self, shape: grid.Shape) -> grid.Layout:
        return grid.lay_out(
            self.entries,
            self.window,
            shape,
            at=self.measured_at,
            period=self.period,
            first_weekday=settings.FIRST_WEEKDAY,
            strings=words(),
            title=self.title,
        )

    @cached_property
    def picture(self) -> grid.Layout:
        return self.layout(grid.PICTURE)

    @property
    def url(self) -> str:
        """Immutable: another picture has another address."""
        return reverse("grid_by_digest", args=[self.date, self.digest])

    @property
    def alt_text(self) -> str:
        """Made without a layout, so that a feed of twenty needs none."""
        entries = sorted(self.entries, key=lambda entry: entry.sort_key)
        measured = [grid.Measured(entry, entry.minutes(self.measured_at)) for entry in entries]
        return grid.describe_window(measured, self.window, settings.FIRST_WEEKDAY, words())

    @cached_property
    def digest(self) -> str:
        """Of every value that is drawn, in 16 hexadecimal digits; made without a layout."""
        ongoing = any(entry.precision == "ongoing" for entry in self.entries)
        strings = words()
        values = (
            grid.DRAWING_VERSION,
            grid.font_digest(),
            [getattr(strings, one.name) for one in fields(strings) if one.name != "count"],
            get_language(),
            settings.FIRST_WEEKDAY,
            settings.TIME_ZONE,
            self.title,
            self.date,
            self.period,
            self.window,
            self.measured_at if ongoing else None,
            [
                (e.title, e.starts.isoformat(), e.day, e.ends, e.precision, e.impact)
                for e in self.entries
            ],
        )
        return sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def png(self, shape: grid.Shape) -> bytes:
        """Replicas share what one of them has drawn, under the digest."""
        key = f"grid-{shape.name}-{self.digest}"
        content: bytes | None = cache.get(key)
        if content is None:
            content = grid.png(self.layout(shape))
            cache.set(key, content, http_caching.WEEK)
        return content


@dataclass(frozen=True)
class GridFigure:
    """The grid on a page: for wide and narrow screens, with its caption and its table."""

    source: BulletinGrid
    caption: grid.Caption

    @cached_property
    def _layout(self) -> grid.Layout:
        return self.source.layout(grid.WIDE)

    @property
    def wide(self) -> SafeString:
        return SafeString(grid.svg(self._layout))

    @property
    def narrow(self) -> SafeString:
        return SafeString(grid.svg(self.source.layout(grid.NARROW)))

    @property
    def rows(self) -> Sequence[grid.Row]:
        return grid.rows(self._layout)

    @property
    def alt_text(self) -> str:
        return grid.alt_text(self._layout)

    @cached_property
    def boxes(self) -> Mapping[str, SafeString]:
        """The box of each incident by its slug, to stand beside its write-up."""
        return {box.entry.slug: SafeString(grid.mini_box(box)) for box in self._layout.boxes}


def grid_caption(period: Period, bulletins: Sequence[Bulletin]) -> grid.Caption:
    """Points to the newest of `bulletins` that covers the rows above the period, if one does."""
    window = grid_window(period, settings.FIRST_WEEKDAY)
    above = (one for one in bulletins if one.period_last < period.first)
    earlier = next(above, None) if window.first < period.first else None
    return grid.caption(
        window,
        period,
        settings.FIRST_WEEKDAY,
        earlier=earlier.get_absolute_url() if earlier else "",
        strings=words(),
    )


def incident_box(incident: Incident, at: datetime) -> SafeString:
    """The box of one incident, at the scale on which weeks compare."""
    week = week_containing(incident.local_date, settings.FIRST_WEEKDAY)
    layout = grid.lay_out(
        [incident.entry("")],
        week,
        grid.WIDE,
        at=at,
        period=week,
        first_weekday=settings.FIRST_WEEKDAY,
    )
    return SafeString(grid.mini_box(layout.boxes[0]))
